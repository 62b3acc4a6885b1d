"""Whether fresh news of a story outdoes what a report would tell of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from monitor.core.alert.told import Told, is_higher
from monitor.core.model.event import EventType


def inhibitor(phase: str, told: Sequence[Told], event: EventType, *, now: datetime) -> Told | None:
    """The told development that keeps `phase` of its story silent, the newest of several; None when none does.

    It does so for the time its rule gives, unless the phase is more severe than it, or the story
    has since been told to be where the phase may begin anew (talks after a collapse).
    """
    wanted = event.phase(phase)
    for at, each in reversed(list(enumerate(told))):
        rule = next((r for r in event.inhibits if r.phase == each.phase and phase in r.phases), None)
        if rule is None or now - each.at > timedelta(seconds=rule.for_s):
            continue
        has_turned = any(later.phase in wanted.after and later.phase not in rule.phases for later in told[at + 1 :])
        if not has_turned and not is_higher(wanted.severity, each.severity):
            return each
    return None
