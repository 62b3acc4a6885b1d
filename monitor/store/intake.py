"""Entries that no poll brought: their sources have a feed row of a kind that is never polled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select, update

from monitor.core.model.entry import Entry
from monitor.core.model.feed import Feed, FeedState, PollReason
from monitor.ports import PollWritten
from monitor.store.chunks import chunks
from monitor.store.engine import Database, insert_into
from monitor.store.entries import write_entries
from monitor.store.rows import feed_values, state_values
from monitor.store.tables import feed_states, feeds


class SqlIntakeStore:
    """Takes in entries by the batch, beside a monitor at work on the same database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(
        self, batch: Sequence[tuple[Feed, Sequence[Entry]]], *, seen_at: datetime, undated_is_old: bool = False
    ) -> PollWritten:
        """Store the sources' entries in one transaction, each source once; what became of all entries.

        A source is known by its URL, of kind INGEST, and gets the settings given here. Entries are new,
        edited or known as those of a poll are. With `undated_is_old`, an undated one is backlog.

        Raises:
            StoreError, StoreUnavailable: nothing of the batch is stored.
        """
        if not batch:
            return PollWritten()
        return self._database.write(lambda connection: _add(connection, batch, seen_at, undated_is_old))


def _add(
    connection: Connection, batch: Sequence[tuple[Feed, Sequence[Entry]]], seen_at: datetime, undated_is_old: bool
) -> PollWritten:
    ids = _feed_ids(connection, {feed.url: feed for feed, _ in batch})
    written = [
        write_entries(connection, feed_id=feed_id, entries=entries, seen_at=seen_at, first_success=undated_is_old)
        for feed_id, entries in sorted(((ids[feed.url], entries) for feed, entries in batch), key=lambda pair: pair[0])
    ]
    done = {
        "last_reason": str(PollReason.INGESTED),
        "last_detail": "",
        "failures": 0.0,
        "first_success_at": func.coalesce(feed_states.c.first_success_at, seen_at),
        "last_success_at": seen_at,
        "last_polled_at": seen_at,
    }
    for part in chunks(ids.values()):
        connection.execute(update(feed_states).where(feed_states.c.feed_id.in_(part)).values(done))
    return PollWritten(
        new=sum(each.new for each in written),
        edited=sum(each.edited for each in written),
        known=sum(each.known for each in written),
    )


def _feed_ids(connection: Connection, wanted: Mapping[str, Feed]) -> dict[str, int]:
    """The sources' ids by URL, their rows made, up to date, and locked until the transaction ends."""
    known = _rows(connection, wanted)
    new = [wanted[url] for url in sorted(wanted) if url not in known]
    if new:
        statement = insert_into(connection)(feeds).on_conflict_do_nothing(index_elements=["url"])
        connection.execute(statement, [feed_values(feed) for feed in new])
        known |= _rows(connection, [feed.url for feed in new])
        states = [
            state_values(FeedState()) | {"feed_id": known[feed.url].id, "fence": 0}  # no next_poll_at: never due
            for feed in new
        ]
        connection.execute(insert_into(connection)(feed_states).on_conflict_do_nothing(), states)
    for url, row in known.items():
        values = feed_values(wanted[url])
        if any(getattr(row, name) != value for name, value in values.items()):
            connection.execute(update(feeds).where(feeds.c.id == row.id).values(values))
    ids = {url: int(row.id) for url, row in known.items()}
    # Two that bring the same entry at once would both find it missing; one has to wait here.
    for part in chunks(sorted(ids.values())):
        lock = select(feed_states.c.feed_id).where(feed_states.c.feed_id.in_(part)).order_by(feed_states.c.feed_id)
        connection.execute(lock.with_for_update()).all()
    return ids


def _rows(connection: Connection, urls: Any) -> dict[str, Any]:
    return {
        row.url: row for part in chunks(urls) for row in connection.execute(select(feeds).where(feeds.c.url.in_(part)))
    }
