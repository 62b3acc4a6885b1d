"""Where an export goes: a file, or standard output."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from monitor.cli.exits import CommandFailed


@contextmanager
def opened_output(output: Path | None) -> Iterator[TextIO]:
    """The file, made anew, or standard output for None. Raises: CommandFailed: it cannot be written."""
    if output is None:
        yield sys.stdout
        return
    try:
        with output.open("w", encoding="utf-8", newline="") as stream:
            yield stream
    except OSError as error:
        raise CommandFailed(f"{output}: cannot be written: {(error.strerror or '').lower()}") from error
