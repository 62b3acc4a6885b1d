"""`monitor silence`: hear nothing of some alerts for a while."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Annotated

import typer
from rich import box
from rich.table import Table

from monitor.cli.context import CliContext, context_of
from monitor.cli.exits import CommandFailed
from monitor.cli.matchers import match_of, match_words, parse_matchers
from monitor.cli.records import Record, utc
from monitor.cli.screen import complain, plain_cell, say, show_table
from monitor.cli.times import period
from monitor.core.model.route import StandingSilence
from monitor.deliver.layout import time_words
from monitor.settings.schema import duration_s

app = typer.Typer(help="Hear nothing of some alerts for a while: add, list, expire.", no_args_is_help=True)

_TITLES = ("id", "state", "until", "conditions", "owner", "reason")


@app.command(
    epilog="""\b
Examples:
  monitor silence add type=ceasefire place=Gaza --for 24h --reason 'covered live'
  monitor silence add story=visit-israel-blinken-2024-10-29 --until tomorrow --reason 'on the desk' --owner ana
"""
)
def add(
    ctx: typer.Context,
    conditions: Annotated[
        list[str], typer.Argument(metavar="KEY=VALUE…", help="All must hold; of a key given twice, one of its values.")
    ],
    reason: Annotated[str, typer.Option(metavar="TEXT", help="Why; shown beside every alert it silences.")],
    lasts: Annotated[str | None, typer.Option("--for", metavar="TIME", help="How long: 2h, 1d.")] = None,
    until: Annotated[str | None, typer.Option(metavar="TIME", help="Or until when: a date, a time, tomorrow.")] = None,
    owner: Annotated[str | None, typer.Option(metavar="NAME", help="Whose it is; else your user name.")] = None,
) -> None:
    """Silence alerts; they are stored, and told nowhere."""
    context = context_of(ctx)
    name = owner or context.environ.get("USER") or context.environ.get("LOGNAME")
    if not name:
        raise typer.BadParameter("whose silence is it? Give --owner NAME")
    silence = StandingSilence(
        owner=name,
        reason=reason,
        match=match_of(parse_matchers(conditions)),
        created_at=context.now(),
        expires_at=_expiry(context, lasts, until),
    )
    number = context.store.silences.add(silence)
    say(f"silence {number} until {time_words(silence.expires_at, context.zone)}: {match_words(silence.match)}")


@app.command(
    "list",
    epilog="""\b
Examples:
  monitor silence list
  monitor silence list --all --json
""",
)
def list_silences(
    ctx: typer.Context,
    every: Annotated[bool, typer.Option("--all", help="Also those that expired.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="JSON, times in UTC.")] = False,
) -> None:
    """List the silences in force."""
    context = context_of(ctx)
    now = context.now()
    found = [each for each in context.store.silences.silences() if every or each.expires_at > now]
    if as_json:
        print(json.dumps([_record(each, now) for each in found], ensure_ascii=False, indent=1))
        return
    if not found:
        complain("Nothing is silenced.")
        return
    table = Table(*(title.capitalize() for title in _TITLES), box=box.SIMPLE_HEAD, show_edge=False)
    rows = [_row(context, each, now) for each in found]
    for row in rows:
        table.add_row(*map(plain_cell, row))
    show_table(table, rows, titles=_TITLES)


@app.command(
    epilog="""\b
Example: monitor silence expire 1
"""
)
def expire(
    ctx: typer.Context,
    silence_id: Annotated[int, typer.Argument(metavar="ID", help="The number `silence list` shows.")],
) -> None:
    """End a silence now; it stays in the history."""
    context = context_of(ctx)
    if not context.store.silences.expire(silence_id, now=context.now()):
        raise CommandFailed(f"there is no silence {silence_id} in force: `monitor silence list` shows them")
    say(f"silence {silence_id} is over")


def _expiry(context: CliContext, lasts: str | None, until: str | None) -> datetime:
    now = context.now()
    if (lasts is None) == (until is None):
        raise typer.BadParameter("say how long: --for 24h or --until TIME, one of the two")
    try:
        if lasts is not None:
            return now + timedelta(seconds=duration_s(lasts))
        words = "today" if until == "tomorrow" else until or ""  # until tomorrow begins
        end = period(words, now=now, zone=context.zone)
        at = end.end if until == "tomorrow" else end.start
    except (ValueError, OverflowError) as error:
        raise typer.BadParameter(f"{lasts or until!r} is not understood: write 24h, or a date or time") from error
    if at <= now:
        raise typer.BadParameter(f"{until!r} is over already")
    return at


def _row(context: CliContext, silence: StandingSilence, now: datetime) -> tuple[str, ...]:
    return (
        str(silence.id),
        _state(silence, now),
        time_words(silence.expires_at, context.zone),
        match_words(silence.match) or "everything",
        silence.owner,
        silence.reason,
    )


def _state(silence: StandingSilence, now: datetime) -> str:
    return "in force" if silence.created_at <= now < silence.expires_at else "expired"


def _record(silence: StandingSilence, now: datetime) -> Record:
    return {
        "id": silence.id,
        "state": _state(silence, now).replace(" ", "_"),
        "owner": silence.owner,
        "reason": silence.reason,
        "conditions": match_words(silence.match),
        "created_at": utc(silence.created_at),
        "expires_at": utc(silence.expires_at),
    }
