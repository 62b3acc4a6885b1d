"""Deliveries that came too late to be news, kept for the next digest."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select

from monitor.core.alert.calendar import next_hour
from monitor.core.model.route import DispatchReason
from monitor.ports import ClaimedDelivery
from monitor.store.dispatches import queue
from monitor.store.routing_tables import dispatches


def keep_for_digest(connection: Connection, claim: ClaimedDelivery, *, now: datetime) -> None:
    """Put the delivery's alert among what the channel is told at the next full hour, all that came too late in one.

    A notice or digest is left out: it is of no more use.
    """
    alert_id, channel = claim.delivery.alert_id, claim.delivery.channel
    if alert_id is None:
        return
    mine = (dispatches.c.alert_id == alert_id) & (dispatches.c.channel == channel)
    route = connection.execute(select(dispatches.c.route).where(mine)).scalar_one_or_none() or ""
    queue(connection, alert_id, route, channel, DispatchReason.EXPIRED, due_at=next_hour(now))
