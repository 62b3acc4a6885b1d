"""Manners over real sockets: how many at once, how far apart, and pauses that were asked for."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import pytest

from monitor.core.model.feed import PollReason
from monitor.core.model.fetch import FetchRequest
from monitor.core.poll.politeness import Manners
from monitor.errors import FetchError
from monitor.fetch.hosts import HostBusy, HostGate
from tests.web import Page, Web


def fetch_all(fetcher, urls: list[str], *, obey_robots: bool = False) -> list[int]:
    with ThreadPoolExecutor(len(urls)) as pool:
        requests = [FetchRequest(url=url, obey_robots=obey_robots) for url in urls]
        return [response.status for response in pool.map(fetcher.fetch, requests)]


def test_starts_at_one_host_are_a_gap_apart(make_fetcher):
    """Whoever asks; as the server itself sees them."""
    with Web({"/": Page()}) as web:
        fetch_all(make_fetcher(host_gap=0.05), [web.url("/")] * 5)
        at = sorted(seen.at for seen in web.requests)
    # The server's clock runs from its own reading: a start may be seen a little late, the next one not.
    assert all(later - earlier > 0.03 for earlier, later in pairwise(at))
    assert at[-1] - at[0] > 0.18


def test_no_more_at_once_than_allowed(make_fetcher):
    """The third waits until one of two is done."""
    with Web({"/": Page(b"x" * 5, drip_s=0.01)}) as web:
        fetch_all(make_fetcher(per_host=2), [web.url("/")] * 6)
        assert web.most_at_once == 2


def test_hosts_do_not_wait_for_each_other(make_fetcher):
    """A long gap at one is nothing to another."""
    with Web({"/": Page()}) as one, Web({"/": Page()}) as two:
        fetcher = make_fetcher(host_gap=30, total_timeout=1)
        assert fetch_all(fetcher, [one.url("/"), two.url("/")]) == [200, 200]


def test_a_queue_that_is_too_long_is_said_at_once(make_fetcher):
    """Nothing is sent, and the error says when the host will be free."""
    with Web({"/": Page()}) as web:
        fetcher = make_fetcher(host_gap=30, total_timeout=1)
        request = FetchRequest(url=web.url("/"), obey_robots=False)
        fetcher.fetch(request)
        with pytest.raises(FetchError) as caught:
            fetcher.fetch(request)
        assert len(web.requests) == 1
    assert (caught.value.reason, caught.value.status) == (PollReason.RATE_LIMITED, None)
    assert 29 < caught.value.retry_after_s <= 30


@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_keeps_everything_from_that_host(make_fetcher, status):
    """Feeds and pages alike, while others go on; other statuses ask for nothing."""
    with (
        Web({"/busy": Page(status=status, headers=(("Retry-After", "300"),)), "/": Page()}) as web,
        Web({"/": Page(status=404, headers=(("Retry-After", "300"),))}) as other,
    ):
        fetcher = make_fetcher()
        assert fetcher.fetch(FetchRequest(url=web.url("/busy"), obey_robots=False)).status == status
        with pytest.raises(FetchError, match="asked for a pause") as caught:
            fetcher.fetch(FetchRequest(url=web.url("/"), obey_robots=False))
        assert [fetcher.fetch(FetchRequest(url=other.url("/"), obey_robots=False)).status for _ in range(2)] == [
            404
        ] * 2
        assert web.paths == ["/busy"]
    assert 299 < caught.value.retry_after_s <= 300


def test_the_crawl_delay_of_robots_txt_is_kept(make_fetcher):
    """It widens the gap for that host."""
    with Web({"/robots.txt": Page(b"User-agent: *\nCrawl-delay: 20\n"), "/": Page()}) as web:
        fetcher = make_fetcher(total_timeout=1)
        fetcher.fetch(FetchRequest(url=web.url("/")))
        with pytest.raises(FetchError, match="has a queue") as caught:
            fetcher.fetch(FetchRequest(url=web.url("/")))
    assert 19 < caught.value.retry_after_s <= 20


def test_waiting_in_the_queue_is_not_counted_as_network_time(make_fetcher):
    """A fetch that waits its turn still has its whole time for the network."""
    with Web({"/": Page()}) as web:
        fetcher = make_fetcher(host_gap=0.1, total_timeout=0.5)
        assert fetch_all(fetcher, [web.url("/")] * 5) == [200] * 5


def test_a_pause_asked_for_meanwhile_reaches_those_who_wait():
    """Their slots were promised before the host spoke."""
    gate = HostGate(usual=Manners(at_once=1, gap_s=0.01), max_wait_s=5)
    with ThreadPoolExecutor(1) as pool:
        with gate.slot("h"):
            waiting = pool.submit(lambda: gate.slot("h").__enter__())
            while not gate.waiting_count("h"):
                pass
            gate.hold_off("h", 600)
        with pytest.raises(HostBusy, match="asked for a pause"):
            waiting.result(timeout=5)


def test_a_slot_is_given_back_when_the_request_fails():
    """Else the host would be blocked for ever."""
    gate = HostGate(usual=Manners(at_once=1, gap_s=0.0), max_wait_s=0.05)
    for _ in range(3):
        with pytest.raises(RuntimeError), gate.slot("h"):
            raise RuntimeError


def test_hosts_of_long_ago_are_forgotten():
    """A year of article hosts does not pile up, and what a host asked for does not get lost."""
    now = [0.0]
    gate = HostGate(usual=Manners(at_once=1, gap_s=1.0), max_wait_s=5, monotonic=lambda: now[0])
    gate.hold_off("asked.example", 3600)
    for number in range(25_000):
        now[0] += 0.01
        with gate.slot(f"h{number}.example"):
            pass
    assert gate.host_count < 20_100
    with pytest.raises(HostBusy), gate.slot("asked.example"):
        pytest.fail("was let in")


def test_a_host_may_have_manners_of_its_own(make_fetcher):
    """Named by itself or by a domain above it; what is left open there holds as for all."""
    hosts = {"localhost": {"at_once": 1, "gap": 0.05}}
    with Web({"/": Page(b"x" * 3, drip_s=0.01)}) as web:
        fetcher = make_fetcher(per_host=3, hosts=hosts)
        fetch_all(fetcher, [web.url("/", host="localhost")] * 3)
        assert web.most_at_once == 1
        web.forget()
        fetch_all(fetcher, [web.url("/")] * 3)
        assert web.most_at_once > 1


@pytest.mark.parametrize(("retry_after", "asked"), [("host", 1), ("route", 2)])
def test_a_429_holds_the_host_or_only_its_route(make_fetcher, retry_after, asked):
    """As configured for that host: some limit each route apart."""
    slow_down = Page(b"later", status=429, headers=(("Retry-After", "60"),))
    with Web({"/a": slow_down, "/b": Page(b"well")}) as web:
        fetcher = make_fetcher(total_timeout=0.5, hosts={"127.0.0.1": {"retry_after": retry_after}})
        assert fetch_all(fetcher, [web.url("/a")]) == [429]
        if retry_after == "route":
            assert fetch_all(fetcher, [web.url("/b")]) == [200]
        else:
            with pytest.raises(FetchError) as caught:
                fetch_all(fetcher, [web.url("/b")])
            assert caught.value.reason is PollReason.RATE_LIMITED
        assert len(web.requests) == asked


def test_a_fetcher_says_when_a_host_may_be_asked_next(make_fetcher):
    """At once, after the gap, or when its pause is over; a URL without a host waits for none."""
    with Web({"/": Page(), "/busy": Page(status=429, headers=(("Retry-After", "300"),))}) as web:
        fetcher = make_fetcher(host_gap=30, total_timeout=1)
        free = fetcher.turn(web.url("/"))
        assert (free.wait_s, free.gap_s) == (0.0, 30.0)
        fetcher.fetch(FetchRequest(url=web.url("/"), obey_robots=False))
        assert 29 < fetcher.turn(web.url("/other")).wait_s <= 30
    with Web({"/busy": Page(status=429, headers=(("Retry-After", "300"),))}) as web:
        fetcher.fetch(FetchRequest(url=web.url("/busy"), obey_robots=False))
        held = fetcher.turn(web.url("/"))
        assert 299 < held.wait_s <= 300
        assert held.host == f"127.0.0.1:{web.port}"
    assert fetcher.turn("no url").wait_s == 0.0


def test_a_host_with_as_many_requests_as_allowed_is_worth_another_look_after_a_gap():
    gate = HostGate(usual=Manners(at_once=1, gap_s=5.0), max_wait_s=5, monotonic=lambda: 100.0)
    assert gate.turn("h") == (0.0, 5.0)
    with gate.slot("h"):
        assert gate.turn("h") == (5.0, 5.0)
