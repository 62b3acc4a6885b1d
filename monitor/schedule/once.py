"""Every step worked until nothing is left: `monitor run --once`, and the tests."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from monitor.errors import StoreUnavailable
from monitor.schedule.health import StoreHealth
from monitor.schedule.pool import StepPool
from monitor.steps.step import Step

PATIENCE_S = 30.0  # a locked database usually frees itself within a statement's time limit
PAUSE_S = 0.5


def work_all(
    steps: Sequence[Step],
    *,
    has_retries: Callable[[], bool],
    linger_s: float,
    on_progress: Callable[[str, int], None] = lambda step, count: None,
) -> None:
    """Work the steps in their order, again and again, until none finds anything due.

    Items that wait for another try (`has_retries`) are waited for up to `linger_s` seconds.

    Raises:
        StoreUnavailable: the database refused for PATIENCE_S.
    """
    failures: list[str] = []
    health = StoreHealth(patience_s=PATIENCE_S, give_up=failures.append)
    pools = [StepPool(step, health) for step in steps]
    deadline = time.monotonic() + linger_s
    try:
        while True:
            done = 0
            for pool in pools:
                done += pool.drain()
                on_progress(pool.step.name, pool.done_count)
            if failures:
                raise StoreUnavailable(failures[0])
            if health.is_failing or (not done and has_retries() and time.monotonic() < deadline):
                time.sleep(PAUSE_S)
            elif not done:
                return
    finally:
        for pool in pools:
            pool.stop()
