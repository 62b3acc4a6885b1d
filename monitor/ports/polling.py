"""What polling keeps."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Protocol

from monitor.core.model.feed import Feed
from monitor.core.model.traffic import HostTraffic
from monitor.core.model.work import ClaimedFeed, PollResult, PollWritten, TrafficSpan


class FeedStore(Protocol):
    def sync(self, feeds: Sequence[Feed], *, now: datetime) -> None:
        """Make the configured feeds be exactly these (by URL): add, update, and disable the others.

        A feed keeps its id, state and entries while its URL stays. New ones are due at once.
        """
        ...

    def claim_due(self, *, now: datetime, limit: int, lease_s: float) -> tuple[ClaimedFeed, ...]:
        """Enabled feeds with next_poll_at <= now and no live lease, the longest due first."""
        ...

    def make_due(self, *, now: datetime) -> int:
        """Make every enabled feed due; how many there are."""
        ...

    def known_guids(self, feed_id: int, guids: Sequence[str]) -> frozenset[str]:
        """Those of `guids` the feed already has an entry for."""
        ...

    def record_poll(self, claim: ClaimedFeed, result: PollResult) -> PollWritten:
        """Write state, poll log, new entries and their pending documents in one transaction.

        A new entry whose canonical URL is known joins that document. An edited entry (other
        digest of title, summary and content) makes its document pending again with the next
        revision, at most MAX_EDITS times. An undated entry of a feed's first successful poll is
        backlog. Dates of known entries stay as first stored.

        Raises:
            LeaseLost: the feed was claimed again since; nothing is written.
        """
        ...

    def record_polls(self, polled: Sequence[tuple[ClaimedFeed, PollResult]]) -> tuple[PollWritten | None, ...]:
        """The same for many polls in one transaction; None for each whose feed was claimed again since."""
        ...

    def put_back(self, due_again: Sequence[tuple[ClaimedFeed, datetime]]) -> None:
        """Give claims back unused: each feed is due again at its time, and otherwise as it was.

        A feed that was claimed again since is left alone.
        """
        ...


class TrafficStore(Protocol):
    def add(self, traffic: Sequence[HostTraffic], *, since: datetime, until: datetime) -> None:
        """Add what was asked between two moments to the day of the later one."""
        ...

    def spans(self, *, since: date) -> tuple[TrafficSpan, ...]:
        """All hosts and days from a UTC day on, by host."""
        ...

    def drop(self, *, before: date) -> int:
        """Forget the days before one; how many rows there were."""
        ...
