"""Escalate: an alert that nobody acknowledged in time is told to others too, once a story and route."""

from __future__ import annotations

from collections.abc import Sequence

import structlog

from monitor.core.alert.escalate import escalation
from monitor.core.model.route import Route
from monitor.ports import Clock, EscalationStore
from monitor.steps.step import Work

log = structlog.get_logger("escalate")


class EscalateStep:
    """Settles what waited for an acknowledgement, in one transaction a batch."""

    name = "escalate"
    threads = 1

    def __init__(self, *, store: EscalationStore, clock: Clock, routes: Sequence[Route]) -> None:
        self._store = store
        self._clock = clock
        self._routes = {route.name: route for route in routes}

    def claim(self, limit: int) -> tuple[Work, ...]:
        """The next batch, when one is due: the transaction itself is the claim."""
        return (self._settle,) if limit > 0 and self._store.is_due(self._clock.now()) else ()

    def _settle(self) -> None:
        now = self._clock.now()
        with self._store.escalating() as session:
            for waited in session.due(now):
                how, channels = escalation(waited, self._routes.get(waited.route))
                session.settle(waited, how, channels, now=now)
                log.info("escalation", alert=waited.alert_key, outcome=how.value, channels=list(channels))
