"""One gate per host for feeds, pages and robots.txt alike: a few at once, a gap between starts."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from monitor.core.poll.politeness import (
    HostLedger,
    Manners,
    held_off,
    manners_for,
    reserve_slot,
    with_crawl_delay,
)

_PRUNE_ABOVE = 20_000


class HostBusy(Exception):
    """The host's next free start is too far away; `wait_s` says how far."""

    def __init__(self, host: str, wait_s: float, *, held: bool) -> None:
        why = "asked for a pause" if held else "has a queue of requests"
        super().__init__(f"{host} {why}: free in {wait_s:.1f} s")
        self.wait_s = wait_s


@dataclass
class _Host:
    manners: Manners
    ledger: HostLedger = field(default_factory=HostLedger)
    active: int = 0
    waiting: int = 0
    free_at: float = -math.inf


class HostGate:
    """Hands out starts per host, in order of asking. Thread-safe."""

    def __init__(
        self,
        *,
        usual: Manners,
        special: Mapping[str, Manners] | None = None,
        max_wait_s: float,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """`special` manners are by host name, or by a domain above it."""
        self._usual = usual
        self._special = dict(special or {})
        self._max_wait_s = max_wait_s
        self._monotonic = monotonic
        self._hosts: dict[str, _Host] = {}
        self._changed = threading.Condition()

    @contextmanager
    def slot(self, host: str) -> Iterator[float]:
        """One request's time with a host; gives the seconds waited for it.

        Raises:
            HostBusy: it would take longer than the gate's bound.
        """
        asked_at = self._monotonic()
        entry = self._enter(host, asked_at)
        try:
            yield self._monotonic() - asked_at
        finally:
            with self._changed:
                entry.active -= 1
                self._changed.notify_all()

    def turn(self, host: str) -> tuple[float, float]:
        """Seconds until a request to this host could start, as it looks now, and the gap between starts there.

        Nothing is promised: who wants to be sure asks for a slot.
        """
        with self._changed:
            entry = self._hosts.get(host)
            if entry is None:
                return 0.0, self._manners(host).gap_s
            gap_s = max(entry.manners.gap_s, entry.ledger.gap_s)
            free_at = max(entry.free_at, entry.ledger.next_start_at, entry.ledger.held_until)
            wait_s = max(free_at - self._monotonic(), 0.0)
            # When requests will end nobody knows: worth another look after a gap.
            is_full = entry.active + entry.waiting >= entry.manners.at_once
            return (max(wait_s, gap_s) if is_full else wait_s), gap_s

    @property
    def host_count(self) -> int:
        """How many hosts are remembered."""
        with self._changed:
            return len(self._hosts)

    def waiting_count(self, host: str) -> int:
        """How many requests wait for this host just now."""
        with self._changed:
            return self._hosts[host].waiting if host in self._hosts else 0

    def hold_off(self, host: str, retry_after_s: float) -> None:
        """Start nothing more at this host for a while: it asked so, and is one that means all of it."""
        with self._changed:
            entry = self._host(host)
            if not entry.manners.pauses_whole:
                return
            entry.ledger = held_off(entry.ledger, now=self._monotonic(), retry_after_s=retry_after_s)
            self._changed.notify_all()  # for those who wait: their slots were promised before

    def set_crawl_delay(self, host: str, delay_s: float | None) -> None:
        """Keep the gap that the host's robots.txt asks for, where it is wider than ours."""
        with self._changed:
            entry = self._host(host)
            entry.ledger = with_crawl_delay(entry.ledger, delay_s=delay_s)

    def _enter(self, host: str, asked_at: float) -> _Host:
        with self._changed:
            entry = self._host(host)
            held = entry.ledger.held_until > asked_at
            gap_s = entry.manners.gap_s
            slot = reserve_slot(entry.ledger, now=asked_at, gap_s=gap_s, max_wait_s=self._max_wait_s)
            if slot.start_at is None:
                raise HostBusy(host, slot.wait_s, held=held)
            entry.ledger = slot.ledger
            entry.waiting += 1
            try:
                self._wait_for_start(host, entry, slot.start_at, asked_at + self._max_wait_s)
            finally:
                entry.waiting -= 1
            entry.active += 1
            entry.free_at = self._monotonic() + max(gap_s, entry.ledger.gap_s)
            return entry

    def _wait_for_start(self, host: str, entry: _Host, start_at: float, give_up_at: float) -> None:
        while True:
            now = self._monotonic()
            if entry.ledger.held_until > give_up_at:  # a pause asked for while this request waited
                raise HostBusy(host, entry.ledger.held_until - now, held=True)
            # Requests that outlast the gap push starts behind their slots: keep those apart, too.
            pause_s = max(start_at, entry.free_at, entry.ledger.held_until) - now
            if pause_s <= 0 and entry.active < entry.manners.at_once:
                return
            if now >= give_up_at:
                raise HostBusy(host, entry.manners.gap_s, held=False)
            self._changed.wait(min(pause_s, give_up_at - now) if pause_s > 0 else give_up_at - now)

    def _host(self, host: str) -> _Host:
        if len(self._hosts) > _PRUNE_ABOVE:
            self._prune()
        if host not in self._hosts:
            self._hosts[host] = _Host(manners=self._manners(host))
        return self._hosts[host]

    def _manners(self, gate: str) -> Manners:
        return manners_for(gate.partition(":")[0], self._special, self._usual) if self._special else self._usual

    def _prune(self) -> None:
        """Forget hosts with nothing to remember, so that a year of article hosts does not pile up."""
        now = self._monotonic()
        self._hosts = {
            name: host
            for name, host in self._hosts.items()
            if host.active
            or host.waiting
            or host.ledger.gap_s
            or max(host.ledger.next_start_at, host.ledger.held_until) > now
        }
