"""`monitor routes`: which route takes which alert."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from monitor.cli.context import CliContext, context_of
from monitor.cli.detect import rule_folders
from monitor.cli.matchers import facts_of, match_words, parse_matchers
from monitor.cli.records import dispatch_record, dispatch_words
from monitor.cli.screen import complain, say, show_grid
from monitor.cli.times import period
from monitor.core.alert.routing import Standing, dispatches
from monitor.core.model.alert import Severity
from monitor.core.model.route import Route
from monitor.settings.routes import has_ack_path
from monitor.settings.rules import load_rule_sources
from monitor.steps.tell import EVERYTHING
from monitor.telling import build_routes

app = typer.Typer(help="Which alerts go where: list the routes, test one alert.", no_args_is_help=True)


@app.command(
    "list",
    epilog="""\b
Example: monitor routes list
""",
)
def list_routes(ctx: typer.Context) -> None:
    """List the routes in their order."""
    context = context_of(ctx)
    routes = _routes(context)
    show_grid([(each.name, match_words(each.match) or "everything", _manner(context, each)) for each in routes])


@app.command(
    "test",
    epilog="""\b
Examples:
  monitor routes test type=ceasefire phase=agreed place=Gaza
  monitor routes test type=visit person=Blinken severity=low --at '2024-10-29 23:30' --json
""",
)
def try_alert(
    ctx: typer.Context,
    attributes: Annotated[list[str], typer.Argument(metavar="KEY=VALUE…", help="What the alert is like.")],
    at: Annotated[str | None, typer.Option(metavar="TIME", help="When it is made; else now.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="JSON, times in UTC.")] = False,
) -> None:
    """Say where an alert with these attributes would go, as the first one of its story; silences count."""
    context = context_of(ctx)
    given = parse_matchers(attributes)
    facts = facts_of(given, severity=_severity(context, given))
    try:
        now = period(at, now=context.now(), zone=context.zone).start if at else context.now()
    except (ValueError, OverflowError) as error:
        raise typer.BadParameter(f"--at {at!r} is not understood: write '2024-10-29 23:30'") from error
    store = context.store_if_any
    standing = Standing(
        now=now,
        silences=store.silences.silences() if store is not None else (),
        escalates=has_ack_path(context.loaded.settings),
    )
    found = dispatches(facts, _routes(context), standing)
    if as_json:
        print(json.dumps([dispatch_record(each) for each in found], ensure_ascii=False, indent=1))
        return
    for each in found:
        say(dispatch_words(each, context.zone))
    if any(route.escalation for route in _routes(context)) and not standing.escalates:
        complain("Nothing is escalated: alerts.ack is false, so nobody could acknowledge")


def _routes(context: CliContext) -> tuple[Route, ...]:
    channels = context.loaded.settings.alert_channels
    return build_routes(context.loaded) or (Route(name=EVERYTHING, channels=channels),)


def _severity(context: CliContext, given: dict[str, tuple[str, ...]]) -> Severity:
    """That of the phase by the rules in force."""
    types = {each.name: each for each in load_rule_sources(rule_folders(context)).types}
    event = types.get(given.get("type", ("",))[0])
    phase = event.phase(given.get("phase", ("",))[0]) if event else None
    return Severity(phase.severity) if phase else Severity.NORMAL


def _manner(context: CliContext, route: Route) -> str:
    """Channels, and what is special about the route."""
    quiet, escalation = route.quiet, route.escalation
    is_off = not has_ack_path(context.loaded.settings)
    parts = (
        f"to {', '.join(route.channels)}",
        f"{route.digest.every} digest" if route.digest else "",
        f"quiet from {quiet.start:%H:%M} to {quiet.end.strftime('%H:%M') if quiet.end else '24:00'}" if quiet else "",
        f"at most {route.budget} stories an hour" if route.budget else "",
        f"escalates to {', '.join(escalation.channels)}{' (off: alerts.ack is false)' if is_off else ''}"
        if escalation
        else "",
        "continues" if route.goes_on else "",
    )
    return "; ".join(filter(None, parts))
