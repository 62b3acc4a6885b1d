"""The contract of the fast way: what it reads, feedparser reads the same, field by field.

Both ways give a `WrittenFeed`, and the rest of the work is common to them, so equality here is
equality of guids, addresses, titles, texts, authors, dates and the feed's own statements. Allowed
differences: none in a real feed. On made-up ones, feedparser may fail where the fast way reads on
(it has errors of its own, e.g. on a licence without text), and is not asked then; and a reference to
no character, such as &#xD800;, inside CDATA is no fault of the XML, so it stays for HTML's rules.
"""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest
from feedparser import html as feedparser_html
from feedparser import mixin
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monitor.core.parse import feednames, feedtext, feedtree
from monitor.core.parse.charset import decode_body
from monitor.core.parse.formats import Format, tell_format
from monitor.core.parse.loosefeed import read_loosely
from monitor.core.parse.mending import legal_text
from monitor.core.parse.strictxml import NotSureError, Unsure
from monitor.core.parse.xmlfeed import read_mended, read_strictly
from monitor.errors import ParseError

_SAMPLES = Path(__file__).parents[2] / "samples" / "feeds"
_CORPUS = Path(__file__).parents[4] / "shared" / "corpus" / "feeds"
_SAMPLE_FEEDS = sorted(_SAMPLES.iterdir())
_REAL_FEEDS = sorted(
    path for folder in ("real", "samples", "wsj_world") if _CORPUS.is_dir() for path in (_CORPUS / folder).iterdir()
)


def document_of(path):
    """The XML document in a file, None when it holds something else."""
    text = decode_body(path.read_bytes(), content_type=None).text
    told = tell_format(text)
    return text[told.start :] if told.format is Format.XML_FEED else None


def way(document):
    """The feed read fast, mended where that is needed, or why it was not."""
    try:
        return read_strictly(document)
    except NotSureError as unsure:
        if unsure.reason is not Unsure.NOT_WELL_FORMED:
            return unsure.reason
    try:
        return read_mended(document)
    except NotSureError as unsure:
        return unsure.reason


def disagreements(fast, slow):
    """Field, fast value and slow value for all in which two written feeds differ, items by their place."""
    pairs = [("", fast, slow)] + [(f"{n}.", *pair) for n, pair in enumerate(zip(fast.items, slow.items, strict=False))]
    return [
        (place + field.name, getattr(one, field.name), getattr(other, field.name))
        for place, one, other in pairs
        for field in fields(one)
        if field.name != "items" and getattr(one, field.name) != getattr(other, field.name)
    ] + ([("items", len(fast.items), len(slow.items))] if len(fast.items) != len(slow.items) else [])


@pytest.mark.parametrize("path", [*_SAMPLE_FEEDS, *_REAL_FEEDS], ids=lambda path: path.name)
def test_what_is_read_fast_is_what_feedparser_reads(path):
    document = document_of(path)
    fast = way(document) if document else Unsure.NOT_WELL_FORMED
    if isinstance(fast, Unsure):
        return
    assert disagreements(fast, read_loosely(document, root="rss")) == []


@pytest.mark.skipif(not _CORPUS.is_dir(), reason="the corpus of real feeds is not here")
def test_the_real_feeds_are_read_fast():
    real = [path for path in _REAL_FEEDS if path.parent.name == "real"]
    unsure = {path.name: str(found) for path in real if isinstance(found := way(document_of(path)), Unsure)}
    assert len(unsure) <= len(real) // 20, unsure


