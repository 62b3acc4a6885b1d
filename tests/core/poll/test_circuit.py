"""Leaving a dead host alone."""

from __future__ import annotations

from monitor.core.poll.circuit import Circuit, admit, after_answer, after_silence


def silent(times: int, *, now: float = 0.0) -> Circuit:
    circuit = after_answer()
    for _ in range(times):
        circuit = after_silence(circuit, now=now)
    return circuit


def test_two_silences_change_nothing_the_third_opens():
    """A slow page and a restart are no dead host."""
    assert admit(silent(2), now=0).wait_s == 0
    assert admit(silent(3), now=0).wait_s == 60
    assert admit(after_answer(), now=0).wait_s == 0


def test_the_pause_doubles_up_to_a_quarter_of_an_hour():
    """So that nobody waits long after an outage of our own network."""
    assert [admit(silent(n), now=0).wait_s for n in (3, 4, 5, 6, 7, 8, 50)] == [60, 120, 240, 480, 900, 900, 900]


def test_after_the_pause_one_request_tries_for_all():
    """The others wait for how it ends; its silence opens again, its answer closes."""
    trial = admit(silent(3), now=60)
    assert trial.wait_s == 0
    assert admit(trial.circuit, now=61).wait_s == 59
    assert admit(after_silence(trial.circuit, now=70), now=70).wait_s == 120
    assert admit(after_answer(), now=70).wait_s == 0
    assert admit(trial.circuit, now=120).wait_s == 0  # the trial itself was lost
