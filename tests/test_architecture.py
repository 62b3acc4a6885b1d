"""The house's rules that a program can check: which way imports go, what is pure, what is where."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MODULES = sorted((ROOT / "monitor").rglob("*.py"))

# What each room may import of the project; nothing else.
MAY_IMPORT = {
    "core": {"core", "errors"},
    "errors": {"core"},
    "ports": {"ports", "core", "errors"},
    "steps": {"steps", "ports", "core", "errors"},
    "fetch": {"fetch", "ports", "core", "errors", "settings.schema"},
    "store": {"store", "ports", "core", "errors"},
    "deliver": {"deliver", "ports", "core", "errors", "settings.schema"},
    "workers": {"workers", "ports", "core", "errors"},
    "ops": {"ops", "core", "errors"},
    "websub": {"websub", "steps.step", "ports", "core", "errors", "settings.schema"},
    "socketmode": {"socketmode", "deliver.layout", "steps.step", "ports", "core", "errors"},
    "settings": {"settings", "core", "errors"},
    "schedule": {"schedule", "steps", "ports", "core", "errors", "ops"},
    "demo": {"demo"},
    "limits": {"steps", "settings.schema"},
    "telling": {"*"},
    "app": {"*"},
    "cli": {"*"},
}
IMPURE = {
    "asyncio", "fcntl", "httpx", "io", "logging", "multiprocessing", "os", "pathlib", "random", "requests", "secrets",
    "shutil", "signal", "socket", "sqlalchemy", "sqlite3", "structlog", "subprocess", "sys", "tempfile", "threading",
    "time", "urllib.request", "uuid", "yaml", "apscheduler", "slack_sdk",
}  # fmt: skip
IMPURE_CALLS = re.compile(r"\b(datetime\.(now|utcnow|today)|date\.today|time\.(time|monotonic)|open|print)\(")
VAGUE_NAMES = {"utils", "util", "helpers", "helper", "manager", "base", "common", "misc"}


def name_of(path: Path) -> str:
    """`monitor/core/urls.py` as `core.urls`."""
    parts = path.relative_to(ROOT / "monitor").with_suffix("").parts
    return ".".join(p for p in parts if p != "__init__")


def imports_of(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            yield node.module or ""


def is_allowed(module: str, allowed: set[str]) -> bool:
    return "*" in allowed or any(module == a or module.startswith(a + ".") for a in allowed)


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_imports_go_down_only(path: Path) -> None:
    """A room imports itself and what lies below it; adapters never import each other."""
    room = name_of(path).split(".")[0]
    if not room:
        return
    allowed = MAY_IMPORT[room]
    ours = [m.removeprefix("monitor").lstrip(".") for m in imports_of(path) if m.split(".")[0] == "monitor"]
    assert [m for m in ours if m and not is_allowed(m, allowed)] == []


@pytest.mark.parametrize("path", [m for m in MODULES if name_of(m).startswith("core")], ids=name_of)
def test_the_core_is_pure(path: Path) -> None:
    """No I/O, clock, environment, randomness or logging in the core."""
    found = {m for m in imports_of(path) if m in IMPURE or m.split(".")[0] in IMPURE}
    assert found == set()
    calls = [
        ast.unparse(node.func) + "("
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
    ]
    assert [c for c in calls if IMPURE_CALLS.match(c)] == []


@pytest.mark.parametrize(
    ("library", "room"),
    [
        ("apscheduler", "schedule"), ("sqlalchemy", "store"), ("alembic", "store"),
        ("slack_sdk", ("deliver", "socketmode")), ("typer", "cli"),
        ("h11", "websub"),
        ("feedparser", "core.parse"), ("trafilatura", "core.extract"),
    ],
)  # fmt: skip
def test_a_library_is_known_in_one_room(library: str, room: str | tuple[str, ...]) -> None:
    """Replacing a library touches one room; Slack's is in two, which send to it and hear from it."""
    outside = [
        name_of(m) for m in MODULES if any(i.split(".")[0] == library for i in imports_of(m))
        and not name_of(m).startswith(room)
    ]  # fmt: skip
    assert outside == []


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_a_module_is_one_thing(path: Path) -> None:
    """No module over 450 lines, none with a name that says nothing."""
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 450
    assert path.stem not in VAGUE_NAMES


def test_the_composition_root_stays_small() -> None:
    """Whoever wires everything must fit on a page."""
    assert len((ROOT / "monitor" / "app.py").read_text(encoding="utf-8").splitlines()) <= 150


def test_alembic_is_no_package() -> None:
    """With an __init__.py, the folder would hide the library of the same name."""
    assert not list((ROOT / "alembic").rglob("__init__.py"))
