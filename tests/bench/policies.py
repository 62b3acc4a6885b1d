"""Polling policies of others, re-implemented from their published sources, and ours as it ships.

Each is the policy of one feed: told what a poll found, it says how long to wait.
"""

from __future__ import annotations

import math
import random
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Protocol

from monitor.core.model.feed import Feed, FeedState, PollReason
from monitor.core.poll.hints import NO_HINTS, CacheHints
from monitor.core.poll.interval import PATIENCE_S, after_failure, after_success
from monitor.core.poll.rhythm import window_of
from tests.bench.rhythms import DAY_S, WEEK_S, Rhythm

MINUTE_S = 60.0


@dataclass(frozen=True, kw_only=True)
class Found:
    """What one poll found. Dates are seconds, ascending; `window` is all of the document."""

    now: float
    new: Sequence[float]
    window: Sequence[float]
    is_unchanged: bool
    hints: CacheHints = NO_HINTS


class Policy(Protocol):
    def wait_s(self, found: Found) -> float:
        """Seconds until the feed's next poll."""
        ...


MakePolicy = Callable[[Rhythm, random.Random], Policy]


class Fixed:
    """The same wait always."""

    def __init__(self, minutes: float) -> None:
        self._wait_s = minutes * MINUTE_S

    def wait_s(self, found: Found) -> float:
        return self._wait_s


class Miniflux:
    """miniflux/v2, internal/model/feed.go (ScheduleNextCheck) and internal/storage/feed.go (WeeklyFeedEntryCount).

    `by_frequency` is POLLING_SCHEDULER=entry_frequency (5 min to 24 h, factor 1), else round_robin
    (60 min), which is the default. The channel's ttl raises the wait. Due feeds are looked for
    every `tick_minutes` (POLLING_FREQUENCY, 60 by default).
    """

    def __init__(self, rhythm: Rhythm, *, by_frequency: bool, tick_minutes: float = 60.0) -> None:
        self._ttl_s = rhythm.ttl_s or 0.0
        self._by_frequency = by_frequency
        self._tick_s = tick_minutes * MINUTE_S
        self._stored: deque[float] = deque()

    def wait_s(self, found: Found) -> float:
        self._stored.extend(found.new)
        wait_s = self._frequency_s(found.now) if self._by_frequency else 60 * MINUTE_S
        if not found.is_unchanged:
            wait_s = max(wait_s, self._ttl_s)
        return math.ceil(min(wait_s, DAY_S) / self._tick_s) * self._tick_s

    def _frequency_s(self, now: float) -> float:
        """A week by the mean gap of last week's entries; the longest wait for none or one."""
        while self._stored and self._stored[0] < now - WEEK_S:
            self._stored.popleft()
        spread_s = self._stored[-1] - self._stored[0] if self._stored else 0.0
        if spread_s == 0:
            return DAY_S
        weekly = math.ceil(WEEK_S / (spread_s / (len(self._stored) - 1)))
        return min(max(round(WEEK_S / MINUTE_S / weekly), 5), 24 * 60) * MINUTE_S


class MediaCloud:
    """mediacloud/rss-fetcher, fetcher/tasks.py (_check_auto_adjust and below), with fetcher/config.py's defaults."""

    def __init__(self, rhythm: Rhythm) -> None:
        self._update_minutes = rhythm.sy_s / MINUTE_S if rhythm.sy_s else None
        self._minutes: float | None = None
        self._newest = -math.inf

    def wait_s(self, found: Found) -> float:
        if self._minutes is None:
            self._minutes = min(self._update_minutes or 360.0, 1440.0)
        else:
            known = len(found.window) - len(found.new)
            known_percent = 101.0 if found.is_unchanged else 100 * known / max(len(found.window), 1)
            self._adjust(known_percent, found.now)
        if found.new:
            self._newest = found.now
        return self._minutes * MINUTE_S

    def _adjust(self, known_percent: float, now: float) -> None:
        assert self._minutes is not None
        if known_percent >= 67:
            is_lively = now - self._newest <= 32 * DAY_S or known_percent < 100
            self._minutes = min(self._minutes + (10 if is_lively else 60), 1440.0)
        elif known_percent < 33:
            shorter = 360.0 if self._minutes > 360 else self._minutes - 60
            self._minutes = max(shorter, self._update_minutes or 0.0, 10.0)


