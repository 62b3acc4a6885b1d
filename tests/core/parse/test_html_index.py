"""Watched pages: what a selector picks."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from monitor.core.parse.html_index import parse_index, selector_fault
from monitor.errors import ParseError

_PAGES = Path(__file__).parents[2] / "samples" / "pages"
_URL = "https://ministry.example/news/"


def index(selector, body=None, content_type=None):
    body = (_PAGES / "index.html").read_bytes() if body is None else body.encode()
    return parse_index(body, url=_URL, content_type=content_type, selector=selector)


def test_picked_links_become_entries_in_page_order():
    feed = index("main h2 a")
    assert [(entry.title, entry.url) for entry in feed.entries] == [
        ("Minister travels to Port Alder", "https://ministry.example/news/port-alder"),
        ("Statement on the truce", "https://ministry.example/statements/truce?lang=en"),
        ("Agenda of the week", "https://other.example/agenda"),
    ]
    assert feed.language == "en"


def test_picked_cards_give_their_first_link_and_their_heading():
    assert [entry.title for entry in index("main article").entries][:2] == [
        "Minister travels to Port Alder",
        "Statement on the truce",
    ]


def test_picked_words_inside_a_link_give_that_link():
    assert index("aside a b").entries[0].url == "https://ministry.example/archive"


def test_a_card_is_dated_by_its_own_time_element_and_no_other():
    for selector in ("main article", "main h2 a"):
        dates = [entry.published_at for entry in index(selector).entries]
        assert dates == [datetime(2025, 8, 10, 7, 0, tzinfo=UTC), None, datetime(2025, 8, 8, tzinfo=UTC)], selector


def test_the_url_is_the_identity_and_stands_once():
    feed = index("main a")
    assert [entry.guid for entry in feed.entries] == [entry.url for entry in feed.entries]
    assert len({entry.guid for entry in feed.entries}) == len(feed.entries)


def test_a_picture_link_does_not_hide_the_title_of_the_text_link():
    body = '<ul><li><a href="/x"><img src="p.jpg"></a></li><li><a href="/x#top">The title</a></li></ul>'
    assert [(entry.title, entry.url) for entry in index("li a", body).entries] == [
        ("The title", "https://ministry.example/x")
    ]


def test_links_are_resolved_against_the_base_element():
    body = '<html><head><base href="/en/"></head><body><a class="n" href="one.html">One</a></body></html>'
    assert index("a.n", body).entries[0].url == "https://ministry.example/en/one.html"


@pytest.mark.parametrize(
    ("selector", "body", "reason"),
    [
        (".gone", "<html><body><a href='/x'>X</a></body></html>", "selector_matched_nothing"),
        ("p", "<html><body><p>No link here</p></body></html>", "selector_matched_nothing"),
        ("a", "<html><body><a href='javascript:void(0)'>X</a></body></html>", "selector_matched_nothing"),
        ("a[", "<html><body><a href='/x'>X</a></body></html>", "selector_matched_nothing"),
        ("a", "  \n ", "empty_body"),
        ("a", "just words", "not_a_feed"),
    ],
)
def test_an_index_without_entries_says_why(selector, body, reason):
    with pytest.raises(ParseError) as caught:
        index(selector, body)
    assert caught.value.reason == reason


def test_a_selector_is_checked_without_a_page():
    assert selector_fault("main > article h2 a[href]") is None
    assert selector_fault("a[")
    assert selector_fault("a::before")


def test_the_page_is_read_in_its_own_charset():
    body = "<html><head><meta charset='windows-1251'></head><body><a href='/x'>Визит</a></body></html>"
    found = parse_index(body.encode("cp1251"), url=_URL, content_type="text/html", selector="a")
    assert found.entries[0].title == "Визит"
