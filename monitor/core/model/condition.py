"""Conditions: what keeps a source, a channel or the machine from doing what is expected of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class ConditionKind(StrEnum):
    """What is wrong; stored, shown, and used as metric label. All but the last two are a source's."""

    FAILING = "failing"  # no answer, or none that can be used
    GONE = "gone"  # HTTP 410
    BLOCKED = "blocked"  # answers, but refuses the monitor: 401, 403, 429, 451, bot wall, consent page, login
    NOT_A_FEED = "not_a_feed"  # another page where the feed was
    REFUSED_BY_ROBOTS = "refused_by_robots"
    SILENT_ZERO = "silent_zero"  # answers well and holds no entries, where it used to
    STALE = "stale"  # answers well and brings nothing new for longer than its rhythm explains
    MOVED = "moved"  # redirects for good
    DATE_DRIFT = "date_drift"
    TEMPLATE_CHANGE = "template_change"  # articles give far less text than they used to
    PAYWALL = "paywall"
    PAGES_REFUSED_BY_ROBOTS = "pages_refused_by_robots"
    PAGES_FAILING = "pages_failing"  # the feed answers, its articles' pages do not
    CHANNEL_FAILING = "channel_failing"
    NETWORK_DOWN = "network_down"  # most sources at once: it is this machine

    @property
    def hides_news(self) -> bool:
        """Whether a source in this condition may bring nothing at all, so that its silence means nothing."""
        return self in _HIDING


_HIDING = frozenset(
    {
        ConditionKind.FAILING,
        ConditionKind.GONE,
        ConditionKind.BLOCKED,
        ConditionKind.NOT_A_FEED,
        ConditionKind.REFUSED_BY_ROBOTS,
        ConditionKind.SILENT_ZERO,
        ConditionKind.STALE,
        ConditionKind.NETWORK_DOWN,
    }
)

NETWORK = "network"
"""The subject of what concerns the machine's network."""


def feed_subject(feed_id: int) -> str:
    """What a feed's conditions are filed under."""
    return f"feed:{feed_id}"


def channel_subject(name: str) -> str:
    """What a channel's conditions are filed under."""
    return f"channel:{name}"


@dataclass(frozen=True, kw_only=True)
class Condition:
    """One trouble of one subject, from the first suspicion to its end.

    `since` is when the trouble itself began as far as that is known (a failing feed's last answer,
    a stale one's last entry), `suspected_at` when it was first seen. It is open from `started_at` to
    `ended_at`; before, it is a suspicion that nobody is told of. `looks` counts the sights that
    confirmed the suspicion, `clear_looks` those since `clear_since` that found nothing wrong.
    """

    id: int = 0
    subject: str
    kind: ConditionKind
    feed_id: int | None = None
    detail: str = ""
    since: datetime
    suspected_at: datetime
    looks: int = 1
    started_at: datetime | None = None
    clear_since: datetime | None = None
    clear_looks: int = 0
    ended_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Whether it has started and not ended."""
        return self.started_at is not None and self.ended_at is None


@dataclass(frozen=True, kw_only=True)
class SourceNorm:
    """What a source is expected to bring, learned from its own past; None where too little is known.

    `week` is its rhythm (see `monitor.core.watch.rhythm`). It has fallen silent when more than
    `quiet_count` arrivals were expected and none came, for `shortest_quiet_s` at least; on average
    that is after `quiet_s`. `longest_gap_s` is the longest there was.
    Shares are of entries and pages, 0–1. `lag_s` is the usual time from the stated date to the
    first sight, `ahead_share` how many entries were dated later than that sight, `same_share` how
    many share their date with another of another poll. `text_length` is the usual article's, in
    code points.
    """

    made_at: datetime
    watched_since: datetime
    entries_per_day: float = 0.0
    arrival_count: int = 0
    longest_gap_s: float | None = None
    quiet_s: float | None = None
    quiet_count: float | None = None
    shortest_quiet_s: float | None = None
    week: tuple[float, ...] = ()
    dated_share: float | None = None
    ahead_share: float | None = None
    same_share: float | None = None
    lag_s: float | None = None
    page_share: float | None = None
    text_length: float | None = None
