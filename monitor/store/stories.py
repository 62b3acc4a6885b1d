"""Reports, stories and developments inside the one grouping transaction."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, delete, insert, or_, select, text, update

from monitor.core.group.decision import Decision
from monitor.core.group.reprint import ORIGINALS, sketch_of
from monitor.core.model.alert import DeliveryStatus
from monitor.core.model.feed import NOT_OURS
from monitor.core.model.story import Development, FiledReport, Story
from monitor.ports import NewAlert, Original
from monitor.store.chunks import chunks
from monitor.store.dispatches import write_dispatches
from monitor.store.engine import Database, insert_into
from monitor.store.filed import development_of, filed_of, filed_reports, story_of
from monitor.store.grouping_records import decision_text, sayings_text
from monitor.store.names import name_rows
from monitor.store.records import list_text, message_text, roles_of, roles_text
from monitor.store.search import add_to_search, searched_text
from monitor.store.tables import (
    alerts,
    deliveries,
    development_names,
    developments,
    documents,
    feed_states,
    feeds,
    reports,
    stories,
    story_versions,
)
from monitor.store.telling import TellReads, released
from monitor.store.thread_changes import show_change

_GROUPING_LOCK = 0x6D6F6E02  # pg_advisory_xact_lock: any number nobody else uses ("mon" and 2)


class SqlStoryStore:
    """`monitor.ports.StoryStore` on a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def is_waiting(self, types: Collection[str] | None = None) -> bool:
        with self._database.reading() as connection:
            waiting = select(reports.c.id).where(_is_ungrouped(types)).limit(1)
            return connection.execute(waiting).first() is not None

    def is_release_due(self, now: datetime, types: Sequence[str]) -> bool:
        with self._database.reading() as connection:
            return connection.execute(released(now, types, 1)).first() is not None

    @contextmanager
    def grouping(self) -> Iterator[SqlGroupSession]:
        """See the port. Whoever keeps stories in mind learns by the version that they may have changed."""
        with grouping_transaction(self._database) as connection:
            session = SqlGroupSession(connection)
            yield session
            if not session.has_advanced:
                session.advance()


@contextmanager
def grouping_transaction(database: Database) -> Iterator[Connection]:
    """See `StoryStore.grouping`. On SQLite the write transaction itself is the only one at a time."""
    with database.writing() as connection:
        if not database.is_sqlite:
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _GROUPING_LOCK})
        yield connection


def ungrouped(limit: int, types: Collection[str] | None = None) -> Select[Any]:
    """Reports without a development, with what grouping needs of their documents and feeds."""
    return (
        filed_reports()
        .where(_is_ungrouped(types))
        .order_by(documents.c.published_at, documents.c.canonical_url, reports.c.id)
        .limit(limit)
    )


def _is_ungrouped(types: Collection[str] | None) -> ColumnElement[bool]:
    unfiled = reports.c.development_id.is_(None)
    return unfiled if types is None else unfiled & reports.c.type.in_(sorted(types))


def originals_of(development_id: int) -> Select[Any]:
    """The development's reports that are no copies, with their texts, the first ORIGINALS of them."""
    return (
        select(reports.c.id, feeds.c.name.label("source"), documents.c.title, documents.c.text)
        .join(documents, documents.c.id == reports.c.document_id)
        .join(feeds, feeds.c.id == documents.c.feed_id)
        .where(reports.c.development_id == development_id, reports.c.copy_of.is_(None))
        .order_by(reports.c.id)
        .limit(ORIGINALS)
    )


def recent(type: str, since: datetime) -> Select[Any]:
    """Unmerged stories of the type last seen at or after `since`, oldest first."""
    return (
        select(stories)
        .where(stories.c.type == type, stories.c.last_seen_at >= since, stories.c.merged_into.is_(None))
        .order_by(stories.c.first_seen_at, stories.c.id)
    )


