"""Alerts that wait for an acknowledgement, and what is sent when none comes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, insert, select, update

from monitor.core.alert.escalate import Escalated, Unanswered
from monitor.core.model.alert import DeliveryStatus
from monitor.core.model.route import DispatchReason, Outcome
from monitor.store.engine import Database, insert_into
from monitor.store.feedback_tables import acks
from monitor.store.routing_tables import dispatches
from monitor.store.tables import alerts, deliveries

_BATCH = 50


class SqlEscalationStore:
    """`monitor.ports.EscalationStore` on a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def is_due(self, now: datetime) -> bool:
        with self._database.reading() as connection:
            return connection.execute(overdue(now, 1)).first() is not None

    @contextmanager
    def escalating(self) -> Iterator[SqlEscalationSession]:
        with self._database.writing() as connection:
            yield SqlEscalationSession(connection)


class SqlEscalationSession:
    """`monitor.ports.EscalationSession` on one open transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def due(self, now: datetime) -> Iterator[Unanswered]:
        for row in self._connection.execute(overdue(now, _BATCH).with_for_update(skip_locked=True, of=dispatches)):
            yield Unanswered(
                dispatch_id=row.id,
                alert_id=row.alert_id,
                alert_key=row.key,
                story_id=row.story_id,
                route=row.route,
                channel=row.channel,
                is_acked=self._is_any(select(acks.c.story_id).where(acks.c.story_id == row.story_id)),
                was_escalated=self._is_any(escalated(row.story_id, row.route)),
            )

    def settle(self, waited: Unanswered, how: Escalated, channels: Sequence[str], *, now: datetime) -> None:
        for channel in dict.fromkeys(channels):
            self._tell(waited, channel, now)
        mine = update(dispatches).where(dispatches.c.id == waited.dispatch_id)
        self._connection.execute(mine.values(escalates_at=None, escalation=str(how)))

    def _tell(self, waited: Unanswered, channel: str, now: datetime) -> None:
        values = {
            "alert_id": waited.alert_id,
            "route": waited.route,
            "channel": channel,
            "outcome": str(Outcome.NOW),
            "reason": str(DispatchReason.NOT_ACKNOWLEDGED),
            "detail": f"nobody acknowledged it in {waited.channel}",
            "at": now,
        }
        statement = insert_into(self._connection)(dispatches).values(values)
        statement = statement.on_conflict_do_nothing(index_elements=["alert_id", "channel"])
        if self._connection.execute(statement.returning(dispatches.c.id)).first() is None:
            return  # the alert was decided about there already
        self._connection.execute(
            insert(deliveries).values(
                alert_id=waited.alert_id,
                channel=channel,
                key=f"{waited.alert_key}@{channel}",
                status=str(DeliveryStatus.PENDING),
                attempts=0,
                created_at=now,
                due_at=now,
                fence=0,
                story_id=waited.story_id,
                route=waited.route,
            )
        )

    def _is_any(self, query: Select[Any]) -> bool:
        return self._connection.execute(query.limit(1)).first() is not None


def overdue(now: datetime, limit: int) -> Select[Any]:
    """Dispatches whose time for an acknowledgement is over, the longest over first."""
    return (
        select(
            dispatches.c.id,
            dispatches.c.alert_id,
            dispatches.c.route,
            dispatches.c.channel,
            alerts.c.key,
            alerts.c.story_id,
        )
        .join(alerts, alerts.c.id == dispatches.c.alert_id)
        .where(dispatches.c.escalates_at <= now)
        .order_by(dispatches.c.escalates_at, dispatches.c.id)
        .limit(limit)
    )


def escalated(story_id: int, route: str) -> Select[Any]:
    """The story's dispatches of the route that were escalated."""
    return (
        select(dispatches.c.id)
        .join(alerts, alerts.c.id == dispatches.c.alert_id)
        .where(
            alerts.c.story_id == story_id,
            dispatches.c.route == route,
            dispatches.c.escalation == str(Escalated.ESCALATED),
        )
    )
