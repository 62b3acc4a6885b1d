"""A step's threads: they claim and work one item after the other while any is due."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Iterable
from functools import partial

import structlog

from monitor.errors import StoreError, StoreUnavailable
from monitor.schedule.health import StoreHealth
from monitor.steps.step import BatchStep, NotWritten, Step, Work

log = structlog.get_logger("schedule")

REWRITE_S = 1.0  # between tries of a write that the database refused
BUG_PAUSES_S = (5.0, 60.0)  # of a step that meets one bug after the other: first, and at most


_IDLE_S = 5.0  # a thread waits so long for another item before it ends: starting one costs more than waiting
_LOOK_AGAIN_S = 0.5
_TURN_WAIT_S = 1.0  # a tick, which looks by itself
_SHORTEST_WAIT_S = 0.005


class StepPool:
    """Runs one step on up to `step.threads` threads, which end with the process.

    Of a BatchStep, results are written together: when a batch is full, at every tick, and by the
    thread that finds nobody else at work.
    """

    def __init__(self, step: Step, health: StoreHealth, *, rewrite_s: float = REWRITE_S) -> None:
        self.step = step
        self._batches = step if isinstance(step, BatchStep) else None
        self._health = health
        self._rewrite_s = rewrite_s
        self._lock = threading.Lock()
        self._jobs: queue.SimpleQueue[Work] = queue.SimpleQueue()
        self._idle = 0  # threads that wait for a job, less the jobs that wait for a thread
        self._started_at: dict[int, float] = {}  # ticket -> monotonic start of the item in work
        self._leaving: set[int] = set()  # tickets that will work no further item
        self._tickets = 0
        self._ticked_at = time.monotonic()
        self._is_stopping = False
        self._stopped = threading.Event()
        self._waiting_for_turn = threading.Lock()
        self._bugs = 0  # since the last item that went well
        self._paused_until = 0.0
        self.done_count = 0
        if self._batches is not None:
            self._batches.resume()

    def tick(self) -> int:
        """Claim as many due items as there are free threads; how many. Returns without waiting for them."""
        # Taken before the claim: whoever waits for this pool waits for a claim under way, too.
        tickets = self._take_tickets()
        if self._batches is not None:
            self._batches.refresh()
        works = self._claim(len(tickets)) if tickets else ()
        for ticket, work in zip(tickets, works, strict=False):
            self._hand_out(partial(self._run_from, ticket, work))
        if self._batches is not None and (write := self._batches.settle(at_once=True)) is not None:
            self._hand_out_write(write)
        self._give_back(tickets[len(works) :])
        self._ticked_at = time.monotonic()
        return len(works)

    def drain(self) -> int:
        """Work until nothing is due and every item is finished; how many items were finished."""
        before = self.done_count
        while True:
            claimed = self.tick()
            self.wait(None)
            if claimed:
                continue
            turn_s = None if self._batches is None or self._is_stopping else self._batches.next_turn_s()
            if turn_s is None or self._health.is_failing:
                return self.done_count - before
            time.sleep(min(turn_s, _LOOK_AGAIN_S))

    def wait(self, timeout_s: float | None) -> bool:
        """Wait for the items in work; whether all are finished."""
        deadline = None if timeout_s is None else time.monotonic() + timeout_s
        while self._started_at:
            if deadline is not None and time.monotonic() >= deadline:
                return False
            time.sleep(0.01)
        return True

    def stop(self) -> None:
        """Claim nothing more; items in work go on, and what waits for a write is written."""
        with self._lock:
            self._is_stopping = True
        self._stopped.set()
        if self._batches is not None:
            self._hand_out_write(partial(self._retire, self._batches))

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

    def _give_back(self, tickets: Iterable[int]) -> None:
        with self._lock:
            for ticket in tickets:
                del self._started_at[ticket]
                self._leaving.discard(ticket)

    def _hand_out(self, job: Work) -> None:
        """Have a thread do the job, one that waits for some if there is one."""
        with self._lock:
            self._idle -= 1
            needs_thread = self._idle < 0
            self._idle += needs_thread
        self._jobs.put(job)
        if needs_thread:
            threading.Thread(target=self._serve, name=self.step.name, daemon=True).start()

    def _hand_out_write(self, write: Work) -> None:
        """Have it written under a ticket of its own, beyond the step's threads."""
        with self._lock:
            self._tickets += 1
            ticket = self._tickets
            self._started_at[ticket] = time.monotonic()
            self._leaving.add(ticket)
        self._hand_out(partial(self._write, ticket, write))

    def _serve(self) -> None:
        """A thread's life."""
        while True:
            try:
                job = self._jobs.get(timeout=_IDLE_S)
            except queue.Empty:
                with self._lock:
                    if self._idle <= 0:
                        continue  # something is being handed out, and counts on this thread
                    self._idle -= 1
                return
            job()
            with self._lock:
                self._idle += 1

    def _run_from(self, ticket: int, work: Work) -> None:
        following: Work | None = work
        try:
            while following is not None:
                self._run(ticket, following, is_item=True)
                self._settle(ticket, at_once=self._is_stopping)
                following = self._next() or self._next_in_turn(ticket)
            self._settle(ticket, at_once=self._is_last(ticket))
        finally:
            self._give_back((ticket,))

    def _next(self) -> Work | None:
        claimed = () if self._is_stopping or time.monotonic() < self._paused_until else self._claim(1)
        return claimed[0] if claimed else None

    def _next_in_turn(self, ticket: int) -> Work | None:
        """What was claimed ahead and may be worked before the next tick: one thread waits for it, the others go.

        Ticks alone would give a host one request a second at most, and less when its gap is as long as a tick.
        """
        if self._batches is None or not self._waiting_for_turn.acquire(blocking=False):
            return None
        try:
            # A turn may be put off while one waits for it: other requests to the host came between.
            while (turn_s := self._batches.next_turn_s()) is not None and turn_s <= _TURN_WAIT_S:
                self._stopped.wait(max(turn_s, _SHORTEST_WAIT_S))
                with self._lock:
                    self._started_at[ticket] = time.monotonic()
                following = self._next()
                if following is not None or self._is_stopping or time.monotonic() < self._paused_until:
                    return following
            return None
        finally:
            self._waiting_for_turn.release()

    def _write(self, ticket: int, write: Work) -> None:
        try:
            self._run(ticket, write, is_item=False)
            self._settle(ticket, at_once=True)
        finally:
            self._give_back((ticket,))

    def _retire(self, step: BatchStep) -> None:
        if (write := step.retire()) is not None:
            write()

    def _settle(self, ticket: int, *, at_once: bool) -> None:
        """Write what is worth it."""
        while self._batches is not None and (write := self._batches.settle(at_once=at_once)) is not None:
            self._run(ticket, write, is_item=False)

    def _is_last(self, ticket: int) -> bool:
        """Whether nobody else will work another item; this ticket will not from here on."""
        with self._lock:
            self._leaving.add(ticket)
            return self._started_at.keys() <= self._leaving

    def _run(self, ticket: int, work: Work, *, is_item: bool) -> None:
        following: Work | None = work
        while following is not None:
            with self._lock:
                self._started_at[ticket] = time.monotonic()
            following = self._left_of(following, is_item=is_item)
            if following is not None:
                time.sleep(self._rewrite_s)

    def _left_of(self, work: Work, *, is_item: bool) -> Work | None:
        """Do the work; the write that is left of it because the database refuses, None when nothing is."""
        # An item whose result is written later says nothing of whether the database takes writes.
        activity = f"{self.step.name}: {'work' if is_item and self._batches is not None else 'write'}"
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
                self.done_count += is_item
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
