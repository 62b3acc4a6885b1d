"""Bodies made to hurt a parser: read or refused within seconds of CPU, nothing fetched, nothing expanded."""

from __future__ import annotations

import signal
import socket

import pytest

from monitor.core.model.feed import PollReason
from monitor.core.parse.feed import parse_feed
from monitor.core.parse.strictxml import MOST_DEPTH, Unsure
from monitor.core.parse.xmlfeed import NotSureError, read_strictly
from monitor.errors import ParseError

_MOST_CPU_S = 10.0
_STRAY = b"<title>A & B <br></title>"  # not well-formed, and not mended either: feedparser's lenient parser gets it


def rss(inside, doctype=b""):
    return doctype + b'<rss version="2.0"><channel>' + inside + b"</channel></rss>"


def item(inside=b""):
    return b"<item><title>Truce holds</title>" + inside + b"</item>"


def parsed(body):
    return parse_feed(body, url="https://feeds.example/rss", content_type=None)


@pytest.fixture(autouse=True)
def little_cpu():
    """Fails a test that uses more CPU time than a worker would be given."""

    def over(number, frame):
        raise AssertionError(f"more than {_MOST_CPU_S:g} s of CPU time")

    before = signal.signal(signal.SIGPROF, over)
    signal.setitimer(signal.ITIMER_PROF, _MOST_CPU_S)
    yield
    signal.setitimer(signal.ITIMER_PROF, 0)
    signal.signal(signal.SIGPROF, before)


def laughs(use):
    lines = [b'<!ENTITY a0 "ha">', *(b'<!ENTITY a%d "%s">' % (n, b"&a%d;" % (n - 1) * 10) for n in range(1, 10))]
    return rss(item(use), b"<!DOCTYPE rss [" + b"".join(lines) + b"]>")


def attributes(count):
    return b" ".join(b"a%d='1'" % number for number in range(count))


_READ = {
    "a billion laughs": laughs(b"<description>&a9;</description>"),
    "a billion laughs in an attribute": laughs(b'<link href="&a9;"/>'),
    "quadratic blowup": rss(
        item(b"<description>" + b"&a;" * 50_000 + b"</description>"),
        b'<!DOCTYPE rss [<!ENTITY a "' + b"x" * 50_000 + b'">]>',
    ),
    "0.4 MB of attributes, well-formed": rss(b"<item " + attributes(40_000) + b"><title>Truce holds</title></item>"),
    "0.4 MB of attributes beside a stray ampersand": rss(
        b"<title>A & B</title><item " + attributes(40_000) + b"><title>Truce holds</title></item>"
    ),
    "escaped comment openings": rss(item(b"<description>" + b"&lt;!--" * 100_000 + b"</description>")),
    "escaped comment openings in broken XML": rss(
        _STRAY + item(b"<description>" + b"&lt;!--" * 100_000 + b"</description>")
    ),
    "comment openings": rss(item() + b"<!--" * 100_000),
    "CDATA openings": rss(item(b"<description>" + b"<![CDATA[" * 100_000 + b"</description>")),
    "declaration openings": rss(item(b"<description>" + b"<!" * 100_000 + b"</description>")),
    "tags that never end": rss(item(b"<description>" + b"<a " * 100_000 + b"</description>")),
    "less-than signs": rss(item(b"<description>" + b"<" * 200_000 + b"</description>")),
    "ampersands": rss(item(b"<description>" + b"&" * 500_000 + b"</description>")),
    "5 MB of white space": rss(b" " * 5_000_000 + item(b" " * 5_000_000)),
    "5 MB of white space before the feed": b"\n" * 5_000_000 + rss(item()),
    "5 MB of white space in a tag of broken XML": rss(b"<title>A & B</title><item" + b" " * 5_000_000 + item()[5:]),
    "NUL bytes": rss(item().replace(b"Truce ", b"Truce\0 ") + b"\0" * 500_000),
    "a long author": rss(item(b"<author>" + b"a." * 200_000 + b"</author>")),
    "a long author with an address": rss(item(b"<author>" + b"a.b@" * 50_000 + b"</author>")),
    "20,000 categories": rss(item(b"<category>%d</category>" * 20_000 % tuple(range(20_000)))),
    "20,000 namespaces": rss(b"".join(b'<a xmlns:p%d="urn:%d"/>' % (n, n) for n in range(20_000)) + item()),
    "a base on every item": rss(item() + b'<item xml:base="https://x.example/a/"><link>b</link></item>' * 10_000),
    "one guid for all": rss(b"".join(item(b"<guid>g</guid><link>l%d</link>" % n) for n in range(10_000))),
}


