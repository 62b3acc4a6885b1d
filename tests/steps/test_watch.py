"""From a source in trouble to the admin channel's own log: one post at its start, one at its end, none at the desk."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from monitor.core.model.condition import ConditionKind
from monitor.schedule.once import work_all
from monitor.steps.watch import WatchStep
from tests.databases import KINDS
from tests.house import House, Item
from tests.slack_server import FakeSlack, Fault
from tests.steps.test_pipeline import VISIT
from tests.web import Page, Seen

OpenHouse = Callable[..., House]
both_databases = pytest.mark.parametrize("open_house", KINDS, indirect=True)

FEED = "/feed.xml"
ITEMS = [Item(slug=f"item-{number}", title=f"Council meets for the {number}th time") for number in range(4)]


def watched_house(open_house: OpenHouse, *, fetch_pages: bool = True, **admin: object) -> House:
    """A house with a desk for alerts and an ops channel for notices, and one feed that works."""
    slack = FakeSlack()
    ops = {"kind": "slack", "channel": "admin", "token_env": "TEST_SLACK_TOKEN", "api_url": slack.url}
    settings = {"channels": {"ops": {**ops, "min_gap": 0.001}}, "admin": {"channels": ["ops"], **admin}}
    settings["read"] = {"fetch_pages": fetch_pages}
    house = open_house(slack=slack, settings=settings)
    house.publish_feed(FEED, ITEMS)
    house.run_once()
    return house


def run_for(house: House, hours: float, *, times: int = 4) -> None:
    """Run a few times over so many hours, as one process."""
    app = house.open()
    try:
        for _ in range(times):
            house.clock.advance(hours=hours / times)
            app.store.feeds.make_due(now=house.clock.now())
            work_all(app.steps, has_retries=lambda: False, linger_s=0.0)
    finally:
        app.fetcher.close()
        app.store.close()


def told(house: House, channel: str = "admin") -> list[str]:
    """What stands in the channel, a line a post."""
    return [post.texts[-1] for post in house.slack.posts if post.channel == house.slack.channels[channel]]


def titles(house: House) -> list[str]:
    return [line.partition(" — ")[0] for line in told(house)]


def serve_home_page(house: House) -> None:
    house.web[FEED] = Page("<!doctype html><html><body><p>Welcome to our new site.</p></body></html>")


def serve_gone(house: House) -> None:
    house.web[FEED] = Page("gone", status=410)


def robots(seen: Seen) -> Page:
    """One of the machine's two names wants no robots."""
    is_closed = (seen.header("host") or "").startswith("localhost")
    return Page("User-agent: *\nDisallow: /\n", content_type="text/plain") if is_closed else Page(status=404)


TROUBLES = {
    "silent zero": Page("<rss version='2.0'><channel><title>None</title></channel></rss>", content_type="text/xml"),
    "moved": Page(redirect="/elsewhere", status=301),
    "not a feed any more": Page("<!doctype html><html><body><p>Welcome to our new site.</p></body></html>"),
    "gone": Page("gone", status=410),
    "refuses the monitor": Page("no robots here", status=403),
    "does not answer": Page("database error", status=500),
}


@both_databases
def test_each_trouble_is_told_once_and_again_when_it_is_over(open_house: OpenHouse) -> None:
    """Seven sources that fail in their seven ways, go on so for days, and work again."""
    house = watched_house(open_house)
    for name in TROUBLES:
        house.publish_feed(f"/{name.replace(' ', '-')}", ITEMS, name=name)
    house.web["/elsewhere"] = house.web_page("/moved")
    closed = house.web.url("/closed", host="localhost")
    house.web["/closed"] = house.web_page(FEED)
    house.sources.append({"name": "refused by robots.txt", "url": closed})
    run_for(house, 1)
    for name, page in TROUBLES.items():
        house.web[f"/{name.replace(' ', '-')}"] = page
    house.web["/robots.txt"] = robots
    run_for(house, 36, times=6)
    names = {*TROUBLES, "refused by robots.txt"}
    assert sorted(titles(house)) == sorted(f"{name}: {name}" for name in names)
    run_for(house, 24)
    assert len(told(house)) == len(names)
    for name in TROUBLES:
        house.publish_feed(f"/{name.replace(' ', '-')}", ITEMS, name=name)
    house.web["/robots.txt"] = Page(status=404)
    run_for(house, 48)
    assert sorted(titles(house)[len(names) :]) == sorted(f"Over: {name}: {name}" for name in names)
    assert told(house, "alerts") == []


def test_a_source_that_falls_silent_is_told_until_it_speaks_again(open_house: OpenHouse) -> None:
    """It answers well all the time; the dates of its first poll say that it brings something every day."""
    house = watched_house(open_house, fetch_pages=False)
    daily = [
        Item(slug=f"day-{n}", title=f"The {n}th day", published_at=house.clock.now() - timedelta(days=n, minutes=5))
        for n in range(20)
    ]
    house.publish_feed("/daily.xml", daily, name="Daily")
    run_for(house, 24, times=2)
    assert titles(house) == []
    run_for(house, 60, times=5)
    assert titles(house) == ["Daily: stale"]
    assert "about 7 a week came and never 24 h passed without any" in told(house)[0]
    fresh = Item(slug="new", title="The new day", published_at=house.clock.now())
    house.publish_feed("/daily.xml", [fresh, *daily], name="Daily")
    run_for(house, 1, times=2)
    assert titles(house) == ["Daily: stale", "Over: Daily: stale"]


