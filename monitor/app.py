"""The composition root: settings become adapters, adapters become steps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

import structlog

from monitor import __version__
from monitor.core.detect.detector import RuleDetector
from monitor.errors import StoreError
from monitor.fetch.http import HttpFetcher
from monitor.limits import poll_limits, read_limits
from monitor.ops.clock import SystemClock
from monitor.ops.owner import is_dead, own_name
from monitor.ports import Clock
from monitor.settings.load import LoadedSettings, sections_for_restart
from monitor.settings.paths import alembic_dir, shipped_config_dir
from monitor.settings.rules import load_ruleset
from monitor.settings.sources import configured_feeds
from monitor.steps.group import GroupStep
from monitor.steps.poll import PollStep
from monitor.steps.read import ReadStep
from monitor.steps.step import Step
from monitor.steps.tidy import TidyStep
from monitor.steps.traffic import TrafficStep
from monitor.steps.watch import WatchStep
from monitor.store.database import SqlStore, open_store
from monitor.store.migrate import make_ready
from monitor.telling import build_teller, telling_steps
from monitor.workers.pool import WorkerPool

log = structlog.get_logger("app")


@dataclass
class App:
    """Everything one process needs; `steps` follow the configuration, the rest lives as long as the process."""

    loaded: LoadedSettings
    environ: Mapping[str, str]
    store: SqlStore
    fetcher: HttpFetcher
    workers: WorkerPool
    clock: Clock
    steps: tuple[Step, ...] = ()

    def __post_init__(self) -> None:
        self.traffic = TrafficStep(store=self.store.traffic, meter=self.fetcher, clock=self.clock)

    def configure(self, loaded: LoadedSettings) -> tuple[Step, ...]:
        """The steps of this configuration, its feeds in the store; nothing changes when it cannot be used.

        Raises:
            ConfigError: rules or channels cannot be used.
        """
        settings = loaded.settings
        ruleset = load_ruleset([shipped_config_dir(), *map(loaded.located, settings.rules.extra)])
        kept, names, teller = settings.retention, tuple(settings.channels), build_teller(loaded, ruleset)
        self.steps = (
            PollStep(
                store=self.store.feeds,
                fetcher=self.fetcher,
                workers=self.workers,
                clock=self.clock,
                limits=poll_limits(settings),
                seed=settings.poll.seed or own_name(),
            ),
            ReadStep(
                store=self.store.documents,
                fetcher=self.fetcher,
                workers=self.workers,
                detector=RuleDetector(ruleset),
                clock=self.clock,
                limits=read_limits(settings),
            ),
            GroupStep(
                store=self.store.stories,
                clock=self.clock,
                events=ruleset.events,
                teller=teller,
                editor=self.store.story_editor,
                cadence=poll_limits(settings),
            ),
            *telling_steps(
                loaded, store=self.store, teller=teller, ruleset=ruleset, environ=self.environ, clock=self.clock
            ),
            TidyStep(
                store=self.store.retention,
                clock=self.clock,
                polls=timedelta(seconds=kept.polls),
                unreported_texts=timedelta(seconds=kept.unreported_texts),
            ),
            self.traffic,
            WatchStep(store=self.store.watch, clock=self.clock, channels=names, admin_channels=settings.admin.channels),
        )
        self.store.feeds.sync(configured_feeds(loaded), now=self.clock.now())
        self.store.outbox.unpark(channels=names)  # a channel's fault may be what was mended
        self.loaded = loaded
        return self.steps

    def reload(self, loaded: LoadedSettings) -> Sequence[Step]:
        """The steps of a new configuration. Raises: ConfigError."""
        for section in sections_for_restart(self.loaded, loaded):
            log.warning("takes effect at the next start", section=section)
        return self.configure(loaded)

    def close(self) -> None:
        """Let go of processes, connections and files."""
        self.workers.close()
        with suppress(StoreError):
            self.traffic.note()
        self.fetcher.close()
        self.store.close()


def open_app(
    loaded: LoadedSettings,
    *,
    environ: Mapping[str, str],
    clock: Clock | None = None,
    workers: WorkerPool | None = None,
) -> App:
    """The app, configured, on a database that is ready. Raises: ConfigError, StoreError."""
    settings = loaded.settings
    make_ready(settings.database.url, alembic_dir())
    store = open_store(settings.database.url, owner=own_name())
    store.release_leases(is_dead)  # what dead processes left is taken up at once
    app = App(
        loaded=loaded,
        environ=environ,
        store=store,
        fetcher=HttpFetcher(settings.network, version=__version__, environ=environ),
        workers=workers or WorkerPool(settings.workers.count, settings.workers.timeout, settings.workers.max_memory),
        clock=clock or SystemClock(),
    )
    app.configure(loaded)
    return app