_NAMESPACES = {
    "dc": "http://purl.org/dc/elements/1.1/",
    "dcterms": "http://purl.org/dc/terms/",
    "content": "http://purl.org/rss/1.0/modules/content/",
    "media": "http://search.yahoo.com/mrss/",
    "atom": "http://www.w3.org/2005/Atom",
    "a10": "http://www.w3.org/2005/Atom",
    "itunes": "http://www.itunes.com/dtds/podcast-1.0.dtd",
    "sy": "http://purl.org/rss/1.0/modules/syndication/",
    "feedburner": "http://rssnamespace.org/feedburner/ext/1.0",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "x": "http://www.w3.org/1999/xhtml",
    "my": "urn:my-own",
}
_DECLARED = "".join(f' xmlns:{prefix}="{uri}"' for prefix, uri in _NAMESPACES.items())
_NAMES = """
    title link guid id description summary content author pubDate published updated category source image textInput
    created issued modified date comments enclosure contributor rights subtitle language ttl name email uri url unknown
    generator managingEditor webMaster lastBuildDate abstract body div p fullitem info tagline docs width
    dc:creator dc:date dc:title dc:subject dc:language dc:publisher dc:description dcterms:modified dcterms:created
    content:encoded media:title media:description media:content media:group media:thumbnail media:credit
    atom:link atom:id atom:title atom:author atom:updated a10:updated a10:link a10:content itunes:author itunes:summary
    itunes:subtitle itunes:image itunes:owner sy:updatePeriod sy:updateFrequency feedburner:origLink my:thing my:title
    x:div
""".split()
_TEXTS = [
    *("A truce", "", "  spaced out ", "AT&amp;T", "&lt;b&gt;bold&lt;/b&gt;", "<![CDATA[<p>cdata & more</p>]]>", "true"),
    *("caf\u00c3\u00a9", "na\u00efve", "\u0093quoted\u0094", "&#8217;", "<!-- a comment -->x", "a<?an instruction?>b"),
    *("M. Q (m@q.example)", "m@q.example (M. Q)", "m@q.example", "M. Q &lt;m@q.example&gt;", "15", "hourly", "en_GB"),
    *("https://x.example/a?b=1&amp;c;=2&amp;amp;d", "/a/path", "path?x", "http:////x.example/a", "http://[bad"),
    *("tag:x,2025:1", "https://x.example/?", "HTTPS://X.example/", "urn:uuid:1", "https://x.example/a b"),
]
_DATES = [
    *("Sun, 10 Aug 2025 04:30:00 +0000", "Sun, 10 Aug 2025 04:30:00 EST", "10 Aug 2025", "2025-08-10T04:30:00Z"),
    *("2025-08-10", "20250810T043000Z", "2025-13-40", "Mon, 01 Jan 0001 00:00:00 +0000", "yesterday", "1767225600", ""),
    *("Aug 10, 2025", "10/08/2025 10:00", "Sun Aug 10 04:30:00 2025", "Thu, 1 Jan 1970 00:00:00 GMT"),
]
_ATTRIBUTES = """
    type="html"|type="xhtml"|type="text"|type="TEXT/HTML"|type="image/png"|type="text/whatever"|mode="base64"
    rel="alternate"|rel="self"|rel="enclosure"|href="https://h.example/1"|href="/relative"|href=""|Href="https://up.example"
    url="https://u.example/2"|uri="z"|isPermaLink="false"|isPermaLink="true"|xml:base="https://base.example/d/"
    xml:base="/b/"|base="http://b.example/"|xml:lang="de_DE"|lang="fr"|my:type="html"|my:href="q"|term="t"|lastmod="2025"
    rdf:about="https://about.example/3"|rdf:resource="r"|xmlns="http://www.w3.org/1999/xhtml"|xmlns="urn:other"|xmlns=""
    xmlns:dc="urn:not-dublin-core"|xmlns:z="http://purl.org/dc/elements/1.1/"|xmlns="http://www.w3.org/2005/Atom"
""".replace("\n", "|")
_HOLDERS = frozenset("media:group media:content author atom:author source image textInput itunes:owner unknown".split())


def _attributes(most):
    one = st.sampled_from([written for part in _ATTRIBUTES.split("|") if (written := part.strip())])
    chosen = st.lists(one, max_size=most, unique_by=lambda written: written.partition("=")[0])
    return chosen.map(lambda written: "".join(f" {attribute}" for attribute in written))


@st.composite
def _elements(draw, depth=0):
    name = draw(st.sampled_from(_NAMES))
    if depth < 2 and (name in _HOLDERS or draw(st.integers(0, 19)) == 0):
        inner = "\n" + "".join(draw(st.lists(_elements(depth + 1), max_size=3)))
    elif any(word in name.lower() for word in ("date", "issued", "created", "modified", "published")):
        inner = draw(st.sampled_from(_DATES))
    else:
        inner = draw(st.sampled_from(_TEXTS))
    return f"<{name}{draw(_attributes(draw(st.sampled_from([0, 0, 0, 1, 2]))))}>{inner}</{name}>"


@st.composite
def _feeds(draw):
    def members(most):
        return "\n".join(draw(st.lists(_elements(), max_size=most)))

    def items(name):
        count = draw(st.integers(0, 3))
        return "".join(
            f"<{name}{draw(_attributes(draw(st.sampled_from([0, 0, 0, 1]))))}>{members(7)}</{name}>"
            for _ in range(count)
        )

    root = draw(st.sampled_from(["rss", "rdf:RDF", "http://www.w3.org/2005/Atom", "http://purl.org/atom/ns#"]))
    if root == "rss":
        return f'<rss version="2.0"{_DECLARED}><channel>{members(4)}{items("item")}{members(1)}</channel></rss>'
    if root == "rdf:RDF":
        about = f"<channel>{members(4)}</channel>"
        return f'<rdf:RDF xmlns="http://purl.org/rss/1.0/"{_DECLARED}>{about}{items("item")}</rdf:RDF>'
    base = draw(st.sampled_from(["", ' xml:base="https://root.example/x/"', ' xml:lang="en"']))
    return f'<feed xmlns="{root}"{_DECLARED}{base}>{members(4)}{items("entry")}</feed>'


_FAULTS = [
    *("AT&T", "&nbsp;", "&hellip", "&unheard-of;", "&", "\x01", "\ufffe", "&#xD800;", "&#0;", "&#x80;", "&#x110000;"),
    *("<br>", "<b>x</b>", "<![CDATA[ & &nbsp; \x0c ]]>", "&amp;nbsp;", "& ;", "]]>"),
]