@pytest.mark.parametrize("name", list(_READ))
def test_a_feed_with_a_trap_in_it_is_read(name):
    entry = parsed(_READ[name]).entries[0]
    assert entry.title == "Truce holds"
    assert len(entry.summary) < 1_000_000


_REFUSED = {
    "100,000 elements inside each other": rss(b"<a>" * 100_000 + b"</a>" * 100_000),
    "100,000 open elements": rss(item(b"<b>" * 100_000)),
    "100,000 elements inside each other, in broken XML": rss(_STRAY + item(b"<b>" * 100_000 + b"</b>" * 100_000)),
    "100,000 items inside each other": rss(b"<item>" * 100_000),
    "an element one too deep": rss(item(b"<a>" * (MOST_DEPTH - 1) + b"</a>" * (MOST_DEPTH - 1))),
    "0.4 MB of attributes in broken XML": rss(_STRAY + b"<item " + attributes(40_000) + b"><title>x</title></item>"),
    "0.4 MB of attributes beside a DOCTYPE": rss(
        b"<item " + attributes(40_000) + b"><title>x</title></item>", b'<!DOCTYPE rss [<!ENTITY a "b">]>'
    ),
    "0.4 MB of attributes and no end": b"<rss><channel><item " + attributes(40_000),
    "a long author in broken XML": rss(_STRAY + item(b"<author>" + b"a." * 50_000 + b"</author>")),
    "20,000 categories in broken XML": rss(_STRAY + item(b"<category>%d</category>" * 20_000 % tuple(range(20_000)))),
    "20,000 keywords in broken XML": rss(_STRAY + item(b"<keywords>" + b"a," * 20_000 + b"</keywords>")),
}


@pytest.mark.parametrize("name", list(_REFUSED))
def test_what_would_take_minutes_is_refused(name):
    with pytest.raises(ParseError) as caught:
        parsed(_REFUSED[name])
    assert caught.value.reason is PollReason.INVALID_XML


@pytest.mark.parametrize(
    "doctype",
    [
        '<!DOCTYPE rss [<!ENTITY a SYSTEM "{file}">]>',
        '<!DOCTYPE rss [<!ENTITY % p SYSTEM "{file}"> %p;]>',
        '<!-- <a> --><!DOCTYPE rss [<!ENTITY a SYSTEM "{file}">]>',
        '<!DOCTYPE rss SYSTEM "{url}"[<!ENTITY a SYSTEM "{url}">]>',
        '<!DOCTYPE rss [<!ENTITY % p SYSTEM "{url}"> %p; <!ENTITY a "b">]>',
    ],
)
@pytest.mark.parametrize("more", ["", "<title>A & B <br></title>"], ids=["well-formed", "broken"])
def test_no_file_and_no_address_in_a_doctype_is_opened(doctype, more, tmp_path):
    secret = tmp_path / "secret.txt"
    secret.write_text("opened")
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        url = f"http://127.0.0.1:{server.getsockname()[1]}/x.dtd"
        body = rss(more.encode() + item(b"<description>&a;</description>"), doctype.encode())
        body = body.replace(b"{file}", secret.as_uri().encode()).replace(b"{url}", url.encode())
        try:
            told = str(parsed(body))
        except ParseError as error:
            told = error.detail
        with pytest.raises(BlockingIOError):
            server.accept()
    assert "opened" not in told


@pytest.mark.parametrize("where", ["<author>{}</author>", "<{} a='b'/>", "<a b='{}'/>", "<category>{}</category>"])
def test_references_to_surrogates_in_broken_xml_are_no_fault_of_ours(where):
    """libxml2 recovers them as bytes that are no UTF-8."""
    for reference in ("&#xD800;", "&#55296;", "&#xDFFF", "a&#xDC00;b"):
        body = rss(_STRAY + item(where.format(reference).encode()))
        assert parsed(body).entries[0].title == "Truce holds"


def test_the_fast_way_sees_no_doctype():
    for prolog in ("", "\n", "<?xml version='1.0'?>", "<!-- <a> -->", "<?a <b?>\n<!-- - -->\n"):
        with pytest.raises(NotSureError) as caught:
            read_strictly(f"{prolog}<!DOCTYPE rss><rss><channel/></rss>")
        assert caught.value.reason is Unsure.DOCTYPE


def test_elements_as_deep_as_allowed_are_read():
    depth = MOST_DEPTH - 4
    assert parsed(rss(item(b"<a>" * depth + b"</a>" * depth))).entries[0].title == "Truce holds"
