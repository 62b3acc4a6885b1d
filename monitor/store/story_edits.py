"""Merges and splits of stories, inside the grouping transaction."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from monitor.core.group.merge import MergePlan, SplitPlan, merge_plan, split_plan
from monitor.core.model.alert import DeliveryStatus
from monitor.core.model.story import Story
from monitor.core.model.story_view import Edited, EditKind, StoryEdited
from monitor.store.chunks import chunks
from monitor.store.engine import Database
from monitor.store.records import list_text
from monitor.store.stories import SqlGroupSession, grouping_transaction, stories_with_ids
from monitor.store.story_reader import story_id_of
from monitor.store.story_states import survivors
from monitor.store.story_tables import story_edits
from monitor.store.tables import alerts, deliveries, developments, documents, reports, stories
from monitor.store.thread_changes import show_change
from monitor.store.thread_tables import threads

_UNSENT = [str(status) for status in (DeliveryStatus.PENDING, DeliveryStatus.SENDING, DeliveryStatus.PARKED)]


class SqlStoryEditor:
    """`monitor.ports.StoryEditor` on a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def merge(self, one: str, other: str, *, by: str, why: str, at: datetime) -> StoryEdited:
        with grouping_transaction(self._database) as connection:
            ids = [story_id_of(connection, key) for key in (one, other)]
            if ids[0] is None or ids[1] is None:
                return StoryEdited(outcome=Edited.NO_SUCH_STORY, other_slug=one if ids[0] is None else other)
            return merge_on(connection, ids[0], ids[1], by=by, why=why, at=at)

    def apart(self, story_ids: Collection[int]) -> frozenset[frozenset[int]]:
        with self._database.reading() as connection:
            return pairs_apart(connection, story_ids)

    def split(
        self, development_id: int, *, by: str, why: str, at: datetime, with_ids: Collection[int] = ()
    ) -> StoryEdited:
        with grouping_transaction(self._database) as connection:
            return split_on(connection, (development_id, *with_ids), by=by, why=why, at=at)


def merge_on(connection: Connection, one_id: int, other_id: int, *, by: str, why: str, at: datetime) -> StoryEdited:
    """As `StoryEditor.merge`, in a grouping transaction under way; both stories must be stored."""
    standing = survivors(connection, [one_id, other_id])
    found = {story.id: story for story in stories_with_ids(connection, set(standing.values()))}
    one, other = found[standing[one_id]], found[standing[other_id]]
    plan = merge_plan(one, other)
    if not isinstance(plan, MergePlan):
        return StoryEdited(outcome=plan, story_id=one.id, story_slug=one.slug, other_slug=other.slug)
    survivor, gone = plan.survivor, plan.gone
    SqlGroupSession(connection).save_story(survivor)
    connection.execute(update(stories).where(stories.c.id == gone.id).values(merged_into=survivor.id))
    _move(connection, plan.moved, to=survivor.id)
    _hand_over_threads(connection, gone.id, survivor.id)
    return _recorded(connection, EditKind.MERGE, gone, survivor, plan.moved, by=by, why=why, at=at)


def split_on(connection: Connection, development_ids: Sequence[int], *, by: str, why: str, at: datetime) -> StoryEdited:
    """As `StoryEditor.split`, in a grouping transaction under way."""
    own = select(developments.c.story_id).where(developments.c.id == development_ids[0])
    story_id = connection.execute(own).scalar_one_or_none()
    if story_id is None:
        return StoryEdited(outcome=Edited.NO_SUCH_DEVELOPMENT)
    (story,) = stories_with_ids(connection, [story_id])
    plan = split_plan(story, set(development_ids), title=_first_title(connection, development_ids))
    if not isinstance(plan, SplitPlan):
        return StoryEdited(outcome=plan, story_id=story.id, story_slug=story.slug)
    session = SqlGroupSession(connection)
    session.save_story(plan.rest)
    new = session.save_story(replace(plan.new, slug=_free_slug(session, plan.new.slug)))
    _move(connection, plan.moved, to=new.id)
    return _recorded(connection, EditKind.SPLIT, story, new, plan.moved, by=by, why=why, at=at)


def _move(connection: Connection, development_ids: Sequence[int], *, to: int) -> None:
    """Give the developments to the story, with their alerts and what is not yet sent of them; keys stay."""
    for part in chunks(development_ids):
        connection.execute(update(developments).where(developments.c.id.in_(part)).values(story_id=to))
        mine = alerts.c.development_id.in_(part)
        unsent = deliveries.c.alert_id.in_(select(alerts.c.id).where(mine)) & deliveries.c.status.in_(_UNSENT)
        connection.execute(update(deliveries).where(unsent).values(story_id=to))
        connection.execute(update(alerts).where(mine).values(story_id=to))


def _hand_over_threads(connection: Connection, gone_id: int, survivor_id: int) -> None:
    """Let the survivor go on in the other's threads, where it has none itself; no message moves."""
    own = select(threads.c.channel).where(threads.c.story_id == survivor_id)
    # Where both have one, the other's parent is edited a last time: it then shows the survivor's state.
    taken_over = (threads.c.story_id == gone_id) & threads.c.channel.not_in(own)
    connection.execute(update(threads).where(taken_over).values(story_id=survivor_id, fence=threads.c.fence + 1))


def _recorded(
    connection: Connection,
    kind: EditKind,
    source: Story,
    target: Story,
    moved: Sequence[int],
    *,
    by: str,
    why: str,
    at: datetime,
) -> StoryEdited:
    values: dict[str, Any] = {
        "kind": str(kind),
        "from_story_id": source.id,
        "to_story_id": target.id,
        "development_ids": list_text(map(str, moved)),
        "by": by,
        "why": why,
        "at": at,
    }
    connection.execute(insert(story_edits).values(values))
    SqlGroupSession(connection).advance()  # whoever remembers stories looks again
    show_change(connection, (source.id, target.id), due_at=at)
    outcome = Edited.MERGED if kind is EditKind.MERGE else Edited.SPLIT
    return StoryEdited(
        outcome=outcome,
        story_id=target.id,
        story_slug=target.slug,
        other_slug=source.slug,
        development_ids=tuple(moved),
    )


def pairs_apart(connection: Connection, story_ids: Collection[int]) -> frozenset[frozenset[int]]:
    """Pairs with one of these stories that somebody took apart by hand, for `merge_candidates`."""
    pairs: set[frozenset[int]] = set()
    for part in chunks(story_ids):
        split = select(story_edits.c.from_story_id, story_edits.c.to_story_id).where(
            story_edits.c.kind == str(EditKind.SPLIT), story_edits.c.to_story_id.in_(part)
        )
        pairs |= {frozenset((row.from_story_id, row.to_story_id)) for row in connection.execute(split)}
    return frozenset(pairs)


def _first_title(connection: Connection, development_ids: Sequence[int]) -> str:
    """The headline of the first report of any of the developments."""
    titles = (
        select(documents.c.title)
        .join(reports, reports.c.document_id == documents.c.id)
        .where(reports.c.development_id.in_(development_ids))
        .order_by(reports.c.alert.desc(), documents.c.published_at, reports.c.id)
        .limit(1)
    )
    return connection.execute(titles).scalar_one_or_none() or ""


def _free_slug(session: SqlGroupSession, slug: str) -> str:
    number, free = 1, slug
    while session.slug_is_taken(free):
        number += 1
        free = f"{slug}-{number}"
    return free
