"""Sitemaps through poll and read: right titles and dates, no flood, and an index followed politely."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest

from monitor.core.alert.why_not import Stage, standings
from monitor.core.model.document import Document, DocumentStatus, ReadReason
from monitor.core.model.feed import PollReason
from monitor.schedule.health import StoreHealth
from monitor.schedule.pool import StepPool
from monitor.steps.sitemaps import MOST_FOLLOWED
from tests.house import NOW, House, Item
from tests.steps.test_pipeline import TRUCE, VISIT
from tests.web import Page

OpenHouse = Callable[..., House]
XML = "application/xml"


def urlset(house: House, items: Sequence[Item], *, news: bool, lastmod: datetime | None = None) -> str:
    """A sitemap of the items."""
    listed = []
    for item in items:
        told = f"<lastmod>{lastmod.isoformat()}</lastmod>" if lastmod else ""
        if news and item.published_at:
            told += (
                f"<news:news><news:publication><news:name>Test Post</news:name><news:language>en</news:language>"
                f"</news:publication><news:publication_date>{item.published_at.isoformat()}</news:publication_date>"
                f"<news:title>{item.title}</news:title></news:news>"
            )
        listed.append(f"<url><loc>{house.web.url(f'/{item.slug}.html')}</loc>{told}</url>")
    spaces = "xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'"
    if news:
        spaces += " xmlns:news='http://www.google.com/schemas/sitemap-news/0.9'"
    return f"<urlset {spaces}>{''.join(listed)}</urlset>"


def watch(house: House, path: str, body: str | bytes, items: Sequence[Item] = (), **page: Any) -> None:
    """Serve a sitemap and its items' pages, and have it polled."""
    house.web[path] = Page(body, **{"content_type": XML, **page})
    for item in items:
        house.web[f"/{item.slug}.html"] = Page(item.html())
    if not house.sources:
        house.sources.append({"name": "Test Post", "url": house.web.url(path), "kind": "sitemap"})


def index_of(house: House, *paths: str, lastmod: datetime | None = None) -> str:
    at = f"<lastmod>{lastmod.isoformat()}</lastmod>" if lastmod else ""
    listed = "".join(f"<sitemap><loc>{house.web.url(path)}</loc>{at}</sitemap>" for path in paths)
    return f"<sitemapindex>{listed}</sitemapindex>"


@contextmanager
def running(house: House) -> Iterator[Callable[[], None]]:
    """One process that polls half an hour after the last poll, each time with an empty request log."""
    app = house.open()
    health = StoreHealth(patience_s=0.0, give_up=pytest.fail)
    pools = [StepPool(step, health) for step in app.steps]

    def poll() -> None:
        house.web.forget()
        app.store.feeds.make_due(now=house.clock.now())
        while sum([pool.drain() for pool in pools]):
            pass
        house.clock.advance(minutes=30)

    try:
        yield poll
    finally:
        for pool in pools:
            pool.stop()
        app.fetcher.close()
        app.store.close()


def sitemaps_asked(house: House) -> list[str]:
    return [seen.path for seen in house.web.requests if seen.path.endswith(".xml")]


def documents(house: House) -> list[Document]:
    with house.store() as store:
        found = [store.documents.stored_text(number) for number in range(1, house.counts().documents + 1)]
    return [document for document in found if document]


def test_a_news_sitemap_brings_documents_and_alerts(open_house: OpenHouse) -> None:
    """Title and date are the sitemap's own, the text is the page's; a second poll is conditional and brings nothing."""
    house = open_house()
    watch(house, "/news.xml", urlset(house, [TRUCE, VISIT], news=True), [TRUCE, VISIT], etag='"n1"')
    house.run_once()
    assert {(d.title, d.published_at, d.dated, d.reason) for d in documents(house)} == {
        (item.title, item.published_at, True, ReadReason.PAGE_READ) for item in (TRUCE, VISIT)
    }
    assert house.told() == {("ceasefire", "agreed"), ("visit", "under_way")}
    house.clock.advance(minutes=30)
    house.run_once()
    assert house.web.asked("/news.xml")[1].header("if-none-match") == '"n1"'
    assert house.counts().documents == 2


