"""`monitor run`: the daemon in the foreground, or one pass over everything."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import structlog
import typer
from rich.console import Console
from rich.status import Status

from monitor.app import App, open_app
from monitor.cli.context import CliContext, context_of
from monitor.errors import StoreUnavailable
from monitor.ops.log import configure_logging
from monitor.ops.notify import Notifier
from monitor.schedule.daemon import Daemon
from monitor.schedule.once import work_all
from monitor.settings.load import LoadedSettings, load_settings

log = structlog.get_logger("run")

LINGER_S = 60.0  # what `--once` waits for refused deliveries and unreachable pages to be tried again


def run(
    ctx: typer.Context,
    once: Annotated[
        bool, typer.Option("--once", help="Poll every enabled feed, due or not, work until nothing is left, and end.")
    ] = False,
) -> None:
    """Poll, read, group and alert until stopped (SIGTERM); SIGHUP reloads the configuration.

    \b
    Examples:
      monitor run
      monitor --config /etc/monitor/monitor.yaml run
      monitor run --once
    """
    context = context_of(ctx)
    logging = context.loaded.settings.log
    configure_logging(format=logging.format, level="debug" if context.verbose else logging.level)
    app = open_app(context.loaded, environ=context.environ)
    if not app.loaded.settings.channels:
        log.warning("no channel is configured: alerts are stored and sent nowhere")
    if not app.loaded.sources:
        log.warning("no source is configured: nothing will be polled")
    if once:
        _run_once(app)
        app.close()
        return
    failure = Daemon(notifier=Notifier(context.environ), reload=lambda: app.reload(_fresh(context))).run(app.steps)
    app.close()
    if failure:
        log.error("stopped", why=failure)
    sys.stdout.flush()
    sys.stderr.flush()
    # Threads left in a slow fetch would hold the exit up; their work is taken up at the next start.
    os._exit(4 if failure else 0)


def _fresh(context: CliContext) -> LoadedSettings:
    """The configuration as its files now say."""
    return load_settings(context.config, environ=context.environ)


def _run_once(app: App) -> None:
    app.store.feeds.make_due(now=app.clock.now())

    def has_retries() -> bool:
        counts = app.store.history.counts()
        waiting = dict(counts.deliveries_by_status), dict(counts.documents_by_status)
        return any(each.get("pending") or each.get("sending") for each in waiting)

    console = Console(stderr=True)
    with Status("polling …", console=console) as status:
        done: dict[str, int] = {}

        def show(step: str, count: int) -> None:
            done[step] = count
            status.update(", ".join(f"{name} {number}" for name, number in done.items()) + " …")

        try:
            work_all(app.steps, has_retries=has_retries, linger_s=LINGER_S, on_progress=show)
        except StoreUnavailable:
            app.close()
            raise
    counts = app.store.history.counts()
    log.info("done", entries=counts.entries, alerts=counts.alerts, **dict(counts.deliveries_by_status))
