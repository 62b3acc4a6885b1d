"""Counts of requests, by host and day."""

from __future__ import annotations

from datetime import date, timedelta

from monitor.core.model.traffic import HostTraffic
from monitor.store.database import SqlStore
from tests.store.arrange import DAY, MINUTE, NOON

A = HostTraffic(
    host="a.example", requests=3, for_feeds=2, conditional=2, not_modified=1, least_gap_s=4.0, most_at_once=1
)


def add(store: SqlStore, *traffic: HostTraffic, after: timedelta = timedelta()) -> None:
    store.traffic.add(traffic, since=NOON + after - MINUTE, until=NOON + after)


def test_counts_of_one_day_add_up(store: SqlStore) -> None:
    """The least gap and the most at once are those of the day, also where the first minute had none."""
    add(store, HostTraffic(host="a.example", requests=1, body_bytes=3_000_000_000, most_at_once=2))
    add(store, A, after=MINUTE)
    add(store, HostTraffic(host="a.example", requests=1, least_gap_s=9.0), after=2 * MINUTE)
    (span,) = store.traffic.spans(since=NOON.date())
    assert (span.since, span.until) == (NOON - MINUTE, NOON + 2 * MINUTE)
    assert span.traffic == HostTraffic(
        host="a.example",
        requests=5,
        for_feeds=2,
        conditional=2,
        not_modified=1,
        body_bytes=3_000_000_000,
        least_gap_s=4.0,
        most_at_once=2,
    )


def test_days_and_hosts_are_apart_and_old_days_go(store: SqlStore) -> None:
    """A day is one of UTC, that of the note."""
    add(store, A, HostTraffic(host="b.example", requests=1))
    add(store, A, after=DAY)
    assert [span.traffic.host for span in store.traffic.spans(since=date(2020, 1, 1))] == ["a.example"] * 2 + [
        "b.example"
    ]
    assert len(store.traffic.spans(since=(NOON + DAY).date())) == 1
    assert store.traffic.drop(before=(NOON + DAY).date()) == 2
    assert len(store.traffic.spans(since=date(2020, 1, 1))) == 1


def test_nothing_asked_writes_nothing(store: SqlStore) -> None:
    """Not even a transaction."""
    add(store)
    assert store.traffic.spans(since=date(2020, 1, 1)) == ()
