"""Threads: which story has which parent message in which channel, and which parents are to be edited."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Select, case, delete, literal, select, update

from monitor.core.model.alert import DeliveryStatus, Receipt
from monitor.core.model.story_state import StoryState
from monitor.errors import DeliveryFault, LeaseLost
from monitor.ports import ClaimedDelivery, ClaimedEdit, Lease
from monitor.store.engine import Database, insert_into
from monitor.store.story_states import states_of
from monitor.store.tables import deliveries
from monitor.store.thread_changes import show_change
from monitor.store.thread_tables import threads
from monitor.store.types import UtcDateTime

UNSETTLED = (DeliveryStatus.PENDING, DeliveryStatus.SENDING, DeliveryStatus.PARKED)


class SqlThreadStore:
    """`monitor.ports.ThreadStore` on a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def story_states(self, story_ids: Collection[int], *, now: datetime) -> Mapping[int, StoryState]:
        if not story_ids:
            return {}
        with self._database.reading() as connection:
            return states_of(connection, story_ids, now=now)

    def show_change(self, story_ids: Collection[int], *, due_at: datetime) -> None:
        self._database.write(lambda connection: show_change(connection, story_ids, due_at=due_at))

    def claim_edits(
        self, *, channels: Sequence[str], now: datetime, limit: int, lease_s: float
    ) -> tuple[ClaimedEdit, ...]:
        until = now + timedelta(seconds=lease_s)
        owner = self._database.owner
        return self._database.write(lambda connection: _claim(connection, channels, now, limit, until, owner))

    def record_edit(self, claim: ClaimedEdit, *, shown: str, now: datetime) -> None:
        # What changed while the edit was under way is not shown yet.
        again = case((threads.c.changes > claim.changes, literal(now, UtcDateTime)), else_=None)
        self._settle(
            claim, shown=shown, edited_at=now, edit_due_at=again, edit_attempts=0, last_fault=None, detail=None
        )

    def record_edit_failure(
        self, claim: ClaimedEdit, *, fault: DeliveryFault, detail: str, retry_at: datetime | None
    ) -> None:
        self._settle(
            claim, edit_due_at=retry_at, edit_attempts=claim.attempts + 1, last_fault=str(fault), detail=detail
        )

    def forget(self, story_id: int, channel: str) -> None:
        self._database.write(
            lambda connection: connection.execute(delete(threads).where(_is_of(story_id, channel))).rowcount
        )

    def _settle(self, claim: ClaimedEdit, **changes: Any) -> None:
        held = _is_of(claim.story_id, claim.channel) & (threads.c.fence == claim.lease.fence)

        def work(connection: Connection) -> None:
            values = changes | {"lease_owner": None}
            if connection.execute(update(threads).where(held).values(values)).rowcount != 1:
                raise LeaseLost(f"the parent of story {claim.story_id} was claimed again since")

        self._database.write(work)


def due_edits(channels: Sequence[str], now: datetime, limit: int) -> Select[Any]:
    """Parents to be edited, the longest due first; the story's own deliveries go before."""
    news = (
        select(1)
        .where(
            deliveries.c.channel == threads.c.channel,
            deliveries.c.story_id == threads.c.story_id,
            deliveries.c.status.in_([str(status) for status in UNSETTLED]),
        )
        .exists()
    )
    return (
        select(threads.c.story_id, threads.c.channel)
        .where(threads.c.channel.in_(channels), threads.c.edit_due_at <= now, ~news)
        .order_by(threads.c.edit_due_at, threads.c.story_id)
        .limit(limit)
    )


def note_told(connection: Connection, claim: ClaimedDelivery, receipt: Receipt, *, now: datetime) -> None:
    """Write what a delivery that went out means for its story's thread."""
    delivery = claim.delivery
    if claim.story_id is None or delivery.alert_id is None:
        return
    if claim.thread is not None:
        changed = {"alert_id": delivery.alert_id, "edit_due_at": now, "changes": threads.c.changes + 1}
        mine = _is_of(claim.story_id, delivery.channel)
        if connection.execute(update(threads).where(mine).values(changed)).rowcount:
            return  # else its parent was gone, and this is the new one
    values = {
        "reference": receipt.reference,
        "key": delivery.key,
        "alert_id": delivery.alert_id,
        "shown": receipt.shown,
        "opened_at": now,
        "edit_due_at": None if receipt.shown else now,
        "changes": 0,
        "edit_attempts": 0,
        "fence": 0,
    }
    opened = insert_into(connection)(threads).values(
        story_id=claim.story_id, channel=delivery.channel, edited_at=None, **values
    )
    replaced = values | {"fence": threads.c.fence + 1, "changes": threads.c.changes + 1}
    connection.execute(opened.on_conflict_do_update(index_elements=["story_id", "channel"], set_=replaced))


def references(connection: Connection, places: Collection[tuple[int, str]]) -> dict[tuple[int, str], str]:
    """The parents' references by (story, channel)."""
    wanted = {story_id for story_id, _ in places}
    rows = connection.execute(
        select(threads.c.story_id, threads.c.channel, threads.c.reference).where(threads.c.story_id.in_(wanted))
    )
    return {(row.story_id, row.channel): row.reference for row in rows}


def _is_of(story_id: int, channel: str) -> Any:
    return (threads.c.story_id == story_id) & (threads.c.channel == channel)


def _claim(
    connection: Connection, channels: Sequence[str], now: datetime, limit: int, until: datetime, owner: str | None
) -> tuple[ClaimedEdit, ...]:
    taken = []
    for due in connection.execute(
        due_edits(channels, now, limit).with_for_update(key_share=True, skip_locked=True)
    ).all():
        claimed = (
            update(threads)
            .where(_is_of(due.story_id, due.channel))
            .values(edit_due_at=until, lease_owner=owner, fence=threads.c.fence + 1)
            .returning(*threads.c)
        )
        row = connection.execute(claimed).one()
        taken.append(
            ClaimedEdit(
                lease=Lease(row_id=row.story_id, fence=row.fence, until=until),
                story_id=row.story_id,
                channel=row.channel,
                reference=row.reference,
                key=row.key,
                alert_id=row.alert_id,
                shown=row.shown,
                changes=row.changes,
                attempts=row.edit_attempts,
            )
        )
    return tuple(taken)
