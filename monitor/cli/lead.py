"""`monitor sources lead`: which outlets are first with the news, and how far the others are behind."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Annotated

import typer
from rich import box
from rich.table import Table

from monitor.cli.context import context_of
from monitor.cli.records import Record, utc
from monitor.cli.screen import complain, show_table
from monitor.cli.times import since_and_until
from monitor.core.group.lead import lead_times
from monitor.core.model.lead import OutletLead

EPILOG = """\b
Examples:
  monitor sources lead
  monitor sources lead --since 'last month' --limit 20
  monitor sources lead --json
"""

_TITLES = ("outlet", "developments", "first", "alone", "reports", "copies", "median_min", "p90_min")


def lead(
    ctx: typer.Context,
    since: Annotated[
        str, typer.Option(metavar="TIME", help="Developments first reported at or after: a date, 7d, 'last month'.")
    ] = "30d",
    limit: Annotated[int | None, typer.Option(metavar="N", min=1, help="Only the first N outlets.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="JSON, times in UTC.")] = False,
) -> None:
    """Show which outlets are first with the news, and how many minutes the others are behind the first report."""
    context = context_of(ctx)
    start, _ = since_and_until(since, None, now=context.now(), zone=context.zone)
    found = lead_times(context.store.story_reader.outlet_reports(start)) if start else ()
    shown = found[:limit]
    if as_json:
        record = {"since": utc(start), "outlets": [_record(each) for each in shown]}
        print(json.dumps(record, ensure_ascii=False, indent=1))
    elif shown:
        _show(shown)
    else:
        complain("No outlet reported anything since then.")


def _show(leads: Sequence[OutletLead]) -> None:
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, padding=(0, 1, 0, 0))
    table.add_column("Outlet")
    for title in ("Devel.", "First", "Alone", "Reports", "Copies", "Median", "90 %"):
        table.add_column(title, justify="right", no_wrap=True)
    rows = []
    for each in leads:
        counts = (each.development_count, each.first_count, each.alone_count, each.report_count, each.copy_count)
        behind = [minutes(each.median_behind_s), minutes(each.p90_behind_s)]
        rows.append((each.outlet, *map(str, counts), *("" if m is None else f"{m:.0f}" for m in behind)))
        table.add_row(
            each.outlet, *(f"{n:,}" for n in counts), *("–" if m is None else f"{m:,.0f} min" for m in behind)
        )
    show_table(table, rows, titles=_TITLES)


def minutes(seconds: float | None) -> float | None:
    """The same in minutes, to a tenth."""
    return None if seconds is None else round(seconds / 60, 1)


def _record(lead: OutletLead) -> Record:
    return {
        "outlet": lead.outlet,
        "developments": lead.development_count,
        "first": lead.first_count,
        "alone": lead.alone_count,
        "reports": lead.report_count,
        "copies": lead.copy_count,
        "median_behind_min": minutes(lead.median_behind_s),
        "p90_behind_min": minutes(lead.p90_behind_s),
    }
