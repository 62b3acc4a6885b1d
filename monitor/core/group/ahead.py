"""What is still to come in a story: deadlines of a truce, stops and days of a trip."""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from math import ceil

from monitor.core.alert.wording import day_words
from monitor.core.group.names import is_same_name
from monitor.core.model.report import Roles
from monitor.core.model.story import Development
from monitor.core.model.timeline import Ahead, Stop

_FIRM = frozenset({"agreed", "in_effect", "extended"})
_OFFERED = frozenset({"proposed", "near"})
_OVER = frozenset({"collapsed", "rejected"})
_CALLED_OFF = frozenset({"cancelled", "postponed"})
_FRESH = timedelta(days=3)  # a stop without a day counts as ahead this long after the last word of it
_DURATION = re.compile(r"P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:\d+M)?)?")


def ahead_of(type: str, developments: Iterable[Development], *, today: date) -> tuple[Ahead, ...]:
    """Deadlines and planned stops from `today` on, the nearest first, those without a day last.

    What later developments say replaces what earlier ones said; a truce that collapsed has no
    deadlines, a trip that was called off no stops.
    """
    told = in_order(developments)
    found = _of_trip(told, today) if type == "visit" else _of_truce(told, today)
    return tuple(sorted(found, key=lambda ahead: (ahead.on is None, ahead.on or today)))


def ahead_words(ahead: Ahead, *, today: date | None = None) -> str:
    """ "truce ends 30 Nov 2026"; with `today` also how far off: "truce ends 30 Nov 2026 (in 2 days)"."""
    if ahead.on is None:
        return ahead.what
    joint = ", " if ahead.what.startswith("next stop") else " "
    words = f"{ahead.what}{joint}{day_words(ahead.on)}"
    return words if today is None else f"{words} ({_distance(ahead.on, today)})"


def in_order(developments: Iterable[Development]) -> list[Development]:
    """By their first reports."""
    return sorted(developments, key=lambda d: (d.first_seen_at, d.id))


def stops_of(developments: Iterable[Development]) -> tuple[Stop, ...]:
    """The trip's stops: those made in the order made, then those planned in the order told."""
    stops = _Stops()
    for development in in_order(developments):
        stops.note(development)
    return stops.made_then_planned()


def day_of(roles: Roles, role: str) -> date | None:
    """The day that fills the role; None when nothing does, or nothing that can be resolved."""
    time = roles.time_of(role)
    try:
        return date.fromisoformat(time.resolved or "") if time else None
    except ValueError:
        return None


def day_after(start: date, duration: str) -> date | None:
    """The day an ISO 8601 duration leads to, hours as begun days; None when it is none, or leads nowhere."""
    match = _DURATION.fullmatch(duration)
    if match is None:
        return None
    years, months, weeks, days, hours = (int(part or 0) for part in match.groups())
    try:
        month = start.month - 1 + months
        year, month = start.year + years + month // 12, month % 12 + 1
        moved = start.replace(year=year, month=month, day=min(start.day, calendar.monthrange(year, month)[1]))
        return moved + timedelta(weeks=weeks, days=days + ceil(hours / 24))
    except (ValueError, OverflowError):
        return None


def _distance(day: date, today: date) -> str:
    days = (day - today).days
    if days in (0, 1):
        return ("today", "tomorrow")[days]
    return f"in {days} days" if days > 0 else f"{-days} days ago" if days < -1 else "yesterday"


def _start_of(development: Development) -> date | None:
    return day_of(development.roles, "starts_on") or development.occurs_on


def _end_of(development: Development, *, after: date | None = None) -> date | None:
    """The day it ends as stated, or its duration after its start; one that prolongs counts from `after`."""
    stated = day_of(development.roles, "ends_on")
    duration = development.roles.time_of("duration")
    if stated is not None or duration is None:
        return stated
    start = after or _start_of(development) or development.first_seen_at.date()
    return day_after(start, duration.resolved or "")


def _of_truce(told: Sequence[Development], today: date) -> list[Ahead]:
    subject = ""
    start: date | None = None
    end: date | None = None
    meeting: date | None = None
    for development in told:
        phase = development.phase
        if phase in _OVER:
            subject, start, end = "", None, None
        elif phase in _FIRM or (phase in _OFFERED and subject != "truce"):
            prolonged = end if phase == "extended" else None
            newest_start = _start_of(development)
            subject = "truce" if phase in _FIRM else "proposed truce"
            start = newest_start or start
            end = _end_of(development, after=prolonged) or end
        meeting = _start_of(development) if phase == "talks" else meeting
    days = [(f"{subject} starts", start), (f"{subject} ends", end), ("talks", meeting)]
    return [Ahead(what=what, on=on) for what, on in days if on is not None and _is_ahead(what, on, today)]


def _is_ahead(what: str, on: date, today: date) -> bool:
    # A truce that starts today has its start reported; its last day is still to be got through.
    return on > today or (on == today and not what.endswith("starts"))


def _of_trip(told: Sequence[Development], today: date) -> list[Ahead]:
    is_fresh = bool(told) and today - max(d.last_seen_at for d in told).date() <= _FRESH
    planned = [stop for stop in stops_of(told) if not stop.is_made]
    found = [
        Ahead(what=f"next stop: {stop.place}" if i == 0 else f"then {stop.place}", on=stop.on)
        for i, stop in enumerate(p for p in planned if (p.on >= today if p.on else is_fresh))
    ]
    start, end = None, None
    for development in told:
        if development.phase in _CALLED_OFF:
            start, end = None, None
        if development.phase == "cancelled":
            continue
        start = day_of(development.roles, "starts_on") or start
        end = _end_of(development) or end
    known = {ahead.on for ahead in found}
    if start is not None and start > today and start not in known:
        found.append(Ahead(what="trip starts", on=start))
    if end is not None and end >= today and told[-1].phase != "concluded":
        found.append(Ahead(what="trip ends", on=end))
    return found


class _Stops:
    """The stops as they stand after each development."""

    def __init__(self) -> None:
        self._made: list[Stop] = []
        self._planned: list[Stop] = []

    def note(self, development: Development) -> None:
        roles, phase = development.roles, development.phase
        first, then = roles.named("destination"), roles.named("stops")
        if phase in _CALLED_OFF:
            gone = (*first, *then)
            self._planned = [s for s in self._planned if gone and not any(is_same_name(s.place, g) for g in gone)]
            again = day_of(roles, "starts_on") if phase == "postponed" else None
            if again is not None:
                self._plan(first, again)
        elif phase == "planned":
            self._plan(first, _start_of(development))
            self._plan(then, None)
        elif phase == "concluded":
            self._make((*first, *then), None)
        else:
            self._make(first, development.occurs_on or development.first_seen_at.date())
            self._plan(then, None)

    def made_then_planned(self) -> tuple[Stop, ...]:
        return (*self._made, *sorted(self._planned, key=lambda s: (s.on is None, s.on or date.max)))

    def _make(self, places: Iterable[str], on: date | None) -> None:
        for place in places:
            self._planned = [s for s in self._planned if not is_same_name(s.place, place)]
            if not any(is_same_name(s.place, place) for s in self._made):
                self._made.append(Stop(place=place, is_made=True, on=on))

    def _plan(self, places: Iterable[str], on: date | None) -> None:
        for place in places:
            if any(is_same_name(s.place, place) for s in self._made):
                continue
            known = next((s for s in self._planned if is_same_name(s.place, place)), None)
            if known is None:
                self._planned.append(Stop(place=place, is_made=False, on=on))
            elif on is not None:
                self._planned[self._planned.index(known)] = Stop(place=known.place, is_made=False, on=on)
