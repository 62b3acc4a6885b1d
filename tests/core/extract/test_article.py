"""The article of a page, and what the page says of it."""

from __future__ import annotations

import unicodedata
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from monitor.core.extract.article import extract_article
from monitor.core.model.document import DatePrecision, Wall
from monitor.core.model.feed import PollReason
from monitor.errors import ParseError

_PAGES = Path(__file__).parents[2] / "samples" / "pages"
_URL = "https://harbour.example/2025/envoy-lands?ref=rss"


def extracted(name, url=_URL):
    return extract_article((_PAGES / name).read_bytes(), url=url, content_type="text/html")


def page(head="", body="<p>Nothing much.</p>", lang="en"):
    html = f"<html lang='{lang}'><head>{head}</head><body>{body}</body></html>"
    return extract_article(html.encode(), url=_URL, content_type="text/html; charset=utf-8")


def test_an_article_has_its_title_text_authors_and_language():
    article = extracted("article.html")
    assert article.title == "Envoy lands in Port Alder for truce talks"
    assert article.authors == ("Mara Quill", "Ivo Brandt")
    assert article.language == "en"
    lines = article.text.split("\n")
    assert lines[0].startswith("The lake republic's envoy landed")
    assert lines[-1].startswith("Fishing boats stayed in port")
    assert article.wall is None


def test_the_text_has_no_boilerplate_no_repeats_and_not_the_title():
    lines = extracted("article.html").text.split("\n")
    assert len(lines) == len(set(lines)) == 5
    assert not any("Related" in line or "Sport" in line or "rights reserved" in line for line in lines)
    assert "Envoy lands in Port Alder for truce talks" not in lines


def test_the_text_is_nfc():
    text = extracted("article.html").text
    assert "café owners" in text
    assert unicodedata.is_normalized("NFC", text)


def test_the_date_is_the_articles_own_from_structured_data():
    article = extracted("article.html")
    assert article.published_at == datetime(2025, 8, 10, 4, 30, tzinfo=UTC)
    assert article.published_on == date(2025, 8, 10)


@pytest.mark.parametrize(
    "head",
    [
        "<meta property='article:published_time' content='2025-08-10T09:00:00Z'>",
        "<meta itemprop='datePublished' content='2025-08-10T09:00:00Z'>",
        "<meta name='parsely-pub-date' content='2025-08-10T09:00:00Z'>",
        '<script type=\'application/ld+json\'>[{"@type":"Article","datePublished":"2025-08-10T09:00:00Z"}]</script>',
    ],
)
def test_a_date_is_read_wherever_pages_state_it(head):
    assert page(head).published_at == datetime(2025, 8, 10, 9, 0, tzinfo=UTC)


def test_a_marked_time_element_dates_the_article():
    body = "<article><time datetime='2025-08-10T11:00:00+02:00'>today</time><p>Text</p></article>"
    assert page(body=body).published_at == datetime(2025, 8, 10, 9, 0, tzinfo=UTC)


def test_a_time_without_zone_states_the_day_alone():
    article = extracted("about_cookies.html")
    assert article.published_at is None
    assert article.published_on == date(2025, 8, 10)


@pytest.mark.parametrize(
    ("written", "precision", "offset_min", "at"),
    [
        ("2025-08-10T11:00:00+02:00", DatePrecision.INSTANT, 120, datetime(2025, 8, 10, 9, tzinfo=UTC)),
        ("2025-08-10T09:00:00Z", DatePrecision.INSTANT, 0, datetime(2025, 8, 10, 9, tzinfo=UTC)),
        ("2025-08-10 14:45:00 +0545", DatePrecision.INSTANT, 345, datetime(2025, 8, 10, 9, tzinfo=UTC)),
        ("Sun, 10 Aug 2025 05:00:00 -0400", DatePrecision.INSTANT, -240, datetime(2025, 8, 10, 9, tzinfo=UTC)),
        ("Sun, 10 Aug 2025 05:00:00 EDT", DatePrecision.INSTANT, -240, datetime(2025, 8, 10, 9, tzinfo=UTC)),
        ("2025-08-10T09:00:00", DatePrecision.DAY, None, None),
        ("2025-08-10", DatePrecision.DAY, None, None),
    ],
)
def test_a_date_keeps_its_precision_and_its_zone_as_stated(written, precision, offset_min, at):
    found = page(f"<meta property='article:published_time' content='{written}'>").published
    assert (found.precision, found.utc_offset_min, found.at) == (precision, offset_min, at)
    assert found.on == date(2025, 8, 10)


def test_the_last_change_is_told_apart_from_publication():
    article = extracted("article.html")
    assert article.published.at == datetime(2025, 8, 10, 4, 30, tzinfo=UTC)
    assert article.modified.at == datetime(2025, 8, 11, 4, 30, tzinfo=UTC)
    assert page().modified is None


