"""Ways out, and what is kept of what went out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from monitor.core.model.alert import Message, Receipt
from monitor.core.model.outbox import OutboxFilter, OutboxRow
from monitor.core.model.work import ClaimedDelivery
from monitor.errors import DeliveryFault


class Channel(Protocol):
    """A way out. `send` is called from one thread at a time per channel."""

    @property
    def name(self) -> str: ...

    @property
    def visible_after_s(self) -> float:
        """Seconds after which `find` certainly sees a message that was taken; 0 where it never sees any."""
        ...

    @property
    def repeats_when_unsure(self) -> bool:
        """Whether a message that may have been taken, and cannot be looked for, is sent again (else it is given up)."""
        ...

    def send(self, message: Message, *, key: str) -> Receipt:
        """Raises: Transient, OutcomeUnknown, ChannelBroken, MessageRefused."""
        ...

    def find(self, key: str, *, since: datetime) -> Receipt | None:
        """The receipt of an earlier send of `key` whose answer was lost; None when it cannot be found.

        Raises: DeliveryError.
        """
        ...


class OutboxStore(Protocol):
    def is_due(self, channel: str, *, now: datetime) -> bool:
        """Whether a delivery to the channel, or an edit in it, may be claimed; a cheap read."""
        ...

    def claim_due(
        self, *, channels: Sequence[str], now: datetime, limit: int, lease_s: float
    ) -> tuple[ClaimedDelivery, ...]:
        """Deliveries to these channels that are due, now marked SENDING, oldest alert first.

        None of a story that has an earlier one in the channel which is neither sent nor dead. One left
        SENDING by a dead process comes back when its lease has lapsed, with `unknown_since`.
        """
        ...

    def record_sent(self, claim: ClaimedDelivery, receipt: Receipt, *, now: datetime, threads: bool = False) -> None:
        """Sent; where the channel `threads`, its story's thread begins with it or has its parent edited next.

        Raises: LeaseLost.
        """
        ...

    def record_retry(
        self,
        claim: ClaimedDelivery,
        *,
        fault: DeliveryFault,
        detail: str,
        retry_at: datetime,
        unknown_since: datetime | None,
    ) -> None:
        """Back to PENDING until `retry_at`. Raises: LeaseLost."""
        ...

    def record_parked(self, claim: ClaimedDelivery, *, fault: DeliveryFault, detail: str) -> None:
        """Raises: LeaseLost."""
        ...

    def record_dead(self, claim: ClaimedDelivery, *, fault: DeliveryFault, detail: str) -> None:
        """Raises: LeaseLost."""
        ...

    def record_expired(self, claim: ClaimedDelivery, *, now: datetime) -> None:
        """Dead with fault EXPIRED, and kept for the channel's next digest. Raises: LeaseLost."""
        ...

    def unpark(self, *, channels: Sequence[str], fault: DeliveryFault | None = None) -> int:
        """Make the channels' parked deliveries pending again, as after a mended configuration; how many.

        Those parked for one `fault` only, when given.
        """
        ...

    def rows(self, wanted: OutboxFilter, *, limit: int | None = None) -> tuple[OutboxRow, ...]:
        """Deliveries that match, newest first."""
        ...

    def retry(self, wanted: OutboxFilter, *, now: datetime) -> tuple[int, ...]:
        """Make those parked or dead pending again, however old by now; their ids."""
        ...

    def drop(self, wanted: OutboxFilter) -> tuple[int, ...]:
        """Give up those that wait or are parked, for good unless retried; their ids."""
        ...
