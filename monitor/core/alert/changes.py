"""What a later report changes about a told development: a new stop, a new date."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from monitor.core.alert.told import Told
from monitor.core.alert.wording import day_words, listed
from monitor.core.model.event import EventType
from monitor.core.model.feed import Tier
from monitor.core.model.report import Roles
from monitor.core.model.story import Development, FiledReport
from monitor.core.text.normalise import fold

# A date that comes after these was left open is news itself; elsewhere it is one more detail.
_OPEN_DATED = frozenset({"postponed"})
_NAMES = {"destination": "new stop", "stops": "new stop", "starts_on": "new date", "ends_on": "new end date"}
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_ENOUGH_ORIGINS = 2


@dataclass(frozen=True, kw_only=True)
class RoleChange:
    """New values of one role, as a reader says them and as a key holds them."""

    role: str
    values: tuple[str, ...]

    @property
    def words(self) -> str:
        """ "new stop: Jordan", "new date: 4 Nov 2024"."""
        shown = [day_words(date.fromisoformat(v)) if _DAY.fullmatch(v) else v for v in self.values]
        return f"{_NAMES.get(self.role, f'new {self.role}'.replace('_', ' '))}: {listed(shown)}"


def role_changes(
    said: Roles, development: Development, told: Sequence[Told], event: EventType
) -> tuple[RoleChange, ...]:
    """What `said` gives anew about the told development, in the order of the event type's own list.

    A place is new when no told development of the story had it and some had another; a day when
    the development was told with others only. What was told without any is filled up, not changed,
    but for the day of what was put off.
    """
    found: list[RoleChange] = []
    for role, phases in event.changes:
        if development.phase not in phases:
            continue
        is_place = role in event.place_roles
        values = _new_places(said, role, told, event) if is_place else _new_days(said, role, development, told)
        shown = {v for each in found for v in each.values}
        values = tuple(v for v in values if v not in shown)
        if values:
            found.append(RoleChange(role=role, values=values))
    return tuple(found)


def is_vouched(changes: Sequence[RoleChange], filed: FiledReport, others: Iterable[FiledReport]) -> bool:
    """Whether a first-rate outlet, or two independent ones, say all of the changes.

    `others` are the development's reports without reprints, `filed` among them or not.
    """
    if Tier(filed.tier) is Tier.WIRE:
        return True
    agreeing = {filed.source} | {o.source for o in others if all(_says(o.report.roles, c) for c in changes)}
    return len(agreeing) >= _ENOUGH_ORIGINS


def change_key(changes: Iterable[RoleChange]) -> str:
    """The changes as the tail of an alert's key: the same values always give the same."""
    return ";".join(f"{c.role}={','.join(sorted(fold(v) for v in c.values))}" for c in changes)


def _says(roles: Roles, change: RoleChange) -> bool:
    time = roles.time_of(change.role)
    if time is not None and time.resolved is not None and _DAY.fullmatch(time.resolved):
        return time.resolved in change.values
    named = {fold(name.name) for name in roles.names}
    return all(fold(value) in named for value in change.values)


def _new_places(said: Roles, role: str, told: Sequence[Told], event: EventType) -> tuple[str, ...]:
    known = {fold(name) for each in told for name in each.roles.named(*event.place_roles)}
    # A name without an entity is a description, which may be a known place in other words.
    named = tuple(dict.fromkeys(n.name for n in said.filling(role) if n.entity_id))
    return tuple(name for name in named if fold(name) not in known) if known else ()


def _new_days(said: Roles, role: str, development: Development, told: Sequence[Told]) -> tuple[str, ...]:
    day = _day_of(said, role)
    known = {_day_of(each.roles, role) for each in told if each.development_id == development.id} - {""}
    if not day or day in known or not (known or development.phase in _OPEN_DATED):
        return ()
    return (day,)


def _day_of(roles: Roles, role: str) -> str:
    time = roles.time_of(role)
    return time.resolved if time is not None and time.resolved and _DAY.fullmatch(time.resolved) else ""
