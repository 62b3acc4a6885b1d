"""A story in time: what it has come to, what happened, and what is still ahead."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from monitor.core.model.alert import Severity


@dataclass(frozen=True, kw_only=True)
class Ahead:
    """Something still to come: `what` in words ("truce ends", "next stop: Jordan"), `on` None while no day is known."""

    what: str
    on: date | None = None


@dataclass(frozen=True, kw_only=True)
class Stop:
    """A place on a trip; `on` is the day of the arrival, or the day that is planned, where one is known."""

    place: str
    is_made: bool
    on: date | None = None


class Telling(StrEnum):
    """What became of a development."""

    TOLD = "told"
    HELD = "held"  # waits for a second origin
    LATE = "late"  # reported when the story had moved past its phase
    UNTOLD = "untold"


@dataclass(frozen=True, kw_only=True)
class TimelineEntry:
    """One development. `at` is when it was first reported; `development` is its slug.

    `words`, `outlet` and `url` are those of the report that told it, or of its first one. `origin_count`
    are independent outlets among `outlets`.
    """

    id: int
    development: str
    phase: str
    severity: Severity
    at: datetime
    last_at: datetime
    occurs_on: date | None
    who: str
    where: str
    words: str
    details: tuple[str, ...]
    outlet: str
    url: str
    outlets: tuple[str, ...]
    report_count: int
    copy_count: int
    origin_count: int
    telling: Telling
    marks: tuple[str, ...] = ()
    alert_ids: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Timeline:
    """A story's developments by the time of their first reports, and what follows from them.

    `closes_at` is when the story closes unless something new is reported; it is open before that.
    `followed_by` and `merged` are slugs of stories that continue it and of those that were merged into it.
    """

    story_id: int
    slug: str
    type: str
    title: str
    phase: str
    severity: Severity
    who: tuple[str, ...]
    where: tuple[str, ...]
    is_open: bool
    first_seen_at: datetime
    last_seen_at: datetime
    closes_at: datetime
    entries: tuple[TimelineEntry, ...]
    stops: tuple[Stop, ...] = ()
    ahead: tuple[Ahead, ...] = ()
    outlets: tuple[str, ...] = ()
    report_count: int = 0
    origin_count: int = 0
    follows: str | None = None
    followed_by: tuple[str, ...] = ()
    merged: tuple[str, ...] = ()
