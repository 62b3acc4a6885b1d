"""Feeds in line for their hosts: no thread waits, no host keeps the others waiting."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from urllib.parse import urlsplit

from monitor.core.model.feed import Feed, FeedState
from monitor.core.model.fetch import FetchRequest, FetchResponse
from monitor.ports import ClaimedFeed, HostTurn, Lease
from monitor.steps.line import LONGEST_WAIT_S, HostLine
from tests.builders import NOON

GAP_S = 1.0


class Hosts:
    """Fetcher and clock: hosts are free unless `busy_until` says otherwise."""

    def __init__(self) -> None:
        self.now = 100.0
        self.busy_until: dict[str, float] = {}

    def turn(self, url: str) -> HostTurn:
        host = urlsplit(url).hostname or ""
        return HostTurn(host=host, wait_s=max(self.busy_until.get(host, 0.0) - self.now, 0.0), gap_s=GAP_S)

    def fetch(self, request: FetchRequest) -> FetchResponse:
        raise NotImplementedError

    def ask(self, claims: list[ClaimedFeed]) -> list[str]:
        """Start a request for each, as a gate would note it; their paths."""
        for claim in claims:
            self.busy_until[urlsplit(claim.feed.url).hostname or ""] = self.now + GAP_S
        return [urlsplit(claim.feed.url).path for claim in claims]


def line_of(hosts: Hosts) -> HostLine:
    return HostLine(fetcher=hosts, asked_url=lambda claim: claim.feed.url, monotonic=lambda: hosts.now)


def feeds(host: str, count: int, *, first: int = 0) -> list[ClaimedFeed]:
    return [
        ClaimedFeed(
            lease=Lease(row_id=number, fence=1, until=NOON + timedelta(minutes=5)),
            feed=Feed(id=number, name=f"{host} {number}", url=f"https://{host}/{number}"),
            state=FeedState(),
        )
        for number in range(first, first + count)
    ]


def test_a_host_is_asked_once_a_gap_and_the_others_meanwhile() -> None:
    hosts = Hosts()
    line = line_of(hosts)
    line.add([*feeds("many.example", 3), *feeds("one.example", 1, first=10)])
    assert hosts.ask(line.take(10)) == ["/0", "/10"]
    assert line.take(10) == []
    assert line.next_look_s() == GAP_S
    hosts.now += GAP_S
    assert hosts.ask(line.take(10)) == ["/1"]
    assert line.waiting_count == 1


def test_hosts_take_turns_when_threads_are_few() -> None:
    """The host that has stood longest goes first, whoever has more feeds."""
    hosts = Hosts()
    line = line_of(hosts)
    line.add([*feeds("a.example", 3), *feeds("b.example", 3, first=10), *feeds("c.example", 1, first=20)])
    asked = []
    for _ in range(7):
        asked += hosts.ask(line.take(1))
        hosts.now += GAP_S
    assert asked == ["/0", "/10", "/20", "/1", "/11", "/2", "/12"]


def test_a_queue_that_is_too_long_comes_back_one_by_one() -> None:
    """Those at its end are given back, each to return when its turn is near."""
    hosts = Hosts()
    line = line_of(hosts)
    line.add(feeds("many.example", 50))
    away = line.sent_away()
    assert line.waiting_count + len(away) == 50
    waits = [wait_s for _, wait_s in away]
    assert waits == sorted(waits)
    assert all(later - earlier == GAP_S for earlier, later in pairwise(waits))
    assert 0 < waits[0] < LONGEST_WAIT_S
    assert line.sent_away() == []


def test_a_host_that_asked_for_a_pause_gets_no_line() -> None:
    hosts = Hosts()
    hosts.busy_until["busy.example"] = hosts.now + 600
    line = line_of(hosts)
    line.add(feeds("busy.example", 2))
    assert line.waiting_count == 0
    assert [wait_s for _, wait_s in line.sent_away()] == [590.0, 591.0]


def test_a_pause_asked_for_meanwhile_sends_those_in_line_away() -> None:
    hosts = Hosts()
    line = line_of(hosts)
    line.add([*feeds("busy.example", 3), *feeds("good.example", 1, first=10)])
    hosts.ask(line.take(2))
    hosts.now += GAP_S
    hosts.busy_until["busy.example"] = hosts.now + 600
    assert line.take(10) == []
    assert [claim.feed.id for claim, _ in line.sent_away()] == [1, 2]
    assert line.next_look_s() is None


def test_a_line_that_is_dissolved_sends_everyone_away_to_come_back_at_once() -> None:
    hosts = Hosts()
    line = line_of(hosts)
    line.add(feeds("many.example", 3))
    line.dissolve()
    assert [(claim.feed.id, wait_s) for claim, wait_s in line.sent_away()] == [(0, 0.0), (1, 0.0), (2, 0.0)]
    assert line.waiting_count == 0
