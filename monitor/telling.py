"""The part of the composition root that tells: policy, routes, channels and the steps that serve them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from monitor.core.alert.expiry import Shelf
from monitor.deliver.registry import build_channels
from monitor.limits import max_age
from monitor.ports import Clock
from monitor.settings.load import LoadedSettings
from monitor.settings.paths import credentials_dir
from monitor.settings.schema import Expire, Settings
from monitor.settings.zone import reader_zone
from monitor.steps.deliver import deliver_steps
from monitor.steps.step import Step
from monitor.steps.tell import Teller
from monitor.store.database import SqlStore


def build_teller(settings: Settings) -> Teller:
    """What decides about alerts."""
    return Teller(
        channels=settings.alert_channels,
        max_age=max_age(settings),
        min_score=settings.alerts.min_score,
        shelf=_shelf(settings.alerts.expire),
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
