"""The `monitor` command: global options, one line for each command, and how errors end."""

from __future__ import annotations

import errno
import io
import os
import sys
import traceback
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from monitor import __version__
from monitor.cli.context import CliContext
from monitor.cli.exits import ExitCode, exit_code_of
from monitor.cli.lazy import lazy_group
from monitor.cli.screen import complain
from monitor.errors import ConfigError, MonitorError
from monitor.ops.streams import open_missing_streams

EPILOG = """\b
Try first:
  monitor demo                      see it work, without network or Slack
  monitor run                       poll, read, group and alert until stopped
  monitor alerts list --since 24h
  monitor status

\b
Exit codes:
  0  done
  1  something asked for failed, or was not found
  2  wrong usage
  3  the configuration cannot be used
  4  the database cannot be used
  5  network or Slack
"""

# In the order of `monitor --help`.
COMMANDS = {
    "run": "monitor.cli.run:run Poll, read, group and alert until stopped.",
    "demo": "monitor.cli.demo:demo See it work, without network or Slack.",
    "alerts": "monitor.cli.alerts:app",
    "stories": "monitor.cli.stories:app",
    "silence": "monitor.cli.silence:app",
    "routes": "monitor.cli.routes:app",
    "status": "monitor.cli.status:status",
    "sources": "monitor.cli.sources:app",
    "ingest": "monitor.cli.ingest:ingest Store lines of JSON from other tools as articles.",
    "detect": "monitor.cli.detect:detect Say what a text, file or page reports.",
    "group": "monitor.cli.group:group Say which lines of a stream tell one development.",
    "explain": "monitor.cli.explain:explain_article Say why a text is reported as it is.",
    "why-not": "monitor.cli.why_not:why_not Say where an article stopped on its way to an alert.",
    "replay": "monitor.cli.replay:replay Say what other rules would change.",
    "eval": "monitor.cli.evaluate:evaluate_rules Score the rules on annotated items.",
    "rules": "monitor.cli.rules:app",
    "config": "monitor.cli.config:app",
    "db": "monitor.cli.db:app",
    "outbox": "monitor.cli.outbox:app",
    "slack": "monitor.cli.slack:app",
}

app = typer.Typer(
    name="monitor",
    cls=lazy_group(COMMANDS),
    help="Watch news feeds for ceasefires and diplomatic visits, and tell each development once.",
    epilog=EPILOG,
    no_args_is_help=True,
    rich_markup_mode=None,  # plain help: the same on a terminal and in a pipe
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"monitor {__version__}")
        raise typer.Exit


@app.callback()
def _global_options(
    ctx: typer.Context,
    config_file: Annotated[
        Path | None,
        typer.Option("--config", metavar="FILE", help="Configuration; else $MONITOR_CONFIG, else config/monitor.yaml."),
    ] = None,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Say more; tracebacks of errors.")] = False,
    version: Annotated[
        bool, typer.Option("--version", help="Show the version.", is_eager=True, callback=_show_version)
    ] = False,
) -> None:
    given = ctx.obj if isinstance(ctx.obj, CliContext) else CliContext()
    ctx.obj = replace(given, config=config_file, verbose=verbose)


def main(argv: Sequence[str] | None = None, *, given: CliContext | None = None) -> None:
    """Run one command line and leave with its exit code; `given` brings environment and clock, else the real ones.

    Raises:
        SystemExit: always, with one of `monitor.cli.exits.ExitCode`.
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    open_missing_streams()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a terminal in Latin-1 cannot show every name
    try:
        _run_to_the_end(arguments, given)
    except MonitorError as error:
        if "--verbose" in arguments or "-v" in arguments:
            traceback.print_exc()
        _explain(error)
        sys.exit(exit_code_of(error))
    except BrokenPipeError:
        # The reader (head, less) has seen enough. What is still buffered must not fail at exit.
        _drop_output()
        sys.exit(ExitCode.FAILED)
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EBADF):
            raise
        _drop_output()
        complain(f"monitor: {error.filename or 'standard output'}: {error.strerror}")
        sys.exit(ExitCode.FAILED)
    except KeyboardInterrupt:
        sys.exit(130)


def _run_to_the_end(arguments: list[str], given: CliContext | None) -> None:
    try:
        app(args=arguments, prog_name="monitor", obj=given)
    except SystemExit:
        # Here a closed pipe can still be answered; what the interpreter flushes at its end, it complains about.
        sys.stdout.flush()
        raise


def _drop_output() -> None:
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _explain(error: MonitorError) -> None:
    if isinstance(error, ConfigError) and len(error.problems) > 1:
        complain(f"monitor: the configuration has {len(error.problems)} problems")
        for problem in error.problems:
            complain(f"  {problem}")
    else:
        complain(f"monitor: {error}")
