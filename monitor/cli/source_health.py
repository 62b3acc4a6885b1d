"""`monitor sources health`: which sources are not what they are expected to be, since when, and what to do."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Annotated

import typer

from monitor.cli.context import context_of
from monitor.cli.exits import ExitCode
from monitor.cli.screen import complain
from monitor.cli.source_health_page import (
    Standing,
    condition_record,
    show_conditions,
    show_standings,
    standing_record,
    state_counts,
    summary,
)
from monitor.core.model.condition import Condition, ConditionKind, SourceNorm
from monitor.core.model.history import FeedView

EPILOG = """\b
Examples:
  monitor sources health
  monitor sources health --condition stale --condition silent_zero
  monitor sources health --all
  monitor sources health --json
  monitor sources health --exit-code
"""


def health(
    ctx: typer.Context,
    condition: Annotated[
        list[ConditionKind] | None,
        typer.Option("--condition", metavar="KIND", help="Only this condition; may be given repeatedly."),
    ] = None,
    every: Annotated[
        bool, typer.Option("--all", help="Every enabled source, with what it is expected to bring.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="JSON, times in UTC.")] = False,
    exit_code: Annotated[
        bool, typer.Option("--exit-code", help="End with exit code 1 when a condition is shown.")
    ] = False,
) -> None:
    """Show what is wrong with sources, channels and network, since when, and what to do.

    The conditions are those the running monitor has found; see docs/operating.md for each.
    """
    context = context_of(ctx)
    store = context.store
    found = [each for each in store.watch.conditions() if not condition or each.kind in condition]
    views = store.history.feeds()
    names = {view.feed.id: (view.feed.name, view.feed.url) for view in views}
    standings = _standings(views, store.watch.norms(), found)
    shown = [each for each in standings if each.conditions or (every and not condition)]
    if as_json:
        record = {
            "conditions": [condition_record(each, names) for each in found],
            "sources": state_counts(standings),
        }
        if every:
            record["expected"] = [standing_record(each) for each in shown]
        print(json.dumps(record, ensure_ascii=False, indent=1))
    else:
        show_conditions(found, names, now=context.now(), zone=context.zone)
        if every:
            show_standings(shown, now=context.now(), zone=context.zone)
        if not found:
            wanted = f" ({', '.join(condition)})" if condition else ""
            complain(f"No condition is open{wanted}.")
        if not condition:
            complain(summary(standings))
    if exit_code and found:
        raise typer.Exit(ExitCode.FAILED)


def _standings(
    views: Iterable[FeedView], norms: Mapping[int, SourceNorm], conditions: Iterable[Condition]
) -> list[Standing]:
    by_feed: dict[int | None, list[Condition]] = {}
    for each in conditions:
        by_feed.setdefault(each.feed_id, []).append(each)
    return [
        Standing(view=view, norm=norms.get(view.feed.id), conditions=tuple(by_feed.get(view.feed.id, ())))
        for view in views
        if view.feed.enabled
    ]
