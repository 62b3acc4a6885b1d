"""Transactions, locks and failures, each under its own name."""

from __future__ import annotations

import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import Connection, event, select, text

from monitor.core.model.feed import FeedState
from monitor.errors import SchemaOutdated, StoreError, StoreUnavailable
from monitor.store.database import SqlStore, open_store
from monitor.store.engine import Database
from monitor.store.rows import state_values
from monitor.store.tables import feed_states, feeds
from tests.store.arrange import NOON, entry, feed, publish, record


@pytest.mark.parametrize(
    "url", ["", "mysql://x/y", "sqlite://", "sqlite:///:memory:", "monitor.db", "postgresql://[::1/x"]
)
def test_a_url_of_nothing_we_know_is_refused(url: str) -> None:
    with pytest.raises(StoreError, match="database"):
        open_store(url)


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg", "postgresql+psycopg2"])
def test_postgresql_is_spoken_to_by_one_driver_whatever_the_url_says(scheme: str) -> None:
    store = open_store(f"{scheme}://desk:hunter2@db.example/monitor")
    assert store.database.engine.dialect.driver == "psycopg"
    assert store.database.name == "postgresql+psycopg://desk:***@db.example/monitor"


def test_sqlite_connections_are_durable_and_keep_references_whole(on_sqlite: SqlStore) -> None:
    with on_sqlite.database.reading() as connection:
        wanted = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
        assert {name: connection.execute(text(f"PRAGMA {name}")).scalar() for name in wanted} == wanted


def test_a_reference_to_nothing_is_refused(store: SqlStore) -> None:
    orphan = state_values(FeedState()) | {"feed_id": 99, "fence": 0}
    with pytest.raises(StoreError):
        store.database.write(lambda connection: connection.execute(feed_states.insert(), orphan))


def test_a_status_that_does_not_exist_is_refused(store: SqlStore) -> None:
    publish(store, entry("a"))
    with pytest.raises(StoreError):
        store.database.write(lambda connection: connection.execute(text("UPDATE documents SET status = 'lost'")))


def test_a_value_of_another_type_is_refused(store: SqlStore) -> None:
    publish(store, entry("a"))
    with pytest.raises(StoreError):
        store.database.write(lambda connection: connection.execute(text("UPDATE documents SET revision = 'two'")))


def test_a_database_locked_too_long_is_unavailable_for_now(store: SqlStore, other: SqlStore) -> None:
    publish(store, entry("a"))
    with store.database.writing() as connection:
        connection.execute(text("UPDATE feed_states SET failures = 1"))
        with pytest.raises(StoreUnavailable) as caught:
            other.feeds.make_due(now=NOON)
    assert not caught.value.permanent
    assert other.database.name in str(caught.value)
    assert other.feeds.make_due(now=NOON) == 1


def test_readers_do_not_wait_for_a_writer(store: SqlStore, other: SqlStore) -> None:
    with store.database.writing() as connection:
        connection.execute(feeds.update().values(name="x"))
        assert other.history.counts().feeds_enabled == 0


def test_a_read_transaction_sees_one_state(store: SqlStore, other: SqlStore) -> None:
    with store.database.reading() as connection:
        before = connection.execute(select(feeds.c.name)).all()
        other.feeds.sync([feed()], now=NOON)
        assert connection.execute(select(feeds.c.name)).all() == before == []


def test_a_full_disk_is_said_and_nothing_half_written_stays(database_url: str) -> None:
    store = open_store(database_url)
    publish(store, entry("a"))
    if store.database.is_sqlite:

        @event.listens_for(store.database.engine, "checkout")
        def bound(connection: sqlite3.Connection, *_: object) -> None:
            used = connection.execute("PRAGMA page_count").fetchone()[0]
            connection.execute(f"PRAGMA max_page_count = {used}")

        with pytest.raises(StoreUnavailable, match="disk is full") as caught:
            publish(store, *(entry(f"n{number}", content="x" * 9000) for number in range(50)))
    else:
        with pytest.raises(StoreUnavailable, match="No space left") as caught:
            store.database.write(_says_disk_full)
    assert caught.value.permanent
    assert store.history.counts().entries == 1
    store.close()


def _says_disk_full(connection: Connection) -> None:
    connection.execute(text("UPDATE entries SET title = 'half'"))
    raised = "RAISE EXCEPTION 'No space left on device' USING ERRCODE = 'disk_full'"
    connection.execute(text(f"DO $$ BEGIN {raised}; END $$"))


