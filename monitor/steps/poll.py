"""Poll: due feeds are asked in turn with their hosts, and what they hold is stored once, many polls at a time."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from functools import partial

import structlog

from monitor.core.model.feed import PollReason
from monitor.core.poll.moved import asked_url
from monitor.ports import ClaimedFeed, Clock, FeedStore, Fetcher, PollWritten, Workers
from monitor.steps.ask import FeedAsker, PollLimits
from monitor.steps.line import HostLine
from monitor.steps.results import Polled, PollResults
from monitor.steps.step import Work, write_result

log = structlog.get_logger("poll")

LEASE_S = 300.0  # above the longest fetch, parse and wait for a host's turn
_AHEAD = 100  # feeds claimed beyond what threads are free: a claim is a transaction, too
_MOST_WAITING = 1000  # in line for their hosts: so many busy hosts must not keep the others from being seen
_ASK_EVERY_S = 0.2  # after a claim that found no more


class PollStep:
    """Polls feeds, `limits.threads` at once; `seed` as `FeedAsker` takes it."""

    name = "poll"

    def __init__(
        self,
        *,
        store: FeedStore,
        fetcher: Fetcher,
        workers: Workers,
        clock: Clock,
        limits: PollLimits,
        seed: str,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.threads = limits.threads
        self._store = store
        self._clock = clock
        self._asker = FeedAsker(store=store, fetcher=fetcher, workers=workers, clock=clock, limits=limits, seed=seed)
        self._monotonic = monotonic
        self._line = HostLine(
            fetcher=fetcher, asked_url=lambda claim: asked_url(claim.feed, claim.state), monotonic=monotonic
        )
        self._claiming = threading.Lock()
        self._asked_at = -math.inf
        self._is_retired = False
        self._results = PollResults(record=store.record_polls, tell=_log_outcome)

    def claim(self, limit: int) -> tuple[Work, ...]:
        """Feeds whose hosts can be asked now, those that have been due longest first."""
        with self._claiming:
            taken = self._line.take(limit)
            if len(taken) < limit and self._is_worth_asking():
                ahead = limit - len(taken) + _AHEAD
                claims = self._store.claim_due(now=self._clock.now(), limit=ahead, lease_s=LEASE_S)
                self._asked_at = self._monotonic() if len(claims) < ahead else -math.inf
                self._line.add(claims)
                taken += self._line.take(limit - len(taken))
        return tuple(partial(self._poll, claim) for claim in taken)

    def resume(self) -> None:
        """See `BatchStep`."""
        self._is_retired = False

    def refresh(self) -> None:
        """See `BatchStep`."""
        self._asked_at = -math.inf

    def settle(self, *, at_once: bool) -> Work | None:
        """See `BatchStep`."""
        if at_once:
            with self._claiming:
                away = self._line.sent_away()
            if away:
                return partial(write_result, partial(self._put_back, away))
        return self._results.settle(at_once=at_once)

    def retire(self) -> Work | None:
        """See `BatchStep`."""
        with self._claiming:
            self._is_retired = True
            self._line.dissolve()
        return self.settle(at_once=True)

    def next_turn_s(self) -> float | None:
        """See `BatchStep`."""
        with self._claiming:
            return self._line.next_look_s()

    def _is_worth_asking(self) -> bool:
        """Whether more may be due, and may be held."""
        if self._is_retired or self._line.waiting_count >= _MOST_WAITING:
            return False
        return self._monotonic() - self._asked_at >= _ASK_EVERY_S

    def _put_back(self, away: list[tuple[ClaimedFeed, float]]) -> None:
        now = self._clock.now()
        self._store.put_back([(claim, now + timedelta(seconds=wait_s)) for claim, wait_s in away])

    def _poll(self, claim: ClaimedFeed) -> None:
        self._results.add(claim, self._asker.ask(claim))


_UNCHANGED = frozenset({PollReason.NOT_MODIFIED, PollReason.SAME_BODY})
_GOOD = frozenset({PollReason.NEW_ENTRIES, PollReason.NO_NEW_ENTRIES}) | _UNCHANGED


def _log_outcome(polled: Polled, written: PollWritten) -> None:
    feed, result = polled[0].feed, polled[1]
    # Ten thousand feeds answer "unchanged" a million times a day: nobody reads that.
    tell = log.debug if result.reason in _UNCHANGED else log.info if result.reason in _GOOD else log.warning
    took_s = (result.finished_at - result.started_at).total_seconds()
    tell(
        result.reason.value,
        feed=feed.name,
        new=written.new,
        edited=written.edited,
        known=written.known,
        took_s=round(took_s, 2),
        **({"url": feed.url, "detail": result.detail} if result.reason not in _GOOD else {}),
    )
