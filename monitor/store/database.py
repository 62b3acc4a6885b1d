"""The store as one object: the monitor's composition root opens it here."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select, update

from monitor.store.conditions import SqlWatchStore
from monitor.store.corrections import SqlCorrectionStore
from monitor.store.digests import SqlDigestStore
from monitor.store.documents import SqlDocumentStore
from monitor.store.engine import LOCK_WAIT_S, Database
from monitor.store.escalations import SqlEscalationStore
from monitor.store.feedback import SqlFeedbackStore
from monitor.store.feeds import SqlFeedStore
from monitor.store.history import SqlHistoryStore
from monitor.store.intake import SqlIntakeStore
from monitor.store.outbox import SqlOutboxStore
from monitor.store.retention import SqlRetentionStore
from monitor.store.silences import SqlSilenceStore
from monitor.store.stories import SqlStoryStore
from monitor.store.story_edits import SqlStoryEditor
from monitor.store.story_reader import SqlStoryReader
from monitor.store.subscriptions import SqlSubscriptionStore
from monitor.store.tables import deliveries, documents, feed_states, websub_subscriptions
from monitor.store.thread_changes import show_change
from monitor.store.thread_tables import threads
from monitor.store.threads import SqlThreadStore
from monitor.store.traffic import SqlTrafficStore

_LEASED = (
    (feed_states, {"lease_until": None}),
    (documents, {"due_at": documents.c.seen_at}),
    (deliveries, {"due_at": deliveries.c.created_at}),
    (threads, {"edit_due_at": threads.c.opened_at}),
    (websub_subscriptions, {"due_at": websub_subscriptions.c.created_at}),
)
"""Each table with leases, and the columns that make its row claimable at once."""


class SqlStore:
    """`monitor.ports.Store` on a database; safe to share between threads."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.feeds = SqlFeedStore(database)
        self.intake = SqlIntakeStore(database)
        self.subscriptions = SqlSubscriptionStore(database)
        self.documents = SqlDocumentStore(database)
        self.stories = SqlStoryStore(database)
        self.story_reader = SqlStoryReader(database)
        self.story_editor = SqlStoryEditor(database)
        self.outbox = SqlOutboxStore(database)
        self.threads = SqlThreadStore(database)
        self.corrections = SqlCorrectionStore(database)
        self.digests = SqlDigestStore(database)
        self.escalations = SqlEscalationStore(database)
        self.silences = SqlSilenceStore(database)
        self.history = SqlHistoryStore(database)
        self.retention = SqlRetentionStore(database)
        self.traffic = SqlTrafficStore(database)
        self.watch = SqlWatchStore(database)
        self.feedback = SqlFeedbackStore(database, show_anew=_show_anew)

    def release_leases(self, is_dead: Callable[[str], bool]) -> int:
        """See the port. A delivery stays SENDING, so that its next claim has `unknown_since`."""

        def work(connection: Connection) -> int:
            return sum(_release(connection, table, columns, is_dead) for table, columns in _LEASED)

        return self.database.write(work)

    def close(self) -> None:
        """Close every connection to the database."""
        self.database.close()


def _show_anew(connection: Connection, story_id: int, at: datetime) -> None:
    show_change(connection, [story_id], due_at=at)


def open_store(url: str, *, owner: str | None = None, lock_wait_s: float = LOCK_WAIT_S) -> SqlStore:
    """The store of a database that `monitor.store.migrate.upgrade` has made; connects at its first use.

    `owner` names this process beside its leases, for `release_leases`. A lock is waited for
    `lock_wait_s` seconds before StoreUnavailable.

    Raises:
        StoreError: the URL names no SQLite file or PostgreSQL database.
    """
    return SqlStore(Database(url, owner=owner, lock_wait_s=lock_wait_s))


def _release(connection: Connection, table: Any, columns: dict[str, Any], is_dead: Callable[[str], bool]) -> int:
    owners = connection.execute(select(table.c.lease_owner).where(table.c.lease_owner.is_not(None)).distinct())
    dead = [owner for owner in owners.scalars() if is_dead(owner)]
    if not dead:
        return 0
    values = columns | {"lease_owner": None, "fence": table.c.fence + 1}
    return connection.execute(update(table).where(table.c.lease_owner.in_(dead)).values(values)).rowcount
