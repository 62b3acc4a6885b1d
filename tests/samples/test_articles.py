"""The sample articles are complete, and the alerts expected of them follow from what they report."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime

import pytest

from monitor.core.parse.feed import parse_feed
from monitor.core.parse.html_index import parse_index
from tests.sample_articles import (
    INDEX_SELECTOR,
    article_page,
    expected_alerts,
    index_page,
    rss_feed,
    sample_articles,
)

NOW = datetime(2026, 3, 8, 12, 0, tzinfo=UTC)
ROOT = "http://127.0.0.1:1"
CEASEFIRE_PHASES = "called_for proposed talks near agreed in_effect extended violated collapsed rejected".split()
VISIT_PHASES = "planned under_way concluded postponed cancelled".split()


def test_there_are_ten_for_the_feed_ten_for_the_watched_page_and_ten_more():
    """Thirty articles, each with an id of its own."""
    articles = sample_articles()
    assert Counter(article.place for article in articles) == {"feed": 10, "index": 10, "none": 10}
    assert len({article.id for article in articles}) == 30


def test_every_phase_of_both_types_is_told_somewhere():
    """No phase goes untested end to end."""
    told = {(report.type, report.phase) for article in sample_articles() for report in article.reports}
    wanted = {("ceasefire", phase) for phase in CEASEFIRE_PHASES} | {("visit", phase) for phase in VISIT_PHASES}
    assert told == wanted


@pytest.mark.parametrize("article", sample_articles(), ids=lambda article: article.id)
def test_an_article_is_long_enough_to_count_as_read(article):
    """Under 250 characters the feed's own summary would be taken instead of the page."""
    assert len(article.text) >= 250
    assert article.title


def test_the_expected_alerts_are_what_feed_and_page_report_each_once():
    """Every report of the twenty belongs to exactly one alert of its type and phase."""
    reported = Counter(
        (article.id, report.type, report.phase)
        for article in sample_articles("feed", "index")
        for report in article.reports
    )
    told = Counter((article_id, alert.type, alert.phase) for alert in expected_alerts() for article_id in alert.told_in)
    assert reported == told
    assert max(told.values()) == 1


def test_the_feed_is_read_as_ten_dated_entries():
    """The rendered feed passes the project's own parser."""
    parsed = parse_feed(rss_feed(ROOT, now=NOW).encode(), url=f"{ROOT}/feed", content_type="application/rss+xml")
    articles = sample_articles("feed")
    assert [entry.title for entry in parsed.entries] == [article.title for article in articles]
    assert [entry.published_at for entry in parsed.entries] == [article.published_at(NOW) for article in articles]


def test_the_watched_page_is_read_as_ten_dated_entries_without_its_furniture():
    """The selector picks the cards, not navigation and footer."""
    page = index_page(ROOT, now=NOW).encode()
    parsed = parse_index(page, url=f"{ROOT}/", content_type="text/html", selector=INDEX_SELECTOR)
    articles = sample_articles("index")
    assert [entry.url for entry in parsed.entries] == [ROOT + article.path for article in articles]
    assert [entry.published_at for entry in parsed.entries] == [article.published_at(NOW) for article in articles]


def test_a_page_carries_title_body_and_date():
    """What the extractor is to find is there, escaped."""
    article = sample_articles("index")[0]
    page = article_page(article, outlet="Quay Herald", now=NOW)
    assert article.published_at(NOW).isoformat() in page
    assert all(f"<p>{text}</p>" in page for text in article.paragraphs)
