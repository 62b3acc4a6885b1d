"""Where the shipped files are: beside the package in a checkout, inside it in an installed wheel."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parents[1]


def _shipped(name: str) -> Path:
    inside = _PACKAGE / "_data" / name
    return inside if inside.is_dir() else _PACKAGE.parent / name


def shipped_config_dir() -> Path:
    """The folder with the sample `monitor.yaml`, `events/`, `languages/` and `gazetteer/`."""
    return _shipped("config")


def shipped_seeds_dir() -> Path:
    """The folder with the starter source lists."""
    return _shipped("seeds")


def alembic_dir() -> Path:
    """The folder with the database migrations (`env.py`, `versions/`)."""
    return _shipped("alembic")


def credentials_dir(environ: Mapping[str, str]) -> Path | None:
    """The folder in which a service manager puts secrets; None when it gives none."""
    given = environ.get("CREDENTIALS_DIRECTORY")
    return Path(given) if given else None
