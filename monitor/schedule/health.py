"""How long the database has been refusing, and when to give up."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

import structlog

from monitor.errors import StoreError

log = structlog.get_logger("schedule")

REMIND_S = 15.0  # between log lines of one activity that goes on being refused


@dataclass
class _Refusal:
    since: float
    last: float
    told: float


class StoreHealth:
    """What the database refuses at present. Thread-safe.

    An activity is one step's claims, or its writes: reading and small writes still work on a full
    disk, so the success of one says nothing of another.
    """

    def __init__(
        self, *, patience_s: float, give_up: Callable[[str], None], monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._patience_s = patience_s
        self._give_up = give_up
        self._monotonic = monotonic
        self._refusals: dict[str, _Refusal] = {}
        self._lock = threading.Lock()
        self._has_given_up = False

    @property
    def is_failing(self) -> bool:
        """Whether the last thing heard of any activity is that it was refused."""
        return bool(self._refusals)

    @property
    def has_given_up(self) -> bool:
        """Whether the patience is over."""
        return self._has_given_up

    def good(self, activity: str) -> None:
        """The database did what was asked."""
        with self._lock:
            ended = self._refusals.pop(activity, None)
        if ended is not None:
            log.info("database works again", activity=activity, after_s=round(self._monotonic() - ended.since))

    def bad(self, activity: str, error: StoreError) -> None:
        """The database refused; after `patience_s` seconds of nothing else from this activity, give up.

        Refusals further apart than that are separate troubles: between them nothing was asked.
        """
        now = self._monotonic()
        with self._lock:
            refusal = self._refusals.get(activity)
            if refusal is None or now - refusal.last > self._patience_s:
                refusal = self._refusals[activity] = _Refusal(since=now, last=now, told=-REMIND_S + now)
            refusal.last = now
            is_news = now - refusal.told >= REMIND_S
            refusal.told = now if is_news else refusal.told
            failing_s = now - refusal.since
            is_over = failing_s >= self._patience_s and not self._has_given_up
            self._has_given_up = self._has_given_up or is_over
        if is_news:
            log.warning("database refuses", activity=activity, error=str(error), for_s=round(failing_s))
        if is_over:
            self._give_up(f"the database has refused for {failing_s:.0f} s: {error}")
