"""One GET: what is sent, what comes back, and what every fault is called."""

from __future__ import annotations

import gzip
import threading
import zlib
from datetime import UTC

import pytest

from monitor.core.model.feed import PollReason
from monitor.core.model.fetch import FetchRequest
from monitor.fetch.http import product_token, user_agent
from monitor.settings.schema import Network
from tests.web import Page, Web


def test_a_page_comes_back_whole(get):
    """Status, final URL, headers in lower case, body, and when."""
    with Web(
        {"/feed": Page(b"<rss/>", content_type="application/rss+xml", headers=(("X-Many", "a"), ("X-Many", "b")))}
    ) as web:
        response = get(web.url("/feed#part"))
    assert (response.status, response.url, response.body) == (200, web.url("/feed"), b"<rss/>")
    assert response.header("Content-Type") == "application/rss+xml"
    assert [value for name, value in response.headers if name == "x-many"] == ["a", "b"]
    assert response.fetched_at.tzinfo is UTC
    assert response.elapsed_s > 0
    assert response.permanent_url is None


@pytest.mark.parametrize("status", [204, 400, 401, 403, 404, 410, 429, 500, 503])
def test_every_status_is_a_response(get, status):
    """What a status means is for the caller to decide."""
    with Web({"/x": Page(b"" if status == 204 else b"why", status=status)}) as web:
        response = get(web.url("/x"))
    assert (response.status, response.body) == (status, b"" if status == 204 else b"why")


def test_validators_bring_a_304(get):
    """ETag and Last-Modified go back verbatim, odd bytes included."""
    page = Page(b"body", etag='W/"caf\xe9"', last_modified="Sat, 01 Mar 2025 10:00:00 GMT")
    with Web({"/feed": page}) as web:
        first = get(web.url("/feed"))
        second = get(web.url("/feed"), etag=first.header("etag"))
        third = get(web.url("/feed"), last_modified=first.header("last-modified"))
        fourth = get(web.url("/feed"), etag='"other"', last_modified=first.header("last-modified"))
    assert [r.status for r in (first, second, third, fourth)] == [200, 304, 304, 200]
    assert second.body == b""


def test_the_request_says_who_asks_and_what_is_understood(get):
    """An honest agent with a contact, and only encodings that can be decoded under a cap."""
    with Web({"/": Page()}) as web:
        get(web.url("/"), accept="text/html")
        (seen,) = web.requests
    assert seen.header("user-agent") == "news-development-monitor/1.2 (+contact not configured)"
    assert (seen.header("accept"), seen.header("accept-encoding")) == ("text/html", "gzip, deflate")
    assert seen.header("cookie") is None


def test_the_agent_takes_version_and_contact_and_stays_printable():
    """A contact with an umlaut or a line break makes no broken header."""
    settings = Network(user_agent="watch/{version} ({contact})", contact="mailto:m\xfcller@paper.example\r\nX: y")
    assert user_agent(settings, version="3") == "watch/3 (mailto:m?ller@paper.example??X: y)"
    assert product_token("watch/3 (x)") == "watch"
    assert product_token("Mozilla/5.0 (compatible; DeskBot/2; +https://desk.example)") == "DeskBot"


def test_no_cookie_is_kept_between_fetches(get):
    """A site cannot recognise the monitor."""
    with Web({"/": Page(headers=(("Set-Cookie", "id=1; Path=/"),))}) as web:
        get(web.url("/"))
        get(web.url("/"))
        assert [seen.header("cookie") for seen in web.requests] == [None, None]


@pytest.mark.parametrize(
    ("encoding", "encoded"),
    [
        ("gzip", gzip.compress(b"news " * 1000, mtime=0)),
        ("x-gzip", gzip.compress(b"news " * 1000, mtime=0)),
        ("deflate", zlib.compress(b"news " * 1000)),
        ("deflate", zlib.compress(b"news " * 1000)[2:-4]),
        ("identity", b"news " * 1000),
    ],
    ids=["gzip", "x-gzip", "deflate", "bare deflate", "identity"],
)
def test_encodings_that_were_asked_for_are_decoded(get, encoding, encoded):
    """And so are the two things that servers call deflate."""
    with Web({"/": Page(encoded, headers=(("Content-Encoding", encoding),), chunked=True)}) as web:
        assert get(web.url("/")).body == b"news " * 1000


CUT_GZIP = gzip.compress(bytes(range(256)) * 99, mtime=0)[:-20]
FAULTS = {
    "reset": (Page(reset=True), PollReason.CONNECTION_FAILED),
    "closed without answer": (Page(raw=b""), PollReason.CONNECTION_FAILED),
    "no HTTP": (Page(raw=b"220 mail.example ESMTP\r\n"), PollReason.CONNECTION_FAILED),
    "stalled": (Page(stall=True), PollReason.TIMEOUT),
    "stalled in the body": (Page(b"x" * 99, stall_body=True), PollReason.TIMEOUT),
    "dripping head": (Page(drip_head=True, drip_s=0.02), PollReason.TIMEOUT),
    "dripping body": (Page(b"x" * 9999, drip_s=0.02), PollReason.TIMEOUT),
    "endless": (Page(b"x" * 65536, endless=True), PollReason.TOO_LARGE),
    "gzip bomb": (Page(b"\0" * 5_000_000, gzip=True), PollReason.TOO_LARGE),
    "large head": (Page(headers=(("X-Large", "y" * 300_000),)), PollReason.TOO_LARGE),
    "many headers": (Page(headers=tuple((f"X-{n}", "y" * 50) for n in range(6000))), PollReason.TOO_LARGE),
    "shorter than promised": (Page(b"x" * 10, content_length=99), PollReason.TRUNCATED),
    "cut chunk": (Page(b"x" * 9000, chunked=True, cut_at=5000), PollReason.TRUNCATED),
    "cut gzip": (Page(CUT_GZIP, headers=(("Content-Encoding", "gzip"),)), PollReason.TRUNCATED),
    "brotli": (Page(b"x", headers=(("Content-Encoding", "br"),)), PollReason.BAD_ENCODING),
    "twice encoded": (Page(b"x", headers=(("Content-Encoding", "gzip, gzip"),)), PollReason.BAD_ENCODING),
    "no gzip": (Page(b"<rss/>", headers=(("Content-Encoding", "gzip"),)), PollReason.BAD_ENCODING),
    "interim answers only": (Page(raw=b"HTTP/1.1 102 Processing\r\n\r\n"), PollReason.CONNECTION_FAILED),
    "endless interim answers": (Page(raw=b"HTTP/1.1 102 Processing\r\n\r\n", endless=True), PollReason.TIMEOUT),
}  # fmt: skip


