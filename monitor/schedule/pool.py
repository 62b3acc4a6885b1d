"""A step's threads: they claim and work one item after the other while any is due."""

from __future__ import annotations

import threading
import time

import structlog

from monitor.errors import StoreError, StoreUnavailable
from monitor.schedule.health import StoreHealth
from monitor.steps.step import NotWritten, Step, Work

log = structlog.get_logger("schedule")

REWRITE_S = 1.0  # between tries of a write that the database refused
BUG_PAUSES_S = (5.0, 60.0)  # of a step that meets one bug after the other: first, and at most


class StepPool:
    """Runs one step on up to `step.threads` threads, which end with the process."""

    def __init__(self, step: Step, health: StoreHealth, *, rewrite_s: float = REWRITE_S) -> None:
        self.step = step
        self._health = health
        self._rewrite_s = rewrite_s
        self._lock = threading.Lock()
        self._started_at: dict[int, float] = {}  # ticket -> monotonic start of the item in work
        self._tickets = 0
        self._ticked_at = time.monotonic()
        self._is_stopping = False
        self._bugs = 0  # since the last item that went well
        self._paused_until = 0.0
        self.done_count = 0

    def tick(self) -> int:
        """Claim as many due items as there are free threads; how many. Returns without waiting for them."""
        # Taken before the claim: whoever waits for this pool waits for a claim under way, too.
        tickets = self._take_tickets()
        works = self._claim(len(tickets)) if tickets else ()
        self._give_back(tickets[len(works) :])
        for ticket, work in zip(tickets, works, strict=False):
            name = f"{self.step.name}-{ticket}"
            threading.Thread(target=self._run_from, args=(ticket, work), name=name, daemon=True).start()
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
        with self._lock:
            self._is_stopping = True

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

    def _take_tickets(self) -> tuple[int, ...]:
        now = time.monotonic()
        with self._lock:
            is_idle = self._is_stopping or now < self._paused_until
            free = 0 if is_idle else self.step.threads - len(self._started_at)
            tickets = tuple(range(self._tickets + 1, self._tickets + 1 + max(free, 0)))
            self._tickets += len(tickets)
            self._started_at.update(dict.fromkeys(tickets, now))
        return tickets

    def _give_back(self, tickets: tuple[int, ...]) -> None:
        with self._lock:
            for ticket in tickets:
                del self._started_at[ticket]

    def _run_from(self, ticket: int, work: Work) -> None:
        following: Work | None = work
        try:
            while following is not None:
                self._run(ticket, following)
                claimed = () if self._is_stopping or time.monotonic() < self._paused_until else self._claim(1)
                following = claimed[0] if claimed else None
        finally:
            self._give_back((ticket,))

    def _run(self, ticket: int, work: Work) -> None:
        following: Work | None = work
        while following is not None:
            with self._lock:
                self._started_at[ticket] = time.monotonic()
            following = self._left_of(following)
            if following is not None:
                time.sleep(self._rewrite_s)

    def _left_of(self, work: Work) -> Work | None:
        """Do the work; the write that is left of it because the database refuses, None when nothing is."""
        activity = f"{self.step.name}: write"
        try:
            work()
        except NotWritten as refused:
            self._health.bad(activity, refused.error)
            return None if self._health.has_given_up else refused.again
        except StoreUnavailable as error:
            self._health.bad(activity, error)
        except Exception:  # one bad item never stops its step; its lease lapses
            log.exception("bug", step=self.step.name)
            self._pause()
        else:
            self._health.good(activity)
            with self._lock:
                self.done_count += 1
                self._bugs = 0
        return None

    def _claim(self, limit: int) -> tuple[Work, ...]:
        activity = f"{self.step.name}: claim"
        try:
            claimed = self.step.claim(limit)
        except StoreError as error:
            self._health.bad(activity, error)
            return ()
        except Exception:
            log.exception("bug", step=self.step.name)
            self._pause()
            return ()
        self._health.good(activity)
        return claimed

    def _pause(self) -> None:
        """Claim nothing for a while, each time longer: what fails at once would fail and be logged every second.

        Not for a single bug: the next item may be as good as any.
        """
        first_s, most_s = BUG_PAUSES_S
        with self._lock:
            self._bugs += 1
            if self._bugs > 1:
                self._paused_until = time.monotonic() + min(first_s * 2 ** min(self._bugs - 2, 10), most_s)
