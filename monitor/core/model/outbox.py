"""The outbox as people look at it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from monitor.core.model.alert import DeliveryStatus


@dataclass(frozen=True, kw_only=True)
class OutboxFilter:
    """Which deliveries are meant; what is None or empty does not choose."""

    ids: tuple[int, ...] = ()
    statuses: tuple[DeliveryStatus, ...] = ()
    channel: str | None = None
    route: str | None = None


@dataclass(frozen=True, kw_only=True)
class OutboxRow:
    """One delivery. `title` says what it carries; `alert_id` is None for notices and digests.

    `due_at` is when it is tried next, or until when a try is under way; None when nothing more happens by itself.
    """

    id: int
    key: str
    alert_id: int | None
    title: str
    channel: str
    route: str | None
    status: DeliveryStatus
    attempts: int
    created_at: datetime
    due_at: datetime | None
    expires_at: datetime | None
    sent_at: datetime | None
    last_fault: str | None
    detail: str | None
    reference: str | None
