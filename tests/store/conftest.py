"""The store under test, on each database."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from monitor.store.database import SqlStore, open_store
from tests.databases import NewDatabase


@pytest.fixture
def store(database_url: str) -> Iterator[SqlStore]:
    """An open store on an empty, migrated database."""
    opened = open_store(database_url, owner="here/boot/1/1")
    yield opened
    opened.close()


@pytest.fixture
def other(database_url: str) -> Iterator[SqlStore]:
    """The same database as another process sees it."""
    opened = open_store(database_url, owner="here/boot/2/2", lock_wait_s=0.05)
    yield opened
    opened.close()


@pytest.fixture
def on_sqlite(new_database: NewDatabase) -> Iterator[SqlStore]:
    """For what only SQLite has."""
    with new_database("sqlite") as url:
        opened = open_store(url)
        yield opened
        opened.close()


@pytest.fixture
def on_postgresql(new_database: NewDatabase) -> Iterator[SqlStore]:
    """For what only PostgreSQL has."""
    with new_database("postgresql") as url:
        opened = open_store(url)
        yield opened
        opened.close()
