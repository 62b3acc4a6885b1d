"""The configuration as one checked value; all that is wrong with it comes at once."""

from __future__ import annotations

import re
import string
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import ValidationError

from monitor.errors import ConfigError, ConfigProblem
from monitor.settings.include import PlacedSource, SourceReader, is_source_url, is_variable_name, merge_managed
from monitor.settings.paths import shipped_config_dir
from monitor.settings.problems import problems_of, without_empty
from monitor.settings.routes import wrong_in_routes
from monitor.settings.schema import AppriseChannel, EmailChannel, Settings, SlackChannel, WebhookChannel
from monitor.settings.yaml_lines import Path as NodePath
from monitor.settings.yaml_lines import Value, YamlDocument, read_yaml

CONFIG_VARIABLE = "MONITOR_CONFIG"
DEFAULT_CONFIG = Path("config") / "monitor.yaml"
MANAGED_SOURCES = "sources.yaml"
_MAILBOX = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")
_ADDRESS = re.compile(r"(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]+):[0-9]{1,5}")


@dataclass(frozen=True, kw_only=True)
class LoadedSettings:
    """The configuration in force, and where it was read.

    `path` is the file that was read. Relative paths of included files, rule folders and the CA file
    start at `folder` (the latter two are absolute in `settings`); those of SQLite and of Slack's
    token file do not.
    """

    settings: Settings
    sources: tuple[PlacedSource, ...]
    path: Path
    folder: Path

    @property
    def managed_sources(self) -> Path:
        """The file that `monitor sources add` writes, which need not exist."""
        return self.folder / MANAGED_SOURCES

    def located(self, path: str) -> Path:
        """A path of the configuration, from its folder."""
        return _located(self.folder, path)


def load_settings(path: Path | None, *, environ: Mapping[str, str]) -> LoadedSettings:
    """The settings of `path`, else of $MONITOR_CONFIG, else ./config/monitor.yaml, else the shipped ones.

    Raises:
        ConfigError: with every problem of the file, its included files and its managed sources.
    """
    found, folder = _config_file(path, environ)
    document = read_yaml(found)
    problems = list(document.problems)
    settings = _validated(document, problems)
    sources = _sources(document, found, folder, problems)
    if settings is not None:
        problems.extend(document.problem(at, message) for at, message in _wrong_in(settings, folder))
    if problems or settings is None:
        raise ConfigError(_in_file_order(problems, first=document.file))
    return LoadedSettings(
        settings=_with_absolute_paths(settings, folder),
        sources=tuple(sources),
        path=found,
        folder=folder,
    )


def sections_for_restart(old: LoadedSettings, new: LoadedSettings) -> tuple[str, ...]:
    """The changed sections that a running daemon cannot take up.

    Raises:
        ConfigError: the database changed, without which nothing else may go on.
    """
    if new.settings.database != old.settings.database:
        message = "database.url changed: restart the monitor"
        raise ConfigError((ConfigProblem(file=str(new.path), line=0, message=message),))
    return tuple(
        section
        for section in ("network", "workers")
        if getattr(new.settings, section) != getattr(old.settings, section)
    )


def _config_file(path: Path | None, environ: Mapping[str, str]) -> tuple[Path, Path]:
    """The file to read, and the folder its relative paths start at."""
    named_by = ""
    if path is None and environ.get(CONFIG_VARIABLE):
        path, named_by = Path(environ[CONFIG_VARIABLE]), f" (named by {CONFIG_VARIABLE})"
    if path is None and not DEFAULT_CONFIG.is_file():
        # The shipped folder may be read-only and is replaced by the next version: what the user adds stays here.
        return shipped_config_dir() / DEFAULT_CONFIG.name, DEFAULT_CONFIG.parent
    path = path or DEFAULT_CONFIG
    if not path.exists():
        raise ConfigError((ConfigProblem(file=str(path), line=0, message=f"no such file{named_by}"),))
    return path, path.parent


