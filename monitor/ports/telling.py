"""Ways out, and what is kept of what went out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol

from monitor.core.alert.digest import DigestItem
from monitor.core.alert.escalate import Escalated, Unanswered
from monitor.core.alert.told import Told
from monitor.core.model.alert import Digest, Message, Receipt
from monitor.core.model.outbox import OutboxFilter, OutboxRow
from monitor.core.model.route import StandingSilence
from monitor.core.model.story import Development, FiledReport, Story
from monitor.core.model.work import ClaimedDelivery, EditedArticle
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


class TellSession(Protocol):
    """What the policy asks and notes inside the grouping transaction."""

    def told_of(self, story_id: int) -> tuple[Told, ...]:
        """The story's alerts, oldest first."""
        ...

    def development_reports(self, development_id: int) -> tuple[FiledReport, ...]:
        """The development's reports in the order of their ids, reprints left out."""
        ...

    def held_developments(
        self, *, now: datetime, types: Sequence[str], limit: int
    ) -> tuple[tuple[Story, Development], ...]:
        """Developments of these types whose wait is over, the longest over first; stories without their chains."""
        ...

    def told_alert(self, alert_id: int) -> tuple[Story, Development, FiledReport]:
        """The alert's story (without its chain), its development, and the report it quotes."""
        ...

    def note_compared(self, alert_id: int, *, revision: int) -> None:
        """The article behind the alert was compared up to this revision."""
        ...

    def told_in(self, story_id: int) -> Mapping[str, str]:
        """The channels where the story was told at once, each with the route that did so last."""
        ...

    def opened_since(self, moment: datetime) -> Mapping[tuple[str, str], int]:
        """How many stories were opened since the moment, by route and channel."""
        ...

    def silences_in_force(self, now: datetime) -> tuple[StandingSilence, ...]:
        """Those that hold at `now`, the first to end first."""
        ...

    def source_tags(self, feed_id: int) -> tuple[str, ...]:
        """The tags the configuration gives the feed."""
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


class SilenceStore(Protocol):
    def add(self, silence: StandingSilence) -> int:
        """Keep it; its id."""
        ...

    def mute_story(self, slug: str, *, owner: str, reason: str, at: datetime, until: datetime) -> datetime:
        """Silence one story until `until`, or as long as that person wished before; until when it holds."""
        ...

    def silences(self) -> tuple[StandingSilence, ...]:
        """All that ever were, the oldest first."""
        ...

    def expire(self, silence_id: int, *, now: datetime) -> bool:
        """End it now; False when there is none in force with that id."""
        ...


class DigestSession(Protocol):
    """One transaction over what waits for digests."""

    def due(self, now: datetime) -> tuple[tuple[DigestItem, ...], ...]:
        """What is due, by route and channel, each group the oldest first and not empty."""
        ...

    def save(self, digest: Digest, items: tuple[DigestItem, ...]) -> bool:
        """Store the digest with its delivery, and its items as told; False when its key exists (nothing is written)."""
        ...


class DigestStore(Protocol):
    def is_due(self, now: datetime) -> bool:
        """Whether anything waits that is due; a cheap read."""
        ...

    def digesting(self) -> AbstractContextManager[DigestSession]:
        """A transaction; commits unless an exception leaves it."""
        ...


class EscalationSession(Protocol):
    """One transaction over what waited for an acknowledgement."""

    def due(self, now: datetime) -> Iterable[Unanswered]:
        """What waited long enough, the longest over first; each is settled before the next is asked for."""
        ...

    def settle(self, waited: Unanswered, how: Escalated, channels: Sequence[str], *, now: datetime) -> None:
        """Note how the wait ended, and have the alert sent to those of `channels` that it did not go to before."""
        ...


class EscalationStore(Protocol):
    def is_due(self, now: datetime) -> bool:
        """Whether anything waited long enough; a cheap read."""
        ...

    def escalating(self) -> AbstractContextManager[EscalationSession]:
        """A transaction; commits unless an exception leaves it."""
        ...


class CorrectionStore(Protocol):
    def edited(self, *, since: datetime) -> tuple[EditedArticle, ...]:
        """Some articles that made an alert since the moment and have a wording that was not compared."""
        ...
