"""The daemon: pools ticked until a signal says stop, reloaded when one says so, watched by their progress."""

from __future__ import annotations

import queue
import signal
import time
from collections.abc import Callable, Sequence
from types import FrameType

import structlog

from monitor.errors import MonitorError
from monitor.ops.notify import Notifier
from monitor.schedule.pool import StepPool, StoreHealth
from monitor.schedule.scheduler import Ticker
from monitor.steps.step import Step

log = structlog.get_logger("daemon")

DRAIN_S = 8.0  # of the 10 s within which a stop must be done
STORE_PATIENCE_S = 120.0
STALL_S = 150.0  # above the longest item: waiting for a host's turn, a fetch and a parse at their limits
STATUS_EVERY_S = 30.0

Reload = Callable[[], Sequence[Step]]
"""Gives the steps of the configuration as it now stands; raises MonitorError when it cannot be used."""


class Daemon:
    """Runs steps until SIGTERM or SIGINT."""

    def __init__(self, *, notifier: Notifier, reload: Reload) -> None:
        self._notifier = notifier
        self._reload = reload
        self._ticker = Ticker()
        self._pools: list[StepPool] = []
        self._retired: list[StepPool] = []
        self._wishes: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._failure: str | None = None
        self._health = StoreHealth(patience_s=STORE_PATIENCE_S, give_up=self._give_up)
        watchdog_s = notifier.watchdog_s
        self._stall_s = min(STALL_S, watchdog_s * 0.8) if watchdog_s else STALL_S

    def run(self, steps: Sequence[Step]) -> str | None:
        """Run until told to stop; why it had to give up, or None after an orderly stop."""
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._on_signal)
        self._begin(steps)
        self._ticker.start()
        self._notifier.ready(self._status())
        log.info("ready", status=self._status())
        while True:
            wish = self._wishes.get()
            if wish == "reload":
                self._take_new_configuration()
            else:
                break
        self._stop()
        return self._failure

    def _begin(self, steps: Sequence[Step]) -> None:
        self._pools = [StepPool(step, self._health) for step in steps]
        self._ticker.tick_pools(self._pools)
        beat_s = min(STATUS_EVERY_S, (self._notifier.watchdog_s or 90.0) / 3)
        self._ticker.every(beat_s, self._beat)

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        del frame
        self._wishes.put("reload" if number == signal.SIGHUP else "stop")

    def _give_up(self, why: str) -> None:
        self._failure = why
        self._wishes.put("stop")

    def _take_new_configuration(self) -> None:
        self._notifier.reloading(time.monotonic_ns() // 1000)
        try:
            steps = self._reload()
        except MonitorError as error:
            log.error("reload refused, the old configuration stays in force", problems=str(error).splitlines())
            self._notifier.ready(f"{self._status()}; reload refused, see the log")
            return
        self._retired = [pool for pool in (*self._retired, *self._pools) if not pool.wait(0)]
        for pool in self._pools:
            pool.stop()
        self._begin(steps)
        log.info("reloaded", status=self._status())
        self._notifier.ready(self._status())

    def _status(self) -> str:
        return "finished so far: " + ", ".join(f"{pool.done_count} {pool.step.name}" for pool in self._pools)

    def _beat(self) -> None:
        stalled = [
            (pool.step.name, round(pool.stalled_s()))
            for pool in (*self._pools, *self._retired)
            if pool.stalled_s() > self._stall_s
        ]
        if stalled:
            # No sign of life: the service manager ends and restarts us.
            log.error("stalled", steps=stalled)
            return
        self._notifier.alive()
        self._notifier.status(self._status())

    def _stop(self) -> None:
        log.info("stopping", why=self._failure or "asked to")
        self._notifier.stopping()
        self._ticker.stop()
        pools = (*self._pools, *self._retired)
        for pool in pools:
            pool.stop()
        deadline = time.monotonic() + DRAIN_S
        unfinished = sum(not pool.wait(max(0.0, deadline - time.monotonic())) for pool in pools)
        in_work = sum(pool.in_work_count for pool in pools)
        if unfinished:
            log.warning("left unfinished, taken up again at the next start", items=in_work)
        log.info("stopped")
