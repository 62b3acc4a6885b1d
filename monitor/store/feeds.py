"""Configured feeds and their claims; what polls write is `monitor.store.polled`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Select, or_, select, true, update

from monitor.core.model.feed import Feed, FeedKind, FeedState, PollReason
from monitor.errors import LeaseLost
from monitor.ports import ClaimedFeed, Lease, PollResult, PollWritten
from monitor.store.chunks import chunks
from monitor.store.engine import Database, insert_into
from monitor.store.entries import known_entries
from monitor.store.polled import put_back, record_polls
from monitor.store.rows import feed_of, feed_values, index_key, state_of, state_values
from monitor.store.tables import feed_states, feeds
from monitor.store.types import storable


class SqlFeedStore:
    """`monitor.ports.FeedStore` on a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def sync(self, feeds: Sequence[Feed], *, now: datetime) -> None:
        """See the port. Of several with one URL the first counts.

        A feed whose kind or selector changed is asked as if for the first time: its validators
        would answer "not modified" for a body that now reads differently, and what it then shows
        undated is backlog.
        """
        wanted: dict[str, Feed] = {}
        for feed in feeds:
            wanted.setdefault(feed.url, feed)
        self._database.write(lambda connection: _sync(connection, wanted, now))

    def claim_due(self, *, now: datetime, limit: int, lease_s: float) -> tuple[ClaimedFeed, ...]:
        until = now + timedelta(seconds=lease_s)
        return self._database.write(lambda connection: _claim(connection, now, limit, until, self._database.owner))

    def make_due(self, *, now: datetime) -> int:
        """See the port. Leases end too: what a worker still at it brings is dropped."""

        def work(connection: Connection) -> int:
            enabled = select(feeds.c.id).where(feeds.c.enabled == true(), feeds.c.kind != str(FeedKind.INGEST))
            changes = {"next_poll_at": now, "lease_until": None, "lease_owner": None, "fence": feed_states.c.fence + 1}
            return connection.execute(
                update(feed_states).where(feed_states.c.feed_id.in_(enabled)).values(changes)
            ).rowcount

        return self._database.write(work)

    def known_guids(self, feed_id: int, guids: Sequence[str]) -> frozenset[str]:
        stored = {index_key(storable(guid)): guid for guid in guids}
        with self._database.reading() as connection:
            return frozenset(stored[guid] for guid in known_entries(connection, feed_id, stored))

    def record_poll(self, claim: ClaimedFeed, result: PollResult) -> PollWritten:
        (written,) = self.record_polls(((claim, result),))
        if written is None:
            raise LeaseLost(f"feed {claim.feed.url} was claimed again since; its poll is dropped")
        return written

    def record_polls(self, polled: Sequence[tuple[ClaimedFeed, PollResult]]) -> tuple[PollWritten | None, ...]:
        return self._database.write(lambda connection: record_polls(connection, polled))

    def put_back(self, due_again: Sequence[tuple[ClaimedFeed, datetime]]) -> None:
        self._database.write(lambda connection: put_back(connection, due_again))


def due_feeds(now: datetime, limit: int) -> Select[int]:
    """The ids of feeds to claim, the longest due first; rows others hold are passed over."""
    return (
        select(feed_states.c.feed_id)
        .join(feeds, feeds.c.id == feed_states.c.feed_id)
        .where(
            feed_states.c.next_poll_at <= now,
            or_(feed_states.c.lease_until.is_(None), feed_states.c.lease_until <= now),
            feeds.c.enabled == true(),
        )
        .order_by(feed_states.c.next_poll_at)
        .limit(limit)
        .with_for_update(of=feed_states, key_share=True, skip_locked=True)
    )


def _claim(
    connection: Connection, now: datetime, limit: int, until: datetime, owner: str | None
) -> tuple[ClaimedFeed, ...]:
    ids = connection.execute(due_feeds(now, limit)).scalars().all()
    if not ids:
        return ()
    lease = {"lease_until": until, "lease_owner": owner, "fence": feed_states.c.fence + 1}
    taken = update(feed_states).where(feed_states.c.feed_id.in_(ids)).values(lease).returning(*feed_states.c)
    states = {row.feed_id: row for row in connection.execute(taken)}
    rows = {row.id: row for row in connection.execute(select(feeds).where(feeds.c.id.in_(ids)))}
    return tuple(
        ClaimedFeed(
            lease=Lease(row_id=feed_id, fence=states[feed_id].fence, until=until),
            feed=feed_of(
                rows[feed_id],
                homepage=states[feed_id].found_homepage,
                language=states[feed_id].found_language,
            ),
            state=state_of(states[feed_id]),
        )
        for feed_id in ids
    )


def _sync(connection: Connection, wanted: dict[str, Feed], now: datetime) -> None:
    known = {
        row.url: row for row in connection.execute(select(feeds).order_by(feeds.c.id).with_for_update(key_share=True))
    }
    changed = [(known[url], feed) for url, feed in wanted.items() if url in known and _differs(known[url], feed)]
    for row, feed in changed:
        connection.execute(update(feeds).where(feeds.c.id == row.id).values(feed_values(feed)))
        if (row.kind, row.selector) != (str(feed.kind), feed.selector):
            _start_over(connection, row.id, now)
    polled = {
        url: row for url, row in known.items() if row.kind != FeedKind.INGEST
    }  # no configuration names the others
    for part in chunks(row.id for url, row in polled.items() if url not in wanted and row.enabled):
        connection.execute(update(feeds).where(feeds.c.id.in_(part)).values(enabled=False))
    _add(connection, [feed for url, feed in wanted.items() if url not in known], now)


def _add(connection: Connection, new: list[Feed], now: datetime) -> None:
    if not new:
        return
    statement = insert_into(connection)(feeds).on_conflict_do_nothing(index_elements=["url"])
    connection.execute(statement, [feed_values(feed) for feed in new])
    without_state = select(feeds.c.id).where(~select(1).where(feed_states.c.feed_id == feeds.c.id).exists())
    ids = connection.execute(without_state).scalars().all()
    states = [state_values(FeedState(next_poll_at=now)) | {"feed_id": feed_id, "fence": 0} for feed_id in ids]
    if states:
        connection.execute(insert_into(connection)(feed_states).on_conflict_do_nothing(), states)


def _start_over(connection: Connection, feed_id: int, now: datetime) -> None:
    fresh: dict[str, Any] = {
        "etag": None,
        "last_modified": None,
        "body_digest": None,
        "first_success_at": None,
        "redirect_url": None,
        "redirect_since": None,
        "moved_to": None,
        "gone_since": None,
        "validators_lied_at": None,
        "next_poll_at": now,
        "failures": 0.0,
        "last_reason": str(PollReason.NEVER_POLLED),
        "lease_until": None,
        "lease_owner": None,
        "fence": feed_states.c.fence + 1,
    }
    connection.execute(update(feed_states).where(feed_states.c.feed_id == feed_id).values(fresh))


def _differs(row: Any, feed: Feed) -> bool:
    return any(getattr(row, name) != value for name, value in feed_values(feed).items())
