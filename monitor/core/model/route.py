"""Which alerts go where, when and how: routes, silences, and what was decided about one alert and channel."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, tzinfo
from enum import StrEnum

from monitor.core.model.alert import Severity


class Outcome(StrEnum):
    """What becomes of an alert in a channel; just one of these."""

    NOW = "now"
    DIGEST = "digest"  # waits for the route's next digest
    HELD = "held"  # waits for the end of quiet hours, for the digest made then
    SILENCED = "silenced"
    UNROUTED = "unrouted"


class DispatchReason(StrEnum):
    """Why, stored beside it."""

    MATCHED = "matched"
    CONTINUES = "story_continues"  # the story was told there before
    BREAKS_THROUGH = "breaks_through"  # severe enough for quiet hours or a spent budget
    QUIET_HOURS = "quiet_hours"
    DIGEST_ROUTE = "digest_route"
    OVER_BUDGET = "over_budget"
    SILENCE = "silence"
    NO_ROUTE = "no_route_matches"
    NOT_ACKNOWLEDGED = "not_acknowledged"
    EXPIRED = "expired"  # could not be sent while it was news


@dataclass(frozen=True, kw_only=True)
class Match:
    """Conditions that hold together; an empty one holds always, and of several values one must fit.

    Names match without case and accents, whole or by a word of theirs. `least` is the lowest
    severity that fits, `severities` are those that do.
    """

    types: tuple[str, ...] = ()
    phases: tuple[str, ...] = ()
    persons: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    stories: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    severities: tuple[Severity, ...] = ()
    least: Severity | None = None


@dataclass(frozen=True, kw_only=True)
class Quiet:
    """Daily quiet hours from `start` to `end` of the zone's clock; `end` not after `start` is on the next day.

    An `end` of None is midnight at the end of the day. `days` are those on which they begin, 0
    being Monday. `lets_through` is what is told all the same.
    """

    start: time
    end: time | None
    zone: tzinfo
    days: frozenset[int] = frozenset(range(7))
    lets_through: Severity | None = Severity.HIGH


class Every(StrEnum):
    HOUR = "hourly"
    DAY = "daily"
    WEEK = "weekly"


@dataclass(frozen=True, kw_only=True)
class DigestTimes:
    """When digests are made: at `at` of the zone's clock, weekly ones on `day` (0: Monday); hourly ones on the hour."""

    every: Every
    zone: tzinfo
    at: time = time(8)
    day: int = 0


@dataclass(frozen=True, kw_only=True)
class Escalation:
    """An alert of at least `least` whose story nobody acknowledges within `after_s` goes to `channels` too."""

    after_s: float
    channels: tuple[str, ...]
    least: Severity = Severity.HIGH


@dataclass(frozen=True, kw_only=True)
class Route:
    """One way for the alerts that match. `goes_on` lets later routes take them too.

    `budget` is how many stories an hour may be opened in each channel.
    """

    name: str
    channels: tuple[str, ...]
    match: Match = Match()
    goes_on: bool = False
    quiet: Quiet | None = None
    digest: DigestTimes | None = None
    budget: int | None = None
    escalation: Escalation | None = None


@dataclass(frozen=True, kw_only=True)
class StandingSilence:
    """Somebody's wish to hear nothing of what matches until `expires_at`."""

    id: int = 0
    owner: str
    reason: str
    match: Match
    created_at: datetime
    expires_at: datetime


@dataclass(frozen=True, kw_only=True)
class Dispatch:
    """What was decided about one alert in one channel of one route; both are empty when no route took it.

    `opens` says that the alert is the story's first there. `due_at` is when what waits is told,
    `escalates_at` when somebody else is told unless the story was acknowledged.
    """

    channel: str
    route: str
    outcome: Outcome
    reason: DispatchReason
    detail: str = ""
    opens: bool = False
    due_at: datetime | None = None
    escalates_at: datetime | None = None
