"""`monitor run`: the daemon in the foreground, or one pass over everything."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Annotated, NoReturn

import structlog
import typer
from rich.console import Console
from rich.status import Status

from monitor.app import App, open_app
from monitor.cli.context import CliContext, context_of
from monitor.cli.exits import ExitCode
from monitor.cli.people import SlackPeople
from monitor.errors import StoreError
from monitor.ops.log import configure_logging
from monitor.ops.notify import Notifier
from monitor.schedule.daemon import Daemon
from monitor.schedule.once import work_all
from monitor.schedule.signals import Wishes
from monitor.settings.load import LoadedSettings, load_settings
from monitor.steps.step import Step
from monitor.websub.service import WebSubService

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
    _set_up_logging(context, context.loaded)
    if once:
        app = _opened(context)
        try:
            _run_once(app)
        finally:
            app.close()
        return
    wishes = Wishes()
    wishes.listen()
    service = _Service(context)
    failure = Daemon(notifier=Notifier(context.environ), wishes=wishes, load=service.load).run()
    service.leave(ExitCode.STORE if failure else ExitCode.OK, why=failure)


@dataclass
class _Service:
    """The app of a daemon, which is opened by its first load."""

    context: CliContext
    app: App | None = None
    websub: WebSubService | None = None
    people: SlackPeople | None = None

    def load(self) -> Sequence[Step]:
        """The steps of the configuration as its files now say. Raises: MonitorError."""
        if self.app is None or self.websub is None:
            app = self.app = _opened(self.context)
            self.websub = WebSubService(store=app.store.subscriptions, poster=app.fetcher, clock=app.clock)
            self.people = SlackPeople(app)
            return (*app.steps, *self.websub.configure(app.loaded.settings.websub), *self.people.configure(app.loaded))
        loaded = load_settings(self.context.config, environ=self.context.environ)
        steps = self.app.reload(loaded)
        _set_up_logging(self.context, loaded)
        people = self.people.configure(loaded) if self.people is not None else ()
        return (*steps, *self.websub.configure(loaded.settings.websub), *people)

    def leave(self, code: ExitCode, *, why: str | None) -> NoReturn:
        """End the process without waiting for threads in a slow fetch: their work is taken up at the next start.

        Parsers and connections end with it, not before: a thread still at work would take that for
        the feed's fault, and write it down.
        """
        if self.websub is not None:
            self.websub.close()
        if self.people is not None:
            self.people.close()
        if self.app is not None:
            with suppress(StoreError):
                self.app.traffic.note()
            self.app.store.close()  # with nobody at work, leaves an SQLite database in one file
        if why:
            log.error("stopped", why=why)
        for stream in (sys.stdout, sys.stderr):
            with suppress(OSError, ValueError):  # a pipe whose reader is gone, a full disk
                stream.flush()
        os._exit(code)


def _opened(context: CliContext) -> App:
    app = open_app(context.loaded, environ=context.environ)
    if not app.loaded.settings.channels:
        log.warning("no channel is configured: alerts are stored and sent nowhere")
    if not app.loaded.sources:
        log.warning("no source is configured: nothing will be polled")
    return app


def _set_up_logging(context: CliContext, loaded: LoadedSettings) -> None:
    wanted = loaded.settings.log
    configure_logging(format=wanted.format, level="debug" if context.verbose else wanted.level)


def _run_once(app: App) -> None:
    app.store.feeds.make_due(now=app.clock.now())

    def has_retries() -> bool:
        counts = app.store.history.counts()
        waiting = dict(counts.deliveries_by_status), dict(counts.documents_by_status)
        return any(each.get("pending") or each.get("sending") for each in waiting)

    before = app.store.history.counts()
    with _progress(app) as show:
        work_all(app.steps, has_retries=has_retries, linger_s=LINGER_S, on_progress=show)
    after = app.store.history.counts()
    standing = dict(after.deliveries_by_status)
    sent = standing.pop("sent", 0) - dict(before.deliveries_by_status).get("sent", 0)
    new = {"entries": after.entries - before.entries, "alerts": after.alerts - before.alerts, "sent": sent}
    log.info("done", **new, **standing)


@contextmanager
def _progress(app: App) -> Iterator[Callable[[str, int], None]]:
    """What takes each step's count while it works: a moving line, but not where it would tear other lines.

    Those are the log, when it tells every item, and alerts on this terminal.
    """
    console = Console(stderr=True)
    has_alerts = sys.stdout.isatty() and any(each.kind == "console" for each in app.loaded.settings.channels.values())
    if not console.is_terminal or has_alerts or logging.getLogger().isEnabledFor(logging.INFO):
        yield lambda step, count: None
        return
    done: dict[str, int] = {}
    with Status("polling …", console=console) as status:

        def show(step: str, count: int) -> None:
            done[step] = count
            status.update(", ".join(f"{name} {number}" for name, number in done.items()) + " …")

        yield show
