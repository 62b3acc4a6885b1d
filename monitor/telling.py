"""The part of the composition root that tells: policy, routes, channels and the steps that serve them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from monitor.core.alert.expiry import Shelf
from monitor.core.detect.detector import RuleDetector
from monitor.core.model.route import Route
from monitor.core.rules.compile import Ruleset
from monitor.deliver.registry import build_channels
from monitor.limits import max_age
from monitor.ports import Clock
from monitor.settings.load import LoadedSettings
from monitor.settings.paths import credentials_dir
from monitor.settings.routes import check_events, has_ack_path, routes_of
from monitor.settings.schema import Expire
from monitor.settings.zone import reader_zone
from monitor.steps.correct import CorrectStep
from monitor.steps.deliver import deliver_steps
from monitor.steps.digest import DigestStep
from monitor.steps.escalate import EscalateStep
from monitor.steps.release import ReleaseStep
from monitor.steps.step import Step
from monitor.steps.tell import Teller
from monitor.store.database import SqlStore


def build_routes(loaded: LoadedSettings) -> tuple[Route, ...]:
    """The configured routes; empty where there are none. Raises: ConfigError: this machine's zone cannot be read."""
    return routes_of(loaded.settings, reader_zone(loaded)) if loaded.settings.routes else ()


def build_teller(loaded: LoadedSettings, ruleset: Ruleset) -> Teller:
    """What decides about alerts. Raises: ConfigError: a route names what no rule knows."""
    settings = loaded.settings
    check_events(settings, ruleset.events, file=str(loaded.path))
    return Teller(
        channels=settings.alert_channels,
        max_age=max_age(settings),
        min_score=settings.alerts.min_score,
        hold=timedelta(seconds=settings.alerts.hold) if settings.alerts.hold else None,
        routes=build_routes(loaded),
        escalates=has_ack_path(settings),
        shelf=_shelf(settings.alerts.expire),
    )


def telling_steps(
    loaded: LoadedSettings,
    *,
    store: SqlStore,
    teller: Teller,
    ruleset: Ruleset,
    environ: Mapping[str, str],
    clock: Clock,
) -> tuple[Step, ...]:
    """The steps that tell later what was not told at once, and those that send. Raises: ConfigError."""
    routes = build_routes(loaded)
    return (
        ReleaseStep(store=store.stories, clock=clock, events=ruleset.events, teller=teller),
        CorrectStep(
            store=store.corrections,
            stories=store.stories,
            detector=RuleDetector(ruleset),
            clock=clock,
            events=ruleset.events,
            teller=teller,
        ),
        DigestStep(store=store.digests, clock=clock, routes=routes),
        EscalateStep(store=store.escalations, clock=clock, routes=routes),
        *outbound_steps(loaded, store=store, environ=environ, clock=clock),
    )


def _shelf(expire: Expire) -> Shelf:
    kept = {name: timedelta(seconds=seconds) for name, seconds in expire}
    return Shelf(**kept)


def outbound_steps(
    loaded: LoadedSettings, *, store: SqlStore, environ: Mapping[str, str], clock: Clock
) -> tuple[Step, ...]:
    """The steps that send. Raises: ConfigError: a channel cannot be used."""
    settings = loaded.settings
    channels = build_channels(
        settings.channels,
        environ=environ,
        credentials_dir=credentials_dir(environ),
        zone=reader_zone(loaded),
        clock=clock,
        network=settings.network,
    )
    return deliver_steps(outbox=store.outbox, threads=store.threads, channels=channels, clock=clock)