class NewsBlur:
    """samuelclay/NewsBlur, apps/rss_feeds/models.py (get_next_scheduled_update); no push.

    `subscribers` are active premium ones: more than ten make the site poll fastest.
    """

    def __init__(self, chance: random.Random, *, subscribers: int) -> None:
        self._chance = chance
        self._subscribers = subscribers
        self._stored: deque[float] = deque()
        self._newest = -math.inf

    def wait_s(self, found: Found) -> float:
        self._stored.extend(found.new)
        while self._stored and self._stored[0] < found.now - 30 * DAY_S:
            self._stored.popleft()
        self._newest = max((self._newest, *found.new))
        minutes = min(self._minutes(len(self._stored) / 30, found.now), 12 * 60)
        return (minutes + self._chance.randint(0, int(minutes)) / 4) * MINUTE_S

    def _minutes(self, daily: float, now: float) -> float:
        if daily >= 1:
            return 6 if self._subscribers > 10 else 15 if self._subscribers > 1 else 60
        longest = 60 if self._subscribers > 1 else 60 * 12
        if daily > 0:
            return longest - daily * longest
        months = (now - self._newest) / (30 * DAY_S)
        return (60 * 6 if self._subscribers > 1 else 60 * 12) * max(1.0, months)


@dataclass(frozen=True, kw_only=True)
class Bounds:
    """Our settings, in seconds."""

    floor_s: float = 300.0
    cap_s: float = 86_400.0
    default_s: float = 600.0
    patience_s: float = PATIENCE_S


class Ours:
    """The decider that the daemon calls, on the state it would store.

    `is_dated` False hides all dates from it; `has_hours` False makes it forget the hours of the week.
    """

    def __init__(
        self,
        rhythm: Rhythm,
        chance: random.Random,
        bounds: Bounds,
        *,
        is_dated: bool = True,
        has_hours: bool = True,
    ) -> None:
        self._feed = Feed(name=rhythm.name, url=f"https://{rhythm.name}.example/feed")
        self._ttl_s = rhythm.ttl_s or rhythm.sy_s
        self._chance = chance
        self._bounds = bounds
        self._is_dated = is_dated
        self._has_hours = has_hours
        self.state = FeedState()

    def wait_s(self, found: Found) -> float:
        now = _utc(found.now)
        bounds = self._bounds
        self.state = after_success(
            self.state,
            feed=self._feed,
            new_count=len(found.new),
            known_count=1 if found.is_unchanged else len(found.window) - len(found.new),
            new_at=self._dates(found.new),
            window=None if found.is_unchanged else window_of(self._dates(found.window)),
            hints=found.hints,
            ttl_s=None if found.is_unchanged else self._ttl_s,
            now=now,
            floor_s=bounds.floor_s,
            cap_s=bounds.cap_s,
            default_s=bounds.default_s,
            patience_s=bounds.patience_s,
            jitter=self._chance.random(),
        )
        if not self._has_hours:
            pace = replace(self.state.rhythm, by_hour=(0.0,) * 24, by_day=(0.0,) * 7)
            self.state = self.state.with_changes(rhythm=pace)
        return self._planned_s(now)

    def failed_s(self, at: float) -> float:
        """Seconds until the next try after the server answered with an error."""
        now, bounds = _utc(at), self._bounds
        self.state = after_failure(
            self.state,
            feed=self._feed,
            reason=PollReason.HTTP_ERROR,
            now=now,
            floor_s=bounds.floor_s,
            cap_s=bounds.cap_s,
            default_s=bounds.default_s,
            jitter=self._chance.random(),
        )
        return self._planned_s(now)

    def _planned_s(self, now: datetime) -> float:
        assert self.state.next_poll_at is not None
        return (self.state.next_poll_at - now).total_seconds()

    def _dates(self, dates: Sequence[float]) -> list[datetime | None]:
        return [_utc(date) if self._is_dated else None for date in dates]


def _utc(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
