"""`monitor alerts`: the history of what was told, listed, shown, searched and exported."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from monitor.cli import alert_feedback, alert_page
from monitor.cli.context import CliContext, context_of
from monitor.cli.detect import rule_folders
from monitor.cli.exits import CommandFailed
from monitor.cli.output import opened_output
from monitor.cli.records import CSV_COLUMNS, alert_record, csv_row, json_line
from monitor.cli.screen import complain, counting_progress, out
from monitor.cli.times import since_and_until
from monitor.core.model.alert import DeliveryStatus
from monitor.core.model.history import AlertFilter, AlertView
from monitor.errors import ConfigError
from monitor.settings.rules import load_rule_sources

app = typer.Typer(
    help="The history of alerts: list, show, search, export; and what you say of them.", no_args_is_help=True
)

SCREENFUL = 50

_STATUSES = ", ".join((*DeliveryStatus, "none"))


class ExportFormat(StrEnum):
    CSV = "csv"
    JSONL = "jsonl"


Since = Annotated[
    str | None, typer.Option(metavar="TIME", help="Alerted at or after: a date, 24h, 7d, yesterday, 'last month'.")
]
Until = Annotated[str | None, typer.Option(metavar="TIME", help="Alerted before, or within that day, week or month.")]
Type = Annotated[str | None, typer.Option("--type", metavar="TYPE", help="ceasefire or visit.")]
Phase = Annotated[str | None, typer.Option(metavar="PHASE", help="Such as talks, agreed, planned, under_way.")]
Person = Annotated[str | None, typer.Option(metavar="NAME", help="A person in it; part of the name will do.")]
Place = Annotated[str | None, typer.Option(metavar="NAME", help="A place or country in it.")]
Source = Annotated[str | None, typer.Option(metavar="NAME", help="The outlet that told it.")]
Status = Annotated[str | None, typer.Option(metavar="STATUS", help=f"How a delivery stands: {_STATUSES}.")]
Limit = Annotated[
    int | None,
    typer.Option(metavar="N", min=1, help=f"The newest N; else {SCREENFUL} on a terminal, all elsewhere."),
]
AsJson = Annotated[bool, typer.Option("--json", help="JSON, times in UTC.")]


@app.command(
    "list",
    epilog="""\b
Examples:
  monitor alerts list --since 24h
  monitor alerts list --type visit --person Blinken --since 'last month'
  monitor alerts list --place Gaza --phase agreed --json
""",
)
def list_alerts(
    ctx: typer.Context,
    since: Since = None,
    until: Until = None,
    type_name: Type = None,
    phase: Phase = None,
    person: Person = None,
    place: Place = None,
    source: Source = None,
    status: Status = None,
    limit: Limit = None,
    as_json: AsJson = False,
) -> None:
    """List alerts, newest first, times in your zone."""
    context = context_of(ctx)
    wanted = _filter(context, since, until, type_name, phase, person, place, source, status)
    _show_many(context, wanted, limit=limit, as_json=as_json)


@app.command(
    epilog="""\b
Examples:
  monitor alerts search 'truce Gaza'
  monitor alerts search 'hostag* talks' --since 7d
""",
)
def search(
    ctx: typer.Context,
    text: Annotated[str, typer.Argument(metavar="TEXT", help="Words that all stand in it; a* matches beginnings.")],
    since: Since = None,
    until: Until = None,
    type_name: Type = None,
    phase: Phase = None,
    person: Person = None,
    place: Place = None,
    source: Source = None,
    status: Status = None,
    limit: Limit = None,
    as_json: AsJson = False,
) -> None:
    """Search alerts and the articles behind them, newest first."""
    if not text.strip():
        raise typer.BadParameter("nothing to search for")
    context = context_of(ctx)
    wanted = _filter(context, since, until, type_name, phase, person, place, source, status, text=text)
    _show_many(context, wanted, limit=limit, as_json=as_json)


@app.command(
    epilog="""\b
Examples:
  monitor alerts show 1
  monitor alerts show 1 --json
""",
)
def show(
    ctx: typer.Context,
    alert_id: Annotated[int, typer.Argument(metavar="ID", help="The number `alerts list` shows.")],
    as_json: AsJson = False,
) -> None:
    """Show one alert with its evidence and deliveries."""
    context = context_of(ctx)
    view = context.store.history.alert(alert_id)
    if view is None:
        raise CommandFailed(f"there is no alert {alert_id}: `monitor alerts list` shows them")
    if as_json:
        print(json_line(alert_record(view)))
    else:
        alert_page.show_alert(view, zone=context.zone, now=context.now())


@app.command(
    epilog="""\b
