"""What commands share: settings, store and the reader's zone, each made when first asked for."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from zoneinfo import ZoneInfo

import typer

from monitor.ports import Store
from monitor.settings.load import LoadedSettings, load_settings
from monitor.settings.zone import reader_zone


def utc_now() -> datetime:
    """The current instant, aware, in UTC."""
    return datetime.now(UTC)


@dataclass
class CliContext:
    """One invocation's options and what follows from them."""

    config: Path | None = None
    verbose: bool = False
    environ: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    now: Callable[[], datetime] = utc_now

    @cached_property
    def loaded(self) -> LoadedSettings:
        """Raises: ConfigError."""
        return load_settings(self.config, environ=self.environ)

    @cached_property
    def store(self) -> Store:
        """The configured database, which must exist and be up to date.

        Raises:
            ConfigError, StoreError.
        """
        # Imported here: SQLAlchemy and Alembic take longer to import than most commands without a database run.
        from monitor.cli.stored import configured_store  # noqa: PLC0415

        return configured_store(self.loaded.settings.database.url)

    @cached_property
    def store_if_any(self) -> Store | None:
        """The database as `store` gives it, None while nothing has been stored at all.

        Raises:
            ConfigError, StoreError.
        """
        from monitor.cli.stored import is_empty  # noqa: PLC0415  # see `store`

        return None if is_empty(self.loaded.settings.database.url) else self.store

    @cached_property
    def zone(self) -> ZoneInfo:
        """Raises: ConfigError."""
        return reader_zone(self.loaded)


def context_of(ctx: typer.Context) -> CliContext:
    """The invocation's context."""
    context = ctx.find_object(CliContext)
    if context is None:
        raise RuntimeError("a command was called outside monitor.cli.main")
    return context
