"""What was asked of each host: counted where requests start, so that politeness can be shown and not only meant."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from monitor.core.model.fetch import FetchPurpose
from monitor.core.model.traffic import HostTraffic

_REFUSALS = frozenset((401, 403, 429, 451, 503))


@dataclass
class Exchange:
    """One request under way; whoever makes it says what came of it. `status` None is no answer."""

    status: int | None = None
    conditional: bool = False
    body_bytes: int = 0


@dataclass
class _Host:
    since_last: HostTraffic
    last_start: float | None = None
    active: int = 0


class TrafficMeter:
    """Counts per host since they were last taken. Thread-safe."""

    def __init__(self, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._hosts: dict[str, _Host] = {}
        self._lock = threading.Lock()

    @contextmanager
    def request(self, host: str, purpose: FetchPurpose) -> Iterator[Exchange]:
        """One request's time at a host; the meter takes note of its start, its end and what the caller says of it."""
        exchange = Exchange()
        self._start(host)
        try:
            yield exchange
        finally:
            self._end(host, purpose, exchange)

    def refused_by_robots(self, host: str) -> None:
        """A request was not made because robots.txt forbids it."""
        with self._lock:
            entry = self._host(host)
            entry.since_last = replace(entry.since_last, robots_refused=entry.since_last.robots_refused + 1)

    def take(self) -> tuple[HostTraffic, ...]:
        """The counts since the last call, of hosts that have any; they start again at nothing."""
        with self._lock:
            taken = tuple(entry.since_last for entry in self._hosts.values() if not entry.since_last.is_empty)
            now = self._monotonic()
            for name, entry in list(self._hosts.items()):
                entry.since_last = HostTraffic(host=name)
                # The last start is kept for the gap to the next; an hour's silence needs no gap shown.
                if not entry.active and (entry.last_start is None or now - entry.last_start > 3600):
                    del self._hosts[name]
        return taken

    def _start(self, host: str) -> None:
        now = self._monotonic()
        with self._lock:
            entry = self._host(host)
            entry.active += 1
            gap_s = None if entry.last_start is None else now - entry.last_start
            entry.last_start = now
            counts = entry.since_last
            gaps = [gap for gap in (counts.least_gap_s, gap_s) if gap is not None]
            entry.since_last = replace(
                counts,
                requests=counts.requests + 1,
                most_at_once=max(counts.most_at_once, entry.active),
                least_gap_s=min(gaps, default=None),
            )

    def _end(self, host: str, purpose: FetchPurpose, exchange: Exchange) -> None:
        status = exchange.status
        with self._lock:
            entry = self._host(host)
            entry.active -= 1
            counts = entry.since_last
            entry.since_last = replace(
                counts,
                for_feeds=counts.for_feeds + (purpose is FetchPurpose.FEED),
                for_pages=counts.for_pages + (purpose is FetchPurpose.PAGE),
                for_robots=counts.for_robots + (purpose is FetchPurpose.ROBOTS),
                conditional=counts.conditional + exchange.conditional,
                not_modified=counts.not_modified + (status == 304),
                refused=counts.refused + (status in _REFUSALS),
                unanswered=counts.unanswered + (status is None),
                body_bytes=counts.body_bytes + exchange.body_bytes,
            )

    def _host(self, host: str) -> _Host:
        return self._hosts.setdefault(host, _Host(since_last=HostTraffic(host=host)))
