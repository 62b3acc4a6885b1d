"""Every kind of channel by its configured name, and how each is built."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import tzinfo
from pathlib import Path

from monitor import __version__
from monitor.deliver.console import ConsoleChannel
from monitor.deliver.pace import Pace
from monitor.deliver.slack import SlackChannel, slack_client
from monitor.deliver.webhook import WebhookChannel, webhook_client
from monitor.errors import ConfigError, ConfigProblem
from monitor.ports import Channel, Clock
from monitor.settings.schema import ChannelItem, Network
from monitor.settings.schema import SlackChannel as SlackItem
from monitor.settings.schema import WebhookChannel as WebhookItem


@dataclass(frozen=True, kw_only=True)
class Setup:
    """What channels are built with beside their own configuration.

    `credentials_dir` is where relative token files are looked up; None means the working folder.
    `paces` are those of the Slack channels built so far, by address, token and channel.
    """

    environ: Mapping[str, str]
    credentials_dir: Path | None
    zone: tzinfo
    clock: Clock
    network: Network
    paces: dict[tuple[str, str, str], Pace] = field(default_factory=dict)


class Unusable(Exception):
    """A channel's configuration cannot be used; the message names variable or file, never a secret."""


Builder = Callable[[str, ChannelItem, Setup], Channel]


def build_channels(
    channels: Mapping[str, ChannelItem],
    *,
    environ: Mapping[str, str],
    credentials_dir: Path | None,
    zone: tzinfo,
    clock: Clock,
    network: Network,
) -> tuple[Channel, ...]:
    """The configured channels, in order.

    Raises:
        ConfigError: tokens, addresses or files are missing; all such problems at once.
    """
    setup = Setup(environ=environ, credentials_dir=credentials_dir, zone=zone, clock=clock, network=network)
    built: list[Channel] = []
    problems: list[ConfigProblem] = []
    for name, item in channels.items():
        try:
            built.append(KINDS[item.kind](name, item, setup))
        except Unusable as problem:
            problems.append(ConfigProblem(file=f"channels.{name}", line=0, message=str(problem)))
    if problems:
        raise ConfigError(tuple(problems))
    return tuple(built)


def _console(name: str, item: ChannelItem, setup: Setup) -> Channel:
    return ConsoleChannel(name, zone=setup.zone, clock=setup.clock)


def _slack(name: str, item: ChannelItem, setup: Setup) -> Channel:
    if not isinstance(item, SlackItem):
        raise TypeError(f"{name} is not configured as a Slack channel")
    client = slack_client(
        _slack_token(item, setup),
        api_url=_http_url(item.api_url, "api_url"),
        timeout_s=setup.network.read_timeout,
        proxy=setup.network.proxy,
        ssl_context=_ssl_context(setup.network),
    )
    return SlackChannel(
        name,
        client=client,
        channel=item.channel,
        zone=setup.zone,
        pace=_pace(item, client.token, setup),
        repeats_when_unsure=item.when_unsure == "at_least_once",
        settle_s=item.settle,
        broadcast=item.broadcast,
        buttons=item.buttons,
    )


def _pace(item: SlackItem, token: str | None, setup: Setup) -> Pace:
    """The pace of a Slack channel: one for all that write to it, as the first of them is configured."""
    place = (item.api_url, token or "", item.channel.removeprefix("#"))
    return setup.paces.setdefault(place, Pace(item.min_gap, burst=item.burst))


def _webhook(name: str, item: ChannelItem, setup: Setup) -> Channel:
    if not isinstance(item, WebhookItem):
        raise TypeError(f"{name} is not configured as a webhook")
    url = _variable(item.url_env, "url_env", setup) if item.url_env else item.url
    if url is None:
        raise Unusable("needs url or url_env")
    network = setup.network
    client = webhook_client(
        connect_timeout_s=network.connect_timeout,
        read_timeout_s=network.read_timeout,
        proxy=network.proxy,
        ssl_context=_ssl_context(network),
        user_agent=f"news-development-monitor/{__version__}",
    )
    secret = _variable(item.secret_env, "secret_env", setup) if item.secret_env else None
    return WebhookChannel(name, url=_http_url(url, "url"), secret=secret, clock=setup.clock, client=client)


KINDS: Mapping[str, Builder] = {
    "console": _console,
    "slack": _slack,
    "webhook": _webhook,
}


def _slack_token(item: SlackItem, setup: Setup) -> str:
    if item.token_env:
        token = _variable(item.token_env, "token_env", setup)
    elif item.token_file:
        token = _file(item.token_file, setup)
    else:
        raise Unusable("needs token_env or token_file: the Slack app's bot token (xoxb-…)")
    if not token.isascii() or not token.isprintable() or " " in token:
        raise Unusable(f"what {item.token_env or item.token_file} holds is not a Slack token")
    return token


def _variable(variable: str, key: str, setup: Setup) -> str:
    value = setup.environ.get(variable, "").strip()
    if not value:
        raise Unusable(f"{key}: the environment variable {variable} is not set")
    return value


def _file(named: str, setup: Setup) -> str:
    path = Path(named)
    if not path.is_absolute() and setup.credentials_dir is not None:
        path = setup.credentials_dir / path
    try:
        value = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8 text"
        raise Unusable(f"token_file: {path}: {reason}") from None
    if not value:
        raise Unusable(f"token_file: {path} is empty")
    return value


def _http_url(url: str, key: str) -> str:
    if not url.lower().startswith(("http://", "https://")):
        raise Unusable(f"{key}: the address must begin with http:// or https://")
    return url


def _ssl_context(network: Network) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=network.ca_file)
    except (OSError, ssl.SSLError) as error:
        raise Unusable(f"network.ca_file: {network.ca_file}: {error.strerror or 'not a certificate file'}") from None