def test_a_plain_sitemap_gets_titles_and_dates_from_the_pages(open_house: OpenHouse) -> None:
    """A lastmod never dates an article: the page's own date does, so an old story touched today stays old."""
    house = open_house()
    old = Item(
        slug="old", title="An old truce touched up today", text=TRUCE.text, published_at=NOW - timedelta(days=400)
    )
    lastmod = NOW - timedelta(minutes=5)
    watch(house, "/sitemap.xml", urlset(house, [VISIT, old], news=False, lastmod=lastmod), [VISIT, old])
    house.run_once()
    assert {(d.title, d.published_at, d.dated, d.backlog) for d in documents(house)} == {
        (VISIT.title, VISIT.published_at, True, False),
        (old.title, old.published_at, True, False),
    }
    assert house.told() == {("visit", "under_way")}


def test_what_a_sitemap_without_dates_held_before_is_never_fetched(open_house: OpenHouse) -> None:
    """Its addresses are known from then on; what is added later is read and told."""
    house = open_house()
    archive = [Item(slug=f"old-{n}", title=f"Old {n}", text="Words.") for n in range(40)]
    watch(house, "/sitemap.xml", urlset(house, archive, news=False), archive)
    house.run_once()
    assert [seen.path for seen in house.web.requests if seen.path != "/sitemap.xml"] == []
    assert {(d.status, d.reason) for d in documents(house)} == {(DocumentStatus.SKIPPED, ReadReason.ARCHIVE)}
    with house.store() as store:
        trail = store.history.trail(house.web.url("/old-0.html"))
    assert trail is not None
    assert [each.stage for each in standings(trail)] == [Stage.UNDATED_BACKLOG]
    watch(house, "/sitemap.xml", urlset(house, [*archive, VISIT], news=False), [VISIT])
    house.clock.advance(minutes=30)
    house.run_once()
    assert house.told() == {("visit", "under_way")}
    assert documents(house)[-1].title == VISIT.title


def test_a_rebuilt_sitemap_without_dates_floods_nothing(open_house: OpenHouse) -> None:
    """More new addresses at once than a site publishes are its archive under other names."""
    house = open_house()
    watch(house, "/sitemap.xml", urlset(house, [Item(slug="a", title="A")], news=False))
    house.run_once()
    house.clock.advance(minutes=30)
    moved = [Item(slug=f"moved-{n}", title=f"Moved {n}") for n in range(150)]
    watch(house, "/sitemap.xml", urlset(house, moved, news=False))
    house.run_once()
    assert {seen.path for seen in house.web.requests} == {"/sitemap.xml"}
    assert house.counts().documents == 151


def test_a_compressed_file_is_read_as_it_is_served(open_house: OpenHouse) -> None:
    house = open_house()
    body = gzip.compress(urlset(house, [VISIT], news=True).encode())
    watch(house, "/news.xml.gz", body, [VISIT], content_type="application/x-gzip")
    house.run_once()
    assert house.told() == {("visit", "under_way")}


def test_an_index_is_followed_and_its_sitemaps_are_asked_conditionally(open_house: OpenHouse) -> None:
    """The index itself is asked anew each time, since what it leads to changes without it."""
    house = open_house()
    watch(house, "/sitemap.xml", index_of(house, "/posts.xml", "/news-sitemap.xml", "/tag-sitemap.xml"), etag='"i"')
    watch(house, "/news-sitemap.xml", urlset(house, [VISIT], news=True), [TRUCE, VISIT])
    watch(house, "/posts.xml", urlset(house, [], news=False))
    with running(house) as poll:
        poll()
        assert sitemaps_asked(house) == ["/sitemap.xml", "/news-sitemap.xml", "/posts.xml"]
        assert house.told() == {("visit", "under_way")}
        house.web["/news-sitemap.xml"] = house.web["/posts.xml"] = Page(status=304)
        poll()
        assert sitemaps_asked(house) == ["/sitemap.xml", "/news-sitemap.xml", "/posts.xml"]
        assert house.web.asked("/sitemap.xml")[0].header("if-none-match") is None
        # Ten minutes before the last answer: clocks differ.
        assert house.web.asked("/posts.xml")[0].header("if-modified-since") == "Tue, 29 Oct 2024 11:50:00 GMT"
        assert house.last_reasons() == {"Test Post": PollReason.NOT_MODIFIED}
        watch(house, "/news-sitemap.xml", urlset(house, [VISIT, TRUCE], news=True))
        poll()
    assert house.told() == {("visit", "under_way"), ("ceasefire", "agreed")}
    assert house.last_reasons() == {"Test Post": PollReason.NEW_ENTRIES}


