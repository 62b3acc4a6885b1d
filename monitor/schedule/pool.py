"""A step's threads: they claim and work one item after the other while any is due."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import structlog

from monitor.errors import StoreError, StoreUnavailable
from monitor.steps.step import Step, Work

log = structlog.get_logger("schedule")


class StoreHealth:
    """How long the database has been refusing, over all steps."""

    def __init__(self, *, patience_s: float, give_up: Callable[[str], None]) -> None:
        self._patience_s = patience_s
        self._give_up = give_up
        self._failing_since: float | None = None
        self._lock = threading.Lock()

    @property
    def is_failing(self) -> bool:
        """Whether the last thing heard of the database is that it refused."""
        return self._failing_since is not None

    def good(self) -> None:
        """The database did what was asked."""
        self._failing_since = None

    def bad(self, step: str, error: StoreUnavailable) -> None:
        """The database refused; after `patience_s` seconds of nothing else, give up."""
        with self._lock:
            now = time.monotonic()
            if self._failing_since is None:
                self._failing_since = now
            failing_s = now - self._failing_since
        log.warning("database refuses", step=step, error=str(error), for_s=round(failing_s))
        if failing_s >= self._patience_s:
            self._give_up(f"the database has refused for {failing_s:.0f} s: {error}")


class StepPool:
    """Runs one step on up to `step.threads` threads."""

    def __init__(self, step: Step, health: StoreHealth) -> None:
        self.step = step
        self._health = health
        self._executor = ThreadPoolExecutor(step.threads, thread_name_prefix=step.name)
        self._lock = threading.Lock()
        self._started_at: dict[int, float] = {}  # ticket -> monotonic start of the item in work
        self._tickets = 0
        self._ticked_at = time.monotonic()
        self._is_stopping = False
        self.done_count = 0

    def tick(self) -> int:
        """Claim as many due items as there are free threads; how many. Returns without waiting for them."""
        with self._lock:
            free = self.step.threads - len(self._started_at)
        works = self._claim(free) if free > 0 and not self._is_stopping else ()
        for work in works:
            self._executor.submit(self._run_from, self._take_ticket(), work)
        self._ticked_at = time.monotonic()
        return len(works)

    def drain(self) -> int:
        """Work until nothing is due and every item is finished; how many items were finished."""
        before = self.done_count
        while True:
            claimed = self.tick()
            self.wait(None)
            if not claimed:
                return self.done_count - before

    def wait(self, timeout_s: float | None) -> bool:
        """Wait for the items in work; whether all are finished."""
        deadline = None if timeout_s is None else time.monotonic() + timeout_s
        while self._started_at:
            if deadline is not None and time.monotonic() >= deadline:
                return False
            time.sleep(0.01)
        return True

    def stop(self) -> None:
        """Claim nothing more; items in work go on."""
        self._is_stopping = True
        self._executor.shutdown(wait=False, cancel_futures=False)

    def stalled_s(self) -> float:
        """Seconds since this pool last showed progress: its oldest item's age, or that of its last tick."""
        now = time.monotonic()
        with self._lock:
            oldest = min(self._started_at.values(), default=now)
        return max(now - oldest, now - self._ticked_at if not self._is_stopping else 0.0)

    @property
    def in_work_count(self) -> int:
        """Items being worked now."""
        return len(self._started_at)

    def _take_ticket(self) -> int:
        with self._lock:
            self._tickets += 1
            self._started_at[self._tickets] = time.monotonic()
            return self._tickets

    def _run_from(self, ticket: int, work: Work) -> None:
        following: Work | None = work
        try:
            while following is not None:
                with self._lock:
                    self._started_at[ticket] = time.monotonic()
                self._run(following)
                claimed = () if self._is_stopping else self._claim(1)
                following = claimed[0] if claimed else None
        finally:
            with self._lock:
                del self._started_at[ticket]

    def _run(self, work: Work) -> None:
        try:
            work()
        except StoreUnavailable as error:
            self._health.bad(self.step.name, error)
        except Exception:  # one bad item never stops its step; its lease lapses
            log.exception("bug", step=self.step.name)
        else:
            self._health.good()
            with self._lock:
                self.done_count += 1

    def _claim(self, limit: int) -> tuple[Work, ...]:
        try:
            claimed = self.step.claim(limit)
        except StoreUnavailable as error:
            self._health.bad(self.step.name, error)
            return ()
        except StoreError:
            log.exception("cannot claim", step=self.step.name)
            return ()
        self._health.good()
        return claimed