@pytest.mark.parametrize(
    ("sqlstate", "expected", "permanent"),
    [
        ("55P03", StoreUnavailable, False),
        ("57014", StoreUnavailable, False),
        ("57P01", StoreUnavailable, False),
        ("53300", StoreUnavailable, False),
        ("08006", StoreUnavailable, False),
        ("42501", StoreUnavailable, True),
        ("42P01", SchemaOutdated, None),
        ("42703", SchemaOutdated, None),
        ("22012", StoreError, None),
    ],
)
def test_a_servers_error_has_its_name(
    on_postgresql: SqlStore, sqlstate: str, expected: type[StoreError], permanent: bool | None
) -> None:
    raised = f"RAISE EXCEPTION 'as the server says' USING ERRCODE = '{sqlstate}'"
    with pytest.raises(StoreError, match="as the server says") as caught:
        on_postgresql.database.write(lambda connection: connection.execute(text(f"DO $$ BEGIN {raised}; END $$")))
    assert type(caught.value) is expected
    assert getattr(caught.value, "permanent", None) is permanent


@pytest.mark.parametrize("sqlstate", ["40P01", "40001"])
def test_the_loser_of_a_deadlock_begins_again(on_postgresql: SqlStore, sqlstate: str) -> None:
    tries: list[int] = []

    def work(connection: Connection) -> str:
        tries.append(1)
        if len(tries) < 3:
            raised = f"RAISE EXCEPTION 'lost' USING ERRCODE = '{sqlstate}'"
            connection.execute(text(f"DO $$ BEGIN {raised}; END $$"))
        return "done"

    assert on_postgresql.database.write(work) == "done"
    assert len(tries) == 3


def test_a_server_that_goes_is_unavailable_and_comes_back(on_postgresql: SqlStore) -> None:
    assert on_postgresql.history.counts().feeds_enabled == 0
    other = open_store(on_postgresql.database.url.render_as_string(hide_password=False))
    here = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    other.database.write(lambda connection: connection.execute(text(f"SELECT pg_terminate_backend(pid) {here}")))
    assert on_postgresql.history.counts().feeds_enabled == 0  # a pooled connection is tried before it is used

    with pytest.raises(StoreUnavailable) as caught:
        other.database.write(
            lambda connection: connection.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))
        )
    assert not caught.value.permanent
    other.close()


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("Not a database at all. " * 99)
    store = open_store(f"sqlite:///{tmp_path / 'notes.txt'}")
    with pytest.raises(StoreUnavailable, match=r"notes\.txt.*not an SQLite database") as caught:
        store.history.counts()
    assert caught.value.permanent


def test_a_folder_that_is_missing_is_named(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'missing' / 'monitor.db'}")
    with pytest.raises(StoreUnavailable, match="missing") as caught:
        store.history.counts()
    assert caught.value.permanent


def test_many_threads_claim_each_row_once(store: SqlStore) -> None:
    """Eight threads, forty documents, every one claimed by exactly one thread."""
    publish(store, *(entry(f"n{number}") for number in range(40)))
    start = threading.Barrier(8)

    def claim_all(_: int) -> list[str]:
        start.wait(timeout=30)
        mine: list[str] = []
        while claims := store.documents.claim_pending(now=NOON, limit=3, lease_s=60):
            mine += [claim.entry.guid for claim in claims]
        return mine

    with ThreadPoolExecutor(8) as pool:
        claimed = [guid for part in pool.map(claim_all, range(8)) for guid in part]
    assert sorted(claimed) == sorted(f"n{number}" for number in range(40))


def test_feeds_that_bring_the_same_articles_at_once_share_their_documents(store: SqlStore) -> None:
    """Four polls insert the same forty documents, each in another order; nobody deadlocks or doubles."""
    names = ["North", "East", "South", "West"]
    store.feeds.sync([feed(name) for name in names], now=NOON)
    shared = [entry(f"n{number}") for number in range(40)]
    claims = store.feeds.claim_due(now=NOON, limit=4, lease_s=60)
    start = threading.Barrier(4)

    def bring(number: int) -> int:
        start.wait(timeout=30)
        return record(store, claims[number], *shared[number * 10 :], *shared[: number * 10]).new

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(bring, range(4))) == [40, 40, 40, 40]
    counts = store.history.counts()
    assert (counts.entries, counts.documents) == (160, 40)


def test_two_store_objects_agree(store: SqlStore, other: SqlStore) -> None:
    publish(store, entry("a"))
    assert other.history.counts() == store.history.counts()


def test_a_closed_store_opens_again(store: SqlStore) -> None:
    store.close()
    assert isinstance(store.database, Database)
    assert store.history.counts().entries == 0
