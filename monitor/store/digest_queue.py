"""Deliveries that came too late to be news, kept for the next digest."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from monitor.ports import ClaimedDelivery


def keep_for_digest(connection: Connection, claim: ClaimedDelivery, *, now: datetime) -> None:
    """Put the delivery's alert among what the channel's next digest tells."""
