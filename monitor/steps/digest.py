"""Digest: what was held back, or asked for as a summary, becomes one message when its time has come."""

from __future__ import annotations

from collections.abc import Sequence

import structlog

from monitor.core.alert.digest import digest_of
from monitor.core.model.route import Route
from monitor.ports import Clock, DigestStore
from monitor.steps.step import Work

log = structlog.get_logger("digest")


class DigestStep:
    """One transaction makes the digests of all routes and channels that are due; nothing waiting makes none."""

    name = "digest"
    threads = 1

    def __init__(self, *, store: DigestStore, clock: Clock, routes: Sequence[Route]) -> None:
        self._store = store
        self._clock = clock
        self._routes = {route.name: route for route in routes}

    def claim(self, limit: int) -> tuple[Work, ...]:
        """The digests, when any is due: the transaction itself is the claim."""
        return (self._make,) if limit > 0 and self._store.is_due(self._clock.now()) else ()

    def _make(self) -> None:
        now = self._clock.now()
        made = []
        with self._store.digesting() as session:
            for items in session.due(now):
                digest = digest_of(items, now=now, route=self._routes.get(items[0].route))
                if session.save(digest, items):
                    made.append((digest, items[0].channel))
        for digest, channel in made:
            log.info("digest", key=digest.key, channel=channel, stories=len(digest.lines) + digest.left_off)
