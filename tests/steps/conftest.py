"""A house per test; parsing processes are shared, since starting them costs a second."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from monitor.workers.pool import WorkerPool
from tests.databases import NewDatabase
from tests.house import House


@pytest.fixture(scope="session")
def workers() -> Iterator[WorkerPool]:
    pool = WorkerPool(2, 20.0, 2**30)
    yield pool
    pool.close()


@pytest.fixture
def open_house(
    request: pytest.FixtureRequest, tmp_path: Path, workers: WorkerPool, new_database: NewDatabase
) -> Iterator[Callable[..., House]]:
    """Open a house; `settings` is laid over its configuration. On SQLite, or on the database the test names."""
    with ExitStack() as stack:
        url = stack.enter_context(new_database(getattr(request, "param", "sqlite")))

        def opened(**options: Any) -> House:
            return stack.enter_context(House(folder=tmp_path, database_url=url, workers=workers, **options))

        yield opened
