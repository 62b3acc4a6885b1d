"""`monitor slack`: find out whether alerts can reach Slack."""

from __future__ import annotations

from typing import Annotated

import typer

from monitor.cli.context import CliContext, context_of
from monitor.cli.exits import ExitCode
from monitor.cli.screen import out, working
from monitor.deliver.registry import app_tokens, build_channels
from monitor.deliver.slack import SlackChannel
from monitor.deliver.slack_check import Finding, check_slack
from monitor.errors import ConfigError, ConfigProblem
from monitor.ops.clock import SystemClock
from monitor.ports import Channel
from monitor.settings.paths import credentials_dir

app = typer.Typer(help="Find out whether alerts can reach Slack.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Find out whether alerts can reach Slack."""


@app.command(
    "test",
    short_help="Try the token, its scopes, and one test message.",
    epilog="""\b
Examples:
  monitor slack test
  monitor slack test --channel desk
  monitor slack test --full
""",
)
def try_channels(
    ctx: typer.Context,
    channel: Annotated[
        str | None, typer.Option(metavar="NAME", help="The channel's name in the configuration; else all Slack ones.")
    ] = None,
    full: Annotated[
        bool,
        typer.Option("--full", help="Also try the app token, the channel, a reply and an edit, and delete it all."),
    ] = False,
) -> None:
    """Try the token, its scopes, and one test message; exit code 5 when something fails."""
    context = context_of(ctx)
    channels = context.loaded.settings.channels
    app_tokens_by_name = app_tokens(
        {name: item for name, item in channels.items() if channel in (None, name)},
        environ=context.environ,
        credentials_dir=credentials_dir(context.environ),
    )
    all_fine = True
    for built in _slack_channels(context, channel):
        with working(f"asking Slack about {built.name} …"):
            findings = check_slack(built, now=context.now(), full=full, app_token=app_tokens_by_name.get(built.name))
        for finding in findings:
            _print(built, finding)
        all_fine = all_fine and all(finding.ok for finding in findings)
    if not all_fine:
        raise typer.Exit(ExitCode.NETWORK)


def _print(channel: Channel, finding: Finding) -> None:
    style = "green" if finding.ok else "bold red"
    mark = "ok  " if finding.ok else "FAIL"
    console = out()
    console.print(f"[{style}]{mark}[/] {channel.name} {finding.step:8}", end="", soft_wrap=True)
    console.print(finding.detail, markup=False, soft_wrap=True)


def _slack_channels(context: CliContext, name: str | None) -> list[SlackChannel]:
    settings = context.loaded.settings
    wanted = {key: item for key, item in settings.channels.items() if item.kind == "slack" and name in (None, key)}
    if not wanted:
        known = [key for key, item in settings.channels.items() if item.kind == "slack"]
        message = f"no Slack channel '{name}'; there is {', '.join(known)}" if name and known else "no Slack channel"
        problem = ConfigProblem(file=str(context.loaded.path), line=0, message=f"channels: {message} is configured")
        raise ConfigError((problem,))
    built = build_channels(
        wanted,
        environ=context.environ,
        credentials_dir=credentials_dir(context.environ),
        zone=context.zone,
        clock=SystemClock(),
        network=settings.network,
    )
    return [channel for channel in built if isinstance(channel, SlackChannel)]
