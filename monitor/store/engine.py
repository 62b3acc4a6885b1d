"""One database: connections set up right, short transactions, and every failure named."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from monitor.errors import SchemaOutdated, StoreError, StoreUnavailable

T = TypeVar("T")

LOCK_WAIT_S = 15.0
"""How long a transaction waits for another's lock: many times the longest write here (a batch of entries)."""

_STATEMENT_LIMIT_S = 120.0  # a full-text query over years of alerts takes seconds; beyond this something hangs
_CONNECT_LIMIT_S = 10
_CONFLICT_ATTEMPTS = 5
_POOL_SIZE = 20  # poll and read workers, group, deliver, tidy and a query at once

_WRITE = "monitor_write"

_PERMANENT_SQLITE = {
    sqlite3.SQLITE_FULL: "the disk is full",
    sqlite3.SQLITE_READONLY: "the file cannot be written",
    sqlite3.SQLITE_CANTOPEN: "the file cannot be opened",
    sqlite3.SQLITE_CORRUPT: "the file is damaged",
    sqlite3.SQLITE_NOTADB: "the file is not an SQLite database",
    sqlite3.SQLITE_PERM: "access is denied",
    sqlite3.SQLITE_AUTH: "access is denied",
}
_PASSING_SQLITE = {
    sqlite3.SQLITE_BUSY: "another process holds its lock",
    sqlite3.SQLITE_LOCKED: "another connection holds its lock",
    sqlite3.SQLITE_IOERR: "reading or writing failed",
    sqlite3.SQLITE_PROTOCOL: "another process holds its lock",
    sqlite3.SQLITE_NOMEM: "memory ran out",
    sqlite3.SQLITE_INTERRUPT: "the query was interrupted",
}
_LOCKED_SQLITE = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_PROTOCOL})
# SQLSTATE: deadlock, serialisation failure, lock_timeout
_LOCKED_POSTGRES = frozenset({"40P01", "40001", "55P03"})
_MISSING_POSTGRES = frozenset({"42P01", "42703"})  # undefined table, undefined column


def database_url(url: str) -> URL:
    """The URL with the driver this project uses.

    Raises:
        StoreError: not a URL of SQLite or PostgreSQL. An SQLite database must be a file.
    """
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):  # whose message may quote the password
        raise StoreError("the database URL cannot be read: write sqlite:///FILE or postgresql://…") from None
    kind = parsed.get_backend_name() if parsed.drivername != "postgres" else "postgresql"
    if kind == "postgresql":
        return parsed.set(drivername="postgresql+psycopg")
    if kind != "sqlite":
        raise StoreError(f"databases of kind {kind!r} are not known: write sqlite:///FILE or postgresql://…")
    if parsed.database in (None, "", ":memory:"):
        raise StoreError("an SQLite database must be a file: sqlite:///FILE (four slashes for an absolute path)")
    return parsed.set(drivername="sqlite")


def sqlite_file(url: URL) -> Path | None:
    """The database file of an SQLite URL, None for PostgreSQL."""
    return Path(url.database or "") if url.get_backend_name() == "sqlite" else None


def insert_into(connection: Connection) -> Callable[..., Any]:
    """The dialect's own INSERT, which knows ON CONFLICT; both spell it alike."""
    return sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert


