"""Steps whose results are written together: nothing waits for ever, nothing is worked twice."""

from __future__ import annotations

import threading
from functools import partial

from monitor.errors import StoreUnavailable
from monitor.schedule.health import StoreHealth
from monitor.schedule.pool import StepPool
from monitor.steps.step import Work, write_result

FULL = 5


class Batches:
    """A step that hands out the given items; each leaves its number, and numbers are written together."""

    name = "batches"

    def __init__(self, count: int, *, threads: int = 2) -> None:
        self.threads = threads
        self.batches: list[list[int]] = []
        self.worked: list[int] = []
        self.refusals = 0
        self.slow: dict[int, threading.Event] = {}
        self.is_retired = False
        self._items = list(range(count))
        self._waiting: list[int] = []
        self._lock = threading.Lock()

    def claim(self, limit: int) -> tuple[Work, ...]:
        with self._lock:
            taken, self._items = self._items[:limit], self._items[limit:]
        return tuple(partial(self._work, number) for number in taken)

    def resume(self) -> None:
        self.is_retired = False

    def refresh(self) -> None: ...

    def settle(self, *, at_once: bool) -> Work | None:
        with self._lock:
            if not self._waiting or not (at_once or len(self._waiting) >= FULL):
                return None
            batch, self._waiting = self._waiting, []
        return partial(write_result, partial(self._write, batch))

    def retire(self) -> Work | None:
        self.is_retired = True
        return self.settle(at_once=True)

    def next_turn_s(self) -> float | None:
        return None

    @property
    def written(self) -> list[int]:
        return sorted(number for batch in self.batches for number in batch)

    def _work(self, number: int) -> None:
        if number in self.slow:
            assert self.slow[number].wait(30)
        with self._lock:
            self.worked.append(number)
            self._waiting.append(number)

    def _write(self, batch: list[int]) -> None:
        if self.refusals:
            self.refusals -= 1
            raise StoreUnavailable("locked")
        self.batches.append(batch)


def health(*, patience_s: float = 120.0, given_up: list[str] | None = None) -> StoreHealth:
    return StoreHealth(patience_s=patience_s, give_up=(given_up if given_up is not None else []).append)


def test_results_are_written_when_the_last_item_is_done() -> None:
    """Few at a time in one batch, many in full ones; `drain` counts items, not writes."""
    step = Batches(3, threads=1)
    assert StepPool(step, health()).drain() == 3
    assert step.batches == [[0, 1, 2]]
    step = Batches(12, threads=1)
    assert StepPool(step, health()).drain() == 12
    assert [len(batch) for batch in step.batches] == [FULL, FULL, 2]


def test_a_slow_item_does_not_keep_the_others_results() -> None:
    """The next tick writes what is there."""
    step = Batches(3, threads=2)
    step.slow[0] = threading.Event()
    pool = StepPool(step, health())
    pool.tick()
    while len(step.worked) < 2:
        pass
    while step.written != [1, 2]:
        pool.tick()
    step.slow[0].set()
    assert pool.wait(30)
    assert step.written == [0, 1, 2]


def test_a_refused_batch_is_written_again_and_nothing_is_worked_twice() -> None:
    """What was fetched is not fetched again because nobody could note it down."""
    step = Batches(4)
    step.refusals = 3
    assert StepPool(step, health(), rewrite_s=0).drain() == 4
    assert sorted(step.worked) == step.written == [0, 1, 2, 3]


def test_good_items_do_not_hide_that_the_database_refuses_their_results() -> None:
    """Fetching goes well while nothing can be written: the patience must still end."""
    given_up: list[str] = []
    step = Batches(50, threads=1)
    step.refusals = 1000
    StepPool(step, health(patience_s=0.0, given_up=given_up), rewrite_s=0).drain()
    assert len(given_up) == 1


def test_a_stop_writes_what_waits_and_what_is_still_in_work() -> None:
    """An orderly stop costs nobody a poll."""
    step = Batches(2, threads=2)
    step.slow[0] = threading.Event()
    pool = StepPool(step, health())
    pool.tick()
    while not step.worked:
        pass
    pool.stop()
    while step.written != [1]:
        pass
    step.slow[0].set()
    assert pool.wait(30)
    assert step.written == [0, 1]
    assert step.is_retired


def test_threads_wait_for_the_next_item() -> None:
    """A thread that is free takes what comes; none is started for it."""
    step = Batches(0, threads=4)
    pool = StepPool(step, health())
    seen: set[int] = set()
    for _ in range(20):
        step._items = [0]
        step._work = lambda number: seen.add(threading.get_ident())  # type: ignore[method-assign]
        pool.drain()
    assert len(seen) <= 2
