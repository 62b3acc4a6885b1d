"""Brings a database to the schema this version needs, and says how far it is from it."""

from __future__ import annotations

import time
from enum import StrEnum
from pathlib import Path
from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from alembic import command
from monitor.errors import SchemaOutdated, StoreError, StoreUnavailable
from monitor.store import feedback_tables as feedback_tables  # makes its tables known to the metadata
from monitor.store.engine import Database, database_url, sqlite_file
from monitor.store.tables import SEARCH_TABLE, metadata

_UPGRADE_LOCK = 0x6D6F6E01  # pg_advisory_xact_lock: any number nobody else uses ("mon" and 1)
_WAL_RETRY_S = 0.05


class SchemaState(StrEnum):
    UP_TO_DATE = "up_to_date"
    OUTDATED = "outdated"
    EMPTY = "empty"
    NEWER = "newer"  # made by a later version of the monitor
    UNREACHABLE = "unreachable"


def upgrade(url: str, scripts: Path) -> None:
    """Bring the database to the newest schema; makes an SQLite file and its folder when missing.

    Safe to start in several processes at once: one works, the others wait and find nothing to do.
    All of it is one transaction.

    Raises:
        StoreError: the database was made by a later version.
        StoreUnavailable: locked, full or unreachable.
    """
    database = Database(url)
    try:
        _prepare_file(database)
        config = _config(scripts)
        with database.writing() as connection:
            if not database.is_sqlite:
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _UPGRADE_LOCK})
                connection.execute(text("SET LOCAL statement_timeout = 0"))  # rewriting a large table takes its time
            if _state(connection, scripts) is SchemaState.NEWER:
                raise StoreError(f"{database.name}: the database was made by a later version of the monitor")
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    finally:
        database.close()


def make_ready(url: str, scripts: Path) -> None:
    """Bring an SQLite database up to date; a PostgreSQL one must be so already.

    A server's database may be shared and backed up by others: its owner decides when it changes.

    Raises:
        SchemaOutdated: a PostgreSQL database that `monitor db upgrade` must be run on first.
        StoreError, StoreUnavailable: see `upgrade`.
    """
    if sqlite_file(database_url(url)) is not None:
        upgrade(url, scripts)
        return
    state = _reached_state(url, scripts)
    if state is not SchemaState.UP_TO_DATE:
        raise SchemaOutdated(f"{Database(url).name}: the schema is {state}: run `monitor db upgrade` first")


def current_state(url: str, scripts: Path) -> SchemaState:
    """How the database stands against the migrations in `scripts`; nothing is written or created."""
    file = sqlite_file(database_url(url))
    try:
        if file is not None and not file.exists():
            return SchemaState.EMPTY
    except OSError:  # its folder may not be entered
        return SchemaState.UNREACHABLE
    try:
        return _reached_state(url, scripts)
    except StoreUnavailable:
        return SchemaState.UNREACHABLE


def _reached_state(url: str, scripts: Path) -> SchemaState:
    """As `current_state`. Raises: StoreUnavailable, which says why it cannot be reached."""
    database = Database(url)
    try:
        with database.reading() as connection:
            return _state(connection, scripts)
    finally:
        database.close()


def check(url: str, scripts: Path) -> tuple[str, ...]:
    """What differs between the tables this version expects and the database; empty when nothing does.

    Raises:
        StoreUnavailable: locked or unreachable.
    """
    state = current_state(url, scripts)
    if state is SchemaState.EMPTY:
        return ("the database is empty",)
    database = Database(url)
    try:
        with database.reading() as connection:
            context = MigrationContext.configure(
                connection, opts={"include_object": is_managed, "compare_type": True, "target_metadata": metadata}
            )
            differences = compare_metadata(context, metadata)
    finally:
        database.close()
    head = () if state is SchemaState.UP_TO_DATE else (f"the schema is {state}",)
    return head + tuple(_described(difference) for difference in differences)


def is_managed(_thing: object, name: str | None, kind: str, _reflected: bool, _compared: object) -> bool:
    """Whether Alembic should compare this object; the full-text index is made by hand on each database."""
    return not (name or "").startswith((SEARCH_TABLE, f"ix_{SEARCH_TABLE}"))


def _config(scripts: Path) -> Config:
    config = Config()
    config.set_main_option("script_location", str(scripts).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def _state(connection: Connection, scripts: Path) -> SchemaState:
    found = set(MigrationContext.configure(connection).get_current_heads())
    if not found:
        return SchemaState.EMPTY
    directory = ScriptDirectory.from_config(_config(scripts))
    if found == set(directory.get_heads()):
        return SchemaState.UP_TO_DATE
    known = {script.revision for script in directory.walk_revisions()}
    return SchemaState.OUTDATED if found <= known else SchemaState.NEWER


def _prepare_file(database: Database) -> None:
    """Make the folder, and put the file into WAL mode, which no transaction can do.

    Two processes switching a new file at once get "locked" without SQLite's own waiting.
    """
    file = sqlite_file(database.url)
    if file is None:
        return None
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        if not file.exists():
            file.touch(mode=0o666)  # the umask decides who else may write; SQLite itself never lets the group
    except OSError as error:
        raise StoreUnavailable(f"{database.name}: {error.strerror}: {error.filename}", permanent=True) from error
    give_up_at = time.monotonic() + database.lock_wait_s
    while True:
        try:
            return database.switch_to_wal()
        except StoreUnavailable as error:
            if error.permanent or time.monotonic() > give_up_at:
                raise
            time.sleep(_WAL_RETRY_S)


def _described(difference: Any) -> str:
    """One of Alembic's comparison tuples (or a list of them) as a line."""
    parts = difference[0] if isinstance(difference, list) else difference
    return " ".join(str(part) for part in parts if part is not None)