class Database:
    """An engine whose transactions begin as each database wants them; safe to share between threads.

    On SQLite a writing transaction begins IMMEDIATE: two that read first and write later would
    deadlock at once. Commits are durable (synchronous=FULL): a delivery marked SENDING must still
    be so after a power cut, or the alert would go out twice. `owner` is written beside every lease.
    """

    def __init__(self, url: str, *, owner: str | None = None, lock_wait_s: float = LOCK_WAIT_S) -> None:
        self.owner = owner
        self.url = database_url(url)
        self.name = self.url.render_as_string(hide_password=True)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self.lock_wait_s = lock_wait_s
        self.engine = (
            _sqlite_engine(self.url, lock_wait_s) if self.is_sqlite else _postgres_engine(self.url, lock_wait_s)
        )

    def close(self) -> None:
        """Close every pooled connection; the object can still be used and opens new ones."""
        self.engine.dispose()

    def switch_to_wal(self) -> None:
        """Put an SQLite file into write-ahead logging for good; no transaction can do that.

        Raises:
            StoreUnavailable, StoreError
        """
        with self._named_failures(), closing(self.engine.raw_connection()) as connection:
            connection.cursor().execute("PRAGMA journal_mode = WAL")

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One read transaction: every query in it sees the same state.

        Raises:
            StoreUnavailable, SchemaOutdated, StoreError
        """
        with self._named_failures(), self.engine.connect() as connection:
            if not self.is_sqlite:
                connection = connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            with connection.begin():
                yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One write transaction; commits unless an exception leaves it.

        Raises:
            StoreUnavailable, SchemaOutdated, StoreError
        """
        with self._named_failures(), self.engine.connect() as connection:
            connection = connection.execution_options(**{_WRITE: True})
            with connection.begin():
                yield connection

    def write(self, work: Callable[[Connection], T]) -> T:
        """What `work` returns from one write transaction, begun again when it loses a deadlock.

        Raises:
            StoreUnavailable, SchemaOutdated, StoreError, and whatever `work` raises
        """
        give_up_at = time.monotonic() + self.lock_wait_s
        for attempt in range(1, _CONFLICT_ATTEMPTS + 1):
            try:
                with self.writing() as connection:
                    return work(connection)
            except StoreUnavailable as error:
                if not _is_conflict(error.__cause__) or attempt == _CONFLICT_ATTEMPTS or time.monotonic() > give_up_at:
                    raise
        raise AssertionError("unreachable")

    @contextmanager
    def _named_failures(self) -> Iterator[None]:
        try:
            yield
        except PoolTimeout as error:
            raise StoreUnavailable(f"{self.name}: all connections are in use") from error
        except sqlite3.Error as error:
            raise self._named_sqlite(error) from error
        except DBAPIError as error:
            raise self._named(error) from error
        except SQLAlchemyError as error:
            raise StoreError(f"{self.name}: {error}") from error

    def _named(self, error: DBAPIError) -> StoreError:
        cause = error.orig
        if isinstance(cause, sqlite3.Error):
            return self._named_sqlite(cause)
        state = getattr(cause, "sqlstate", None)
        said = str(cause).strip().partition("\n")[0]
        if state in _MISSING_POSTGRES:
            return SchemaOutdated(f"{self.name}: {said}; run `monitor db upgrade`")
        if state in ("53100", "28000", "28P01", "3D000", "42501"):  # disk full; login, database or right missing
            return StoreUnavailable(f"{self.name}: {said}", permanent=True)
        if state in _LOCKED_POSTGRES or state in ("57014", "25P03") or _is_connection_trouble(error, state):
            return StoreUnavailable(f"{self.name}: {said}")
        return StoreError(f"{self.name}: {said}")

    def _named_sqlite(self, cause: sqlite3.Error) -> StoreError:
        code = getattr(cause, "sqlite_errorcode", 0) & 0xFF
        if code in _PERMANENT_SQLITE:
            return StoreUnavailable(f"{self.name}: {_PERMANENT_SQLITE[code]} ({cause})", permanent=True)
        if code in _PASSING_SQLITE:
            return StoreUnavailable(f"{self.name}: {_PASSING_SQLITE[code]} ({cause})")
        if str(cause).startswith(("no such table", "no such column")) or "has no column named" in str(cause):
            return SchemaOutdated(f"{self.name}: {cause}; run `monitor db upgrade`")
        return StoreError(f"{self.name}: {cause}")


def _is_connection_trouble(error: DBAPIError, state: str | None) -> bool:
    """Whether the server is away, going, or out of room for us; no SQLSTATE means it never answered."""
    if error.connection_invalidated or (
        state is None and type(error).__name__ in ("OperationalError", "InterfaceError")
    ):
        return True
    return state is not None and state[:2] in ("08", "53", "57", "58")


def _is_conflict(error: BaseException | None) -> bool:
    """Whether the transaction certainly rolled back because another was in its way for a moment."""
    cause = error.orig if isinstance(error, DBAPIError) else None
    return getattr(cause, "sqlstate", None) in ("40P01", "40001")


def _sqlite_engine(url: URL, lock_wait_s: float) -> Engine:
    engine = create_engine(
        url,
        connect_args={"timeout": lock_wait_s, "check_same_thread": False},
        pool_size=_POOL_SIZE,
        max_overflow=_POOL_SIZE,
        pool_timeout=max(lock_wait_s, 1.0),
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # sqlite3 would begin by itself, deferred and only before some statements
        cursor = connection.cursor()
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.execute("PRAGMA synchronous = FULL")
        cursor.execute("PRAGMA temp_store = MEMORY")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get(_WRITE, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _postgres_engine(url: URL, lock_wait_s: float) -> Engine:
    options = {
        "lock_timeout": f"{max(1, round(lock_wait_s * 1000))}ms",
        "statement_timeout": f"{round(_STATEMENT_LIMIT_S * 1000)}ms",
        "idle_in_transaction_session_timeout": f"{round(_STATEMENT_LIMIT_S * 1000)}ms",
        "timezone": "UTC",
    }
    return create_engine(
        url,
        connect_args={
            "options": " ".join(f"-c {name}={value}" for name, value in options.items()),
            "connect_timeout": _CONNECT_LIMIT_S,
            "application_name": "monitor",
        },
        pool_size=_POOL_SIZE,
        max_overflow=_POOL_SIZE,
        pool_pre_ping=True,
        pool_timeout=max(lock_wait_s, 1.0),
    )