def stories_with_ids(connection: Connection, ids: Iterable[int]) -> tuple[Story, ...]:
    """The stories with these ids that there are, with all their developments."""
    wanted = tuple(ids)
    chains = SqlGroupSession(connection)._developments(wanted)
    rows = (row for part in chunks(wanted) for row in connection.execute(select(stories).where(stories.c.id.in_(part))))
    return tuple(story_of(row, chains.get(row.id, ())) for row in rows)


class SqlGroupSession(TellReads):
    """`monitor.ports.GroupSession` on one open transaction."""

    has_advanced = False

    def ungrouped_reports(self, *, limit: int, types: Collection[str] | None = None) -> tuple[FiledReport, ...]:
        return tuple(filed_of(row) for row in self._connection.execute(ungrouped(limit, types)))

    def recent_stories(self, *, type: str, since: datetime) -> tuple[Story, ...]:
        rows = self._connection.execute(recent(type, since)).all()
        chains = self._developments(row.id for row in rows)
        return tuple(story_of(row, chains.get(row.id, ())) for row in rows)

    def slug_is_taken(self, slug: str) -> bool:
        by_slug = (select(table.c.id).where(table.c.slug == slug) for table in (stories, developments))
        return any(self._connection.execute(query).first() is not None for query in by_slug)

    def save_story(self, story: Story) -> Story:
        values = {
            "slug": story.slug,
            "type": story.type,
            "title": story.title,
            "participants": list_text(story.participants),
            "places": list_text(story.places),
            "phase": story.phase,
            "first_seen_at": story.first_seen_at,
            "last_seen_at": story.last_seen_at,
            "revision": story.revision,
            "follows": story.follows,
        }
        return replace(story, id=self._save(stories, story.id, values))

    def save_development(self, development: Development) -> Development:
        values = {
            "story_id": development.story_id,
            "slug": development.slug,
            "type": development.type,
            "phase": development.phase,
            "roles": roles_text(development.roles),
            "place": development.place,
            "occurs_on": development.occurs_on,
            "first_seen_at": development.first_seen_at,
            "last_seen_at": development.last_seen_at,
            "report_count": development.report_count,
            "origins": list_text(development.origins),
            "change": development.change,
            "alerted": development.alerted,
            "origin_count": development.origin_count,
            "held_until": development.held_until,
            "sayings": sayings_text(development.sayings),
        }
        saved_id = self._save(developments, development.id, values)
        self._connection.execute(delete(development_names).where(development_names.c.development_id == saved_id))
        names = [{"development_id": saved_id, **row} for row in name_rows(development.roles)]
        if names:
            self._connection.execute(insert(development_names), names)
        return replace(development, id=saved_id)

    def version(self) -> int:
        row = self._connection.execute(select(story_versions.c.version).where(story_versions.c.id == 1)).first()
        return row.version if row else 0

    def advance(self) -> int:
        self.has_advanced = True
        number = self.version() + 1
        values = {"id": 1, "version": number}
        statement = insert_into(self._connection)(story_versions).values(values)
        self._connection.execute(
            statement.on_conflict_do_update(index_elements=["id"], set_={"version": statement.excluded.version})
        )
        return number

    def originals(self, development_id: int) -> tuple[Original, ...]:
        found = self._connection.execute(originals_of(development_id)).all()
        return tuple(
            Original(id=row.id, source=row.source, title=row.title, sketch=sketch_of(row.text)) for row in found
        )

    def assign(self, report_id: int, *, development_id: int, note: str) -> None:
        values = {"development_id": development_id, "note": note}
        self._connection.execute(update(reports).where(reports.c.id == report_id).values(values))

    def note_decision(self, report_id: int, decision: Decision) -> None:
        values = {"grouping": decision_text(decision), "copy_of": decision.copy_of}
        self._connection.execute(update(reports).where(reports.c.id == report_id).values(values))

    def save_alert(self, new: NewAlert) -> bool:
        alert = new.alert
        feed = select(documents.c.feed_id).join(reports, reports.c.document_id == documents.c.id)
        values = {
            "key": alert.key,
            "story_id": alert.story_id,
            "development_id": alert.development_id,
            "report_id": alert.report_id,
            "feed_id": feed.where(reports.c.id == alert.report_id).scalar_subquery(),
            "type": alert.message.type,
            "phase": alert.message.phase,
            "reason": str(alert.reason),
            "severity": str(alert.severity),
            "created_at": alert.created_at,
            "message": message_text(alert.message),
            "also_reported_by": list_text(alert.message.also_reported_by),
        }
        statement = insert_into(self._connection)(alerts).values(values)
        statement = statement.on_conflict_do_nothing(index_elements=["key"]).returning(alerts.c.id)
        alert_id = self._connection.execute(statement).scalar_one_or_none()
        if alert_id is None:
            return False
        self._add_deliveries(alert_id, new)
        write_dispatches(self._connection, alert_id, new.dispatches, at=alert.created_at)
        roles = self._connection.execute(
            select(reports.c.roles, documents.c.title)
            .join(documents, documents.c.id == reports.c.document_id)
            .where(reports.c.id == alert.report_id)
        ).one()
        words = searched_text(alert.message, title=roles.title, roles=roles_of(roles.roles))
        add_to_search(self._connection, alert_id, words)
        return True

    def note_also_reported(self, development_id: int, *, sources: tuple[str, ...]) -> None:
        statement = update(alerts).where(alerts.c.development_id == development_id)
        self._connection.execute(statement.values(also_reported_by=list_text(sources)))

    def show_change(self, story_id: int, *, due_at: datetime) -> None:
        show_change(self._connection, [story_id], due_at=due_at)

    def note_burst(self, feed_id: int, *, until: datetime, poll_by: datetime) -> None:
        mine = feed_states.c.feed_id == feed_id
        is_shorter = or_(feed_states.c.burst_until.is_(None), feed_states.c.burst_until < until)
        self._connection.execute(update(feed_states).where(mine, is_shorter).values(burst_until=until))
        is_ours = feed_states.c.interval_reason.not_in([str(reason) for reason in NOT_OURS])
        is_later = feed_states.c.next_poll_at > poll_by
        self._connection.execute(update(feed_states).where(mine, is_ours, is_later).values(next_poll_at=poll_by))

    def _add_deliveries(self, alert_id: int, new: NewAlert) -> None:
        routes = {dispatch.channel: dispatch.route for dispatch in new.dispatches}
        rows = [
            {
                "alert_id": alert_id,
                "channel": channel,
                "key": f"{new.alert.key}@{channel}",
                "status": str(DeliveryStatus.PENDING),
                "attempts": 0,
                "created_at": new.alert.created_at,
                "due_at": new.alert.created_at,
                "fence": 0,
                "story_id": new.alert.story_id,
                "expires_at": new.expires_at,
                "route": routes.get(channel),
            }
            for channel in dict.fromkeys(new.channels)
        ]
        if rows:
            self._connection.execute(insert(deliveries), rows)

    def _save(self, table: Any, row_id: int, values: dict[str, Any]) -> int:
        if row_id:
            self._connection.execute(update(table).where(table.c.id == row_id).values(values))
            return row_id
        return int(self._connection.execute(insert(table).values(values).returning(table.c.id)).scalar_one())

    def _developments(self, story_ids: Iterable[int]) -> dict[int, tuple[Development, ...]]:
        chains: dict[int, list[Development]] = {}
        ordered = select(developments).order_by(developments.c.first_seen_at, developments.c.id)
        for part in chunks(story_ids):
            for row in self._connection.execute(ordered.where(developments.c.story_id.in_(part))):
                chains.setdefault(row.story_id, []).append(development_of(row))
        return {story_id: tuple(chain) for story_id, chain in chains.items()}
