"""Runs `monitor` in this process, as `main` would be started, with a clock that stands still."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from monitor.cli.context import CliContext
from monitor.cli.main import main
from monitor.settings.paths import alembic_dir
from monitor.store.migrate import upgrade
from tests.cli import samples


@dataclass(frozen=True)
class Ran:
    """What one command line did."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


class Cli:
    """Command lines in a folder of their own, on `monitor.yaml` there."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self.config = folder / "monitor.yaml"
        self._capsys = capsys

    def __call__(self, *arguments: str, config: bool = True, **environ: str) -> Ran:
        self._capsys.readouterr()
        options = ["--config", str(self.config)] if config else []
        given = CliContext(environ=environ, now=lambda: samples.NOW)
        with pytest.raises(SystemExit) as ended:
            main([*options, *arguments], given=given)
        printed = self._capsys.readouterr()
        return Ran(code=int(ended.value.code or 0), out=printed.out, err=printed.err)

    def write_config(self, text: str) -> None:
        self.config.write_text(text, encoding="utf-8")


@pytest.fixture
def cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Cli:
    """A command line on a configuration without sources, and no database yet."""
    monkeypatch.chdir(tmp_path)
    cli = Cli(tmp_path, capsys)
    cli.write_config(f"database: {{url: 'sqlite:///{tmp_path}/var/monitor.db'}}\nnetwork: {{allow_private: true}}\n")
    return cli


@pytest.fixture(scope="session")
def filled_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file with the sample history."""
    file = tmp_path_factory.mktemp("history") / "history.db"
    upgrade(f"sqlite:///{file}", alembic_dir())
    samples.fill(f"sqlite:///{file}")
    return file


@pytest.fixture
def history(cli: Cli, filled_database: Path) -> Cli:
    """A command line on the sample history; the reader is in Jerusalem."""
    file = shutil.copy(filled_database, cli.folder / "history.db")
    cli.write_config(samples.CONFIG.format(database=file))
    return cli