def test_what_has_not_changed_by_the_indexs_word_is_not_asked_but_for_news(open_house: OpenHouse) -> None:
    house = open_house()
    hour_ago = NOW - timedelta(hours=1)
    watch(house, "/sitemap.xml", index_of(house, "/posts.xml", "/news-sitemap.xml", lastmod=hour_ago))
    watch(house, "/news-sitemap.xml", urlset(house, [VISIT], news=True), [VISIT])
    watch(house, "/posts.xml", urlset(house, [], news=False))
    with running(house) as poll:
        poll()
        poll()
    assert sitemaps_asked(house) == ["/sitemap.xml", "/news-sitemap.xml"]


def test_sitemaps_that_failed_or_had_to_wait_are_asked_first_and_whole(open_house: OpenHouse) -> None:
    """Nothing is taken for unchanged that was never read."""
    house = open_house()
    paths = [f"/part-{n}.xml" for n in range(MOST_FOLLOWED + 1)]
    watch(house, "/sitemap.xml", index_of(house, *paths))
    for path in paths:
        watch(house, path, urlset(house, [], news=False))
    house.web["/part-1.xml"] = Page(status=503)
    with running(house) as poll:
        poll()
        poll()
    assert sitemaps_asked(house) == [
        "/sitemap.xml",
        "/part-1.xml",
        paths[-1],
        "/part-0.xml",
        "/part-2.xml",
        "/part-3.xml",
    ]
    assert [seen.header("if-modified-since") for seen in house.web.requests[1:3]] == [None, None]


def test_what_an_index_leads_to_is_read_although_the_index_stays_the_same(open_house: OpenHouse) -> None:
    house = open_house()
    watch(house, "/sitemap.xml", index_of(house, "/news-sitemap.xml"), etag='"i"')
    watch(house, "/news-sitemap.xml", urlset(house, [TRUCE], news=True), [TRUCE])
    house.run_once()
    watch(house, "/news-sitemap.xml", urlset(house, [VISIT, TRUCE], news=True), [VISIT])
    house.clock.advance(minutes=30)
    house.run_once()
    assert house.told() == {("ceasefire", "agreed"), ("visit", "under_way")}


@pytest.mark.parametrize("broken", [Page(status=500), Page("<html><body>Sorry</body></html>"), Page(reset=True)])
def test_one_broken_sitemap_costs_the_others_nothing(open_house: OpenHouse, broken: Page) -> None:
    house = open_house()
    watch(house, "/sitemap.xml", index_of(house, "/news-sitemap.xml", "/posts.xml"))
    watch(house, "/news-sitemap.xml", urlset(house, [VISIT], news=True), [VISIT])
    house.web["/posts.xml"] = broken
    house.run_once()
    assert house.told() == {("visit", "under_way")}
    assert house.last_reasons() == {"Test Post": PollReason.NEW_ENTRIES}
    house.web["/news-sitemap.xml"] = broken
    house.clock.advance(minutes=30)
    house.run_once()
    assert house.last_reasons()["Test Post"] not in (PollReason.NEW_ENTRIES, PollReason.NOT_MODIFIED)


def test_an_index_is_followed_one_level_deep_and_to_a_few_sitemaps(open_house: OpenHouse) -> None:
    house = open_house()
    paths = [f"/part-{n}.xml" for n in range(MOST_FOLLOWED + 3)]
    watch(house, "/sitemap.xml", index_of(house, "/nested-news.xml", *paths))
    watch(house, "/nested-news.xml", index_of(house, "/deep.xml"))
    for path in paths:
        watch(house, path, urlset(house, [], news=False))
    house.run_once()
    asked = [seen.path for seen in house.web.requests]
    assert asked == ["/sitemap.xml", "/nested-news.xml", *paths[: MOST_FOLLOWED - 1]]
    with house.store() as store:
        detail = store.history.feeds()[0].state.last_detail
    assert "4 sitemaps wait for the next poll" in detail
    assert "an index of sitemaps inside another one" in detail


def test_a_feed_where_a_sitemap_was_promised_is_named(open_house: OpenHouse) -> None:
    house = open_house()
    watch(house, "/sitemap.xml", "<rss version='2.0'><channel><title>T</title></channel></rss>")
    house.run_once()
    with house.store() as store:
        state = store.history.feeds()[0].state
    assert (state.last_reason, "set kind: feed" in state.last_detail) == (PollReason.NOT_A_FEED, True)
