"""What people do in Slack, for a daemon: the apps of its configuration and what they are answered with."""

from __future__ import annotations

from monitor.app import App
from monitor.cli.health import judge, verdict_words
from monitor.deliver.registry import app_tokens, build_channels
from monitor.deliver.slack import SlackChannel
from monitor.settings.load import LoadedSettings
from monitor.settings.paths import credentials_dir
from monitor.settings.sources import configured_feeds
from monitor.settings.zone import reader_zone
from monitor.socketmode.desk import Desk
from monitor.socketmode.service import SlackApp, SocketModeService
from monitor.steps.step import Step


class SlackPeople:
    """Lives as long as the process; off unless a Slack channel has an app-level token."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._service = SocketModeService(clock=app.clock)

    def configure(self, loaded: LoadedSettings) -> tuple[Step, ...]:
        """The steps of this configuration. Raises: ConfigError: a token is missing."""
        app = self._app
        desk = Desk(
            feedback=app.store.feedback,
            history=app.store.history,
            clock=app.clock,
            zone=reader_zone(loaded),
            status_line=lambda: self._status_line(loaded),
            muter=app.store.silences,
            editor=app.store.story_editor,
        )
        steps = self._service.configure(self._apps(loaded), desk)
        desk.catch_up()
        return steps

    def close(self) -> None:
        """Hang up."""
        self._service.close()

    def _apps(self, loaded: LoadedSettings) -> tuple[SlackApp, ...]:
        settings, environ = loaded.settings, self._app.environ
        tokens = app_tokens(settings.channels, environ=environ, credentials_dir=credentials_dir(environ))
        built = build_channels(
            {name: settings.channels[name] for name in tokens},
            environ=environ,
            credentials_dir=credentials_dir(environ),
            zone=reader_zone(loaded),
            clock=self._app.clock,
            network=settings.network,
        )
        return tuple(
            SlackApp(channel=channel.name, app_token=tokens[channel.name], client=channel.client)
            for channel in built
            if isinstance(channel, SlackChannel)
        )

    def _status_line(self, loaded: LoadedSettings) -> str:
        store = self._app.store
        configured = sum(feed.enabled for feed in configured_feeds(loaded))
        health = judge(
            store.history.feeds(),
            store.history.counts(),
            configured=configured,
            now=self._app.clock.now(),
            conditions=store.watch.conditions(),
        )
        return verdict_words(health)
