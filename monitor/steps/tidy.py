"""Tidy: what is no longer needed goes, entries stay as tombstones so that nothing old comes back as new."""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog

from monitor.ports import Clock, RetentionStore
from monitor.steps.step import Work

log = structlog.get_logger("tidy")

HOURLY = timedelta(hours=1)


class TidyStep:
    """Once an interval; the first time one interval after the start."""

    name = "tidy"
    threads = 1

    def __init__(
        self,
        *,
        store: RetentionStore,
        clock: Clock,
        polls: timedelta,
        unreported_texts: timedelta,
        every: timedelta = HOURLY,
    ) -> None:
        self._store = store
        self._clock = clock
        self._polls = polls
        self._unreported_texts = unreported_texts
        self._every = every
        self._due_at: datetime = clock.now() + every

    def claim(self, limit: int) -> tuple[Work, ...]:
        """The clean-up, when its time has come."""
        return (self._tidy,) if limit > 0 and self._clock.now() >= self._due_at else ()

    def _tidy(self) -> None:
        now = self._clock.now()
        self._due_at = now + self._every
        done = self._store.tidy(polls_before=now - self._polls, unreported_texts_before=now - self._unreported_texts)
        log.info("tidied", polls=done.polls, texts=done.texts, documents=done.documents)
