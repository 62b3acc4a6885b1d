"""When a story is over."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

from monitor.core.group.ahead import last_day
from monitor.core.model.event import EventType, Identity
from monitor.core.model.story import Story

_FARTHEST = timedelta(days=60)  # a day farther off than this behind the last report is more likely misread than planned


def closes_at(story: Story, event: EventType) -> datetime:
    """When the story closes unless something is reported before: `idle_days` after its last report.

    A trip stays open as long after the last day that its reports name.
    """
    last = story.last_seen_at
    day = last_day(story.developments) if event.identity is Identity.AGENTS else None
    if day is not None:
        named = datetime.combine(day, time.max, tzinfo=UTC)
        last = max(last, named) if named <= last + _FARTHEST else last
    return last + timedelta(days=event.idle_days)
