"""The configured database, opened for a command; what is wrong with it is said with the next step."""

from __future__ import annotations

import re

from monitor.errors import SchemaOutdated, StoreError
from monitor.settings.paths import alembic_dir
from monitor.store.database import SqlStore, open_store
from monitor.store.migrate import SchemaState, current_state


def shown_url(url: str) -> str:
    """A database URL without its password."""
    return re.sub(r"(://[^/@:]*):[^/@]*@", r"\1:***@", url)


def configured_store(url: str) -> SqlStore:
    """The database at `url`, which must exist and be up to date.

    Raises:
        StoreError: it is empty, of another version, or cannot be opened.
    """
    match current_state(url, alembic_dir()):
        case SchemaState.EMPTY:
            start = "start `monitor run`" if url.startswith("sqlite") else "run `monitor db upgrade`"
            raise StoreError(f"{shown_url(url)}: nothing is stored yet: {start}")
        case SchemaState.OUTDATED:
            raise SchemaOutdated(f"{shown_url(url)}: made by an earlier version: run `monitor db upgrade`")
        case SchemaState.NEWER:
            raise SchemaOutdated(f"{shown_url(url)}: made by a later version of the monitor")
        case SchemaState.UNREACHABLE | SchemaState.UP_TO_DATE:
            return open_store(url)


def is_empty(url: str) -> bool:
    """Whether nothing has been stored at `url` at all. Raises: StoreError."""
    return current_state(url, alembic_dir()) is SchemaState.EMPTY
