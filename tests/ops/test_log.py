"""What a line of the log looks like."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator

import pytest
import structlog

from monitor.ops.log import configure_logging


@pytest.fixture(autouse=True)
def logging_as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def told(capsys: pytest.CaptureFixture[str], *, format: str) -> str:
    configure_logging(format=format, level="info")
    structlog.get_logger("poll").info("new_entries", feed="Harbour Post", new=3)
    printed = capsys.readouterr()
    assert printed.out == ""
    return printed.err


def test_a_line_for_the_eye_is_short_and_to_the_second(capsys):
    line = told(capsys, format="console")
    assert re.fullmatch(
        r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ \[info     \] new_entries    \[poll\] feed='Harbour Post' new=3\n", line
    )


def test_a_line_for_programs_is_json(capsys):
    record = json.loads(told(capsys, format="json"))
    assert record.pop("timestamp").endswith("Z")
    assert record == {"event": "new_entries", "level": "info", "logger": "poll", "feed": "Harbour Post", "new": 3}
