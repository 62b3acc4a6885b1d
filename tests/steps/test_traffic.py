"""What was asked is written down once a minute, and when the process ends."""

from __future__ import annotations

from tests.house import NOW, House, Item


def test_a_pass_over_the_feeds_is_counted_and_kept(open_house):
    """Feed, pages and robots.txt of one host; the last counts are written when the app closes."""
    house: House = open_house()
    house.publish_feed("/feed.xml", [Item(slug="a", title="A headline", text="Words enough. " * 40)])
    app = house.open()
    app.store.feeds.make_due(now=house.clock.now())
    for step in app.steps:
        for work in step.claim(5):
            work()
    house.clock.advance(seconds=59)
    assert app.traffic.claim(1) == ()
    house.clock.advance(seconds=1)
    (note,) = app.traffic.claim(1)
    note()
    (span,) = app.store.traffic.spans(since=NOW.date())
    assert (span.traffic.host.partition(":")[0], span.traffic.for_feeds, span.traffic.for_robots) == ("127.0.0.1", 1, 1)
    assert span.traffic.requests == len(house.web.requests) + len(house.web.asked("/robots.txt"))
    app.fetcher.close()
    app.store.close()
