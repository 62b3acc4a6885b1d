"""Traffic: what was asked of each host is written down once a minute, for whoever asks how polite we are."""

from __future__ import annotations

from datetime import datetime, timedelta

from monitor.ports import Clock, Meter, TrafficStore
from monitor.steps.step import Work

MINUTE = timedelta(minutes=1)
KEPT = timedelta(days=90)


class TrafficStep:
    """Once a minute; a process that is killed loses the counts of its last one."""

    name = "traffic"
    threads = 1

    def __init__(self, *, store: TrafficStore, meter: Meter, clock: Clock, every: timedelta = MINUTE) -> None:
        self._store = store
        self._meter = meter
        self._clock = clock
        self._every = every
        self._noted_at: datetime = clock.now()

    def claim(self, limit: int) -> tuple[Work, ...]:
        """The note, when its time has come."""
        return (self.note,) if limit > 0 and self._clock.now() >= self._noted_at + self._every else ()

    def note(self) -> None:
        """Write down what was asked since the last time."""
        now, since = self._clock.now(), self._noted_at
        self._noted_at = now
        self._store.add(self._meter.take_traffic(), since=since, until=now)
        if now.date() != since.date():
            self._store.drop(before=(now - KEPT).date())
