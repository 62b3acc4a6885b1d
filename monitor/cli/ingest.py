"""`monitor ingest`: lines of JSON from other tools become entries, like those of a feed."""

from __future__ import annotations

import json
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from monitor.cli.context import CliContext, context_of
from monitor.cli.exits import ExitCode
from monitor.cli.intake import Batch, Intake, Tally
from monitor.cli.linestream import STDIN, read_lines
from monitor.cli.screen import complain, counter, say
from monitor.core.parse.jsonline import LONGEST_LINE, source_name
from monitor.ports import PollWritten
from monitor.settings.paths import alembic_dir
from monitor.settings.sources import configured_feeds
from monitor.store.database import SqlStore, open_store
from monitor.store.migrate import make_ready


def ingest(
    ctx: typer.Context,
    files: Annotated[
        list[Path] | None, typer.Argument(metavar="[FILE…|-]", help="JSON lines, also gzipped; - or none for stdin.")
    ] = None,
    source: Annotated[
        str | None, typer.Option(metavar="NAME", help="Whose articles these are; else each line says so.")
    ] = None,
    undated_is_old: Annotated[
        bool, typer.Option("--undated-is-old", help="Never tell undated lines as news, as for an archive.")
    ] = False,
    at_once: Annotated[
        bool, typer.Option("--now", help="Then read, group and alert here, without a running monitor.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only check the lines; nothing is stored.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="The counts as one JSON object.")] = False,
) -> None:
    """Store lines of JSON from other tools as articles, which a running monitor then reads and tells.

    \b
    Examples:
      monitor ingest articles.jsonl --source 'Harbour Post'
      monitor ingest --dry-run articles.jsonl
      crawl-something | monitor ingest -
    """
    context = context_of(ctx)
    if at_once and dry_run:
        raise typer.BadParameter("--now works on what is stored, and --dry-run stores nothing")
    if source is not None and source_name(source) is None:
        raise typer.BadParameter("--source needs a name")
    paths = files or [STDIN]
    if STDIN in paths and sys.stdin.isatty():
        complain("reading lines of JSON from the terminal; Ctrl-D ends them")
    tally = _taken_in(context, paths, source=source, undated_is_old=undated_is_old, dry_run=dry_run)
    if at_once:
        _work(context)
    _tell(tally, as_json=as_json, dry_run=dry_run, at_once=at_once)
    if tally.refused:
        raise typer.Exit(ExitCode.FAILED)


def _taken_in(
    context: CliContext, paths: Sequence[Path], *, source: str | None, undated_is_old: bool, dry_run: bool
) -> Tally:
    store = None if dry_run else _opened(context)

    def add(batch: Batch) -> PollWritten:
        if store is None:
            return PollWritten()
        return store.intake.add(batch, seen_at=context.now(), undated_is_old=undated_is_old)

    try:
        intake = Intake(
            add=add,
            now=context.now,
            source=source_name(source) if source else None,
            configured=configured_feeds(context.loaded),
            refuse=complain,
        )
        with counter("lines") as count, _sigterm_as_ctrl_c():
            _take_all(intake, paths, partial(count, 1))
        return intake.tally
    finally:
        if store is not None:
            store.close()


def _take_all(intake: Intake, paths: Sequence[Path], count: partial[None]) -> None:
    """All lines of all files. What came in before a stop, or before a broken file, is stored."""
    try:
        for path in paths:
            number = 0
            for line in read_lines(path, max_bytes=LONGEST_LINE):
                if line is None:
                    intake.look_at_the_clock()
                    continue
                number += 1
                intake.take(line, place=f"line {number}" if path == STDIN else f"{path}:{number}")
                count()
    finally:
        intake.flush()


def _opened(context: CliContext) -> SqlStore:
    """The configured database; an SQLite one is made where there is none. Raises: StoreError."""
    url = context.loaded.settings.database.url
    make_ready(url, alembic_dir())
    return open_store(url)


@contextmanager
def _sigterm_as_ctrl_c() -> Iterator[None]:
    """A service manager's stop, too, must leave nothing that was read unstored."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _work(context: CliContext) -> None:
    """Every step but the poll, until nothing is left."""
    # Imported here: the parsers and the rules take a second that taking lines in does without.
    from monitor.app import open_app  # noqa: PLC0415
    from monitor.ops.log import configure_logging  # noqa: PLC0415
    from monitor.schedule.once import work_all  # noqa: PLC0415

    wanted = context.loaded.settings.log
    configure_logging(format=wanted.format, level="debug" if context.verbose else "warning")
    app = open_app(context.loaded, environ=context.environ)
    try:
        steps = [step for step in app.steps if step.name != "poll"]
        work_all(steps, has_retries=lambda: False, linger_s=0.0)
    finally:
        app.close()


def _tell(tally: Tally, *, as_json: bool, dry_run: bool, at_once: bool) -> None:
    if as_json:
        stored = {} if dry_run else {"new": tally.new, "edited": tally.edited, "known": tally.known}
        record = {
            "lines": tally.lines,
            "readable": tally.lines - tally.refused,
            **stored,
            "refused": tally.refused,
            "refused_by_reason": {str(fault): count for fault, count in sorted(tally.by_fault.items())},
            "sources": dict(sorted(tally.by_source.items())),
        }
        print(json.dumps(record, ensure_ascii=False))
        return
    refused = f", {tally.refused:,} refused" if tally.refused else ""
    lines = f"{tally.lines:,} {'line' if tally.lines == 1 else 'lines'}"
    if dry_run:
        say(f"{lines}: {tally.lines - tally.refused:,} readable{refused}; nothing was stored")
        for name, count in tally.by_source.most_common(20):
            say(f"  {name}: {count:,}")
        return
    say(f"{lines}: {tally.new:,} new, {tally.edited:,} edited, {tally.known:,} known{refused}")
    if tally.new + tally.edited and not at_once:
        complain("a running monitor reads them now; without one: monitor ingest --now")