def test_a_bad_hour_is_not_told(open_house: OpenHouse) -> None:
    house = watched_house(open_house)
    serve_home_page(house)
    run_for(house, 1, times=2)
    house.publish_feed(FEED, ITEMS)
    run_for(house, 6, times=2)
    assert told(house) == []


def test_the_admin_channel_takes_no_alerts(open_house: OpenHouse) -> None:
    house = watched_house(open_house)
    house.publish_feed(FEED, [VISIT, *ITEMS])
    house.run_once()
    assert (len(told(house, "alerts")), told(house)) == (1, [])


def test_the_admin_channel_takes_alerts_too_where_wanted(open_house: OpenHouse) -> None:
    house = watched_house(open_house, alerts_too=True)
    house.publish_feed(FEED, [VISIT, *ITEMS])
    house.run_once()
    assert len(told(house, "alerts")) == len(told(house)) == 1


def test_a_channel_that_does_not_deliver_is_told_through_another(open_house: OpenHouse) -> None:
    """And its end, once it has been mended and the monitor started again."""
    house = watched_house(open_house)
    house.slack.fail_next("channel_not_found")
    house.publish_feed(FEED, [VISIT, *ITEMS])
    house.clock.advance(minutes=10)
    house.run_once()
    assert titles(house) == ["Channel desk does not deliver"]
    run_for(house, 1, times=2)
    assert titles(house) == ["Channel desk does not deliver", "Over: Channel desk does not deliver"]
    assert len(told(house, "alerts")) == 1


def test_the_admin_channels_own_trouble_is_not_told_to_itself(open_house: OpenHouse) -> None:
    house = watched_house(open_house)
    house.slack.fail_next("is_archived", times=99)
    serve_gone(house)
    run_for(house, 2, times=2)
    assert house.slack.posts == []
    with house.store() as store:
        assert {each.kind for each in store.watch.conditions()} == {
            ConditionKind.GONE,
            ConditionKind.CHANNEL_FAILING,
        }


def test_without_an_admin_channel_conditions_are_kept_and_nothing_is_sent(open_house: OpenHouse) -> None:
    house = open_house()
    house.publish_feed(FEED, ITEMS)
    house.run_once()
    serve_gone(house)
    run_for(house, 1, times=2)
    assert house.slack.posts == []
    with house.store() as store:
        assert [each.kind for each in store.watch.conditions()] == [ConditionKind.GONE]


# --- crashes


def work(house: House, *names: str) -> None:
    """Poll and work only these steps, as a process that dies before the others."""
    app = house.open()
    try:
        app.store.feeds.make_due(now=house.clock.now())
        steps = [step for step in app.steps if step.name in names]
        work_all(steps, has_retries=lambda: False, linger_s=0.0)
    finally:
        app.fetcher.close()
        app.store.close()


def test_a_notice_outlives_a_death_before_it_is_sent(open_house: OpenHouse) -> None:
    house = watched_house(open_house)
    serve_gone(house)
    house.clock.advance(hours=1)
    work(house, "poll", "watch")
    assert told(house) == []
    run_for(house, 1, times=2)
    assert len(told(house)) == 1


@both_databases
def test_a_notice_outlives_a_death_in_the_middle_of_sending(open_house: OpenHouse) -> None:
    """Marked as on its way, it is looked for in the channel first, and then sent once."""
    house = watched_house(open_house)
    serve_gone(house)
    house.clock.advance(hours=1)
    work(house, "poll", "watch")
    with house.store() as store:
        assert store.outbox.claim_due(channels=["ops"], now=house.clock.now(), limit=1, lease_s=120)
    run_for(house, 1, times=2)
    assert len(told(house)) == 1


def test_a_notice_whose_answer_was_lost_is_not_sent_again(open_house: OpenHouse) -> None:
    house = watched_house(open_house)
    serve_gone(house)
    house.slack.fail_next(Fault.RESET_AFTER)
    run_for(house, 2, times=2)
    assert len(told(house)) == 1


def test_a_look_that_was_not_written_is_made_again(open_house: OpenHouse) -> None:
    """A death before the transaction ends leaves nothing half told."""
    house = watched_house(open_house)
    serve_gone(house)
    house.clock.advance(hours=1)
    work(house, "poll")
    with house.store() as store:
        store.watch.read_round(channels=["desk", "ops"], now=house.clock.now())  # and dies
    run_for(house, 1, times=2)
    assert len(told(house)) == 1


def test_a_look_is_made_once_an_interval(open_house: OpenHouse) -> None:
    """Over all processes: the time of the last one is the database's."""
    house = open_house()
    house.publish_feed(FEED, ITEMS)
    house.run_once()
    with house.store() as store:
        first = store.watch.last_round_at()
        step = WatchStep(store=store.watch, clock=house.clock, channels=(), admin_channels=())
        assert (first, step.claim(1)) == (house.clock.now(), ())
        house.clock.advance(minutes=10)
        assert len(step.claim(1)) == 1
        assert step.claim(0) == ()
