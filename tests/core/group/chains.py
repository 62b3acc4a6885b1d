"""Stories with developments and the alerts that told them, as tests of what is shown need them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta

from monitor.core.model.alert import Alert, AlertMessage, AlertReason, Severity
from monitor.core.model.report import RoleTime
from monitor.core.model.story import Development, Story
from tests.builders import NOON, report


def change(
    phase: str,
    *,
    id: int = 1,
    days: float = 0.0,
    type: str = "ceasefire",
    occurs_on: date | None = None,
    starts: str | None = None,
    ends: str | None = None,
    lasts: str | None = None,
    origins: tuple[str, ...] = ("Harbour Wire",),
    told: bool = True,
    step: str = "phase_changed",
    **names: str | tuple[str, ...],
) -> Development:
    """A development first reported `days` after NOON; dates and durations are ISO 8601."""
    at = NOON + timedelta(days=days)
    stated = {"starts_on": starts, "ends_on": ends, "duration": lasts}
    times = tuple(RoleTime(role=role, stated="", resolved=iso) for role, iso in stated.items() if iso)
    return Development(
        id=id,
        story_id=1,
        slug=f"chain/{phase}-{id}",
        type=type,
        phase=phase,
        roles=replace(report(type, phase, **names).roles, times=times),
        occurs_on=occurs_on,
        first_seen_at=at,
        last_seen_at=at,
        report_count=len(origins),
        origins=origins,
        origin_count=len(origins),
        change=step,
        alerted=told,
    )


def chain(*changes: Development, type: str = "ceasefire", **more: object) -> Story:
    """The story of these developments."""
    made = Story(
        id=1,
        slug="chain",
        type=type,
        title="The chain of it",
        participants=("Israel", "Hamas"),
        places=("Gaza",),
        phase=changes[-1].phase,
        first_seen_at=min(c.first_seen_at for c in changes),
        last_seen_at=max(c.last_seen_at for c in changes),
        developments=changes,
    )
    return replace(made, **more)  # type: ignore[arg-type]


def alert_for(
    change: Development,
    *,
    id: int | None = None,
    hours: float = 0.0,
    reason: AlertReason = AlertReason.PHASE_CHANGED,
    severity: Severity = Severity.HIGH,
    **said: object,
) -> Alert:
    """An alert of the development, made `hours` after its first report."""
    message = AlertMessage(
        type=change.type,
        phase=change.phase,
        severity=severity,
        reason=reason,
        who="Israel and Hamas",
        where="Gaza",
        quote=f"It is {change.phase} now.",
        headline="",
        details=(),
        marks=(),
        source=change.origins[0],
        url=f"https://news.example/{change.id}",
        published_at=change.first_seen_at,
        dated=True,
        story_title="The chain of it",
    )
    return Alert(
        id=change.id if id is None else id,
        key=f"{change.slug}/{reason}",
        story_id=1,
        development_id=change.id,
        report_id=change.id,
        reason=reason,
        severity=severity,
        created_at=change.first_seen_at + timedelta(hours=hours),
        message=replace(message, **said),  # type: ignore[arg-type]
    )


def told_by(*alerts: Alert) -> dict[int, list[Alert]]:
    """The alerts by development."""
    told: dict[int, list[Alert]] = {}
    for alert in alerts:
        told.setdefault(alert.development_id, []).append(alert)
    return told


def all_told(changes: Iterable[Development]) -> dict[int, list[Alert]]:
    """Each development with one alert."""
    return told_by(*map(alert_for, changes))
