"""The daemon: pools ticked until a signal says stop, reloaded when one says so, watched by their progress."""

from __future__ import annotations

import gc
import threading
import time
from collections.abc import Callable, Sequence

import structlog

from monitor.errors import MonitorError
from monitor.ops.notify import Notifier
from monitor.schedule.health import StoreHealth
from monitor.schedule.pool import StepPool
from monitor.schedule.scheduler import Ticker
from monitor.schedule.signals import Wish, Wishes
from monitor.steps.step import Step

log = structlog.get_logger("daemon")

DRAIN_S = 8.0  # of the 10 s within which a stop must be done
STORE_PATIENCE_S = 120.0
STALL_S = 150.0  # above the longest item: waiting for a host's turn, a fetch and a parse at their limits
STATUS_EVERY_S = 30.0

Load = Callable[[], Sequence[Step]]
"""Gives the steps of the configuration as it now stands; raises MonitorError when it cannot be used."""


class Daemon:
    """Loads steps and runs them until `wishes` has a stop."""

    def __init__(self, *, notifier: Notifier, wishes: Wishes, load: Load) -> None:
        self._notifier = notifier
        self._load = load
        self._ticker = Ticker()
        self._pools: list[StepPool] = []
        self._retired: list[StepPool] = []
        self._wishes = wishes
        self._loaded: Sequence[Step] | Exception = ()
        self._is_ready = False
        self._failure: str | None = None
        self._health = StoreHealth(patience_s=STORE_PATIENCE_S, give_up=self._give_up)
        watchdog_s = notifier.watchdog_s
        self._stall_s = min(STALL_S, watchdog_s * 0.8) if watchdog_s else STALL_S

    def run(self) -> str | None:
        """Run until told to stop; why it had to give up, or None after an orderly stop.

        Raises:
            MonitorError: the first configuration cannot be used; later ones are refused.
        """
        wanted, loading = False, True
        self._start_loading()
        while (wish := self._wishes.next()) is not Wish.STOP:
            if wish is Wish.LOADED:
                loading = False
                self._take_what_was_loaded()
            # Loads asked for meanwhile are one: the configuration is read as it stands at its start.
            wanted = wanted or wish is Wish.LOAD
            if wanted and not loading:
                wanted, loading = False, True
                self._notifier.reloading(time.monotonic_ns() // 1000)
                self._start_loading()
        self._stop()
        return self._failure

    def _give_up(self, why: str) -> None:
        self._failure = why
        self._wishes.put(Wish.STOP)

    def _start_loading(self) -> None:
        """Load beside the main thread: a stop must not wait for rules, or for a locked database."""

        def load() -> None:
            try:
                self._loaded = self._load()
            except Exception as error:
                self._loaded = error
            self._wishes.put(Wish.LOADED)

        threading.Thread(target=load, name="load", daemon=True).start()

    def _take_what_was_loaded(self) -> None:
        if not isinstance(self._loaded, Exception):
            self._replace_pools(self._loaded)
            _spare_the_collector()
            if not self._is_ready:
                self._ticker.start()
            log.info("reloaded" if self._is_ready else "ready", status=self._status())
            self._notifier.ready(self._status())
            self._is_ready = True
        elif not self._is_ready:
            raise self._loaded
        else:
            _log_refusal(self._loaded)
            self._notifier.ready(f"{self._status()}; reload refused, see the log")

    def _replace_pools(self, steps: Sequence[Step]) -> None:
        for pool in self._pools:
            pool.stop()
        self._retired = [pool for pool in (*self._retired, *self._pools) if pool.in_work_count]
        self._pools = [StepPool(step, self._health) for step in steps]
        self._ticker.tick_pools(self._pools)
        beat_s = min(STATUS_EVERY_S, (self._notifier.watchdog_s or 90.0) / 3)
        self._ticker.every(beat_s, self._beat)

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
        if self._is_ready:
            self._ticker.stop()
        pools = (*self._pools, *self._retired)
        for pool in pools:
            pool.stop()
        deadline = time.monotonic() + DRAIN_S
        while any(pool.in_work_count for pool in pools):
            if time.monotonic() > deadline or self._wishes.is_urgent:
                in_work = sum(pool.in_work_count for pool in pools)
                log.warning("left unfinished, taken up again at the next start", items=in_work)
                break
            time.sleep(0.01)
        log.info("stopped")


def _spare_the_collector() -> None:
    """Rules and gazetteer are hundreds of thousands of objects that live until the next load.

    Looking through them again and again costs a fifth of what polling costs. What an earlier load
    left is collected first.
    """
    gc.unfreeze()
    gc.collect()
    gc.freeze()


def _log_refusal(error: Exception) -> None:
    message = "reload refused, the old configuration stays in force"
    if isinstance(error, MonitorError):
        log.error(message, problems=str(error).splitlines())
    else:
        log.error(message, exc_info=error)
