"""Which fresh news of a story keeps which other silent."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from monitor.core.alert.inhibit import inhibitor
from monitor.core.alert.told import Told, is_higher
from monitor.core.model.alert import AlertReason, Severity
from monitor.core.model.event import Inhibition, Phase
from monitor.core.model.report import Roles
from tests.builders import CEASEFIRE, NOON

LESSER = ("called_for", "talks", "proposed", "near")
EVENT = replace(
    CEASEFIRE, inhibits=tuple(Inhibition(phase=p, phases=LESSER, for_s=86400) for p in ("agreed", "in_effect"))
)
HOUR = timedelta(hours=1)


def told(phase: str, hours: float = 0) -> Told:
    return Told(
        development_id=1,
        reason=AlertReason.PHASE_CHANGED,
        phase=phase,
        severity=EVENT.phase(phase).severity,
        at=NOON + hours * HOUR,
        roles=Roles(),
    )


def test_agreed_keeps_talks_silent_for_a_day():
    assert inhibitor("talks", (told("agreed"),), EVENT, now=NOON + 23 * HOUR) == told("agreed")
    assert inhibitor("talks", (told("agreed"),), EVENT, now=NOON + 25 * HOUR) is None


def test_talks_do_not_keep_agreed_silent():
    assert inhibitor("agreed", (told("talks"),), EVENT, now=NOON + HOUR) is None


def test_after_a_collapse_talks_are_news_again():
    assert inhibitor("talks", (told("agreed"), told("collapsed", 2)), EVENT, now=NOON + 3 * HOUR) is None


def test_the_newest_of_several_is_named():
    found = inhibitor("near", (told("agreed"), told("in_effect", 2)), EVENT, now=NOON + 3 * HOUR)
    assert found == told("in_effect", 2)


@given(
    st.lists(st.tuples(st.sampled_from([p.name for p in EVENT.phases]), st.floats(0, 48)), max_size=6),
    st.sampled_from([p.name for p in EVENT.phases]),
    st.lists(st.sampled_from(list(Severity)), min_size=10, max_size=10),
)
def test_a_rise_in_severity_is_never_inhibited(past, phase, severities):
    """Whatever the rules, and whatever severity the phases have."""
    every = tuple(p.name for p in EVENT.phases)
    phases = tuple(
        Phase(name=p.name, order=p.order, severity=s, after=p.after)
        for p, s in zip(EVENT.phases, severities, strict=True)
    )
    rules = tuple(Inhibition(phase=name, phases=every, for_s=1e6) for name in every)
    event = replace(EVENT, phases=phases, inhibits=rules)
    history = tuple(
        replace(told(n, hours), severity=event.phase(n).severity) for n, hours in sorted(past, key=lambda x: x[1])
    )
    by = inhibitor(phase, history, event, now=NOON + 48 * HOUR)
    severity = event.phase(phase).severity
    assert by is None or not is_higher(severity, by.severity)
    if history and all(is_higher(severity, each.severity) for each in history):
        assert by is None
