"""How fast a channel may be written to."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

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
        self.slept.append(round(seconds, 6))
        self.now += seconds


def paced(time: Time, gap_s: float = 1.0, burst: int = 1) -> Pace:
    return Pace(gap_s, burst=burst, monotonic=time.monotonic, sleep=time.sleep)


def call(pace: Pace, time: Time, *, takes_s: float = 0.0) -> float:
    """When the call began."""
    with pace.turn():
        began = time.now
        time.now += takes_s
    return began


def test_calls_keep_the_gap_from_the_end_of_the_last_one_and_the_first_from_the_start():
    time = Time()
    pace = paced(time)
    call(pace, time, takes_s=0.3)
    time.now += 0.25
    call(pace, time)
    assert time.slept == [1.0, 0.75]


def test_a_gap_that_has_passed_is_not_slept():
    time = Time()
    pace = paced(time)
    time.now += 5
    call(pace, time)
    assert time.slept == []


def test_after_a_quiet_while_a_burst_goes_at_once_and_then_the_gap_holds_again():
    time = Time()
    pace = paced(time, burst=3)
    time.now += 60
    assert [call(pace, time) for _ in range(5)] == [160.0, 160.0, 160.0, 161.0, 162.0]


def test_a_process_that_starts_has_no_burst():
    time = Time()
    pace = paced(time, burst=3)
    assert [call(pace, time) for _ in range(3)] == [101.0, 102.0, 103.0]


def test_waiting_takes_nothing():
    time = Time()
    pace = paced(time)
    pace.wait()
    pace.wait()
    assert [call(pace, time), time.slept] == [101.0, [1.0]]


def test_without_a_gap_nothing_waits():
    time = Time()
    pace = paced(time, gap_s=0.0)
    assert [call(pace, time) for _ in range(3)] == [100.0] * 3


def test_a_held_channel_refuses_until_the_time_is_over():
    time = Time()
    pace = paced(time)
    pace.hold(20)
    pace.hold(5)
    time.now += 12
    with pytest.raises(Transient) as caught:
        pace.wait()
    assert caught.value.retry_after_s == 8
    time.now += 8
    pace.wait()


@given(
    calls=st.lists(st.tuples(st.floats(0, 3), st.floats(0, 2), st.floats(0, 1)), max_size=60),
    burst=st.integers(1, 4),
    restarts=st.sets(st.integers(0, 60)),
)
def test_whatever_the_delays_and_restarts_the_far_sides_bucket_never_runs_out(calls, burst, restarts):
    """It counts a call at some moment between its start and its end."""
    time = Time()
    pace = paced(time, burst=burst)
    level, at = float(burst), time.now
    for number, (idle_s, takes_s, share) in enumerate(calls):
        if number in restarts:
            pace = paced(time, burst=burst)
        time.now += idle_s
        with pace.turn():
            arrives = time.now + takes_s * share
            time.now += takes_s
        level = min(burst, level + arrives - at) - 1
        at = arrives
        assert level >= -1e-6
