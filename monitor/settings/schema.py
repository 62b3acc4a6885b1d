"""The configuration's shape. Loading, line numbers and included files are `monitor.settings.load`."""

from __future__ import annotations

import re
from datetime import timedelta
from itertools import pairwise
from typing import Annotated, Any, Literal, get_args

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from monitor.core.model.alert import AlertReason, Severity
from monitor.core.model.feed import FeedKind, RobotsPolicy, Tier
from monitor.core.model.route import Every

_UNITS_S = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_LONGEST_S = 36525 * 86400.0  # dates before the year 1 cannot be counted back to
_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*([smhdw])")
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*(KiB|MiB|GiB|kB|MB|GB|B)?")
_SIZE_UNITS = {None: 1, "B": 1, "kB": 10**3, "MB": 10**6, "GB": 10**9, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30}


def duration_s(value: Any) -> float:
    """Seconds from a number of seconds or text such as "10m", "1h 30m", "24h"; a century at most.

    Raises:
        ValueError: anything else, or nothing positive.
    """
    if isinstance(value, int | float) and not isinstance(value, bool):
        seconds = float(value)
    elif isinstance(value, timedelta):
        seconds = value.total_seconds()
    elif isinstance(value, str) and value.strip() and not _DURATION.sub("", value).strip():
        seconds = sum(float(n) * _UNITS_S[unit] for n, unit in _DURATION.findall(value))
    elif isinstance(value, str) and re.fullmatch(r"\d+(\.\d+)?", value.strip()):
        seconds = float(value)
    else:
        raise ValueError(f"{value!r} is not a duration: write seconds, or 90s, 10m, 24h, 7d")
    if seconds <= 0:
        raise ValueError(f"{value!r} is not a positive duration")
    if not seconds <= _LONGEST_S:
        raise ValueError(f"{value!r} is longer than a century")
    return seconds


def size_bytes(value: Any) -> int:
    """Bytes from a number or text such as "15MiB".

    Raises:
        ValueError: anything else, or nothing positive.
    """
    match = _SIZE.fullmatch(str(value).strip()) if not isinstance(value, bool) else None
    if match is None or float(match[1]) <= 0:
        raise ValueError(f"{value!r} is not a size: write bytes, or 512KiB, 15MiB")
    return int(float(match[1]) * _SIZE_UNITS[match[2]])


def _pause_s(value: Any) -> float:
    return 0.0 if value in (0, "0", "0s") and not isinstance(value, bool) else duration_s(value)


def _max_age(value: Any) -> float | None:
    return None if value is None or value == "none" else duration_s(value)


def _ascending(delays: tuple[float, ...]) -> tuple[float, ...]:
    if any(later <= earlier for earlier, later in pairwise(delays)):
        raise ValueError("each time must be later than the one before: write 15m, 1h, 6h")
    return delays


def _polled_kind(value: Any) -> Any:
    """The kind, refused as any unknown word is where only `monitor ingest` may use it."""
    *others, last = (repr(str(kind)) for kind in FeedKind if kind is not FeedKind.INGEST)
    if value == FeedKind.INGEST or value not in list(FeedKind):
        raise PydanticCustomError("enum", "no kind of source", {"expected": f"{', '.join(others)} or {last}"})
    return value


