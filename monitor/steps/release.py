"""Release: what one unknown outlet said waits for a second origin; when nobody followed, it is told as it stands."""

from __future__ import annotations

from collections.abc import Mapping

import structlog

from monitor.core.model.event import EventType
from monitor.ports import Clock, StoryStore
from monitor.steps.step import Work
from monitor.steps.tell import Teller

log = structlog.get_logger("release")

BATCH = 50  # developments a transaction


class ReleaseStep:
    """Tells held developments whose time is over, marked "single source"."""

    name = "release"
    threads = 1

    def __init__(self, *, store: StoryStore, clock: Clock, events: Mapping[str, EventType], teller: Teller) -> None:
        self._store = store
        self._clock = clock
        self._events = events
        self._teller = teller

    def claim(self, limit: int) -> tuple[Work, ...]:
        """The next batch, when there is one: the transaction itself is the claim."""
        types = tuple(self._events)
        return (self._release,) if limit > 0 and self._store.is_release_due(self._clock.now(), types) else ()

    def _release(self) -> None:
        now = self._clock.now()
        with self._store.grouping() as session:
            for story, development in session.held_developments(now=now, types=tuple(self._events), limit=BATCH):
                told = self._teller.release(session, story, development, self._events[development.type], now)
                log.info("released", development=development.slug, told=told)
