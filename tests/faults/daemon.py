"""`monitor run` as a process, and what it has said so far."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from tests.e2e.command import Command
from tests.web import Web

PATIENCE_S = 60.0  # far above what anything here takes, also on a busy machine


def settings(folder: Path, web: Web, *sources: str, **sections: Mapping[str, Any]) -> dict[str, Any]:
    """A configuration that asks these paths every second and prints its alerts; `sections` are laid over it."""
    given: dict[str, Any] = {
        "database": {"url": f"sqlite:///{folder / 'monitor.db'}"},
        "sources": [{"name": path, "url": web.url(path), "interval": "1s", "language": "en"} for path in sources],
        "channels": {"terminal": {"kind": "console"}},
        "read": {"fetch_pages": False},
        "alerts": {"max_age": "none", "timezone": "UTC"},
        "network": {"allow_private": True, "host_gap": 0.01},
        "poll": {"floor": "1s"},
    }
    return {**given, **{name: {**given.get(name, {}), **keys} for name, keys in sections.items()}}


def until(holds: Callable[[], bool]) -> bool:
    """Wait for something that must come about; whether it did."""
    deadline = time.monotonic() + PATIENCE_S
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


@dataclass
class Daemon:
    """Use as a context manager."""

    command: Command

    def __enter__(self) -> Daemon:
        self.log_file = self.command.folder / "daemon.log"
        self.log_file.write_text("")
        with self.log_file.open("w") as log:
            self.process = subprocess.Popen(
                self.command.line("run"),
                cwd=self.command.folder,
                env={**os.environ, **self.command.environ},
                stdout=subprocess.DEVNULL,
                stderr=log,
            )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.process.kill()
        self.process.wait()

    @property
    def log(self) -> str:
        return self.log_file.read_text()

    def says(self, text: str, *, times: int = 1) -> bool:
        """Wait for a word in the log."""
        return until(lambda: self.log.count(text) >= times or self.process.poll() is not None) and (
            self.log.count(text) >= times
        )

    def opens(self, name: str) -> bool:
        """Wait until the process has a file of this name open."""
        folder = Path(f"/proc/{self.process.pid}/fd")
        return until(lambda: any(Path(os.path.realpath(each)).name == name for each in folder.iterdir()))

    def signal(self, *numbers: signal.Signals) -> None:
        for number in numbers:
            self.process.send_signal(number)

    def end(self, *numbers: signal.Signals) -> int:
        """Its exit code after these signals."""
        self.signal(*numbers)
        return self.process.wait(PATIENCE_S)

    def stored(self, query: str) -> list[tuple[Any, ...]]:
        """What the database holds just now."""
        database = sqlite3.connect(self.command.folder / "monitor.db")
        try:
            return database.execute(query).fetchall()
        finally:
            database.close()
