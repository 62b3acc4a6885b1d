"""The outbox: deliveries are claimed, marked SENDING before anything leaves, and settled once.

Whoever dies between the two leaves a SENDING row; it comes back when its lease has lapsed, marked
with `unknown_since`, and the deliver step asks the channel before it sends again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Select, case, func, select, update

from monitor.core.model.alert import Delivery, DeliveryStatus, Message, Receipt
from monitor.core.model.outbox import OutboxFilter, OutboxRow
from monitor.errors import DeliveryFault, LeaseLost
from monitor.ports import ClaimedDelivery, Lease
from monitor.store import outbox_desk
from monitor.store.digest_queue import keep_for_digest
from monitor.store.digest_records import told_of
from monitor.store.engine import Database
from monitor.store.records import message_of
from monitor.store.tables import alerts, deliveries, notices
from monitor.store.threads import UNSETTLED, due_edits, note_told, references

Also = Callable[[Connection], None]

_SENDING = str(DeliveryStatus.SENDING)


class SqlOutboxStore:
    """`monitor.ports.OutboxStore` on a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def is_due(self, channel: str, *, now: datetime) -> bool:
        with self._database.reading() as connection:
            looks = (_due((channel,), now).limit(1), due_edits((channel,), now, 1))
            return any(connection.execute(look).first() is not None for look in looks)

    def claim_due(
        self, *, channels: Sequence[str], now: datetime, limit: int, lease_s: float
    ) -> tuple[ClaimedDelivery, ...]:
        until = now + timedelta(seconds=lease_s)
        owner = self._database.owner
        return self._database.write(lambda connection: _claim(connection, channels, now, limit, until, owner))

    def record_sent(self, claim: ClaimedDelivery, receipt: Receipt, *, now: datetime, threads: bool = False) -> None:
        self._settle(
            claim,
            status=DeliveryStatus.SENT,
            also=(lambda connection: note_told(connection, claim, receipt, now=now)) if threads else None,
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

    def record_expired(self, claim: ClaimedDelivery, *, now: datetime) -> None:
        self._settle(
            claim,
            status=DeliveryStatus.DEAD,
            also=lambda connection: keep_for_digest(connection, claim, now=now),
            unknown_since=None,
            last_fault=str(DeliveryFault.EXPIRED),
            detail=f"not sent by {claim.expires_at:%Y-%m-%d %H:%M} UTC, when it was no news any more",
        )

    def unpark(self, *, channels: Sequence[str], fault: DeliveryFault | None = None) -> int:
        parked = (deliveries.c.status == str(DeliveryStatus.PARKED)) & deliveries.c.channel.in_(channels)
        if fault is not None:
            parked &= deliveries.c.last_fault == str(fault)
        values = {"status": str(DeliveryStatus.PENDING), "due_at": deliveries.c.created_at}
        return self._database.write(
            lambda connection: connection.execute(update(deliveries).where(parked).values(values)).rowcount
        )

    def rows(self, wanted: OutboxFilter, *, limit: int | None = None) -> tuple[OutboxRow, ...]:
        with self._database.reading() as connection:
            return tuple(outbox_desk.rows(connection, wanted, limit))

    def retry(self, wanted: OutboxFilter, *, now: datetime) -> tuple[int, ...]:
        return self._database.write(lambda connection: outbox_desk.retry(connection, wanted, now))

    def drop(self, wanted: OutboxFilter) -> tuple[int, ...]:
        return self._database.write(lambda connection: outbox_desk.drop(connection, wanted))

    def _settle(
        self, claim: ClaimedDelivery, *, status: DeliveryStatus, also: Also | None = None, **changes: Any
    ) -> None:
        held = (
            (deliveries.c.id == claim.lease.row_id)
            & (deliveries.c.fence == claim.lease.fence)
            & (deliveries.c.status == _SENDING)
        )
        values = {"status": str(status), "due_at": None, "lease_owner": None} | changes

        def work(connection: Connection) -> None:
            if connection.execute(update(deliveries).where(held).values(values)).rowcount != 1:
                raise LeaseLost(f"delivery {claim.delivery.key} was claimed again since")
            if also is not None:
                also(connection)

        self._database.write(work)


def due_deliveries(channels: Sequence[str], now: datetime, limit: int) -> Select[Any]:
    """The ids of deliveries to claim, the oldest alert first, notices last; rows others hold are passed over.

    A story's deliveries to one channel keep their order: what waits, is under way or parked holds the later ones.
    """
    due = _due(channels, now).order_by(deliveries.c.alert_id.is_(None), deliveries.c.alert_id, deliveries.c.id)
    return due.limit(limit).with_for_update(key_share=True, skip_locked=True)


def _due(channels: Sequence[str], now: datetime) -> Select[Any]:
    earlier = deliveries.alias()
    held = (
        select(1)
        .where(
            earlier.c.channel == deliveries.c.channel,
            earlier.c.story_id == deliveries.c.story_id,
            earlier.c.id < deliveries.c.id,
            earlier.c.status.in_([str(status) for status in UNSETTLED]),
        )
        .exists()
    )
    return select(deliveries.c.id).where(deliveries.c.channel.in_(channels), deliveries.c.due_at <= now, ~held)


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
    parents = references(connection, {(row.story_id, row.channel) for row in rows.values() if row.story_id})
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
            story_id=row.story_id,
            route=row.route,
            expires_at=row.expires_at,
            thread=parents.get((row.story_id, row.channel)),
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
