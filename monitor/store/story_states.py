"""The newest state of each story, and the story that each goes on in."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, select

from monitor.core.group.state import story_state
from monitor.core.model.alert import Alert
from monitor.core.model.feedback import Ack
from monitor.core.model.story_state import StoryState
from monitor.store.chunks import chunks
from monitor.store.feedback import acks_of
from monitor.store.rows import alert_of
from monitor.store.silences import muted_until
from monitor.store.stories import stories_with_ids
from monitor.store.tables import alerts, stories


def states_of(connection: Connection, story_ids: Collection[int], *, now: datetime) -> dict[int, StoryState]:
    """As `StoryReader.story_states`, in a transaction under way."""
    standing = survivors(connection, story_ids)
    found = stories_with_ids(connection, set(standing.values()))
    told = alerts_by_development(connection, (change.id for story in found for change in story.developments))
    seen_by = acks_of(connection, list({*standing, *standing.values()}))
    muted = muted_until(connection, now)
    states = {
        story.id: replace(
            state,
            acked_by=_names(seen_by, (asked for asked, survivor in standing.items() if survivor == story.id), story.id),
            muted_until=muted.get(story.slug),
        )
        for story in found
        if (state := story_state(story, told, now=now)) is not None
    }
    pairs = ((asked, states.get(survivor)) for asked, survivor in standing.items())
    return {asked: state for asked, state in pairs if state is not None}


def _names(seen_by: Mapping[int, tuple[Ack, ...]], merged: Iterable[int], story_id: int) -> str | None:
    """Who has seen the story or one that was merged into it; None when nobody has."""
    sayings = (ack.saying.by for each in dict.fromkeys((story_id, *merged)) for ack in seen_by.get(each, ()))
    return ", ".join(dict.fromkeys(sayings)) or None


def survivors(connection: Connection, story_ids: Iterable[int]) -> dict[int, int]:
    """By id, the story that each of these goes on in: itself, or the one it was merged into, however often."""
    standing = {story_id: story_id for story_id in story_ids}
    while True:
        moved: dict[int, int] = {}
        for part in chunks(set(standing.values())):
            merged = select(stories.c.id, stories.c.merged_into).where(
                stories.c.id.in_(part), stories.c.merged_into.is_not(None)
            )
            moved |= {row.id: row.merged_into for row in connection.execute(merged)}
        if not moved:
            return standing
        standing = {asked: moved.get(survivor, survivor) for asked, survivor in standing.items()}


def alerts_by_development(connection: Connection, development_ids: Iterable[int]) -> dict[int, list[Alert]]:
    """By development, what told it, oldest first."""
    told: dict[int, list[Alert]] = {}
    for part in chunks(development_ids):
        of_these = select(alerts).where(alerts.c.development_id.in_(part)).order_by(alerts.c.id)
        for row in connection.execute(of_these):
            told.setdefault(row.development_id, []).append(alert_of(row))
    return told
