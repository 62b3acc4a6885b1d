"""A house per test, on each database; parsing processes are shared, since starting them costs a second."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from monitor.workers.pool import WorkerPool
from tests.house import House


@pytest.fixture(scope="session")
def workers() -> Iterator[WorkerPool]:
    pool = WorkerPool(2, 20.0, 2**30)
    yield pool
    pool.close()


@pytest.fixture
def open_house(tmp_path: Path, workers: WorkerPool) -> Iterator[Callable[..., House]]:
    """Open a house on SQLite; `settings` is laid over its configuration."""
    with ExitStack() as stack:

        def opened(**options: Any) -> House:
            house = House(
                folder=tmp_path, database_url=f"sqlite:///{tmp_path / 'house.db'}", workers=workers, **options
            )
            return stack.enter_context(house)

        yield opened
