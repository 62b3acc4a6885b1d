"""Article links of watched pages, told without a selector."""

from __future__ import annotations

import pytest

from monitor.core.parse import article_links
from monitor.core.parse.html_index import parse_index, selector_fault
from monitor.core.parse.stated_list import STATED_LIST
from monitor.errors import ParseError
from tests.index_pages import FOLDER, LAYOUTS, WITHOUT_ARTICLES, Judged, body_of, judge, url_of

_URL = "https://ministry.example/news/"


def index(markup, *, url=_URL):
    return parse_index(f"<html><body>{markup}</body></html>".encode(), url=url, content_type=None, selector=None)


def overall(pages):
    """Precision and recall over all links of the pages."""
    hits = sum(page.hits for page in pages)
    strays = sum(len(page.strays) for page in pages)
    return hits / (hits + strays), hits / sum(len(page.wanted) for page in pages)


def test_over_all_layouts_hardly_a_link_is_missed_or_wrong():
    precision, recall = overall([judge(name) for name in LAYOUTS])
    assert precision >= 0.95
    assert recall >= 0.98


@pytest.mark.parametrize("name", [name for name in LAYOUTS if name != "few_among_services"])
def test_no_layout_is_lost(name):
    """On each but the one that looks like its opposite, most of what is found are articles and most articles found."""
    page = judge(name)
    assert page.precision >= 0.8, sorted(page.strays)
    assert page.recall >= 0.9, sorted(page.wanted - page.found)


def test_every_sample_page_is_judged():
    assert {path.stem for path in FOLDER.iterdir()} == {*LAYOUTS, *WITHOUT_ARTICLES}


def test_the_border_is_not_fitted_to_a_single_layout(monkeypatch):
    """Drawn where it suits all other layouts best, it serves the one left out as well."""
    borders = (2.0, 2.5, 3.0, 3.5, 4.0)
    by_border: dict[float, dict[str, Judged]] = {}
    for border in borders:
        monkeypatch.setattr(article_links, "_GOOD", border)
        by_border[border] = {name: judge(name) for name in LAYOUTS}
    left_out = []
    for name in LAYOUTS:
        f1 = {}
        for border in borders:
            precision, recall = overall([page for other, page in by_border[border].items() if other != name])
            f1[border] = 2 * precision * recall / (precision + recall)
        left_out.append(by_border[max(borders, key=f1.__getitem__)][name])
    precision, recall = overall(left_out)
    assert precision >= 0.9
    assert recall >= 0.9


_NO_SELECTOR = ("infinite_scroll", "hub_with_sections")  # no links; links that neither classes nor addresses tell apart


@pytest.mark.parametrize("name", [name for name in LAYOUTS if name not in _NO_SELECTOR])
def test_the_pattern_given_back_is_a_selector_that_finds_the_same(name):
    """What a test of the source shows can be written into the configuration."""
    told = judge(name)
    assert selector_fault(told.pattern) is None
    pinned = judge(name, selector=told.pattern)
    assert told.found - pinned.found == set()
    assert len(pinned.found - told.found) <= 0.2 * len(told.found)


def test_the_same_page_always_gives_the_same():
    assert judge("newspaper_front") == judge("newspaper_front")


def test_titles_are_headlines_although_links_say_read_more():
    titles = [entry.title for entry in _entries("read_more")]
    assert titles[0] == "Foreign minister flies to Port Alder for two days of talks"
    assert "Read more" not in titles


def _entries(name):
    return parse_index(body_of(name), url=url_of(name), content_type=None, selector=None).entries


def test_a_list_in_structured_data_stands_in_for_links():
    feed = parse_index(body_of("infinite_scroll"), url=url_of("infinite_scroll"), content_type=None, selector=None)
    assert feed.pattern == STATED_LIST
    assert feed.entries[0].title == "Mediators table a fresh draft for a pause in the hill districts"


def test_structured_data_gives_dates_and_only_pages_of_the_site():
    listed = (
        '{"@type":"ItemList","itemListElement":[{"item":{"@type":"NewsArticle","url":"/news/a","headline":"A b",'
        '"datePublished":"2024-10-29T09:00:00Z"}},{"url":"https://elsewhere.example/x"},"/news/c",7,null]}'
    )
    feed = index(f"<script type='application/ld+json'>{listed}</script>")
    assert [(e.url, e.title, e.published_at and e.published_at.hour) for e in feed.entries] == [
        ("https://ministry.example/news/a", "A b", 9),
        ("https://ministry.example/news/c", "", None),
    ]


@pytest.mark.parametrize(
    "script", ["{", "[" * 50_000, '{"@type":"ItemList","itemListElement":{}}', '"ItemList"', "NaN"]
)
def test_broken_structured_data_lists_nothing(script):
    with pytest.raises(ParseError):
        index(f"<script type='application/ld+json'>{script}</script>")


@pytest.mark.parametrize(
    ("markup", "said"),
    [
        ("<div id='root'></div><script src='/main.js'></script>", "a script builds it"),
        ("<p>Nothing here</p>", "the page has no links"),
        ("<nav><a href='/a'>About the ministry and its work</a></nav>", "none of the page's 1 links"),
        (
            "<p><a href='https://elsewhere.example/2024/10/29/a-long-story-told-there'>A long story told there</a></p>",
            "no links",
        ),
        (
            "<p><a href='/news/#top'>Top</a><a href='/'>Home</a><a href='/news/report-of-the-year.pdf'>x</a></p>",
            "none of",
        ),
    ],
)
def test_a_page_without_articles_says_why(markup, said):
    with pytest.raises(ParseError) as caught:
        index(markup)
    assert caught.value.reason == "no_article_links"
    assert said in caught.value.detail


@pytest.mark.parametrize("name", WITHOUT_ARTICLES)
def test_a_sample_page_without_articles_yields_none(name):
    assert judge(name).found == set()


def test_a_page_of_very_many_links_is_read_to_a_limit():
    links = "".join(
        f"<li><a href='/news/2024/10/29/the-story-number-{n}-of-many'>Story {n} of very many</a></li>"
        for n in range(9000)
    )
    assert len(index(f"<ul>{links}</ul>").entries) == 3000