def _validated(document: YamlDocument, problems: list[ConfigProblem]) -> Settings | None:
    """The settings; parts with problems have their defaults, so that the rest can still be looked at."""
    value = document.value
    if value is None:
        return Settings()
    if not isinstance(value, dict):
        problems.append(document.problem((), "the configuration must be a mapping of keys and values"))
        return None
    given = without_empty({**value, "sources": []})
    try:
        return Settings.model_validate(given)
    except ValidationError as error:
        problems.extend(problems_of(error, document))
        broken = {each["loc"][:2] if each["loc"][0] == "channels" else each["loc"][:1] for each in error.errors()}
    try:
        return Settings.model_validate(_without(given, broken))
    except ValidationError:
        return None


def _without(value: Value, broken: set[NodePath]) -> Value:
    """A copy less the keys at these paths, of one or two steps."""
    if not isinstance(value, dict):
        return value
    return {
        key: _without(each, {path[1:] for path in broken if len(path) > 1 and path[0] == key})
        for key, each in value.items()
        if (key,) not in broken
    }


def _sources(document: YamlDocument, path: Path, folder: Path, problems: list[ConfigProblem]) -> list[PlacedSource]:
    reader = SourceReader()
    value = document.value
    if isinstance(value, dict):
        reader.read_list(document, value.get("sources"), at=("sources",), path=path, managed=False)
    managed = folder / MANAGED_SOURCES
    if managed.is_file() and managed.resolve() != path.resolve():
        reader.read_file(managed, managed=True)
    merged, clashes = merge_managed(reader.placed)
    problems.extend(reader.problems)
    problems.extend(clashes)
    return merged


def _with_absolute_paths(settings: Settings, folder: Path) -> Settings:
    extra = tuple(str(_located(folder, each)) for each in settings.rules.extra)
    ca_file = settings.network.ca_file
    network = settings.network.model_copy(update={"ca_file": str(_located(folder, ca_file)) if ca_file else None})
    return settings.model_copy(update={"rules": settings.rules.model_copy(update={"extra": extra}), "network": network})


def _located(folder: Path, path: str) -> Path:
    return (folder / Path(path).expanduser()).absolute()


def _wrong_in(settings: Settings, folder: Path) -> list[tuple[NodePath, str]]:
    """What no single key shows: keys that contradict each other, or name what is not there."""
    wrong: list[tuple[NodePath, str]] = []
    if settings.poll.floor > settings.poll.cap:
        wrong.append((("poll", "floor"), "'floor' is longer than 'cap'"))
    if not _is_zone(settings.alerts.timezone):
        message = "'timezone' is not a zone's name: write local, UTC, Europe/Berlin, Asia/Jerusalem …"
        wrong.append((("alerts", "timezone"), message))
    if not settings.database.url.startswith(("sqlite:///", "postgresql://", "postgres://", "postgresql+psycopg://")):
        message = "'url' must begin with sqlite:/// or postgresql://"
        wrong.append((("database", "url"), message))
    elif settings.database.url in ("sqlite:///", "sqlite:///:memory:"):
        wrong.append((("database", "url"), "'url' must name a file: sqlite:///var/monitor.db"))
    wrong.extend(_wrong_in_network(settings, folder))
    wrong.extend(_wrong_in_websub(settings))
    for index, each in enumerate(settings.rules.extra):
        if not _located(folder, each).is_dir():
            wrong.append((("rules", "extra", index), f"no such folder: {folder / each}"))
    wrong.extend(_wrong_in_channels(settings))
    wrong.extend(_wrong_in_admin(settings))
    wrong.extend(wrong_in_routes(settings))
    return wrong


def _wrong_in_network(settings: Settings, folder: Path) -> Iterable[tuple[NodePath, str]]:
    network = settings.network
    try:
        names = {name for _, name, _, _ in string.Formatter().parse(network.user_agent) if name is not None}
    except ValueError:
        names = {"?"}
    if not names <= {"version", "contact"}:
        yield ("network", "user_agent"), "'user_agent' may hold {version} and {contact}, no other braces"
    if not network.user_agent.isascii() or not network.contact.isascii():
        yield ("network",), "'user_agent' and 'contact' are sent as an HTTP header: plain ASCII only"
    if network.ca_file is not None and not _located(folder, network.ca_file).is_file():
        yield ("network", "ca_file"), f"no such file: {folder / network.ca_file}"


