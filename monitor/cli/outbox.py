"""`monitor outbox`: what waits to be sent, what did not get out, and what to do about it by hand."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Annotated

import typer
from rich import box
from rich.table import Table

from monitor.cli.context import CliContext, context_of
from monitor.cli.exits import CommandFailed
from monitor.cli.records import Record, utc
from monitor.cli.screen import complain, out, plain_cell, say, show_table
from monitor.core.model.alert import DeliveryStatus
from monitor.core.model.outbox import OutboxFilter, OutboxRow
from monitor.deliver.layout import age_words

app = typer.Typer(help="Deliveries: list them, try them again, drop them.", no_args_is_help=True)

SCREENFUL = 50

_TITLES = ("id", "status", "channel", "made", "tries", "fault", "what", "detail")
_NOT_OUT = tuple(status for status in DeliveryStatus if status is not DeliveryStatus.SENT)

Ids = Annotated[list[int] | None, typer.Argument(metavar="[ID]...", help="The numbers `outbox list` shows.")]
Status = Annotated[
    list[str] | None, typer.Option(metavar="STATUS", help=f"{', '.join(DeliveryStatus)}; may be repeated.")
]
Channel = Annotated[str | None, typer.Option(metavar="NAME", help="The channel's name in the configuration.")]
Route = Annotated[str | None, typer.Option(metavar="NAME", help="The route that sent it there.")]
Every = Annotated[bool, typer.Option("--all", help="All of them.")]
AsJson = Annotated[bool, typer.Option("--json", help="JSON, times in UTC.")]


@app.command(
    "list",
    epilog="""\b
Examples:
  monitor outbox list
  monitor outbox list --status parked --channel desk
  monitor outbox list --status sent --limit 10 --json
""",
)
def list_deliveries(
    ctx: typer.Context,
    status: Status = None,
    channel: Channel = None,
    route: Route = None,
    limit: Annotated[
        int | None, typer.Option(metavar="N", min=1, help=f"The newest N; else {SCREENFUL} on a terminal.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List deliveries that have not got out, or those of a status, newest first."""
    context = context_of(ctx)
    wanted = OutboxFilter(statuses=_statuses(status) or _NOT_OUT, channel=channel, route=route)
    most = limit or (SCREENFUL if out().is_terminal and not as_json else None)
    rows = context.store.outbox.rows(wanted, limit=most)
    if as_json:
        print(json.dumps([_record(row) for row in rows], ensure_ascii=False, indent=1))
        return
    _show(context, rows)
    if most is not None and len(rows) == most and limit is None:
        complain(f"The newest {most} are shown; --limit N shows more.")
    if not rows:
        complain("Nothing waits, and nothing failed." if status is None else "No deliveries match.")


@app.command(
    epilog="""\b
Examples:
  monitor outbox retry 7
  monitor outbox retry --channel desk
  monitor outbox retry --all
""",
)
def retry(
    ctx: typer.Context,
    ids: Ids = None,
    status: Status = None,
    channel: Channel = None,
    route: Route = None,
    every: Every = False,
    as_json: AsJson = False,
) -> None:
    """Try parked and dead deliveries again, however old they are by now."""
    context = context_of(ctx)
    wanted = _chosen(ids, status, channel, route, every)
    done = context.store.outbox.retry(wanted, now=context.now())
    _tell(ids, done, as_json, verb="to be tried again", key="retried", kind="parked or dead")


@app.command(
    epilog="""\b
Examples:
  monitor outbox drop 7
  monitor outbox drop --status parked --channel desk
""",
)
def drop(
    ctx: typer.Context,
    ids: Ids = None,
    status: Status = None,
    channel: Channel = None,
    route: Route = None,
    every: Every = False,
    as_json: AsJson = False,
) -> None:
    """Give up deliveries that wait or are parked; `outbox retry` takes them up again."""
    context = context_of(ctx)
    done = context.store.outbox.drop(_chosen(ids, status, channel, route, every))
    _tell(ids, done, as_json, verb="dropped", key="dropped", kind="waiting or parked")


def _chosen(
    ids: list[int] | None, status: list[str] | None, channel: str | None, route: str | None, every: bool
) -> OutboxFilter:
    if not (ids or status or channel or route or every):
        raise typer.BadParameter("say which: an ID, --status, --channel, --route, or --all")
    return OutboxFilter(ids=tuple(ids or ()), statuses=_statuses(status), channel=channel, route=route)


def _statuses(given: list[str] | None) -> tuple[DeliveryStatus, ...]:
    for name in given or ():
        if name not in list(DeliveryStatus):
            raise typer.BadParameter(f"--status {name!r} is none of {', '.join(DeliveryStatus)}")
    return tuple(DeliveryStatus(name) for name in given or ())


def _tell(ids: list[int] | None, done: tuple[int, ...], as_json: bool, *, verb: str, key: str, kind: str) -> None:
    if as_json:
        print(json.dumps({key: done}))
    else:
        say(f"{len(done)} {'delivery' if len(done) == 1 else 'deliveries'} {verb}")
    if missed := [each for each in ids or () if each not in done]:
        raise CommandFailed(f"not {kind}: {', '.join(map(str, missed))}; `monitor outbox list` shows how they stand")


def _record(row: OutboxRow) -> Record:
    return {
        "id": row.id,
        "key": row.key,
        "alert": row.alert_id,
        "title": row.title,
        "channel": row.channel,
        "route": row.route,
        "status": row.status.value,
        "attempts": row.attempts,
        "created_at": utc(row.created_at),
        "due_at": utc(row.due_at),
        "expires_at": utc(row.expires_at),
        "sent_at": utc(row.sent_at),
        "fault": row.last_fault,
        "detail": row.detail,
        "reference": row.reference,
    }


def _show(context: CliContext, rows: tuple[OutboxRow, ...]) -> None:
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, padding=(0, 1, 0, 0))
    for title in _TITLES:
        table.add_column(title.capitalize(), overflow="fold")
    cells = [_cells(context, row) for row in rows]
    for each in cells:
        table.add_row(*map(plain_cell, each))
    if rows:
        show_table(table, cells, titles=_TITLES)


def _cells(context: CliContext, row: OutboxRow) -> tuple[str, ...]:
    made = _when(context, row.created_at)
    fault = (row.last_fault or "").replace("_", " ")
    return str(row.id), row.status.value, row.channel, made, str(row.attempts), fault, row.title, row.detail or ""


def _when(context: CliContext, at: datetime) -> str:
    if out().is_terminal:
        return age_words(at, context.now())
    return at.astimezone(context.zone).isoformat(timespec="seconds")
