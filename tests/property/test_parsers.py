"""Laws that hold on any bytes and any string."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.core.extract.article import extract_article, plain_text
from monitor.core.parse.dates import parse_date
from monitor.core.parse.entries import plain_title
from monitor.core.parse.feed import parse_feed
from monitor.core.parse.html_index import parse_index
from monitor.core.parse.sitemap import is_sitemap, parse_sitemap
from monitor.core.text.language import detect_language
from monitor.core.urls import canonical_url, same_site
from monitor.errors import ParseError

_HOSTS = [
    "http://",
    "HTTPS://",
    "www.",
    "m.",
    "amp.",
    "example.com",
    "bücher.example",
    "google.com",
    "cdn.ampproject.org",
]
_PATHS = [
    "/amp",
    "/s/",
    "/",
    "/c/s/",
    ".amp",
    ".html",
    "index.html",
    "..",
    "~",
    " ",
    "\t",
    "%",
    "%41",
    "%2f",
    "%zz",
    "é",
]
_TAILS = ["?", "&", "=", "utm_source", "id", "amp", "rss", "ref", "#", "#!", ":443", ":80", ":x", "[", "]", "@"]
_URL_PIECES = st.lists(st.sampled_from([*_HOSTS, *_PATHS, *_TAILS]), max_size=14).map("".join)


@settings(max_examples=300, deadline=None)
@given(st.one_of(_URL_PIECES, _URL_PIECES.map("https://".__add__), st.text(max_size=60)))
def test_a_canonical_url_is_its_own_canonical_url(url):
    once = canonical_url(url)
    assert canonical_url(once) == once


@settings(max_examples=100, deadline=None)
@given(_URL_PIECES, _URL_PIECES)
def test_being_of_one_site_is_symmetric_and_never_raises(a, b):
    assert same_site(a, b) == same_site(b, a)


_PIECES = st.sampled_from(
    [
        *(b"<rss>", b"<channel>", b"<item>", b"</item>", b"</rss>", b"<feed xmlns='http://www.w3.org/2005/Atom'>"),
        *(b"<entry>", b"<title type='html'>", b"<guid>", b"<link href='", b"'/>", b"<pubDate>", b"0001-01-01", b"<id>"),
        *(b"<![CDATA[", b"]]>", b"<!DOCTYPE rss [", b"<!ENTITY a 'b'>", b"&a;", b"&#xD800;", b"&#0;", b"&nbsp;", b"&"),
        *(
            b"<?xml version='1.0' encoding='",
            b"zlib",
            b"utf-16",
            b"'?>",
            b"\xff\xfe",
            b"\xef\xbb\xbf",
            b"\x00",
            b"\xd0",
        ),
        *(
            b'{"version":"https://jsonfeed.org/version/1.1","items":[',
            b'{"id":',
            b'"\\ud800"',
            b"1e999",
            b"}",
            b"]",
            b",",
        ),
        *(b"<html>", b"<body>", b"<a href='", b"http://[", b"<time datetime='", b"<script type='application/ld+json'>"),
        *(
            b"</script>",
            b"<p>",
            b"<div>",
            b"<meta charset='",
            b"<base href='",
            b"<!--",
            b"-->",
            b"xml:base='",
            b"x",
            b" ",
        ),
    ]
)
_BODIES = st.one_of(
    st.binary(max_size=200),
    st.lists(_PIECES, max_size=25).map(b"".join),
    st.lists(st.one_of(_PIECES, st.binary(max_size=6)), max_size=25).map(b"".join),
)
_TYPES = st.sampled_from([None, "", "text/html; charset=utf-8", "application/json", "text/xml; charset=zlib", "\x00"])
_URL = "https://feeds.example/rss"


def _is_storable(text):
    return text.encode("utf-8") is not None and "\x00" not in text


@settings(max_examples=400, deadline=None)
@given(_BODIES, _TYPES)
def test_any_bytes_are_a_feed_or_a_parse_error(body, content_type):
    try:
        feed = parse_feed(body, url=_URL, content_type=content_type)
    except ParseError:
        return
    guids = [entry.guid for entry in feed.entries]
    assert len(set(guids)) == len(guids)
    for entry in feed.entries:
        assert entry.guid
        assert entry.url is None or entry.url.startswith(("http://", "https://"))
        assert entry.published_at is None or entry.published_at.year >= 1995
        assert all(map(_is_storable, (entry.guid, entry.title, entry.summary, entry.content, *entry.authors)))


@settings(max_examples=200, deadline=None)
@given(_BODIES, _TYPES)
def test_any_bytes_are_an_index_or_a_parse_error(body, content_type):
    try:
        feed = parse_index(body, url=_URL, content_type=content_type, selector="a")
    except ParseError:
        return
    assert all(_is_storable(entry.title) and _is_storable(entry.guid) for entry in feed.entries)


_LISTS = st.sampled_from(
    [
        *(
            b"<urlset>",
            b"<sitemapindex xmlns='x'>",
            b"<n:urlset>",
            b"<url>",
            b"<sitemap>",
            b"<loc>",
            b"https://a.example/",
        ),
        *(
            b"</loc>",
            b"</url>",
            b"</sitemap>",
            b"</urlset>",
            b"</sitemapindex>",
            b"<lastmod>",
            b"2024-10-29",
            b"9999-99",
        ),
        *(
            b"</lastmod>",
            b"<news:news>",
            b"</news:news>",
            b"<n:title>",
            b"<publication_date>",
            b"<publication>",
            b"<name>",
        ),
        *(
            b"<!DOCTYPE urlset [<!ENTITY a 'b'>]>",
            b"&a;",
            b"&#xD800;",
            b"&",
            b"<![CDATA[",
            b"]]>",
            b"<!--",
            b"\x00",
            b"<",
        ),
        *(b"<?xml version='1.0' encoding='utf-16'?>", b"\xff\xfe", b"\x1f\x8b", b"\xc3", b"2024-10-29T00:00:00+99:99"),
    ]
)
_SITEMAPS = st.lists(st.one_of(_LISTS, st.binary(max_size=5)), max_size=30).map(b"".join)
_SINCE = st.sampled_from([None, datetime(2024, 10, 1, tzinfo=UTC), datetime.max.replace(tzinfo=UTC)])


@settings(max_examples=500, deadline=None)
@given(st.one_of(_SITEMAPS, _SITEMAPS.map(b"<urlset>".__add__), _SITEMAPS.map(gzip.compress), _BODIES), _TYPES, _SINCE)
def test_any_bytes_are_a_sitemap_or_a_parse_error(body, content_type, since):
    try:
        feed = parse_sitemap(body, url=_URL, content_type=content_type, since=since)
    except ParseError:
        return
    assert is_sitemap(body, content_type=content_type)
    assert len({entry.guid for entry in feed.entries}) == len(feed.entries)
    assert all(entry.url and entry.url.startswith(("http://", "https://")) for entry in feed.entries)
    assert all(_is_storable(entry.title) and _is_storable(entry.guid) for entry in feed.entries)


@settings(max_examples=300, deadline=None)
@given(_BODIES, _TYPES)
def test_any_bytes_have_article_links_or_a_parse_error(body, content_type):
    try:
        feed = parse_index(body, url=_URL, content_type=content_type, selector=None)
    except ParseError:
        return
    assert feed.entries
    assert feed.pattern


@settings(max_examples=200, deadline=None)
@given(_BODIES, _TYPES)
def test_any_bytes_are_an_article_or_a_parse_error(body, content_type):
    try:
        article = extract_article(body, url=_URL, content_type=content_type)
    except ParseError:
        return
    assert _is_storable(article.title)
    assert _is_storable(article.text)


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.text(max_size=200), _BODIES.map(lambda body: body.decode("utf-8", errors="surrogateescape"))))
def test_any_markup_is_plain_text(markup):
    text = plain_text(markup)
    assert _is_storable(text)
    assert text == "" or all(line.strip() for line in text.split("\n"))
    assert _is_storable(plain_title(markup))
    assert "\n" not in plain_title(markup)


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=60), st.one_of(st.none(), st.text(max_size=12)))
def test_any_text_has_one_language_or_none(text, declared):
    found = detect_language(text, declared=declared)
    assert found is None or (found.isalpha() and found.islower())


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=40))
def test_any_string_is_a_utc_date_or_none(text):
    found = parse_date(text)
    assert found is None or found.utcoffset() == timedelta(0)
