"""What the daemon makes of wishes; steps and loads are the test's own."""

from __future__ import annotations

import gc
import threading
from collections.abc import Sequence

import pytest

from monitor.errors import ConfigError, ConfigProblem
from monitor.ops.notify import Notifier
from monitor.schedule.daemon import Daemon, Load
from monitor.schedule.signals import Wish, Wishes
from monitor.steps.step import Step

BROKEN = ConfigError((ConfigProblem(file="monitor.yaml", line=3, message="unknown key"),))


class Script:
    """A configuration that takes until `go_on` to load; every load wishes for the next, the last one for a stop."""

    def __init__(self, wishes: Wishes, *outcomes: Exception | None) -> None:
        self._wishes = wishes
        self._outcomes = list(outcomes)
        self.loads = 0
        self.asked = threading.Semaphore(0)
        self.go_on = threading.Semaphore(0)

    def load(self) -> Sequence[Step]:
        self.loads += 1
        self.asked.release()
        assert self.go_on.acquire(timeout=30)
        outcome = self._outcomes.pop(0)
        self._wishes.put(Wish.LOAD if self._outcomes else Wish.STOP)
        if outcome is not None:
            raise outcome
        return ()


def daemon(wishes: Wishes, load: Load) -> Daemon:
    return Daemon(notifier=Notifier({}), wishes=wishes, load=load)


def test_a_stop_does_not_wait_for_a_load() -> None:
    """Neither at the start, with a locked database, nor at a reload."""
    wishes = Wishes()
    script = Script(wishes, None)
    wishes.put(Wish.STOP)
    assert daemon(wishes, script.load).run() is None
    script.go_on.release()


def test_reloads_asked_for_during_a_load_are_one() -> None:
    """Sixty hang-ups in a row must not cost sixty loads, with a stop waiting behind them."""
    wishes = Wishes()
    script = Script(wishes, None, None, None)
    asked = threading.Thread(target=_ask_for_many_reloads, args=(wishes, script))
    asked.start()
    assert daemon(wishes, script.load).run() is None
    asked.join()
    assert script.loads == 2


def _ask_for_many_reloads(wishes: Wishes, script: Script) -> None:
    assert script.asked.acquire(timeout=30)
    for _ in range(60):
        wishes.put(Wish.LOAD)
    script.go_on.release()
    assert script.asked.acquire(timeout=30)
    wishes.put(Wish.STOP)


def test_the_collector_need_not_look_at_what_was_loaded() -> None:
    """Neither at what the first load left, nor at what a reload did; what is out of use is collected."""
    wishes = Wishes()
    script = Script(wishes, None, None)
    for _ in range(2):
        script.go_on.release()
    gc.unfreeze()
    assert daemon(wishes, script.load).run() is None
    assert gc.get_freeze_count() > 0
    gc.unfreeze()


def test_a_first_configuration_that_cannot_be_used_ends_the_start() -> None:
    wishes = Wishes()
    script = Script(wishes, BROKEN, None)
    script.go_on.release()
    with pytest.raises(ConfigError, match=r"monitor\.yaml:3"):
        daemon(wishes, script.load).run()


@pytest.mark.parametrize("fault", [BROKEN, ZeroDivisionError("a bug")], ids=["refused", "bug"])
def test_a_later_configuration_that_cannot_be_used_changes_nothing(fault: Exception) -> None:
    wishes = Wishes()
    script = Script(wishes, None, fault, None)
    script.go_on.release(3)
    assert daemon(wishes, script.load).run() is None
    assert script.loads == 3