def _wrong_in_websub(settings: Settings) -> Iterable[tuple[NodePath, str]]:
    websub = settings.websub
    if not _ADDRESS.fullmatch(websub.listen) or int(websub.listen.rpartition(":")[2]) > 65535:
        yield ("websub", "listen"), "'listen' is an address and port, such as 127.0.0.1:8787 or [::1]:8787"
    if websub.callback is not None and not is_source_url(websub.callback):
        yield ("websub", "callback"), "'callback' must begin with https:// or http:// and name a host, no user"
    elif websub.callback is not None and ("?" in websub.callback or "#" in websub.callback):
        yield ("websub", "callback"), "'callback' is the beginning of addresses: it has no ? and no #"
    elif websub.enabled and websub.callback is None:
        yield ("websub",), "'callback' is missing: the address at which hubs reach this machine, https://…/websub/"


def _wrong_in_channels(settings: Settings) -> Iterable[tuple[NodePath, str]]:
    for name, channel in settings.channels.items():
        at: NodePath = ("channels", name)
        named = {}
        if isinstance(channel, SlackChannel):
            named = {"token_env": channel.token_env, "app_token_env": channel.app_token_env}
            if (channel.token_env is None) == (channel.token_file is None):
                yield at, f"channel '{name}' needs token_env or token_file, one of the two"
            if channel.app_token_env is not None and channel.app_token_file is not None:
                yield at, f"channel '{name}' takes app_token_env or app_token_file, not both"
        elif isinstance(channel, WebhookChannel):
            named = {"url_env": channel.url_env, "secret_env": channel.secret_env}
            if (channel.url is None) == (channel.url_env is None):
                yield at, f"channel '{name}' needs url or url_env, one of the two"
        elif isinstance(channel, EmailChannel):
            named = {"password_env": channel.password_env}
            yield from _wrong_in_email(at, name, channel)
        elif isinstance(channel, AppriseChannel):
            named = {"url_env": channel.url_env}
            if (channel.url_env is None) == (channel.url_file is None):
                yield at, f"channel '{name}' needs url_env or url_file, one of the two"
        for key, value in named.items():
            if value is not None and not is_variable_name(value):
                yield (*at, key), f"'{key}' takes the name of an environment variable, not the value itself"


def _wrong_in_email(at: NodePath, name: str, channel: EmailChannel) -> Iterable[tuple[NodePath, str]]:
    for key, address in (("sender", channel.sender), *(("to", each) for each in channel.to)):
        if not _MAILBOX.fullmatch(address):
            yield (*at, key), f"{address!r} is not an e-mail address: write desk@example.org, without a name"
    given = [each for each in (channel.password_env, channel.password_file) if each is not None]
    if (channel.user is None) != (not given) or len(given) > 1:
        yield at, f"channel '{name}' needs user and one of password_env or password_file, or none of them"
    elif channel.user is not None and channel.security == "none":
        yield at, f"channel '{name}' would send its password in the clear: 'security' must be starttls or ssl"


def _wrong_in_admin(settings: Settings) -> Iterable[tuple[NodePath, str]]:
    admin = settings.admin
    for index, name in enumerate(admin.channels):
        if name not in settings.channels:
            known = ", ".join(settings.channels) or "none is defined"
            yield ("admin", "channels", index), f"no channel is called {name!r} (channels: {known})"
    if settings.channels and not admin.alerts_too and set(settings.channels) <= set(admin.channels):
        message = "'channels' takes every channel for notices, so alerts would go nowhere: say 'alerts_too: true'"
        yield ("admin", "channels"), message


def _is_zone(name: str) -> bool:
    if name == "local":
        return True
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def _in_file_order(problems: list[ConfigProblem], *, first: str) -> tuple[ConfigProblem, ...]:
    files = list(dict.fromkeys([first, *(each.file for each in problems)]))
    unique = dict.fromkeys(problems)
    return tuple(sorted(unique, key=lambda each: (files.index(each.file), each.line)))
