"""Watch: what sources, channels and network have done since the last look is judged, and changes are told."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog

from monitor.core.model.alert import NoticeState
from monitor.core.watch.round import judge_round
from monitor.errors import LeaseLost
from monitor.ports import Clock, WatchStore
from monitor.steps.step import Work

log = structlog.get_logger("watch")

EVERY = timedelta(minutes=10)  # several polls of the busiest source; nothing is told from fewer


class WatchStep:
    """Looks once an interval, over all processes; the first time at once.

    `channels` are all that are configured, `admin_channels` those of them that take notices.
    """

    name = "watch"
    threads = 1

    def __init__(
        self,
        *,
        store: WatchStore,
        clock: Clock,
        channels: Sequence[str],
        admin_channels: Sequence[str],
        every: timedelta = EVERY,
    ) -> None:
        self._store = store
        self._clock = clock
        self._channels = tuple(channels)
        self._admin_channels = tuple(admin_channels)
        self._every = every
        self._due_at: datetime | None = None

    def claim(self, limit: int) -> tuple[Work, ...]:
        """The look, when its time has come."""
        if limit < 1:
            return ()
        if self._due_at is None:
            last = self._store.last_round_at()
            self._due_at = self._clock.now() if last is None else last + self._every
        return (self._look,) if self._clock.now() >= self._due_at else ()

    def _look(self) -> None:
        now = self._clock.now()
        self._due_at = now + self._every
        facts = self._store.read_round(channels=self._channels, now=now)
        outcome = judge_round(facts, now=now)
        for bug in outcome.bugs:
            log.error("bug", source=bug)
        try:
            # Not kept for later when the database refuses: the next look finds the same, and more.
            self._store.record_round(facts, outcome, channels=self._admin_channels, others=self._channels, now=now)
        except LeaseLost:
            log.debug("another process has looked")
            return
        for notice in outcome.notices:
            tell = log.warning if notice.state is NoticeState.STARTED else log.info
            tell(notice.title, condition=notice.kind.value if notice.kind else None, detail=" ".join(notice.lines))
        log.debug("looked", sources=len(facts.sources), changes=len(outcome.changes), norms=len(outcome.norms))
