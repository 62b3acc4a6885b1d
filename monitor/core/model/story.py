"""Developments and stories: what many reports tell together."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from monitor.core.model.report import Report, Roles


@dataclass(frozen=True, kw_only=True)
class FiledReport:
    """A stored report with what grouping needs to know of its document.

    `sketch` stands for the text when looking for reprints (`monitor.core.group.reprint`).
    """

    id: int
    document_id: int
    feed_id: int
    source: str
    tier: str
    title: str
    url: str
    canonical_url: str
    published_at: datetime
    dated: bool
    seen_at: datetime
    backlog: bool
    text_digest: str
    report: Report
    sketch: frozenset[int] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Saying:
    """How one report told its development; `words` are its headline, or its proving sentence.

    `phase` is empty when the words only imply one; `lead` names who stands before the telling words
    of the headline.
    """

    words: str
    phase: str
    lead: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Development:
    """The same change told by any number of reports (same type, phase, agents, place or date).

    `slug` is unique and readable; it stands in the alert key. `origin_count` counts independent
    outlets: copies of one wire report are one. `change` is what it does to its story: an AlertReason, or
    "earlier_phase" for one that came in late and stays untold. `held_until` is set while it waits for
    a second origin. `sayings` are how its first reports told it, at most SAYINGS, the earliest first.
    """

    id: int = 0
    story_id: int = 0
    slug: str
    type: str
    phase: str
    roles: Roles
    place: str | None = None
    occurs_on: date | None = None
    first_seen_at: datetime
    last_seen_at: datetime
    report_count: int = 1
    origins: tuple[str, ...] = ()
    origin_count: int = 1
    held_until: datetime | None = None
    change: str = "new_story"
    alerted: bool = False
    sayings: tuple[Saying, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Story:
    """The chain of developments of one conflict or one trip.

    `follows` is the slug of the closed story that it continues.
    """

    id: int = 0
    slug: str
    type: str
    title: str
    participants: tuple[str, ...]
    places: tuple[str, ...]
    phase: str
    first_seen_at: datetime
    last_seen_at: datetime
    revision: int = 1
    follows: str | None = None
    developments: tuple[Development, ...] = ()
