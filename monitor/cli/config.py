"""`monitor config`: check the configuration, print a sample."""

from __future__ import annotations

from pathlib import Path

import typer

from monitor.cli.context import CliContext, context_of
from monitor.cli.exits import CommandFailed
from monitor.cli.screen import complain, say, working
from monitor.core.rules.compile import Ruleset
from monitor.deliver.registry import app_tokens, build_channels
from monitor.errors import ConfigError, ConfigProblem
from monitor.ops.clock import SystemClock
from monitor.settings.load import LoadedSettings
from monitor.settings.paths import credentials_dir, shipped_config_dir
from monitor.settings.rules import load_ruleset
from monitor.settings.sample import example_config
from monitor.settings.sources import configured_feeds

app = typer.Typer(help="Check the configuration, or print a sample.", no_args_is_help=True)


@app.command(
    short_help="Check configuration, sources and rules.",
    epilog="""\b
Examples:
  monitor config check
  monitor --config /etc/monitor/monitor.yaml config check
""",
)
def check(ctx: typer.Context) -> None:
    """Check configuration, sources and rules; every problem comes with file and line."""
    context = context_of(ctx)
    loaded, ruleset = _read_all(context)
    feeds = configured_feeds(loaded)
    enabled = sum(feed.enabled for feed in feeds)
    say(f"{loaded.path}: fine")
    say(f"  {len(feeds)} sources, {enabled} of them enabled" if feeds else "  sources: none: nothing is polled")
    say(f"  {len(ruleset.sources.rules)} rules, version {ruleset.version}")
    channels = [f"{name} ({channel.kind})" for name, channel in loaded.settings.channels.items()]
    say(f"  channels: {', '.join(channels) or 'none: alerts go nowhere'}")
    for note in _unguarded(loaded):
        complain(f"note: {note}")
    for problem in _missing_here(context):
        complain(f"note: {problem}: from here `monitor run` would not start")


def _unguarded(loaded: LoadedSettings) -> tuple[str, ...]:
    """What the guard against private addresses cannot see under this configuration."""
    network = loaded.settings.network
    notes = []
    if network.allow_private:
        notes.append("network.allow_private is on: sources may lead to addresses of this machine and its network")
    elif network.proxy is not None:
        notes.append(
            "behind a proxy, names are checked before they are handed over; "
            "which address the proxy then connects to cannot be seen from here"
        )
    return tuple(notes)


def _missing_here(context: CliContext) -> tuple[ConfigProblem, ...]:
    """What channels need from the environment and do not find; a service has it where this command may not."""
    settings, environ, folder = context.loaded.settings, context.environ, credentials_dir(context.environ)

    def build() -> None:
        build_channels(
            settings.channels,
            environ=environ,
            credentials_dir=folder,
            zone=context.zone,
            clock=SystemClock(),
            network=settings.network,
        )

    missing: list[ConfigProblem] = []
    for look in (build, lambda: app_tokens(settings.channels, environ=environ, credentials_dir=folder)):
        try:
            look()
        except ConfigError as error:
            missing.extend(error.problems)
    return tuple(missing)


def _read_all(context: CliContext) -> tuple[LoadedSettings, Ruleset]:
    """Configuration and rules. Raises: ConfigError, with the problems of both."""
    problems: list[ConfigProblem] = []
    loaded = ruleset = None
    try:
        loaded = context.loaded
    except ConfigError as error:
        problems.extend(error.problems)
    extra = loaded.settings.rules.extra if loaded else ()
    try:
        with working("reading the rules …"):
            ruleset = load_ruleset([shipped_config_dir(), *map(Path, extra)])
    except ConfigError as error:
        problems.extend(error.problems)
    if loaded is None or ruleset is None:
        raise ConfigError(tuple(problems))
    return loaded, ruleset


@app.command(
    short_help="Print a commented configuration.",
    epilog="""\b
Example:
  monitor config example > monitor.yaml
""",
)
def example() -> None:
    """Print a commented configuration with every key and its default."""
    text = example_config()
    if not text:
        raise CommandFailed("the shipped sample is empty: was it the file that this output goes to?")
    typer.echo(text, nl=False)
