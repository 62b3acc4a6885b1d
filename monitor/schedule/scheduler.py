"""APScheduler ticks every step's pool; nothing else in the project imports it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from monitor.schedule.pool import StepPool

TICK_S = 1.0  # a due item waits half of this on average


class Ticker:
    """Ticks pools once a second, each in its own job; late ticks are merged, never skipped."""

    def __init__(self) -> None:
        self._scheduler = BackgroundScheduler(
            # A job store shared between processes runs slots twice; ours lives and dies with this one.
            executors={"default": ThreadPoolExecutor(16)},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
            timezone="UTC",
        )

    def start(self) -> None:
        """Begin ticking."""
        self._scheduler.start()

    def tick_pools(self, pools: Sequence[StepPool]) -> None:
        """From now on tick exactly these pools, one after the other within each second.

        In the order of the pipeline: what one step has written, the next then finds a moment later
        and not a second.
        """
        self._scheduler.remove_all_jobs()
        now = datetime.now(UTC)
        for place, pool in enumerate(pools, 1):
            first_at = now + timedelta(seconds=TICK_S * place / len(pools))
            self._scheduler.add_job(pool.tick, "interval", seconds=TICK_S, start_date=first_at, id=pool.step.name)

    def every(self, seconds: float, work: Callable[[], None]) -> None:
        """Also call `work` at this interval; it survives `tick_pools` only if added after it."""
        self._scheduler.add_job(work, "interval", seconds=seconds)

    def stop(self) -> None:
        """Tick no more; does not wait for a tick in progress."""
        self._scheduler.shutdown(wait=False)
