"""Sitemaps of every form: what becomes an entry, what is left out, what is refused."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from monitor.core.parse.feed import parse_feed
from monitor.core.parse.sitemap import MOST_BYTES, MOST_URLS, RECENT, is_sitemap, parse_sitemap, sitemap_lines
from monitor.errors import ParseError

_SAMPLES = Path(__file__).parents[2] / "samples" / "sitemaps"
_URL = "https://courier.example/sitemap.xml"
NOW = datetime(2024, 10, 29, 12, tzinfo=UTC)


def parsed(source, *, since=NOW - RECENT):
    body = source if isinstance(source, bytes) else (_SAMPLES / source).read_bytes()
    return parse_sitemap(body, url=_URL, content_type=None, since=since)


def plain(*urls):
    """A plain sitemap of (address, lastmod) pairs."""
    listed = "".join(f"<url><loc>{u}</loc>{f'<lastmod>{at}</lastmod>' if at else ''}</url>" for u, at in urls)
    return f"<urlset>{listed}</urlset>".encode()


def reason_of(body):
    with pytest.raises(ParseError) as caught:
        parsed(body)
    assert caught.value.detail
    return caught.value.reason


def test_a_news_sitemap_gives_titles_and_dates_newest_first():
    """A bare day is no publication date yet: it may still be told by the page, and counts to its end until then."""
    feed = parsed("news.xml")
    assert (feed.title, feed.language) == ("Harbour Courier", "en")
    assert [(e.title, e.published_at, e.updated_at) for e in feed.entries] == [
        (
            "Envoy lands in Orlo for talks on the truce",
            datetime(2024, 10, 29, 9, 5, tzinfo=UTC),
            datetime(2024, 10, 29, 10, 20, tzinfo=UTC),
        ),
        ("Bakers & millers agree on a price <of sorts>", None, datetime(2024, 10, 28, 23, 59, 59, tzinfo=UTC)),
    ]
    assert {e.guid for e in feed.entries} == {
        "https://courier.example/world/2024/10/29/envoy-in-orlo?ed=eu&v=2",
        "https://courier.example/world/2024/10/28/bread",
    }
    assert feed.warnings == ("1 address from before 2024-10-26 left out",)


@pytest.mark.parametrize(
    ("name", "title", "url", "at"),
    [
        (
            "news_other_prefixes.xml",
            "Café de la paix",
            "https://delta.example/cafe",
            datetime(2024, 10, 29, 12, tzinfo=UTC),
        ),
        (
            "news_undeclared_prefix.xml",
            "Q & A: what the café owners want",
            "https://gull.example/q?a=1&b=2",
            datetime(2024, 10, 29, 6, tzinfo=UTC),
        ),
    ],
)
def test_prefixes_and_namespaces_come_as_they_come(name, title, url, at):
    (entry,) = parsed(name).entries
    assert (entry.title, entry.url, entry.published_at) == (title, url, at)


def test_a_plain_sitemap_gives_what_changed_lately_and_what_has_no_date():
    """When a page changed is not when it was published, so that date stays unknown; old addresses go by name too."""
    feed = parsed("plain.xml")
    assert [(e.url.rpartition("/en/")[2], e.title, e.published_at, e.updated_at) for e in feed.entries] == [
        ("press/4102", "", None, datetime(2024, 10, 29, 9, 30, tzinfo=UTC)),
        ("press/4101", "", None, datetime(2024, 10, 28, 23, 59, 59, tzinfo=UTC)),
        ("contact", "", None, None),
    ]
    assert feed.warnings == ("2 addresses repeated or unusable", "2 addresses from before 2024-10-26 left out")
    assert len(parsed("plain.xml", since=None).entries) == 5


def test_an_index_gives_its_sitemaps_those_for_news_first():
    """Old ones, by lastmod or by name, and those of tags and fixed pages are passed over."""
    feed = parsed("index.xml")
    assert feed.entries == ()
    assert [link.url.rpartition("/")[2] for link in feed.sitemaps] == [
        "news-sitemap.xml",
        "archive-2024-10.xml",
        "post-sitemap3.xml",
        "post-sitemap2.xml",
    ]
    only_tags = b"<sitemapindex><sitemap><loc>/tag-sitemap.xml</loc></sitemap></sitemapindex>"
    assert [link.url for link in parsed(only_tags).sitemaps] == ["https://courier.example/tag-sitemap.xml"]


def test_a_gzip_file_is_opened_whatever_it_is_called():
    body = (_SAMPLES / "news.xml").read_bytes()
    assert parsed(gzip.compress(body, mtime=0)) == parsed(body)
    assert parsed(gzip.compress(body[:300], mtime=0) + gzip.compress(body[300:], mtime=0) + b"\0\0") == parsed(body)
    assert is_sitemap(gzip.compress(body, mtime=0), content_type="application/x-gzip")


def test_a_gzip_bomb_is_opened_to_the_cap_and_no_further():
    assert reason_of(gzip.compress(b"<urlset>" + b" " * (MOST_BYTES + 1), mtime=0)) == "too_large"


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "empty_body"),
        (gzip.compress(b"", mtime=0), "empty_body"),
        (b"\x1f\x8bnothing", "bad_encoding"),
        (gzip.compress(b"<urlset></urlset>" * 50, mtime=0)[:-9], "truncated"),
        (b"<urlset>", "invalid_xml"),
        (b"<urlset><url><loc>https://a.example/cut", "invalid_xml"),
        (b"<rss><channel/></rss>", "not_a_feed"),
        (b"<!doctype html><html><body>urlset</body></html>", "not_a_feed"),
        (b"<opml version='2.0'><body/></opml>", "not_a_feed"),
        (b"https://a.example/1\nhttps://a.example/2\n", "not_a_feed"),
        (b"nothing of the kind", "not_a_feed"),
    ],
)
def test_what_is_no_sitemap_is_refused_with_its_reason(body, reason):
    assert reason_of(body) == reason


def test_a_sitemap_and_a_feed_mistaken_for_each_other_are_told_apart():
    """The error says which kind to set."""
    with pytest.raises(ParseError, match="set kind: feed"):
        parsed(b"<rss version='2.0'><channel/></rss>")
    with pytest.raises(ParseError, match="set kind: sitemap"):
        parse_feed((_SAMPLES / "news.xml").read_bytes(), url=_URL, content_type=None)


def test_an_empty_sitemap_has_no_entries():
    for body in (b"<urlset/>", b"<urlset></urlset>", b"<?xml version='1.0'?><a:urlset xmlns:a='x'></a:urlset >"):
        assert parsed(body).entries == ()


def test_of_a_cut_off_sitemap_all_but_the_last_address_count():
    feed = parsed("cut_off.xml")
    assert len(feed.entries) == 2
    assert "cut off" in feed.warnings[0]


def test_entities_are_never_resolved():
    """Neither a document's own nor the world's."""
    urls = [entry.url for entry in parsed("entities.xml").entries]
    assert urls[0] == "https://courier.example/a"
    assert not any("passwd" in url or "root:" in url or "courier.example/b" in url for url in urls)


def test_a_date_that_most_addresses_share_is_the_files_own():
    """Generators that write the present moment everywhere would make the whole archive look new."""
    shared = [(f"https://a.example/{i}", "2024-10-29T11:59:58Z") for i in range(60)]
    feed = parsed(plain(*shared, ("https://a.example/new", "2024-10-29T08:00:00Z")))
    assert [e.url for e in feed.entries if e.updated_at] == ["https://a.example/new"]
    assert feed.warnings == ("60 addresses share one date of change, which is the file's own: they count as undated",)
    some = [(f"https://a.example/{i}", f"2024-10-29T11:{i:02d}:58Z") for i in range(60)]
    assert all(entry.updated_at for entry in parsed(plain(*some)).entries)


def test_of_a_long_archive_without_dates_both_ends_count():
    """New addresses are added at one end; the rest is no news and would only fill the database."""
    feed = parsed(plain(*((f"https://a.example/{i}", None) for i in range(5000))))
    assert [feed.entries[i].url for i in (0, 999, 1000, -1)] == [f"https://a.example/{i}" for i in (0, 999, 4000, 4999)]
    assert feed.warnings == ("3000 addresses without date were left out: the first and last 1000 count",)


def test_the_protocols_count_is_the_limit():
    feed = parsed(plain(*((f"https://a.example/{i}", None) for i in range(MOST_URLS + 5))))
    assert f"more than {MOST_URLS} addresses" in feed.warnings[0]


def test_what_is_dated_ahead_is_kept_for_the_poll_to_judge():
    ahead = (NOW + timedelta(days=400)).isoformat()
    assert len(parsed(plain(("https://a.example/1", ahead))).entries) == 1


def test_robots_txt_names_sitemaps_those_for_news_first():
    robots = (
        b"\xef\xbb\xbfUser-agent: *\nDisallow: /x\nSitemap: /sitemap.xml # all\nsitemap:https://a.example/tags.xml\n"
        b"SITEMAP : https://cdn.example/google-news.xml.gz\nSitemap: javascript:1\nSitemap: /sitemap.xml\n"
    )
    assert sitemap_lines(robots, url="https://a.example/robots.txt") == (
        "https://cdn.example/google-news.xml.gz",
        "https://a.example/sitemap.xml",
        "https://a.example/tags.xml",
    )
