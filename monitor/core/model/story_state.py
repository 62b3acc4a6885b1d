"""A story as its parent message, its page and its timeline show it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from monitor.core.model.alert import Severity


@dataclass(frozen=True, kw_only=True)
class StateStep:
    """One told development of the story. `quote` proves it; `url` is the article that is quoted.

    `details` are further facts in words ("60 days", "11th visit").
    """

    development: str  # its slug
    phase: str
    severity: Severity
    at: datetime
    who: str
    where: str
    quote: str
    source: str
    url: str
    report_count: int
    origin_count: int
    marks: tuple[str, ...] = ()
    details: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class StoryState:
    """The newest state of one story, channel-neutral.

    `steps` are the told developments, oldest first, the last one being the state. `ahead` are
    deadlines and planned stops still to come, in words. `outlets` tell it, the first to report first.
    `acked_by` and `muted_until` say what people did about it; `follows` is the slug of the closed
    story that it continues.
    """

    story_id: int
    slug: str
    type: str
    phase: str
    severity: Severity
    title: str
    who: str
    where: str
    steps: tuple[StateStep, ...]
    ahead: tuple[str, ...] = ()
    outlets: tuple[str, ...] = ()
    report_count: int
    origin_count: int
    marks: tuple[str, ...] = ()
    first_seen_at: datetime
    last_seen_at: datetime
    follows: str | None = None
    acked_by: str | None = None
    muted_until: datetime | None = None
