"""What the watchdog is told: answers, entries and pages, as the store counted them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from monitor.core.model.condition import Condition, ConditionKind, SourceNorm
from monitor.core.model.document import ReadReason, TextOrigin
from monitor.core.model.feed import PollReason


@dataclass(frozen=True, kw_only=True)
class Answer:
    """How one poll ended. `status` is None when nothing was asked or answered."""

    at: datetime
    reason: PollReason
    detail: str = ""
    status: int | None = None
    new_count: int = 0


@dataclass(frozen=True, kw_only=True)
class Appearance:
    """One entry: when it was first seen, and the date it stated. A date ahead of the sight is stored as the sight."""

    seen_at: datetime
    published_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class PageSight:
    """What reading one article brought; `length` of its text in code points."""

    reason: ReadReason | None
    origin: TextOrigin
    length: int


@dataclass(frozen=True, kw_only=True)
class SourceFacts:
    """One enabled feed that was asked since the last look.

    `answers` are those since then, oldest first; `last_parsed` is how the last body before them was
    read, where that matters: while the feed is suspected to be empty. Permanent redirects lead to
    `redirect_url`; `moved_to` is asked instead of `url`, where one was adopted. `entries` and
    `pages` are the newest of the feed, newest first, and empty when nothing new came lately: then
    nothing new can be said of them.
    """

    feed_id: int
    name: str
    url: str
    host: str = ""
    interval_s: float = 0.0
    first_success_at: datetime | None = None
    last_success_at: datetime | None = None
    redirect_url: str | None = None
    redirect_since: datetime | None = None
    moved_to: str | None = None
    last_entry_at: datetime | None = None
    last_parsed: PollReason | None = None
    answers: tuple[Answer, ...] = ()
    entries: tuple[Appearance, ...] = ()
    pages: tuple[PageSight, ...] = ()
    norm: SourceNorm | None = None


@dataclass(frozen=True, kw_only=True)
class History:
    """What a source's norm is made from.

    `arrivals` are the different moments at which new entries were first seen, ascending, `counts`
    how many came at each. `entries` and `pages` are the newest, newest first.
    """

    feed_id: int
    first_success_at: datetime | None
    interval_s: float = 0.0
    arrivals: tuple[datetime, ...] = ()
    counts: tuple[int, ...] = ()
    entries: tuple[Appearance, ...] = ()
    pages: tuple[PageSight, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ChannelFacts:
    """Deliveries of one channel that did not get out; `detail` is what the last of them met."""

    name: str
    parked_count: int = 0
    dead_count: int = 0
    waiting_count: int = 0  # tried again and again for long
    since: datetime | None = None
    detail: str = ""


@dataclass(frozen=True, kw_only=True)
class Round:
    """All that has happened since the last look, which was at `last_ran_at`; the next begins after `last_poll_id`.

    `enabled_count` counts the configured feeds, asked or not. `before` are all suspicions and open
    conditions, whatever their subject; `names` tells who the sources among them are, `disabled`
    which of them are no longer watched. `recent_ends` counts, by subject and kind, the conditions
    that ended lately.
    """

    last_poll_id: int = 0
    last_ran_at: datetime | None = None
    sources: tuple[SourceFacts, ...] = ()
    histories: tuple[History, ...] = ()
    channels: tuple[ChannelFacts, ...] = ()
    enabled_count: int = 0
    before: tuple[Condition, ...] = ()
    names: Mapping[int, tuple[str, str]] = field(default_factory=dict)
    disabled: frozenset[int] = frozenset()
    recent_ends: Mapping[tuple[str, ConditionKind], int] = field(default_factory=dict)
