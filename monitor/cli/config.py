"""`monitor config`: check the configuration, print a sample."""

from __future__ import annotations

from pathlib import Path

import typer

from monitor.cli.context import context_of
from monitor.cli.screen import say, working
from monitor.settings.paths import shipped_config_dir
from monitor.settings.rules import load_ruleset
from monitor.settings.sample import example_config
from monitor.settings.sources import configured_feeds

app = typer.Typer(help="Check the configuration, or print a sample.", no_args_is_help=True)


@app.command(
    epilog="""\b
Examples:
  monitor config check
  monitor --config /etc/monitor/monitor.yaml config check
"""
)
def check(ctx: typer.Context) -> None:
    """Check configuration, sources and rules; every problem comes with file and line."""
    loaded = context_of(ctx).loaded
    feeds = configured_feeds(loaded)
    with working("reading the rules …"):
        ruleset = load_ruleset([shipped_config_dir(), *map(Path, loaded.settings.rules.extra)])
    enabled = sum(feed.enabled for feed in feeds)
    say(f"{loaded.path}: fine")
    say(f"  {len(feeds)} sources, {enabled} of them enabled")
    say(f"  {len(ruleset.sources.rules)} rules, version {ruleset.version}")
    channels = [f"{name} ({channel.kind})" for name, channel in loaded.settings.channels.items()]
    say(f"  channels: {', '.join(channels) or 'none: alerts go nowhere'}")


@app.command(
    epilog="""\b
Example:
  monitor config example > config/monitor.yaml
"""
)
def example() -> None:
    """Print a commented configuration with every key and its default."""
    typer.echo(example_config(), nl=False)