def test_a_time_marked_as_the_change_dates_nothing_else():
    article = page(body="<article><time itemprop='dateModified' datetime='2025-08-10T09:00:00Z'>now</time></article>")
    assert article.published is None
    assert article.modified.at == datetime(2025, 8, 10, 9, tzinfo=UTC)


@pytest.mark.parametrize("written", ["0001-01-01T00:00:00Z", "1970-01-01", "2025-13-40", "T" * 5000, "9" * 5000, ""])
def test_an_impossible_date_is_none(written):
    assert page(f"<meta property='article:published_time' content='{written}'>").published is None


def test_a_date_in_the_text_is_nobodys_statement():
    article = page(body="<article><p>It began on 24 February 2022, at 05:00.</p></article>")
    assert (article.published_at, article.published_on) == (None, None)


@pytest.mark.parametrize(
    ("href", "expected"),
    [
        ("https://www.harbour.example/2025/envoy?utm_source=x", "https://harbour.example/2025/envoy"),
        ("/2025/envoy", "https://harbour.example/2025/envoy"),
        ("https://other.example/2025/envoy", None),
        ("https://harbour.example/", None),
        ("javascript:void(0)", None),
        ("", None),
    ],
)
def test_the_canonical_url_is_believed_on_the_same_site_only(href, expected):
    assert page(f"<link rel='canonical' href='{href}'>").canonical_url == expected


@pytest.mark.parametrize(
    ("name", "wall"),
    [
        ("paywalled.html", Wall.PAYWALL),
        ("consent.html", Wall.CONSENT_PAGE),
        ("bot_wall.html", Wall.BOT_WALL),
        ("metered.html", None),
        ("about_cookies.html", None),
        ("live_page.html", None),
        ("empty.html", None),
    ],
)
def test_a_wall_is_told_from_an_article(name, wall):
    assert extracted(name).wall is wall


def test_a_consent_host_serves_no_article():
    assert extracted("empty.html", url="https://consent.portal.example/collect?id=1").wall is Wall.CONSENT_PAGE


def test_captions_teasers_and_boilerplate_are_not_the_articles():
    lines = extracted("live_page.html").text.split("\n")
    assert [line.split()[0] for line in lines if "ago" not in line] == ["The", "“We", "Observers", "The"]


@pytest.mark.parametrize(
    ("selector", "wall"),
    [(".body", None), (".rest", Wall.PAYWALL), ("..not a selector", Wall.PAYWALL), ("", Wall.PAYWALL)],
)
def test_a_paid_part_that_was_delivered_is_no_paywall(selector, wall):
    """schema.org's hasPart names the paid part; when the article's text stands in it, it was given away."""
    part = f'{{"isAccessibleForFree":"False","cssSelector":"{selector}"}}'
    facts = f'{{"@type":"NewsArticle","isAccessibleForFree":false,"hasPart":{part}}}'
    words = "The envoy landed in the harbour on Sunday and was met by the council on the quay at noon. "
    told = f"<div class='body'><p>{words * 3}</p><p>{words.upper() * 2}</p></div>"
    body = f"<article>{told}<div class='rest'></div></article>"
    assert page(f"<script type='application/ld+json'>{facts}</script>", body).wall is wall


def test_a_page_without_text_gives_none():
    assert extracted("empty.html").text == ""


def test_words_of_a_wall_never_become_long_articles_faults():
    assert len(extracted("about_cookies.html").text) > 1500
    assert len(extracted("metered.html").text) > 1500


@pytest.mark.parametrize(
    ("lang", "text", "expected"),
    [
        ("en", "Der Außenminister ist am Montag in Berlin angekommen und wird dort mit der Kanzlerin sprechen.", "de"),
        ("", "The minister arrived in Berlin on Monday and will speak with the chancellor.", "en"),
        ("fr", "Le ministre est arrivé à Berlin lundi et doit y rencontrer la chancelière.", "fr"),
    ],
)
def test_the_language_is_the_texts_own(lang, text, expected):
    assert page(body=f"<article><p>{text}</p><p>{text[::-1][:0]}</p></article>", lang=lang).language == expected


@pytest.mark.parametrize(
    ("body", "reason"),
    [(b"", PollReason.EMPTY_BODY), (b" \n", PollReason.EMPTY_BODY), (b"%PDF-1.7 ...", PollReason.NOT_A_FEED)],
)
def test_what_is_no_page_is_refused(body, reason):
    with pytest.raises(ParseError) as caught:
        extract_article(body, url=_URL, content_type=None)
    assert caught.value.reason is reason


def test_a_page_is_read_in_its_declared_charset():
    words = "Министр прибыл в порт на переговоры о перемирии и встретился с послом. " * 5
    html = f"<html><head><meta charset='windows-1251'></head><body><article><p>{words}</p></article></body></html>"
    article = extract_article(html.encode("cp1251"), url=_URL, content_type="text/html")
    assert article.text.startswith("Министр прибыл")
    assert article.language == "ru"
