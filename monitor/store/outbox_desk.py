"""The outbox by hand: deliveries looked at, tried again, and dropped."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, select, true, update

from monitor.core.alert.wording import phase_phrase
from monitor.core.model.alert import DeliveryStatus
from monitor.core.model.outbox import OutboxFilter, OutboxRow
from monitor.errors import DeliveryFault
from monitor.store.digest_records import told_of
from monitor.store.records import message_of
from monitor.store.tables import alerts, deliveries, notices

_STUCK = (DeliveryStatus.PARKED, DeliveryStatus.DEAD)
_WAITING = (DeliveryStatus.PENDING, DeliveryStatus.PARKED)


def wanted_deliveries(wanted: OutboxFilter, limit: int | None) -> Select[Any]:
    """The deliveries that match, newest first, with what they carry."""
    return (
        select(deliveries, alerts.c.message.label("alert"), notices.c.message.label("notice"))
        .join(alerts, alerts.c.id == deliveries.c.alert_id, isouter=True)
        .join(notices, notices.c.id == deliveries.c.notice_id, isouter=True)
        .where(_matches(wanted))
        .order_by(deliveries.c.id.desc())
        .limit(limit)
    )


def rows(connection: Connection, wanted: OutboxFilter, limit: int | None) -> Iterator[OutboxRow]:
    """The deliveries that match, newest first."""
    for row in connection.execute(wanted_deliveries(wanted, limit)):
        yield OutboxRow(
            id=row.id,
            key=row.key,
            alert_id=row.alert_id,
            title=_title(row),
            channel=row.channel,
            route=row.route,
            status=DeliveryStatus(row.status),
            attempts=row.attempts,
            created_at=row.created_at,
            due_at=row.due_at,
            expires_at=row.expires_at,
            sent_at=row.sent_at,
            last_fault=row.last_fault,
            detail=row.detail,
            reference=row.reference,
        )


def retry(connection: Connection, wanted: OutboxFilter, now: datetime) -> tuple[int, ...]:
    """Make parked and dead deliveries pending again, however old they are by now; their ids."""
    values = {"status": str(DeliveryStatus.PENDING), "due_at": now, "expires_at": None}
    return _change(connection, wanted, _STUCK, values)


def drop(connection: Connection, wanted: OutboxFilter) -> tuple[int, ...]:
    """Give up deliveries that wait or are parked; their ids."""
    fault, detail = str(DeliveryFault.DROPPED), "dropped by hand"
    values = {"status": str(DeliveryStatus.DEAD), "due_at": None, "last_fault": fault, "detail": detail}
    return _change(connection, wanted, _WAITING, values)


def _change(
    connection: Connection, wanted: OutboxFilter, statuses: tuple[DeliveryStatus, ...], values: dict[str, Any]
) -> tuple[int, ...]:
    ours = deliveries.c.status.in_([str(status) for status in statuses])
    # The fence makes a sender that holds the row write nothing over it.
    changed = update(deliveries).where(ours, _matches(wanted)).values(**values, fence=deliveries.c.fence + 1)
    return tuple(sorted(connection.execute(changed.returning(deliveries.c.id)).scalars()))


def _matches(wanted: OutboxFilter) -> ColumnElement[bool]:
    parts: list[ColumnElement[bool]] = []
    if wanted.ids:
        parts.append(deliveries.c.id.in_(wanted.ids))
    if wanted.statuses:
        parts.append(deliveries.c.status.in_([str(status) for status in wanted.statuses]))
    if wanted.channel is not None:
        parts.append(deliveries.c.channel == wanted.channel)
    if wanted.route is not None:
        parts.append(deliveries.c.route == wanted.route)
    return and_(true(), *parts)


def _title(row: Any) -> str:
    if row.alert is None:
        return told_of(row.notice).title
    message = message_of(row.alert)
    return ": ".join(filter(None, (phase_phrase(message.type, message.phase), message.who or message.story_title)))