def _words(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


def _every(value: Any) -> Any:
    """`digest: daily` is short for `digest: {every: daily}`."""
    return {"every": value} if isinstance(value, str) else value


def _clock_time(value: Any) -> str:
    # YAML 1.1 reads 22:30 as a number of minutes: sexagesimal, as it calls it.
    text = f"{value // 60:02}:{value % 60:02}" if isinstance(value, int) and not isinstance(value, bool) else str(value)
    if text != "24:00" and not re.fullmatch(r"(?:[01]?\d|2[0-3]):[0-5]\d", text):
        raise ValueError(f"{value!r} is not a time of day: write 07:30")
    return text.rjust(5, "0")


Duration = Annotated[float, BeforeValidator(duration_s)]
TierNumber = Annotated[Tier, BeforeValidator(lambda value: str(value) if isinstance(value, int) else value)]
PolledKind = Annotated[FeedKind, BeforeValidator(_polled_kind)]
Size = Annotated[int, BeforeValidator(size_bytes)]
Pause = Annotated[float, BeforeValidator(_pause_s)]  # 0 is none
Words = Annotated[tuple[str, ...], BeforeValidator(_words)]
ClockTime = Annotated[str, BeforeValidator(_clock_time)]  # HH:MM
Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
MaxAge = Annotated[float | None, BeforeValidator(_max_age)]


class Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Database(Section):
    url: str = "sqlite:///var/monitor.db"


class SourceItem(Section):
    """One feed. `name` defaults to the URL's host."""

    name: str | None = None
    url: str = Field(min_length=1)
    kind: PolledKind = FeedKind.FEED
    selector: str | None = None
    interval: Duration | None = None
    tags: tuple[str, ...] = ()
    enabled: bool = True
    headers_env: str | None = None
    auth_env: str | None = None
    robots: RobotsPolicy = RobotsPolicy.OBEY
    tier: TierNumber = Tier.ESTABLISHED
    language: str | None = None
    country: str | None = None
    homepage: str | None = None
    seen_in: str | None = None


class SourceInclude(Section):
    """A file (or glob) of source items; relative to the including file, or `seeds:*.yaml` for the shipped lists."""

    include: str = Field(min_length=1)


class SlackChannel(Section):
    """`when_unsure` decides where the app may not read the channel's history: send again, or give up.

    `min_gap` seconds lie between two messages in the long run, `burst` may go at once after a quiet
    while. Replies of the phases in `broadcast` show in the channel itself too. `settle` is how long
    a message whose answer was lost may take to show. With an app-level token messages have buttons,
    and these and the slash command are heard over Socket Mode.
    """

    kind: Literal["slack"]
    channel: str = Field(min_length=1)
    token_env: str | None = None
    token_file: str | None = None
    app_token_env: str | None = None
    app_token_file: str | None = None
    api_url: str = "https://slack.com/api/"
    min_gap: Pause = 1.0
    burst: int = Field(default=1, ge=1, le=10)
    settle: Duration = 30.0
    broadcast: tuple[str, ...] = ("agreed", "in_effect", "violated", "collapsed", "under_way", "cancelled")
    when_unsure: Literal["at_least_once", "at_most_once"] = "at_least_once"

    @property
    def hears_people(self) -> bool:
        """Whether what people press in Slack comes back."""
        return self.app_token_env is not None or self.app_token_file is not None


class ConsoleChannel(Section):
    kind: Literal["console"]


class WebhookChannel(Section):
    """`url_env` or `url`; with `secret_env`, bodies are signed with HMAC-SHA256."""

    kind: Literal["webhook"]
    url: str | None = None
    url_env: str | None = None
    secret_env: str | None = None


class EmailChannel(Section):
    """`port` is by default 587 with starttls, 465 with ssl, 25 with none."""

    kind: Literal["email"]
    host: str = Field(min_length=1)
    port: int | None = Field(default=None, ge=1, le=65535)
    security: Literal["starttls", "ssl", "none"] = "starttls"
    user: str | None = None
    password_env: str | None = None
    password_file: str | None = None
    sender: str
    to: tuple[str, ...] = Field(min_length=1)


class AppriseChannel(Section):
    """`url_env` or `url_file` holds Apprise's addresses of services, one a line: they hold passwords."""

    kind: Literal["apprise"]
    url_env: str | None = None
    url_file: str | None = None


class FeedFileChannel(Section):
    """A relative `path` starts at the working folder, as the database's does."""

    kind: Literal["feed_file"]
    path: str = Field(min_length=1)
    format: Literal["atom", "json"] = "atom"
    title: str = Field(default="News monitor", min_length=1)
    entries: int = Field(default=100, ge=1, le=5000)


ChannelItem = Annotated[
    SlackChannel | ConsoleChannel | WebhookChannel | EmailChannel | AppriseChannel | FeedFileChannel,
    Field(discriminator="kind"),
]


class MatchItem(Section):
    """Which alerts a route takes: all keys must fit, and of each one of its words. `severity` is the least one."""

    type: Words = ()
    phase: Words = ()
    person: Words = ()
    place: Words = ()
    source: Words = ()
    tag: Words = ()
    story: Words = ()
    reason: Annotated[tuple[AlertReason, ...], BeforeValidator(_words)] = ()
    severity: Severity | None = None


class QuietItem(Section):
    """Hours in which the route holds what it has; `to` not after `from` is the next day's."""

    begins: ClockTime = Field(alias="from")
    ends: ClockTime = Field(alias="to")
    days: tuple[Weekday, ...] = get_args(Weekday)
    timezone: str | None = None
    breakthrough: Literal["high", "normal", "low", "none"] = "high"


class DigestItem(Section):
    """`at` is the time of daily and weekly digests, `day` that of weekly ones."""

    every: Every
    at: ClockTime = "08:00"
    day: Weekday = "monday"
    timezone: str | None = None


class EscalateItem(Section):
    """Whom to tell too when nobody acknowledged an alert of at least `severity` within `after`."""

    after: Duration
    to: Words
    severity: Severity = Severity.HIGH


class RouteItem(Section):
    """A way for some alerts; the first that matches takes one, and with `continue` the next may too."""

    name: str | None = None
    match: MatchItem = MatchItem()
    channels: Words
    goes_on: bool = Field(default=False, alias="continue")
    quiet: QuietItem | None = None
    digest: Annotated[DigestItem | None, BeforeValidator(_every)] = None
    budget: int | None = Field(default=None, ge=1)
    escalate: EscalateItem | None = None


class Admin(Section):
    """Where notices about the monitor itself go. A channel named here takes no alerts, unless `alerts_too`."""

    channels: tuple[str, ...] = ()
    alerts_too: bool = False


class Read(Section):
    fetch_pages: bool = True
    concurrency: int = Field(default=8, ge=1, le=64)
    min_text: int = Field(default=250, ge=0)  # code points; a shorter page text loses to the feed's own
    page_attempts: int = Field(default=3, ge=1, le=10)
    recheck: Annotated[tuple[Duration, ...], AfterValidator(_ascending)] = (900.0, 3600.0, 21600.0)


class Expire(Section):
    """How long alerts that could not be sent stay news; later they go into a digest."""

    high: Duration = 6 * 3600.0
    normal: Duration = 6 * 3600.0
    low: Duration = 6 * 3600.0
    correction: Duration = 86400.0


class Alerts(Section):
    """`timezone` is the reader's zone: an IANA name, or `local`.

    `min_score` silences what the rules would tell with a lower score; None leaves it to each event type's threshold.
    `hold` is how long what only one unknown outlet (tier 3) says waits for a second origin; 0 is not at all.
    `ack` says that alerts are acknowledged, without which nothing is escalated.
    """

    max_age: MaxAge = 86400.0
    hold: Pause = 600.0
    timezone: str = "local"
    ack: bool = False
    min_score: float | None = Field(default=None, ge=0, le=1)
    expire: Expire = Expire()


class HostItem(Section):
    """Manners towards one host or domain; None takes what holds for all.

    `retry_after: route` lets a 429 hold only the URL that got it.
    """

    gap: Pause | None = None
    at_once: int | None = Field(default=None, ge=1, le=16)
    retry_after: Literal["host", "route"] = "host"


class Network(Section):
    allow_private: bool = False
    user_agent: str = "news-development-monitor/{version} (+{contact})"
    contact: str = "contact not configured"
    proxy: str | None = None
    ca_file: str | None = None
    connect_timeout: Duration = 10.0
    read_timeout: Duration = 20.0
    total_timeout: Duration = 60.0
    max_body: Size = 15 * 2**20
    max_redirects: int = Field(default=10, ge=0, le=30)
    per_host: int = Field(default=2, ge=1, le=16)
    host_gap: Pause = 1.0
    hosts: dict[str, HostItem] = {}


class Poll(Section):
    interval: Duration = 600.0  # first interval of a feed, and the one after it changes kind
    floor: Duration = 300.0
    cap: Duration = 86400.0
    patience: Duration = 120.0  # how long entries expected since a poll may together wait for the next one
    burst: Pause = 7200.0  # how long sources of an active story are polled at the floor; 0: never
    concurrency: int = Field(default=32, ge=1, le=256)
    unconditional_share: float = Field(default=0.01, ge=0, le=1)  # polls that find servers whose 304 lies
    seed: str = ""  # of the jitter; empty: one of this process's own


class WebSub(Section):
    """`listen` is where hubs are heard (host:port), `callback` how they reach it from outside."""

    enabled: bool = False
    listen: str = "127.0.0.1:8787"
    callback: str | None = None
    lease: Duration = 5 * 86400.0


class Workers(Section):
    count: int = Field(default=2, ge=1, le=32)
    timeout: Duration = 20.0
    max_memory: Size = 2**30


class Rules(Section):
    """Folders laid over the shipped `config/events`, `config/languages` and `config/gazetteer`."""

    extra: tuple[str, ...] = ()


class Retention(Section):
    polls: Duration = 30 * 86400.0
    unreported_texts: Duration = 30 * 86400.0


class Log(Section):
    format: Literal["console", "json"] = "console"
    level: Literal["debug", "info", "warning", "error"] = "info"


class Settings(Section):
    """The whole configuration, every key with its default."""

    database: Database = Database()
    sources: tuple[SourceItem | SourceInclude, ...] = ()
    channels: dict[str, ChannelItem] = {}
    routes: tuple[RouteItem, ...] = ()
    admin: Admin = Admin()
    read: Read = Read()
    alerts: Alerts = Alerts()
    network: Network = Network()
    poll: Poll = Poll()
    websub: WebSub = WebSub()
    workers: Workers = Workers()
    rules: Rules = Rules()
    retention: Retention = Retention()
    log: Log = Log()

    @property
    def alert_channels(self) -> tuple[str, ...]:
        """The channels that take alerts: all but those for notices only."""
        return tuple(name for name in self.channels if self.admin.alerts_too or name not in self.admin.channels)
