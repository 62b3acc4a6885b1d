"""A host that does not answer is left alone for a while, whatever else is wanted from it."""

from __future__ import annotations

from dataclasses import dataclass, replace

TRIP_AFTER = 3
"""Requests in a row without any answer: one may be a slow page, two a restart."""
_FIRST_PAUSE_S = 60.0
# Long enough to spare a dead host's feeds their timeouts, short enough that after an outage of our own
# network nobody waits long.
_LONGEST_PAUSE_S = 900.0
_TRIAL_S = 60.0  # as long as one whole fetch may take


@dataclass(frozen=True, kw_only=True)
class Circuit:
    """One host's standing. Times are seconds of one monotonic clock; `unanswered` counts requests in a row."""

    unanswered: int = 0
    open_until: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Admission:
    """Whether a request may start; `wait_s` until the next may is 0 when it does."""

    circuit: Circuit
    wait_s: float = 0.0


def admit(circuit: Circuit, *, now: float) -> Admission:
    """Let a request through unless the host is being left alone; after the pause, one at a time."""
    if circuit.unanswered < TRIP_AFTER:
        return Admission(circuit=circuit)
    if now < circuit.open_until:
        return Admission(circuit=circuit, wait_s=circuit.open_until - now)
    return Admission(circuit=replace(circuit, open_until=now + _TRIAL_S))


def after_answer() -> Circuit:
    """The circuit after any answer at all, also one of an error status."""
    return Circuit()


def after_silence(circuit: Circuit, *, now: float) -> Circuit:
    """The circuit after a request without an answer; from the third on each pause is twice the one before."""
    unanswered = circuit.unanswered + 1
    if unanswered < TRIP_AFTER:
        return replace(circuit, unanswered=unanswered)
    pause_s = min(_FIRST_PAUSE_S * 2 ** min(unanswered - TRIP_AFTER, 10), _LONGEST_PAUSE_S)
    return Circuit(unanswered=unanswered, open_until=now + pause_s)
