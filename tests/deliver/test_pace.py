"""How fast a channel may be written to."""

from __future__ import annotations

import pytest

from monitor.deliver.pace import Pace
from monitor.errors import Transient


class Time:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.now = 100.0
        self.slept: list[float] = []

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


def test_calls_keep_the_gap_from_the_end_of_the_last_one_and_the_first_from_the_start():
    time = Time()
    pace = Pace(1.0, monotonic=time.monotonic, sleep=time.sleep)
    pace.wait()
    time.now += 0.3
    pace.done()
    time.now += 0.25
    pace.wait()
    assert time.slept == [1.0, 0.75]


def test_a_gap_that_has_passed_is_not_slept():
    time = Time()
    pace = Pace(1.0, monotonic=time.monotonic, sleep=time.sleep)
    time.now += 5
    pace.wait()
    assert time.slept == []


def test_a_held_channel_refuses_until_the_time_is_over():
    time = Time()
    pace = Pace(1.0, monotonic=time.monotonic, sleep=time.sleep)
    pace.hold(20)
    pace.hold(5)
    time.now += 12
    with pytest.raises(Transient) as caught:
        pace.wait()
    assert caught.value.retry_after_s == 8
    time.now += 8
    pace.wait()
