"""The `monitor` command in processes of its own, as a user runs it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml


@dataclass
class Command:
    """`monitor --config FILE …` on one configuration; `settings` is its whole content."""

    folder: Path
    settings: Mapping[str, Any]
    environ: dict[str, str] = field(default_factory=dict)

    @property
    def config(self) -> Path:
        path = self.folder / "monitor.yaml"
        path.write_text(yaml.safe_dump(dict(self.settings)), encoding="utf-8")
        return path

    def line(self, *arguments: str) -> list[str]:
        """The command line of the installed program."""
        return [str(Path(sys.executable).parent / "monitor"), "--config", str(self.config), *arguments]

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            self.line(*arguments),
            cwd=self.folder,
            env={**os.environ, **self.environ},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *arguments: str, expect: int = 0) -> str:
        """What it printed; the exit code must be `expect`."""
        process = self.start(*arguments)
        printed, complained = process.communicate(timeout=300)
        assert process.returncode == expect, complained
        return printed

    def json(self, *arguments: str) -> Any:
        return json.loads(self.run(*arguments, "--json"))