@st.composite
def _faulty_feeds(draw):
    document = draw(_feeds())
    for fault in draw(st.lists(st.sampled_from(_FAULTS), max_size=2)):
        ends = [at + 1 for at, sign in enumerate(document) if sign == ">"]
        at = draw(st.sampled_from(ends))
        document = document[:at] + fault + document[at:]
    return document


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(_faulty_feeds())
def test_made_up_feeds_are_read_alike_both_ways(document):
    """Whatever is nested in whatever: either the fast way is not sure, or it agrees."""
    fast = way(document)
    if isinstance(fast, Unsure) or (not fast.warnings and legal_text(document) != document):
        return
    try:
        slow = read_loosely(document, root="rss")
    except ParseError:  # feedparser's own failures
        return
    assert disagreements(fast, slow) == []


def rss(items, declared=""):
    return f'<rss version="2.0"{_DECLARED}{declared}><channel><title>T</title>{items}</channel></rss>'


@pytest.mark.parametrize(
    ("reason", "document"),
    [
        (Unsure.NOT_WELL_FORMED, rss("<item><title>AT&T<br></title></item>")),
        (Unsure.STRUCTURE, rss("AT&T")),
        (Unsure.NOT_WELL_FORMED, rss("<item><undeclared:title>a</undeclared:title></item>")),
        (Unsure.DOCTYPE, '<!DOCTYPE rss [<!ENTITY a "b">]>' + rss("<item><title>&a;</title></item>")),
        (Unsure.DOCTYPE, '<!-- <a> --><!DOCTYPE rss [<!ENTITY a "b">]>' + rss("<item><title>&a;</title></item>")),
        (Unsure.STRUCTURE, rss("<item><item><title>a</title></item></item>")),
        (Unsure.STRUCTURE, "<rss><channel/><channel/></rss>"),
        (Unsure.STRUCTURE, f"<rdf:RDF{_DECLARED}><channel/></rdf:RDF>"),
        (Unsure.NAMESPACE, rss("", ' xmlns:slash="http://purl.org/dc/elements/1.1/"')),
        (Unsure.NAMESPACE, rss("<item><p:a>b</p:a></item>", ' xmlns:p="urn:two" xmlns:q="urn:two"')),
        (Unsure.BASE, rss('<item xml:base="https://x.example/"><link xml:base="ftp://x.example/">a</link></item>')),
        (Unsure.MARKUP, rss("<item><description>a <b>bold</b> word</description></item>")),
        (Unsure.TYPE, rss('<item><title type="image/png">a</title></item>')),
        (Unsure.ATTRIBUTE, rss('<item><link my:href="a">b</link></item>')),
        (Unsure.ATTRIBUTE, rss('<item my:about="a"/>')),
        (Unsure.ELEMENT, rss("<item><author>A</author><author><name>B</name></author></item>")),
        (Unsure.ELEMENT, rss("<item><date>2025-08-10</date></item>")),
        (Unsure.DATE, rss("<item><pubDate>yesterday</pubDate></item>")),
    ],
    ids=lambda value: str(value) if isinstance(value, Unsure) else "",
)
def test_what_is_not_plainly_in_order_is_left_to_feedparser(reason, document):
    assert way(document) is reason


def test_every_reason_to_leave_a_feed_to_feedparser_has_a_case():
    (mark,) = test_what_is_not_plainly_in_order_is_left_to_feedparser.pytestmark
    assert {reason for reason, _ in mark.args[1]} == set(Unsure)


_STORED_ONLY = set(
    """
    category cc_license cloud creativeCommons_license creativecommons_license dc_publisher dc_subject dcterms_valid
    email enclosure expirationdate generator georss_box georss_line georss_point georss_polygon georss_where georssgeom
    gml_exterior gml_linearring gml_linestring gml_point gml_polygon gml_pos gml_poslist height homepage itunes_category
    itunes_email itunes_image itunes_link itunes_name keywords media_category media_content media_credit media_group
    media_license media_player media_rating media_restriction media_thumbnail name newlocation psc_chapter psc_chapters
    tags textInput uri url webmaster where width
    """.split()
)


def test_every_element_that_feedparser_has_a_rule_for_is_known():
    """A release of feedparser with more rules fails here: are they for elements that count?"""
    rules = {name.removeprefix("_start_") for name in dir(mixin._FeedParserMixin) if name.startswith("_start_")}
    assert rules - set(feedtree._HANDLERS) == _STORED_ONLY


def test_namespaces_go_by_feedparsers_names():
    known = {uri.lower(): prefix.lower() for uri, prefix in mixin._FeedParserMixin.namespaces.items() if uri}
    assert known == feednames._KNOWN


def test_characters_of_windows_1252_go_where_feedparser_puts_them():
    assert feedparser_html._cp1252 == feedtext._WINDOWS_1252
