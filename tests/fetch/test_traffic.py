"""What is counted of requests, where they start."""

from __future__ import annotations

import pytest

from monitor.core.model.fetch import FetchPurpose, FetchRequest
from monitor.core.model.traffic import HostTraffic, together
from monitor.errors import FetchError
from monitor.fetch.traffic import TrafficMeter
from tests.web import Page, Web


def test_every_request_on_the_way_is_counted(make_fetcher):
    """Feeds, pages, robots.txt, redirect hops, 304s, refusals and silence, each under its host."""
    pages = {
        "/feed": Page(b"<rss/>", etag='"1"'),
        "/old": Page(redirect="/page"),
        "/page": Page(b"text", status=200),
        "/no": Page(b"no", status=403),
        "/mute": Page(reset=True),
    }
    with Web(pages) as web:
        fetcher = make_fetcher()
        fetcher.fetch(FetchRequest(url=web.url("/feed"), purpose=FetchPurpose.FEED))
        fetcher.fetch(FetchRequest(url=web.url("/feed"), purpose=FetchPurpose.FEED, etag='"1"'))
        fetcher.fetch(FetchRequest(url=web.url("/old")))
        fetcher.fetch(FetchRequest(url=web.url("/no")))
        with pytest.raises(FetchError):
            fetcher.fetch(FetchRequest(url=web.url("/mute")))
        (counted,) = fetcher.take_traffic()
        assert counted.requests == len(web.asked("/robots.txt")) + len(web.requests)
        assert (counted.for_feeds, counted.for_robots, counted.conditional, counted.not_modified) == (2, 1, 1, 1)
        assert (counted.refused, counted.most_at_once) == (1, 1)
        assert counted.for_pages == counted.requests - 3
        assert counted.unanswered == counted.for_pages - 3
        assert counted.body_bytes > 0
        assert fetcher.take_traffic() == ()


def test_what_robots_forbids_is_counted_as_not_made(make_fetcher):
    """Restraint can be shown, too."""
    with Web({"/robots.txt": Page(b"User-agent: *\nDisallow: /x", content_type="text/plain")}) as web:
        fetcher = make_fetcher()
        with pytest.raises(FetchError):
            fetcher.fetch(FetchRequest(url=web.url("/x")))
        (counted,) = fetcher.take_traffic()
        assert (counted.requests, counted.for_robots, counted.robots_refused) == (1, 1, 1)


def test_gaps_and_overlaps_are_measured_between_starts():
    """Over the time of one count and into the next."""
    times = iter([0.0, 5.0, 6.5, 10.0, 30.0, 31.0])
    meter = TrafficMeter(monotonic=lambda: next(times))
    with meter.request("h", FetchPurpose.FEED), meter.request("h", FetchPurpose.PAGE):
        pass
    with meter.request("h", FetchPurpose.PAGE):
        pass
    (first,) = meter.take()
    assert (first.least_gap_s, first.most_at_once) == (1.5, 2)
    with meter.request("h", FetchPurpose.PAGE):
        pass
    (second,) = meter.take()
    assert (second.least_gap_s, second.most_at_once, second.requests) == (23.5, 1, 1)


def test_days_and_hosts_add_up():
    """Counts are added, the least gap and the most at once are kept."""
    parts = (
        HostTraffic(host="a", requests=2, least_gap_s=3.0, most_at_once=1, body_bytes=5),
        HostTraffic(host="b", requests=1, least_gap_s=None, most_at_once=2),
    )
    assert together("x", parts) == HostTraffic(host="x", requests=3, least_gap_s=3.0, most_at_once=2, body_bytes=5)
