"""How commands print: tables and pages on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)
from rich.table import Table
from rich.text import Text

T = TypeVar("T")

_PIPE_WIDTH = 100_000  # nothing is ever wrapped in a pipe


def out() -> Console:
    """Standard output; no colour and no wrapping when it is not a terminal."""
    return _console(stderr=False)


def err() -> Console:
    """Standard error, in the same way."""
    return _console(stderr=True)


def _console(*, stderr: bool) -> Console:
    stream = sys.stderr if stderr else sys.stdout
    console = Console(file=stream, highlight=False, soft_wrap=False, emoji=False)
    if not console.is_terminal:
        console.width = _PIPE_WIDTH
    return console


def say(text: str = "") -> None:
    """One line of plain text on standard output, as it is."""
    out().print(text, markup=False, soft_wrap=True)


def complain(text: str) -> None:
    """One line on standard error, as it is."""
    err().print(text, markup=False, soft_wrap=True)


def plain_cell(text: str) -> str:
    """The text on one line, without tabs and control characters."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def show_table(table: Table, rows: Sequence[Sequence[str]], *, titles: Sequence[str]) -> None:
    """The table on a terminal; elsewhere tab-separated rows under one line of titles."""
    console = out()
    if console.is_terminal:
        console.print(table)
        return
    for row in (titles, *rows):
        sys.stdout.write("\t".join(plain_cell(cell) for cell in row) + "\n")


def show_grid(rows: Iterable[Sequence[str]]) -> None:
    """Rows without a head: aligned on a terminal with the first column dimmed, tab-separated elsewhere."""
    console = out()
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0), pad_edge=False)
    for first, *others in rows:
        table.add_row(Text(first, style="dim"), *(Text(each, overflow="fold") for each in others))
        if not console.is_terminal:
            sys.stdout.write("\t".join(map(plain_cell, (first, *others))) + "\n")
    if console.is_terminal:
        console.print(table)


@contextmanager
def working(what: str) -> Iterator[None]:
    """Says on standard error what is going on while it does; silent when that is no terminal."""
    console = err()
    if not console.is_terminal:
        yield
        return
    with console.status(what):
        yield


@contextmanager
def counting_progress(items: Iterator[T], *, what: str) -> Iterator[Iterator[T]]:
    """The items, with their number on standard error while they go by; silent when that is no terminal."""
    console = err()
    columns = (SpinnerColumn(), TextColumn(what), TextColumn("{task.completed:.0f}"))
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        yield _advancing(items, progress, progress.add_task(what, total=None))


@contextmanager
def counter(what: str) -> Iterator[Callable[[int], None]]:
    """What adds to a number shown on standard error; silent when that is no terminal."""
    console = err()
    columns = (SpinnerColumn(), TextColumn(what), TextColumn("{task.completed:.0f}"))
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task(what, total=None)
        yield lambda count: progress.advance(task, count)


def _advancing(items: Iterable[T], progress: Progress, task: TaskID) -> Iterator[T]:
    for item in items:
        yield item
        progress.advance(task)


@contextmanager
def progress_over(items: Iterable[T], *, total: int, what: str) -> Iterator[Iterator[T]]:
    """The items, with a bar on standard error while they are worked on; silent when that is no terminal."""
    console = err()
    columns = (TextColumn(what), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        yield _advancing(items, progress, progress.add_task(what, total=total))
