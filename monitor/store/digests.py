"""Digests: what waits and is due becomes one message a route and channel, in one transaction."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, insert, select, update

from monitor.core.alert.digest import DigestItem
from monitor.core.model.alert import DeliveryStatus, Digest
from monitor.core.model.route import DispatchReason
from monitor.store.chunks import chunks
from monitor.store.digest_records import digest_text
from monitor.store.engine import Database, insert_into
from monitor.store.history import alert_views
from monitor.store.routing_tables import digest_items
from monitor.store.tables import deliveries, developments, notices

MOST_ITEMS = 2_000  # of one digest: some 4 kB each; what is left makes the next


class SqlDigestStore:
    """`monitor.ports.DigestStore` on a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def is_due(self, now: datetime) -> bool:
        with self._database.reading() as connection:
            return connection.execute(due_items(now, 1)).first() is not None

    @contextmanager
    def digesting(self) -> Iterator[SqlDigestSession]:
        with self._database.writing() as connection:
            yield SqlDigestSession(connection)


class SqlDigestSession:
    """`monitor.ports.DigestSession` on one open transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def due(self, now: datetime) -> tuple[tuple[DigestItem, ...], ...]:
        rows = self._connection.execute(due_items(now, MOST_ITEMS).with_for_update(skip_locked=True)).all()
        views = {view.alert.id: view for view in alert_views(self._connection, [row.alert_id for row in rows])}
        counts = self._report_counts({view.alert.development_id for view in views.values()})
        groups: dict[tuple[str, str], list[DigestItem]] = {}
        for row in rows:
            view = views[row.alert_id]
            item = DigestItem(
                id=row.id,
                route=row.route,
                channel=row.channel,
                reason=DispatchReason(row.reason),
                alert=view.alert,
                story=view.story_slug,
                report_count=counts.get(view.alert.development_id, 1),
            )
            groups.setdefault((row.route, row.channel), []).append(item)
        return tuple(map(tuple, groups.values()))

    def save(self, digest: Digest, items: tuple[DigestItem, ...]) -> bool:
        values = {"key": digest.key, "created_at": digest.created_at, "message": digest_text(digest)}
        statement = insert_into(self._connection)(notices).values(values).on_conflict_do_nothing(index_elements=["key"])
        notice_id = self._connection.execute(statement.returning(notices.c.id)).scalar_one_or_none()
        if notice_id is None:
            return False
        channel = items[0].channel
        self._connection.execute(
            insert(deliveries).values(
                notice_id=notice_id,
                channel=channel,
                key=f"{digest.key}@{channel}",
                status=str(DeliveryStatus.PENDING),
                attempts=0,
                created_at=digest.created_at,
                due_at=digest.created_at,
                fence=0,
            )
        )
        for part in chunks([item.id for item in items]):
            told = update(digest_items).where(digest_items.c.id.in_(part)).values(notice_id=notice_id)
            self._connection.execute(told)
        return True

    def _report_counts(self, development_ids: set[int]) -> dict[int, int]:
        found: dict[int, int] = {}
        for part in chunks(development_ids):
            wanted = select(developments.c.id, developments.c.report_count).where(developments.c.id.in_(part))
            found |= {row.id: row.report_count for row in self._connection.execute(wanted)}
        return found


def due_items(now: datetime, limit: int) -> Select[Any]:
    """What waits and is due, the oldest first."""
    return (
        select(digest_items)
        .where(digest_items.c.notice_id.is_(None), digest_items.c.due_at <= now)
        .order_by(digest_items.c.due_at, digest_items.c.id)
        .limit(limit)
    )