Examples:
  monitor alerts export --format csv --since 'last month' --output alerts.csv
  monitor alerts export --format jsonl
""",
)
def export(
    ctx: typer.Context,
    format_name: Annotated[ExportFormat, typer.Option("--format", help="csv, or one JSON object a line.")],
    output: Annotated[Path | None, typer.Option(metavar="FILE", help="Write here instead of to the screen.")] = None,
    since: Since = None,
    until: Until = None,
    type_name: Type = None,
    phase: Phase = None,
    person: Person = None,
    place: Place = None,
    source: Source = None,
    status: Status = None,
    limit: Annotated[int | None, typer.Option(metavar="N", min=1, help="Only the newest N.")] = None,
) -> None:
    """Write alerts as CSV or JSON lines, newest first, times in UTC."""
    context = context_of(ctx)
    wanted = _filter(context, since, until, type_name, phase, person, place, source, status)
    views = context.store.history.alerts(wanted, limit=limit)
    with counting_progress(views, what="exporting") as counted, opened_output(output) as stream:
        if format_name is ExportFormat.CSV:
            rows = csv.writer(stream, lineterminator="\r\n" if output else "\n")
            rows.writerow(CSV_COLUMNS)
            rows.writerows(csv_row(alert_record(view)) for view in counted)
        else:
            stream.writelines(json_line(alert_record(view)) + "\n" for view in counted)


app.command(epilog=alert_feedback.ACK_EXAMPLES)(alert_feedback.ack)
app.command(epilog=alert_feedback.MARK_EXAMPLES)(alert_feedback.mark)
app.command(epilog=alert_feedback.LABELS_EXAMPLES)(alert_feedback.labels)


def _filter(
    context: CliContext,
    since: str | None,
    until: str | None,
    type_name: str | None,
    phase: str | None,
    person: str | None,
    place: str | None,
    source: str | None,
    status: str | None,
    *,
    text: str | None = None,
) -> AlertFilter:
    start, end = since_and_until(since, until, now=context.now(), zone=context.zone)
    if status is not None and status not in (*DeliveryStatus, "none"):
        raise typer.BadParameter(f"--status {status!r} is none of {_STATUSES}")
    return AlertFilter(
        since=start,
        until=end,
        type=type_name,
        phase=phase.replace("-", "_").replace(" ", "_") if phase else None,
        person=person,
        place=place,
        source=source,
        status=status,
        text=text,
    )


def _show_many(context: CliContext, wanted: AlertFilter, *, limit: int | None, as_json: bool) -> None:
    if as_json:
        _print_array(context.store.history.alerts(wanted, limit=limit))
        return
    screenful = SCREENFUL if limit is None and out().is_terminal else limit
    found = list(context.store.history.alerts(wanted, limit=screenful + 1 if screenful else None))
    alert_page.show_alerts(found[:screenful], zone=context.zone, now=context.now())
    if screenful is not None and len(found) > screenful and limit is None:
        complain(f"The newest {screenful} are shown; --limit N shows more.")
    if not found:
        complain(_why_none(context, wanted))


def _why_none(context: CliContext, wanted: AlertFilter) -> str:
    if wanted == AlertFilter():
        return "No alerts yet: `monitor status` says why."
    try:
        types = {each.name: each for each in load_rule_sources(rule_folders(context)).types}
    except ConfigError:
        return "No alerts match."
    if wanted.type is not None and wanted.type not in types:
        return f"No alerts match: there is no type {wanted.type!r}, only {', '.join(types)}."
    asked = [types[wanted.type]] if wanted.type else types.values()
    phases = [phase.name for each in asked for phase in each.phases]
    if wanted.phase is not None and wanted.phase not in phases:
        return f"No alerts match: there is no phase {wanted.phase!r}, only {', '.join(dict.fromkeys(phases))}."
    return "No alerts match."


def _print_array(views: Iterator[AlertView]) -> None:
    """One JSON array, an alert a line, written as it is read."""
    separator = "["
    for view in views:
        sys.stdout.write(separator + json_line(alert_record(view)))
        separator = ",\n "
    sys.stdout.write("]\n" if separator != "[" else "[]\n")
