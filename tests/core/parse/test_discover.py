"""Feeds behind a home page."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.parse.discover import common_feed_paths, feed_links

HOME = "https://paper.example/world/"


def links(markup: str, *, url: str = HOME) -> tuple[str, ...]:
    return feed_links(f"<!doctype html><html><body>{markup}</body></html>".encode(), url=url)


@pytest.mark.parametrize(
    "media_type", ["application/rss+xml", "application/atom+xml", "application/feed+json", "Application/RSS+XML; x=y"]
)
def test_a_declared_feed_is_found_whatever_its_address(media_type):
    """`link rel=alternate` with a feed's media type needs no telling address."""
    assert links(f'<link rel="alternate" type="{media_type}" href="/latest">') == ("https://paper.example/latest",)


def test_declared_feeds_come_before_linked_ones_and_comments_last():
    """The likeliest feed is tried first."""
    found = links(
        '<a href="/sport.rss">Sport</a>'
        '<link rel="alternate" type="application/rss+xml" title="Story: comments" href="/world/story/feed/">'
        '<link rel="alternate" type="application/rss+xml" href="main.xml">'
        '<a href="/comments/feed/">Comments</a>'
    )
    assert found == (
        "https://paper.example/world/main.xml",
        "https://paper.example/sport.rss",
        "https://paper.example/world/story/feed/",
        "https://paper.example/comments/feed/",
    )


@pytest.mark.parametrize(
    "href",
    [
        "/rss",
        "/rss/",
        "/feed",
        "/news/feed/",
        "/feeds/world.rss",
        "/rss.xml",
        "/rss_world.xml",
        "/world.atom",
        "/index.rdf",
        "/news-feed-latest.xml",
        "https://feeds.paper.example/world",
        "https://rss2.paper.example/top",
        "/?feed=rss2",
        "/list?id=3&format=rss",
    ],
)
def test_an_address_that_looks_like_a_feed_is_one(href):
    """Links need no words beside such an address."""
    assert len(links(f'<a href="{href}">here</a>')) == 1


@pytest.mark.parametrize(
    "markup",
    [
        '<a href="/2024/05/truce-talks">Truce talks feed hopes</a>',
        '<a href="/animals/feeding-time">Feeding time</a>',
        '<a href="/help/what-is-rss">What is RSS?</a>',
        '<a href="https://feedly.com/i/subscription/feed/https://paper.example/rss.xml">Follow</a>',
        '<a href="javascript:feed()">RSS</a>',
        '<a href="mailto:rss@paper.example">RSS</a>',
        '<link rel="alternate" hreflang="fr" href="https://paper.example/fr/">',
        '<link rel="alternate" type="application/json" href="/wp-json/wp/v2/pages/2">',
        '<link rel="stylesheet" type="application/rss+xml" href="/style">',
        f'<a href="{HOME}">RSS</a>',
    ],
)
def test_what_is_no_feed_is_left_out(markup):
    """Stories, explanations, readers' buttons and other alternates are not offered."""
    assert links(markup) == ()


def test_an_xml_file_is_a_feed_when_it_is_called_one():
    """Words decide where the address alone cannot."""
    assert links('<a href="/out/17.xml">RSS</a><a href="/out/18.xml">Schema</a>') == (
        "https://paper.example/out/17.xml",
    )


def test_addresses_resolve_against_the_base_element():
    """A page may move the base of its links."""
    markup = '<base href="https://cdn.paper.example/x/"><a href="feed.xml#top">Feed</a>'
    assert links(markup) == ("https://cdn.paper.example/x/feed.xml",)


def test_a_feed_itself_names_no_feeds():
    """Only pages are searched."""
    assert feed_links(b"<rss><channel><link>https://paper.example/feed</link></channel></rss>", url=HOME) == ()


def test_common_places_start_beneath_the_page_and_end_at_the_root():
    """A section's own feed is better than the whole paper's."""
    found = common_feed_paths("https://paper.example/world/?page=2#top")
    assert found[0] == "https://paper.example/world/feed/"
    assert "https://paper.example/rss.xml" in found
    assert found.index("https://paper.example/world/rss.xml") < found.index("https://paper.example/rss.xml")
    assert common_feed_paths("https://paper.example")[0] == "https://paper.example/feed/"
    assert common_feed_paths("https://paper.example/index.html")[0] == "https://paper.example/feed/"


@given(st.binary(max_size=300))
def test_no_page_breaks_the_search(body):
    """Whatever the bytes, the answer is a tuple of http(s) URLs."""
    for page in (body, b"<html><a href='" + body, b"<html><link rel=alternate type=application/rss+xml href=" + body):
        assert all(link.startswith(("http://", "https://")) for link in feed_links(page, url=HOME))
