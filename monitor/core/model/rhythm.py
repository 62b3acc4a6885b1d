"""When a feed publishes, as far as its polls have shown."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

HOURS = 24
DAYS = 7


@dataclass(frozen=True, kw_only=True)
class Rhythm:
    """Decayed counts of entries; all zero while nothing is known. Hours and days are UTC, Monday first.

    `by_hour` and `by_day` hold the weight of entries published in that hour of the day and on that
    day of the week. `count` entries came in `observed_s`, seconds that weigh more in hours in which
    the feed is usually busy; `lately_count` and `lately_s` are the same over the last hours only.
    """

    by_hour: tuple[float, ...] = (0.0,) * HOURS
    by_day: tuple[float, ...] = (0.0,) * DAYS
    count: float = 0.0
    observed_s: float = 0.0
    lately_count: float = 0.0
    lately_s: float = 0.0


UNKNOWN_RHYTHM = Rhythm()


@dataclass(frozen=True, kw_only=True)
class Window:
    """What one feed document holds: how many entries, and the date of the middle one (None: undated)."""

    count: int
    middle_at: datetime | None = None
