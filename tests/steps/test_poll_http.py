"""What a poll makes of redirects, of 410, of 304s that lie, and of hosts that are down."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from monitor.core.model.feed import PollReason
from monitor.core.poll.interval import GONE_PROBE_S
from monitor.schedule.health import StoreHealth
from monitor.schedule.pool import StepPool
from tests.house import NOW, House, Item
from tests.web import Page, Seen

OpenHouse = Callable[..., House]
FIRST, SECOND = (Item(slug=slug, title=f"The {slug} headline", published_at=NOW) for slug in ("first", "second"))


def test_a_feed_that_moved_for_a_week_is_asked_at_its_new_place(open_house: OpenHouse) -> None:
    """One request a poll from then on; its entries stay known, and its ETag is that of the new place."""
    house = open_house()
    house.publish_feed("/new.xml", [FIRST])
    house.publish_feed("/old.xml", [FIRST])
    house.sources[:] = [source for source in house.sources if source["url"].endswith("/old.xml")]
    house.web["/old.xml"] = Page(redirect="/new.xml", status=301)
    for _ in range(8):
        house.run_once()
        house.clock.advance(days=1)
    state = house.feed_state()
    assert state.moved_to == house.web.url("/new.xml")
    house.web.forget()
    house.run_once()
    assert house.web.paths == ["/new.xml"]
    assert house.web.requests[0].header("if-none-match")
    assert house.counts().entries == 1


def test_a_temporary_redirect_is_followed_for_ever(open_house: OpenHouse) -> None:
    """302 says nothing of where to ask next time."""
    house = open_house()
    house.publish_feed("/feed.xml", [FIRST])
    house.web["/feed.xml"] = Page(redirect="/elsewhere.xml")
    house.web["/elsewhere.xml"] = house.web_page("/feed.xml")
    for _ in range(3):
        house.run_once()
        house.clock.advance(days=8)
    state = house.feed_state()
    assert (state.moved_to, state.redirect_url) == (None, None)


def test_a_redirect_to_what_is_no_feed_moves_nothing(open_house: OpenHouse) -> None:
    """A retired feed that leads to the front page fails by name, however long."""
    house = open_house()
    house.publish_feed("/feed.xml", [FIRST])
    house.web["/feed.xml"] = Page(redirect="/", status=301)
    house.web["/"] = Page("<!doctype html><html><body><p>Welcome</p></body></html>")
    for _ in range(3):
        house.run_once()
        house.clock.advance(days=8)
    state = house.feed_state()
    assert (state.moved_to, state.redirect_url, state.last_reason) == (None, None, PollReason.NOT_A_FEED)


def test_a_feed_that_is_gone_is_probed_once_a_week_and_taken_back(open_house: OpenHouse) -> None:
    """Nothing is retired for good."""
    house = open_house()
    house.publish_feed("/feed.xml", [FIRST])
    good = house.web_page("/feed.xml")
    house.web["/feed.xml"] = Page(status=410)
    house.run_once()
    state = house.feed_state()
    assert (state.last_reason, state.gone_since) == (PollReason.GONE, NOW)
    assert state.next_poll_at is not None
    assert state.next_poll_at >= NOW + timedelta(seconds=GONE_PROBE_S)
    house.web["/feed.xml"] = good
    house.clock.advance(days=8)
    house.run_once()
    state = house.feed_state()
    assert (state.last_reason, state.gone_since, state.failures) == (PollReason.NEW_ENTRIES, None, 0)


def test_a_304_that_hides_news_is_found_and_no_longer_believed(open_house: OpenHouse) -> None:
    """An unconditional poll finds what the server hid; after that none is conditional for a month."""
    house = open_house(settings={"poll": {"unconditional_share": 0}})
    house.publish_feed("/feed.xml", [FIRST])
    first = house.web_page("/feed.xml")
    house.run_once()

    def liar(seen: Seen) -> Page:
        return replace(second, etag=None, headers=(("ETag", first.etag or ""),), status=304 if _asks(seen) else 200)

    house.publish_feed("/feed.xml", [FIRST, SECOND])
    second = house.web_page("/feed.xml")
    house.web["/feed.xml"] = liar
    house.clock.advance(hours=1)
    house.run_once()
    assert (house.feed_state().last_reason, house.counts().entries) == (PollReason.NOT_MODIFIED, 1)
    house.settings = {"poll": {"unconditional_share": 1}}
    house.clock.advance(hours=1)
    house.run_once()
    state = house.feed_state()
    assert (state.validators_lied_at, house.counts().entries) == (house.clock.now(), 2)
    assert "hid new entries" in state.last_detail
    house.settings = {"poll": {"unconditional_share": 0}}
    house.clock.advance(days=1)
    house.run_once()
    assert house.web.requests[-1].header("if-none-match") is None
    assert house.feed_state().last_reason is PollReason.SAME_BODY
    house.clock.advance(days=31)
    house.run_once()
    assert house.web.requests[-1].header("if-none-match")


def _asks(seen: Seen) -> bool:
    return seen.header("if-none-match") is not None


@pytest.mark.parametrize("count", [5])
def test_feeds_of_a_dead_host_are_held_after_the_third(open_house: OpenHouse, count: int) -> None:
    """Three pay the timeout, the others wait for the host's next trial without counting as failing."""
    house = open_house(settings={"poll": {"concurrency": 1}})
    house.sources[:] = [{"name": str(n), "url": f"http://127.0.0.1:9/{n}", "robots": "ignore"} for n in range(count)]
    house.run_once()
    reasons = list(house.last_reasons().values())
    assert sorted(reasons) == ["connection_failed"] * 3 + ["host_down"] * 2
    held = next(name for name, reason in house.last_reasons().items() if reason is PollReason.HOST_DOWN)
    state = house.feed_state(held)
    assert state.failures == 0
    assert state.next_poll_at is not None
    assert NOW < state.next_poll_at <= NOW + timedelta(seconds=70)


def test_one_hosts_feeds_follow_each_other_at_its_gap(open_house: OpenHouse) -> None:
    """Not at the pool's ticks: one tick is enough for all twenty, one after the other."""
    house = open_house(settings={"network": {"host_gap": 0.02}})
    for number in range(20):
        house.publish_feed(f"/{number}.xml", [FIRST], name=f"Paper {number}")
    app = house.open()
    pool = StepPool(app.steps[0], StoreHealth(patience_s=60, give_up=pytest.fail))
    pool.tick()
    assert pool.wait(60)
    assert (pool.done_count, house.counts().entries) == (20, 20)
    pool.stop()
    pool.wait(60)
    app.fetcher.close()
    app.store.close()
