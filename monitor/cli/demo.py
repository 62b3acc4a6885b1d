"""`monitor demo`: a made-up news site on loopback, polled twice through the real pipeline."""

from __future__ import annotations

import shlex
import shutil
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer
import yaml

from monitor.app import App, open_app
from monitor.cli.context import CliContext, utc_now
from monitor.cli.exits import CommandFailed
from monitor.cli.screen import say
from monitor.core.model.history import AlertFilter, AlertView
from monitor.demo.expect import FoundAlert, differences, load_expected
from monitor.demo.outlet import load_outlets
from monitor.demo.site import FEED_PATH, DemoSite
from monitor.ops.log import configure_logging
from monitor.ports import HistoryStore
from monitor.schedule.once import work_all
from monitor.settings.paths import shipped_seeds_dir

DATABASE = "demo.db"
_HEADER = """\
# Written by `monitor demo`. The sample site is gone when the demo ends; its database stays for the history commands.
"""
_NEXT_COMMANDS = (
    "alerts list",
    "alerts show 1",
    "alerts search truce",
    "alerts list --type visit --json",
    "sources list",
    "status",
)


def demo(
    folder: Annotated[
        Path | None,
        typer.Option("--folder", metavar="DIR", help="Where database and configuration go; else a temporary folder."),
    ] = None,
) -> None:
    """Show the monitor at work: two made-up outlets, two polls, no network, no Slack.

    Exits 1 when the database does not hold exactly the alerts that the sample articles must lead to.
    """
    started_s = time.monotonic()
    place = _prepared(folder)
    samples = shipped_seeds_dir() / "demo"
    with DemoSite(load_outlets(samples), now=utc_now()) as site:
        settings_path = write_settings(place, site.feed_urls)
        app = _opened(settings_path)
        try:
            _poll_twice(app, site)
            found = told_alerts(app.store.history)
        finally:
            app.close()
        unchanged = sum(visit.path == FEED_PATH and visit.status == 304 for visit in site.visits)
    problems = list(differences(load_expected(samples / "expected.yaml"), found))
    if not unchanged:
        problems.append("no feed answered 304: the second poll asked without the ETag it was given")
    if problems:
        listed = "\n  ".join(problems)
        raise CommandFailed(f"the demo's database ({place / DATABASE}) does not hold what it should:\n  {listed}")
    say(f"Done in {time.monotonic() - started_s:.1f} s: every development told once, {unchanged} feed unchanged (304).")
    say("\nTry next:")
    for command in _NEXT_COMMANDS:
        say(f"  {_program()} --config {shlex.quote(str(settings_path))} {command}")


def _poll_twice(app: App, site: DemoSite) -> None:
    say(f"Two made-up outlets are on the air: {' and '.join(site.feed_urls)}.")
    say("First poll; the alerts, as they would read in Slack:\n")
    poll_once(app)
    say("One outlet now adds an article that tells the truce again. Second poll; nothing may be told twice.\n")
    site.show_round(2)
    poll_once(app)


def poll_once(app: App) -> None:
    """Poll every enabled feed, due or not, and work all steps until nothing is left.

    Raises:
        StoreUnavailable
    """
    app.store.feeds.make_due(now=app.clock.now())
    # On loopback nothing gets better by waiting: what fails stays undone and is seen in the verdict.
    work_all(app.steps, has_retries=lambda: False, linger_s=0.0)


def _opened(settings_path: Path) -> App:
    context = CliContext(config=settings_path)
    logging = context.loaded.settings.log
    configure_logging(format=logging.format, level=logging.level)
    return open_app(context.loaded, environ=context.environ)


def write_settings(folder: Path, feed_urls: Mapping[str, str]) -> Path:
    """The path of a new configuration in `folder`: these feeds, a database beside it, alerts on the terminal."""
    settings = {
        "database": {"url": f"sqlite:///{folder / DATABASE}"},
        "sources": [
            {"name": name, "url": url, "tier": "1", "language": "en", "tags": ["demo"]}
            for name, url in feed_urls.items()
        ],
        "channels": {"terminal": {"kind": "console"}},
        # The site is on loopback and ours: no need to spare it.
        "network": {"allow_private": True, "host_gap": 0.01},
        "poll": {"unconditional_share": 0},
        "workers": {"count": 2},
        "log": {"level": "warning"},
    }
    path = folder / "monitor.yaml"
    path.write_text(_HEADER + yaml.safe_dump(settings, sort_keys=False, allow_unicode=True), encoding="utf-8")
    return path


def told_alerts(history: HistoryStore) -> tuple[FoundAlert, ...]:
    """All alerts of a database, newest first."""
    return tuple(_found(view) for view in history.alerts(AlertFilter()))


def _found(view: AlertView) -> FoundAlert:
    message = view.alert.message
    return FoundAlert(
        type=message.type,
        phase=message.phase,
        places=frozenset(view.report.roles.named("place", "destination")),
        told_by=frozenset({message.source, *message.also_reported_by}),
    )


def _prepared(folder: Path | None) -> Path:
    """The folder to work in, made if need be, without a database of an earlier demo."""
    place = Path(tempfile.mkdtemp(prefix="monitor-demo-")) if folder is None else folder.resolve()
    place.mkdir(parents=True, exist_ok=True)
    if (place / DATABASE).exists():
        raise CommandFailed(f"{place / DATABASE} is there already: name another folder, or remove it")
    return place


def _program() -> str:
    """How to call this program from here, so that the printed commands can be copied."""
    called = Path(sys.argv[0])
    found = shutil.which("monitor")
    if called.name != "monitor" or not called.is_file() or (found and Path(found).samefile(called)):
        return "monitor"
    here = Path.cwd()
    shown = called.absolute()
    return shlex.quote(str(shown.relative_to(here) if shown.is_relative_to(here) else shown))
