"""What commands share: settings, store and the reader's zone, each made when first asked for."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from zoneinfo import ZoneInfo

import typer

from monitor.errors import SchemaOutdated, StoreError
from monitor.ports import Store
from monitor.settings.load import LoadedSettings, load_settings
from monitor.settings.paths import alembic_dir
from monitor.settings.zone import reader_zone
from monitor.store.database import open_store
from monitor.store.migrate import SchemaState, current_state


def shown_url(url: str) -> str:
    """A database URL without its password."""
    return re.sub(r"(://[^/@:]*):[^/@]*@", r"\1:***@", url)


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
        url = self.loaded.settings.database.url
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

    @cached_property
    def store_if_any(self) -> Store | None:
        """The database as `store` gives it, None while nothing has been stored at all.

        Raises:
            ConfigError, StoreError.
        """
        is_empty = current_state(self.loaded.settings.database.url, alembic_dir()) is SchemaState.EMPTY
        return None if is_empty else self.store

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
