"""`monitor demo` from end to end: the real pipeline, a real database, and commands that work afterwards."""

from __future__ import annotations

import json
import logging
import shlex
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import structlog

from monitor.cli.main import main

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture(autouse=True)
def logging_as_before() -> Iterator[None]:
    """A command sets up the process's logging; the tests after this one get theirs back."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str]) -> Run:
    """One command line in this process: exit code, standard output, standard error."""

    def one(*arguments: str) -> tuple[int, str, str]:
        capfd.readouterr()
        with pytest.raises(SystemExit) as left:
            main(list(arguments))
        printed = capfd.readouterr()
        return int(left.value.code or 0), printed.out, printed.err

    return one


def test_the_demo_tells_each_development_once_and_its_next_commands_work(run, tmp_path):
    """A newcomer sees two alerts, nothing twice, and can ask the history at once."""
    code, shown, complaints = run("demo", "--folder", str(tmp_path))
    assert (code, complaints) == (0, "")
    assert shown.count("Ceasefire agreed") == 1
    assert shown.count("Visit under way") == 1
    assert "every development told once" in shown
    commands = [shlex.split(line, comments=True)[1:] for line in shown.splitlines() if "--config" in line]
    assert len(commands) >= 5
    for command in commands:
        code, answer, complaints = run(*command)
        assert (code, complaints) == (0, ""), command
        assert answer.strip(), command
    _, listed, _ = run("--config", str(tmp_path / "monitor.yaml"), "alerts", "list", "--json")
    assert sorted(alert["type"] for alert in json.loads(listed)) == ["ceasefire", "visit"]


def test_a_folder_with_an_earlier_demo_is_left_alone(run, tmp_path: Path):
    """Two demos in one database could not be told apart."""
    database = tmp_path / "demo.db"
    database.write_bytes(b"earlier")
    code, _, complaints = run("demo", "--folder", str(tmp_path))
    assert code == 1
    assert f"{database} is there already" in complaints
    assert database.read_bytes() == b"earlier"
