"""Every kind of channel by its configured name, and how each is built."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import tzinfo
from pathlib import Path

from monitor import __version__
from monitor.deliver.apprise import EXTRA, AppriseChannel, NoSuchService, NotInstalled, notifier
from monitor.deliver.console import ConsoleChannel
from monitor.deliver.feed_file import FeedFileChannel
from monitor.deliver.mail import MailChannel, MailServer
from monitor.deliver.pace import Pace
from monitor.deliver.slack import SlackChannel, slack_client
from monitor.deliver.webhook import WebhookChannel, webhook_client
from monitor.errors import ConfigError, ConfigProblem
from monitor.ports import Channel, Clock
from monitor.settings.schema import AppriseChannel as AppriseItem
from monitor.settings.schema import ChannelItem, Network
from monitor.settings.schema import EmailChannel as EmailItem
from monitor.settings.schema import FeedFileChannel as FeedFileItem
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
        buttons=item.hears_people,
    )


def _pace(item: SlackItem, token: str | None, setup: Setup) -> Pace:
    """The pace of a Slack channel: one for all that write to it, as the first of them is configured."""
    place = (item.api_url, token or "", item.channel.removeprefix("#"))
    return setup.paces.setdefault(place, Pace(item.min_gap, burst=item.burst))


def _webhook(name: str, item: ChannelItem, setup: Setup) -> Channel:
    if not isinstance(item, WebhookItem):
        raise TypeError(f"{name} is not configured as a webhook")
    url = _variable(item.url_env, "url_env", setup.environ) if item.url_env else item.url
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
    secret = _variable(item.secret_env, "secret_env", setup.environ) if item.secret_env else None
    return WebhookChannel(name, url=_http_url(url, "url"), secret=secret, clock=setup.clock, client=client)


def _email(name: str, item: ChannelItem, setup: Setup) -> Channel:
    if not isinstance(item, EmailItem):
        raise TypeError(f"{name} is not configured as e-mail")
    server = MailServer(
        host=item.host,
        port=item.port or MAIL_PORTS[item.security],
        security=item.security,
        user=item.user,
        password=_secret(item.password_env, item.password_file, "password", setup.environ, setup.credentials_dir),
        timeout_s=setup.network.read_timeout,
        ssl_context=_ssl_context(setup.network),
    )
    return MailChannel(name, server=server, sender=item.sender, to=item.to, zone=setup.zone, clock=setup.clock)


def _apprise(name: str, item: ChannelItem, setup: Setup) -> Channel:
    if not isinstance(item, AppriseItem):
        raise TypeError(f"{name} is not configured as Apprise")
    addresses = _secret(item.url_env, item.url_file, "url", setup.environ, setup.credentials_dir).split()
    try:
        notifying = notifier(addresses)
    except NotInstalled:
        raise Unusable(f"kind: apprise needs an extra: {EXTRA}") from None
    except NoSuchService as error:
        raise Unusable(f"Apprise knows no service for address {error.number} of {len(addresses)}") from None
    return AppriseChannel(name, notifier=notifying, zone=setup.zone, clock=setup.clock)


def _feed_file(name: str, item: ChannelItem, setup: Setup) -> Channel:
    if not isinstance(item, FeedFileItem):
        raise TypeError(f"{name} is not configured as a feed file")
    return FeedFileChannel(
        name,
        path=Path(item.path).absolute(),
        format=item.format,
        title=item.title,
        entries=item.entries,
        zone=setup.zone,
        clock=setup.clock,
    )


MAIL_PORTS = {"starttls": 587, "ssl": 465, "none": 25}

KINDS: Mapping[str, Builder] = {
    "apprise": _apprise,
    "console": _console,
    "email": _email,
    "feed_file": _feed_file,
    "slack": _slack,
    "webhook": _webhook,
}


def app_tokens(
    channels: Mapping[str, ChannelItem], *, environ: Mapping[str, str], credentials_dir: Path | None
) -> dict[str, str]:
    """By channel, the app-level token of each Slack channel that has one.

    Raises:
        ConfigError: a variable or file is missing, or holds another kind of token.
    """
    found: dict[str, str] = {}
    problems: list[ConfigProblem] = []
    for name, item in channels.items():
        if not isinstance(item, SlackItem) or not item.hears_people:
            continue
        try:
            found[name] = _secret(item.app_token_env, item.app_token_file, "app_token", environ, credentials_dir)
            if not found[name].startswith("xapp-") or not _is_token(found[name]):
                source = item.app_token_env or item.app_token_file
                raise Unusable(f"what {source} holds is not an app-level token (xapp-…)")
        except Unusable as problem:
            problems.append(ConfigProblem(file=f"channels.{name}", line=0, message=str(problem)))
    if problems:
        raise ConfigError(tuple(problems))
    return found


def _slack_token(item: SlackItem, setup: Setup) -> str:
    token = _secret(item.token_env, item.token_file, "token", setup.environ, setup.credentials_dir)
    if not token:
        raise Unusable("needs token_env or token_file: the Slack app's bot token (xoxb-…)")
    if not _is_token(token):
        raise Unusable(f"what {item.token_env or item.token_file} holds is not a Slack token")
    return token


def _is_token(text: str) -> bool:
    return text.isascii() and text.isprintable() and " " not in text


def _secret(
    variable: str | None, file: str | None, key: str, environ: Mapping[str, str], credentials_dir: Path | None
) -> str:
    """What the variable or file holds; empty when neither is named."""
    if variable:
        return _variable(variable, f"{key}_env", environ)
    return _file(file, f"{key}_file", credentials_dir) if file else ""


def _variable(variable: str, key: str, environ: Mapping[str, str]) -> str:
    value = environ.get(variable, "").strip()
    if not value:
        raise Unusable(f"{key}: the environment variable {variable} is not set")
    return value


def _file(named: str, key: str, credentials_dir: Path | None) -> str:
    path = Path(named)
    if not path.is_absolute() and credentials_dir is not None:
        path = credentials_dir / path
    try:
        value = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8 text"
        raise Unusable(f"{key}: {path}: {reason}") from None
    if not value:
        raise Unusable(f"{key}: {path} is empty")
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