@pytest.mark.parametrize(("page", "reason"), FAULTS.values(), ids=FAULTS)
def test_every_fault_has_its_reason(failure, page, reason):
    """Nothing but FetchError comes out, within the time and size that were set."""
    with Web({"/": page}) as web:
        error = failure(web.url("/"), total_timeout=0.4, read_timeout=0.2, max_body=1_000_000)
    assert error.reason is reason, error
    assert error.url == web.url("/")
    assert error.status is None


def test_a_body_of_just_the_cap_is_let_through(failure, make_fetcher):
    """The cap is on what comes out, to the byte."""
    with Web({"/fits": Page(b"x" * 5000, gzip=True), "/over": Page(b"x" * 5001, gzip=True)}) as web:
        fetcher = make_fetcher(max_body=5000)
        assert len(fetcher.fetch(FetchRequest(url=web.url("/fits"))).body) == 5000
        assert failure(web.url("/over"), max_body=5000).reason is PollReason.TOO_LARGE


def test_a_longer_body_than_promised_ends_where_it_was_promised(get):
    """What follows belongs to no request, and the connection is not used again."""
    with Web({"/": Page(b"newsAND MORE", content_length=4)}) as web:
        assert [get(web.url("/")).body for _ in range(2)] == [b"news", b"news"]


@pytest.mark.parametrize(
    "page",
    [
        Page(b"x" * 65536, status=500, endless=True),
        Page(b"x" * 10, status=500, content_length=99),
        Page(b"x", status=500, headers=(("Content-Encoding", "br"),)),
    ],
    ids=["endless", "truncated", "brotli"],
)
def test_a_broken_error_page_does_not_hide_the_error(get, page):
    """The status is the news; the body is what could be had of it."""
    with Web({"/": page}) as web:
        response = get(web.url("/"))
    assert response.status == 500
    assert len(response.body) <= 256 * 1024


@pytest.mark.parametrize(
    "url",
    [
        "",
        "paper.example/feed",
        "//paper.example/feed",
        "ftp://paper.example/feed",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "data:text/xml,<rss/>",
        "http://",
        "http:///feed",
        "http://.../",
        "http://[::1",
        "http://paper.example:99999/",
        "http://paper.example:0/",
        "http://paper.example:x/",
        "http://\x00.example/",
        "http://" + "a" * 70_000,
        "http://xn--\u00fc.example/",
    ],
)
def test_what_is_no_http_url_is_refused(failure, url):
    """Before anything is looked up."""
    asked: list[str] = []
    error = failure(url, resolve=lambda host, port: asked.append(host) or [])
    assert (error.reason, asked) == (PollReason.INVALID_URL, [])


def test_unreachable_hosts_are_told_apart(failure):
    """No such name, and nobody there."""
    with Web() as gone:
        pass

    def no_such_name(host: str, port: int) -> list[str]:
        raise OSError(-2, "Name or service not known")

    assert failure("http://nowhere.example/", resolve=no_such_name).reason is PollReason.DNS_FAILURE
    assert failure("http://nowhere.example/", resolve=lambda host, port: []).reason is PollReason.DNS_FAILURE
    assert failure(gone.url("/")).reason is PollReason.CONNECTION_FAILED


def test_a_name_that_is_never_answered_costs_only_the_time_allowed(failure):
    """The system's resolver knows no timeout, so the wait for it ends beside it."""
    answered = threading.Event()

    def slow(host: str, port: int) -> list[str]:
        answered.wait()
        return ["127.0.0.1"]

    error = failure("http://slow.example/", resolve=slow, connect_timeout=0.1)
    answered.set()
    assert error.reason is PollReason.DNS_FAILURE


def test_the_second_address_is_tried_when_the_first_is_dead(make_fetcher):
    """As with a broken IPv6 route."""
    with Web({"/": Page(b"here")}) as web:
        fetcher = make_fetcher(resolve=lambda host, port: ["127.0.0.2", "127.0.0.1"])
        assert fetcher.fetch(FetchRequest(url=f"http://two.example:{web.port}/")).body == b"here"


def test_a_kept_connection_that_the_server_dropped_is_no_failure(get):
    """It is asked once more on a new connection."""
    with Web({"/": [Page(b"1"), Page(reset=True), Page(b"2")]}) as web:
        assert [get(web.url("/")).body for _ in range(2)] == [b"1", b"2"]
        assert len(web.requests) == 3


def test_an_unforeseen_exception_becomes_a_named_bug(failure):
    """The cause stays attached for the log."""

    def broken(host: str, port: int) -> list[str]:
        return ["not an address"]

    error = failure("http://odd.example/", resolve=broken)
    assert error.reason is PollReason.BUG
    assert isinstance(error.__cause__, ValueError)
