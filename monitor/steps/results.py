"""Finished polls that wait to be written together."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from functools import partial

import structlog

from monitor.errors import StoreUnavailable
from monitor.ports import ClaimedFeed, PollResult, PollWritten
from monitor.steps.step import Work, write_result

log = structlog.get_logger("poll")

BATCH = 100
"""Results a transaction; with all their entries new, the one writer's turn stays under about a second."""

Polled = tuple[ClaimedFeed, PollResult]


class PollResults:
    """Results in the order they came. Thread-safe.

    What is lost with the process costs a poll each: the leases lapse, and the feeds are asked again.
    """

    def __init__(
        self,
        *,
        record: Callable[[Sequence[Polled]], Sequence[PollWritten | None]],
        tell: Callable[[Polled, PollWritten], None],
    ) -> None:
        """`record` writes a batch; `tell` hears of every poll that was written."""
        self._record = record
        self._tell = tell
        self._waiting: list[Polled] = []
        self._lock = threading.Lock()

    def add(self, claim: ClaimedFeed, result: PollResult) -> None:
        """Let a result wait for its batch."""
        with self._lock:
            self._waiting.append((claim, result))

    def settle(self, *, at_once: bool) -> Work | None:
        """The write of what waits, None when it is not worth a transaction yet (see `BatchStep.settle`)."""
        with self._lock:
            if not self._waiting or not (at_once or len(self._waiting) >= BATCH):
                return None
            batch, self._waiting = self._waiting, []
        return partial(write_result, partial(self._write, batch))

    def _write(self, batch: list[Polled]) -> None:
        try:
            written = self._record(batch)
        except StoreUnavailable:
            raise
        except Exception:
            if len(batch) == 1:
                raise
            # One bad result must not take the others with it.
            while batch:
                self._write_alone(batch[0])
                del batch[0]
            return
        for polled, each in zip(batch, written, strict=True):
            if each is None:
                log.warning("lease lost", feed=polled[0].feed.name)
            else:
                self._tell(polled, each)

    def _write_alone(self, polled: Polled) -> None:
        try:
            self._write([polled])
        except StoreUnavailable:
            raise
        except Exception:
            log.exception("bug", feed=polled[0].feed.name, url=polled[0].feed.url)
