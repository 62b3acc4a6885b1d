"""The sample site: what stands in which round, honest ETags, and dates counted back from one moment."""

from __future__ import annotations

import http.client
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit
from xml.etree import ElementTree

import pytest

from monitor.demo.outlet import load_outlets
from monitor.demo.render import moment, with_days
from monitor.demo.site import DemoSite
from monitor.settings.paths import shipped_seeds_dir

NOW = datetime(2026, 3, 8, 0, 10, 30, 123456, tzinfo=UTC)  # a Sunday, ten minutes old
SAMPLES = shipped_seeds_dir() / "demo"
OUTLETS = load_outlets(SAMPLES)
HARBOUR, MERIDIAN = OUTLETS


@pytest.fixture
def site() -> Iterator[DemoSite]:
    with DemoSite(OUTLETS, now=NOW) as running:
        yield running


def get(url: str, *, etag: str | None = None) -> tuple[int, dict[str, str], str]:
    """Status, headers (lower case) and text of one real GET."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=5)
    try:
        connection.request("GET", parts.path, headers={"If-None-Match": etag} if etag else {})
        response = connection.getresponse()
        headers = {key.lower(): value for key, value in response.getheaders()}
        return response.status, headers, response.read().decode()
    finally:
        connection.close()


def items_of(feed_text: str) -> list[ElementTree.Element]:
    return ElementTree.fromstring(feed_text).findall("channel/item")


def text_of(item: ElementTree.Element, tag: str) -> str:
    return item.findtext(tag) or ""


def test_each_outlet_has_an_address_of_its_own(site):
    """Two outlets on one host would look like one publisher."""
    assert list(site.feed_urls) == ["Harbour Wire", "Meridian Post"]
    assert len({urlsplit(url).netloc for url in site.feed_urls.values()}) == 2


def test_the_second_round_adds_one_article_to_one_outlet(site):
    """One outlet tells the truce again; the other stays as it was."""
    before = {name: len(items_of(get(url)[2])) for name, url in site.feed_urls.items()}
    site.show_round(2)
    after = {name: len(items_of(get(url)[2])) for name, url in site.feed_urls.items()}
    assert {name: after[name] - before[name] for name in before} == {"Harbour Wire": 0, "Meridian Post": 1}


def test_an_article_of_the_second_round_is_not_there_in_the_first(site):
    """Whoever guesses its address gets a 404 until the round comes."""
    later = next(article for article in MERIDIAN.articles if article.round == 2)
    url = f"{site.home('Meridian Post')}{MERIDIAN.path}/{later.slug}"
    assert get(url)[0] == 404
    site.show_round(2)
    assert get(url)[0] == 200


def test_an_unchanged_feed_answers_304_without_a_body(site):
    """The ETag of the first answer is good as long as the feed is the same."""
    url = site.feed_urls["Harbour Wire"]
    status, headers, _ = get(url)
    assert status == 200
    site.show_round(2)
    status, again, body = get(url, etag=headers["etag"])
    assert (status, body, again["etag"]) == (304, "", headers["etag"])


def test_a_feed_with_an_addition_answers_200_with_another_etag(site):
    """The old ETag must not hide the new article."""
    url = site.feed_urls["Meridian Post"]
    etag = get(url)[1]["etag"]
    site.show_round(2)
    status, headers, body = get(url, etag=etag)
    assert status == 200
    assert headers["etag"] != etag
    assert len(items_of(body)) == 6


def test_two_requests_of_one_round_get_the_same_bytes(site):
    """Nothing on the site depends on when it is asked."""
    url = site.feed_urls["Meridian Post"]
    assert get(url) == get(url)


def test_the_site_keeps_what_was_asked_of_it(site):
    """Each request is noted with its outlet and the status it got."""
    get(site.home("Harbour Wire") + "nothing-here")
    get(site.feed_urls["Meridian Post"])
    assert [(v.outlet, v.path, v.status) for v in site.visits] == [
        ("Harbour Wire", "/nothing-here", 404),
        ("Meridian Post", "/feed.xml", 200),
    ]


def test_robots_may_read_everything(site):
    """The pipeline asks for robots.txt before it reads pages."""
    status, headers, body = get(site.home("Harbour Wire") + "robots.txt")
    assert (status, body) == (200, "User-agent: *\nAllow: /\n")
    assert headers["content-type"].startswith("text/plain")


@pytest.mark.parametrize("outlet", OUTLETS, ids=lambda outlet: outlet.name)
def test_every_linked_article_is_served_and_dated_as_in_the_feed(site, outlet):
    """The page's own structured data states the instant that the feed states."""
    site.show_round(2)
    for item in items_of(get(site.feed_urls[outlet.name])[2]):
        status, headers, page = get(text_of(item, "link"))
        assert status == 200
        assert headers["content-type"] == "text/html; charset=utf-8"
        described = json.loads(re.findall(r'<script type="application/ld\+json">(.*?)</script>', page)[0])
        assert described["headline"] == text_of(item, "title")
        in_feed = datetime.strptime(text_of(item, "pubDate"), "%a, %d %b %Y %H:%M:%S GMT").replace(tzinfo=UTC)
        assert datetime.fromisoformat(described["datePublished"]) == in_feed
        assert timedelta(0) < NOW - in_feed < timedelta(hours=24)


@pytest.mark.parametrize("outlet", OUTLETS, ids=lambda outlet: outlet.name)
def test_no_placeholder_reaches_the_reader(site, outlet):
    """Every slot of layouts and articles is filled."""
    site.show_round(2)
    urls = [text_of(item, "link") for item in items_of(get(site.feed_urls[outlet.name])[2])]
    for url in (site.feed_urls[outlet.name], *urls):
        assert "{{" not in get(url)[2]


def test_a_moment_is_counted_back_from_now_to_the_second():
    """Twenty minutes before ten past midnight is yesterday."""
    assert moment("{{minus_20m}}", now=NOW) == datetime(2026, 3, 7, 23, 50, 30, tzinfo=UTC)
    assert moment("{{minus_2d}}", now=NOW) == datetime(2026, 3, 6, 0, 10, 30, tzinfo=UTC)


@pytest.mark.parametrize("text", ["", "20m", "{{minus_20}}", "{{minus_20m:weekday}}", "{{plus_3h}}", "{{minus_3h}} "])
def test_anything_else_is_no_moment(text):
    """A misspelt date is refused, not served."""
    with pytest.raises(ValueError, match="is no moment"):
        moment(text, now=NOW)


def test_a_weekday_in_an_article_is_that_of_its_date():
    """The text says Saturday when the article was published on Saturday, even at midnight."""
    assert with_days("met on {{minus_20m:weekday}}, left on {{minus_5m:weekday}}", now=NOW) == (
        "met on Saturday, left on Sunday"
    )


def test_no_article_repeats_another_ones_sentences():
    """The outlets tell the same news in different words, so that only the news makes them one."""
    paragraphs = [text for outlet in OUTLETS for article in outlet.articles for text in article.paragraphs]
    assert len(set(paragraphs)) == len(paragraphs)
