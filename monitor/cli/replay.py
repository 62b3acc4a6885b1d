"""`monitor replay`: what other rules would have said of the stored articles, or of a stream."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from monitor.cli.context import CliContext, context_of
from monitor.cli.detect import rule_folders
from monitor.cli.jsonl import article_of, moment_of, opened_lines
from monitor.cli.replay_page import replay_record, show_replay
from monitor.cli.replay_pool import Item, run_over
from monitor.cli.replay_tally import Tally
from monitor.cli.screen import complain, err, out, progress_over
from monitor.cli.times import since_and_until
from monitor.core.model.history import ReadDocument
from monitor.core.model.report import Article
from monitor.settings.rules import load_ruleset

_SCREENFUL = 50


def replay(
    ctx: typer.Context,
    since: Annotated[
        str | None, typer.Option(metavar="TIME", help="Articles first seen at or after: a date, 7d, 'last month'.")
    ] = None,
    until: Annotated[str | None, typer.Option(metavar="TIME", help="Seen before, or within that day or month.")] = None,
    rules: Annotated[
        Path | None, typer.Option("--rules", metavar="DIR", help="A folder of rules to lay over those in force.")
    ] = None,
    stream: Annotated[
        Path | None,
        typer.Option(
            "--jsonl", metavar="FILE", help="JSON lines (or .gz) to read instead of the database; - is stdin."
        ),
    ] = None,
    limit: Annotated[
        int | None,
        typer.Option(metavar="N", min=0, help=f"Show N changes of each kind; else {_SCREENFUL} on a terminal."),
    ] = None,
    jobs: Annotated[int | None, typer.Option(metavar="N", min=1, help="Processes; else one for each core.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="JSON, times in UTC.")] = False,
) -> None:
    """Run rules over stored articles again and say what changes: alerts gained, lost and told differently.

    Stored articles are set against the reports stored with them, a stream against the rules in force.

    \b
    Examples:
      monitor replay --since 7d
      monitor replay --since 'last month' --rules my-rules
      monitor replay --jsonl items.jsonl --rules my-rules --json
    """
    context = context_of(ctx)
    start, end = since_and_until(since, until, now=context.now(), zone=context.zone)
    in_force = rule_folders(context)
    tried = [*in_force, *([rules] if rules else [])]
    ruleset = load_ruleset(tried)  # what is wrong with the rules is told here, once
    shown = limit if limit is not None else _SCREENFUL if out().is_terminal and not as_json else None
    tally = Tally(ruleset.events, limit=shown)
    source = _stream_items(stream, start, end) if stream else _stored_items(context, start, end)
    with source as (items, total):
        outcomes = run_over(items, in_force=in_force, tried=tried, jobs=jobs or os.cpu_count() or 1)
        with progress_over(outcomes, total=total, what="replaying") as counted:
            for outcome in counted:
                tally.add(outcome)
    if as_json:
        sys.stdout.write(json.dumps(replay_record(tally)) + "\n")
    else:
        show_replay(tally, zone=context.zone, is_stream=stream is not None, same_rules=rules is None)


@contextmanager
def _stored_items(
    context: CliContext, since: datetime | None, until: datetime | None
) -> Iterator[tuple[Iterator[Item], int]]:
    history = context.store.history
    yield (
        map(_stored_item, history.read_documents(since=since, until=until)),
        history.read_count(since=since, until=until),
    )


def _stored_item(stored: ReadDocument) -> Item:
    document, feed = stored.document, stored.feed
    article = Article(
        title=document.title,
        text=document.text,
        published_on=document.published_at.date() if document.dated else None,
        source=feed.name,
        tier=feed.tier.value,
    )
    return Item(
        id=f"document:{document.id}",
        url=document.url,
        article=article,
        at=document.published_at,
        before=stored.reports,
    )


@contextmanager
def _stream_items(path: Path, since: datetime | None, until: datetime | None) -> Iterator[tuple[Iterator[Item], int]]:
    # A bar needs to know how much there is: worth reading the file twice only where there is one.
    total = 0
    if err().is_terminal and str(path) != "-":
        with opened_lines(path) as lines:
            total = sum(1 for line in lines if line.strip())
    with opened_lines(path) as lines:
        yield _parsed(lines, since, until), total


def _parsed(lines: Iterator[str], since: datetime | None, until: datetime | None) -> Iterator[Item]:
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
        except (ValueError, RecursionError) as error:
            complain(f"line {number}: not JSON: {error}")
            continue
        if not isinstance(record, dict):
            complain(f"line {number}: not a JSON object")
            continue
        at = moment_of(record)
        if (since and (at is None or at < since)) or (until and (at is None or at >= until)):
            continue
        url = record.get("url")
        item_id = str(record.get("id") or f"line {number}")
        yield Item(id=item_id, url=url if isinstance(url, str) else "", article=article_of(record), at=at)
