"""A step's threads: nothing claimed is dropped, nothing done is done again."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial

from monitor.errors import StoreError, StoreUnavailable
from monitor.schedule.health import StoreHealth
from monitor.schedule.pool import StepPool
from monitor.steps.step import Work, write_result


class Items:
    """A step that hands out the given works, each once."""

    name = "items"

    def __init__(self, *works: Work, threads: int = 2, before_claim: Callable[[], None] = lambda: None) -> None:
        self.threads = threads
        self.claims = 0
        self._works = list(works)
        self._before_claim = before_claim
        self._lock = threading.Lock()

    def claim(self, limit: int) -> tuple[Work, ...]:
        self._before_claim()
        with self._lock:
            self.claims += 1
            taken, self._works = self._works[:limit], self._works[limit:]
        return tuple(taken)


def health(given_up: list[str] | None = None, *, patience_s: float = 120) -> StoreHealth:
    return StoreHealth(patience_s=patience_s, give_up=(given_up if given_up is not None else []).append)


def refused(times: int, log: list[str]) -> Work:
    """A write that the database refuses so often; `log` gets every try."""
    left = iter(range(times))

    def write() -> None:
        log.append("tried")
        if next(left, None) is not None:
            raise StoreUnavailable("locked")

    return write


def test_a_refused_write_is_tried_again_and_its_item_is_not() -> None:
    """The message that was sent is not sent again because its receipt could not be written."""
    sent: list[str] = []
    writes: list[str] = []

    def deliver(write: Work) -> None:
        sent.append("message")
        write_result(write)

    pool = StepPool(Items(partial(deliver, refused(3, writes))), health(), rewrite_s=0)
    assert pool.drain() == 1
    assert sent == ["message"]
    assert len(writes) == 4


def test_a_refused_write_is_dropped_when_the_patience_is_over() -> None:
    """The daemon is on its way out; the item is taken up at the next start."""
    given_up: list[str] = []
    pool = StepPool(
        Items(partial(write_result, refused(1000, []))),
        health(given_up, patience_s=0),
        rewrite_s=0,
    )
    assert pool.drain() == 0
    assert len(given_up) == 1


def test_an_item_claimed_while_the_pool_is_stopped_is_still_worked() -> None:
    """A reload retires a pool in the middle of its claim: the claim is in work until it is done."""
    done: list[str] = []
    step = Items(partial(done.append, "item"))
    pool = StepPool(step, health())
    in_work: list[int] = []

    def stop() -> None:
        pool.stop()
        in_work.append(pool.in_work_count)

    step._before_claim = stop
    pool.tick()
    assert pool.wait(10)
    assert in_work == [2]  # both free threads were promised to the claim
    assert done == ["item"]
    assert pool.tick() == 0


def test_a_bug_costs_its_item_only() -> None:
    done: list[str] = []

    def fail() -> None:
        raise ZeroDivisionError

    pool = StepPool(Items(fail, partial(done.append, "next"), threads=1), health())
    pool.drain()
    assert done == ["next"]


def test_a_step_whose_every_item_is_a_bug_pauses() -> None:
    """What fails at once must not fail, and be logged with its traceback, every second."""

    def fail() -> None:
        raise ZeroDivisionError

    step = Items(*[fail] * 50, threads=1)
    pool = StepPool(step, health())
    pool.drain()
    assert step.claims <= 3


def test_a_claim_that_fails_counts_against_the_database() -> None:
    """A table that somebody dropped must stop the daemon with a word, not fill its log for ever."""
    given_up: list[str] = []

    def broken() -> None:
        raise StoreError("no such table: entries")

    pool = StepPool(Items(before_claim=broken), health(given_up, patience_s=0))
    assert pool.tick() == 0
    assert given_up == ["the database has refused for 0 s: no such table: entries"]
    assert pool.wait(10)
