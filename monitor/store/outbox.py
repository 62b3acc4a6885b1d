"""The outbox: deliveries are claimed, marked SENDING before anything leaves, and settled once.

Whoever dies between the two leaves a SENDING row; it comes back when its lease has lapsed, marked
with `unknown_since`, and the deliver step asks the channel before it sends again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Select, case, func, select, update

from monitor.core.model.alert import Delivery, DeliveryStatus, Message, Receipt
from monitor.errors import DeliveryFault, LeaseLost
from monitor.ports import ClaimedDelivery, Lease
from monitor.store.digest_records import told_of
from monitor.store.engine import Database
from monitor.store.records import message_of
from monitor.store.tables import alerts, deliveries, notices

_SENDING = str(DeliveryStatus.SENDING)


class SqlOutboxStore:
    """`monitor.ports.OutboxStore` on a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def claim_due(
        self, *, channels: Sequence[str], now: datetime, limit: int, lease_s: float
    ) -> tuple[ClaimedDelivery, ...]:
        until = now + timedelta(seconds=lease_s)
        owner = self._database.owner
        return self._database.write(lambda connection: _claim(connection, channels, now, limit, until, owner))

    def record_sent(self, claim: ClaimedDelivery, receipt: Receipt, *, now: datetime) -> None:
        self._settle(
            claim,
            status=DeliveryStatus.SENT,
            reference=receipt.reference,
            sent_at=now,
            unknown_since=None,
            last_fault=None,
            detail=None,
        )

    def record_retry(
        self,
        claim: ClaimedDelivery,
        *,
        fault: DeliveryFault,
        detail: str,
        retry_at: datetime,
        unknown_since: datetime | None,
    ) -> None:
        self._settle(
            claim,
            status=DeliveryStatus.PENDING,
            due_at=retry_at,
            unknown_since=unknown_since,
            last_fault=str(fault),
            detail=detail,
        )

    def record_parked(self, claim: ClaimedDelivery, *, fault: DeliveryFault, detail: str) -> None:
        """See the port. What is unknown about earlier attempts stays unknown until it is unparked."""
        self._settle(claim, status=DeliveryStatus.PARKED, last_fault=str(fault), detail=detail)

    def record_dead(self, claim: ClaimedDelivery, *, fault: DeliveryFault, detail: str) -> None:
        self._settle(claim, status=DeliveryStatus.DEAD, last_fault=str(fault), detail=detail)

    def unpark(self, *, channels: Sequence[str]) -> int:
        parked = (deliveries.c.status == str(DeliveryStatus.PARKED)) & deliveries.c.channel.in_(channels)
        values = {"status": str(DeliveryStatus.PENDING), "due_at": deliveries.c.created_at}
        return self._database.write(
            lambda connection: connection.execute(update(deliveries).where(parked).values(values)).rowcount
        )

    def _settle(self, claim: ClaimedDelivery, *, status: DeliveryStatus, **changes: Any) -> None:
        held = (
            (deliveries.c.id == claim.lease.row_id)
            & (deliveries.c.fence == claim.lease.fence)
            & (deliveries.c.status == _SENDING)
        )
        values = {"status": str(status), "due_at": None, "lease_owner": None} | changes

        def work(connection: Connection) -> None:
            if connection.execute(update(deliveries).where(held).values(values)).rowcount != 1:
                raise LeaseLost(f"delivery {claim.delivery.key} was claimed again since")

        self._database.write(work)


def due_deliveries(channels: Sequence[str], now: datetime, limit: int) -> Select[Any]:
    """The ids of deliveries to claim, the oldest alert first, notices last; rows others hold are passed over."""
    return (
        select(deliveries.c.id)
        .where(deliveries.c.channel.in_(channels), deliveries.c.due_at <= now)
        .order_by(deliveries.c.alert_id.is_(None), deliveries.c.alert_id, deliveries.c.id)
        .limit(limit)
        .with_for_update(key_share=True, skip_locked=True)
    )


def _claim(
    connection: Connection, channels: Sequence[str], now: datetime, limit: int, until: datetime, owner: str | None
) -> tuple[ClaimedDelivery, ...]:
    ids = connection.execute(due_deliveries(channels, now, limit)).scalars().all()
    if not ids:
        return ()
    taken = (
        update(deliveries)
        .where(deliveries.c.id.in_(ids))
        .values(
            # The right-hand sides see the row as it was: SENDING there is an attempt nobody settled.
            unknown_since=case((deliveries.c.status == _SENDING, now), else_=deliveries.c.unknown_since),
            status=_SENDING,
            attempts=deliveries.c.attempts + 1,
            due_at=until,
            first_attempt_at=func.coalesce(deliveries.c.first_attempt_at, now),
            lease_owner=owner,
            fence=deliveries.c.fence + 1,
        )
        .returning(*deliveries.c)
    )
    rows = {row.id: row for row in connection.execute(taken)}
    told = _messages(connection, rows.values())
    return tuple(
        ClaimedDelivery(
            lease=Lease(row_id=row.id, fence=row.fence, until=until),
            delivery=Delivery(
                id=row.id,
                alert_id=row.alert_id,
                channel=row.channel,
                key=row.key,
                status=DeliveryStatus(row.status),
                attempts=row.attempts,
                message=told[row.id],
            ),
            unknown_since=row.unknown_since,
            first_attempt_at=row.first_attempt_at,
        )
        for row in (rows[delivery_id] for delivery_id in ids)
    )


def _messages(connection: Connection, rows: Iterable[Any]) -> dict[int, Message]:
    """What each delivery carries, by its id: its alert's message, its notice, or its digest."""
    alert_ids = {row.alert_id for row in rows if row.alert_id is not None}
    notice_ids = {row.notice_id for row in rows if row.notice_id is not None}
    stored = select(alerts.c.id, alerts.c.message).where(alerts.c.id.in_(alert_ids))
    by_alert = {row.id: message_of(row.message) for row in connection.execute(stored)} if alert_ids else {}
    stored = select(notices.c.id, notices.c.message).where(notices.c.id.in_(notice_ids))
    by_notice = {row.id: told_of(row.message) for row in connection.execute(stored)} if notice_ids else {}
    return {row.id: by_notice[row.notice_id] if row.alert_id is None else by_alert[row.alert_id] for row in rows}
