"""When feeds publish: rhythms read from real feed documents and carried on from a seed."""

from __future__ import annotations

import random
import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise

from monitor.core.parse.feed import parse_feed
from monitor.errors import ParseError
from tests.bench.texts import CORPUS

LEAST_DATED = 10
"""Fewer dates show no rhythm; 58 to 60 of the 73 real feeds have as many."""

HOUR_S, DAY_S, WEEK_S = 3600.0, 86_400.0, 604_800.0
_MONDAY = datetime(2024, 1, 1, tzinfo=UTC).timestamp()
# A run of gaps is copied on for so many on average: a batch or a busy morning stays together.
_RUN = 5
# Entries that stand for "any hour" and "any day": ten dates must not make a clockwork.
_HOUR_PRIOR, _DAY_PRIOR = 6.0, 4.0


@dataclass(frozen=True, kw_only=True)
class Rhythm:
    """A real feed's document: how many entries it holds, their dates (seconds, ascending), what it wishes."""

    name: str
    window_count: int
    dates: tuple[float, ...]
    ttl_s: float | None = None
    sy_s: float | None = None


@dataclass(frozen=True, kw_only=True)
class Publications:
    """One feed's entries: those its document held when the replay began, and all that came later."""

    rhythm: Rhythm
    before: tuple[float, ...]
    after: tuple[float, ...]


def real_rhythms() -> list[Rhythm]:
    """The rhythms of the shared corpus, by name; empty where it does not lie beside the checkout."""
    found = []
    for path in sorted((CORPUS / "feeds" / "real").glob("*")):
        body = path.read_bytes()
        try:
            parsed = parse_feed(body, url="https://feed.example/", content_type=None)
        except ParseError:
            continue
        dates = sorted(entry.published_at.timestamp() for entry in parsed.entries if entry.published_at)
        if len(dates) >= LEAST_DATED and dates[0] < dates[-1]:
            is_sy = re.search(rb"updatePeriod", body) is not None
            found.append(
                Rhythm(
                    name=path.stem,
                    window_count=len(parsed.entries),
                    dates=tuple(dates),
                    ttl_s=None if is_sy else parsed.ttl_s,
                    sy_s=parsed.ttl_s if is_sy else None,
                )
            )
    return found


def captured_at(rhythms: Sequence[Rhythm]) -> float:
    """When the documents were fetched, taken as the newest date in any of them."""
    return max(rhythm.dates[-1] for rhythm in rhythms)


def carried_on(rhythm: Rhythm, *, start: float, days: float, seed: int, speed: float = 1.0) -> Publications:
    """What the feed publishes in the `days` after its document was fetched at `start`.

    Its own gaps between entries, measured in time that runs faster in its busy hours of the week,
    are drawn again in runs (stationary bootstrap: Politis, Romano 1994), so that pace, batches,
    spates and pauses stay its own. The silence at `start` is kept: it ends as a longer gap of the
    document's did, or, where there is none, within as long again in one case of two. `speed`
    makes the same rhythm so many times busier.
    """
    chance = random.Random(f"{seed} {rhythm.name} {speed}")
    clock = _Clock(rhythm.dates)
    marks = [clock.busy_s(at) for at in rhythm.dates]
    gaps = [after - before for before, after in pairwise(marks)]
    silence = clock.busy_s(start) - marks[-1]
    longer = [number for number, gap in enumerate(gaps) if gap > silence]
    place = chance.choice(longer) if longer else chance.randrange(len(gaps))
    rest = gaps[place] - silence if longer else silence / max(1 - chance.random(), 1e-9) - silence
    now, end = clock.busy_s(start) + rest / speed, clock.busy_s(start + days * DAY_S)
    after = []
    while now < end:
        after.append(clock.at(now))
        place = (place + 1) % len(gaps) if chance.random() > 1 / _RUN else chance.randrange(len(gaps))
        now += gaps[place] / speed
    return Publications(rhythm=rhythm, before=rhythm.dates, after=tuple(after))


class _Clock:
    """Time that runs as fast as a feed is usually busy at that hour of the week, 1 on average."""

    def __init__(self, dates: Sequence[float]) -> None:
        self._sums = [0.0]
        for weight in _busyness(dates):
            self._sums.append(self._sums[-1] + weight * HOUR_S)

    def busy_s(self, at: float) -> float:
        weeks, rest = divmod(at - _MONDAY, WEEK_S)
        hour = int(rest // HOUR_S)
        part = (rest - hour * HOUR_S) / HOUR_S
        return weeks * self._sums[-1] + self._sums[hour] + part * (self._sums[hour + 1] - self._sums[hour])

    def at(self, busy_s: float) -> float:
        weeks, rest = divmod(busy_s, self._sums[-1])
        hour = min(bisect_right(self._sums, rest) - 1, 167)
        part = (rest - self._sums[hour]) / (self._sums[hour + 1] - self._sums[hour])
        return _MONDAY + weeks * WEEK_S + (hour + part) * HOUR_S


def _busyness(dates: Sequence[float]) -> list[float]:
    """The weight of each hour of the week, 1 on average: hour of the day times day of the week, both smoothed.

    A date at midnight sharp gives the day alone. Hours and days that a short document reaches less
    often than others count as average there: nothing says that they are quiet.
    """
    hours, days = [0.0] * 24, [0.0] * 7
    for date in dates:
        at = datetime.fromtimestamp(date, UTC)
        days[at.weekday()] += 1
        if (at.hour, at.minute, at.second) != (0, 0, 0):
            for offset, part in ((-1, 0.25), (0, 0.5), (1, 0.25)):
                hours[(at.hour + offset) % 24] += part
    hours = _filled(hours, [int(date // HOUR_S) % 24 for date in _ticks(dates, HOUR_S)])
    days = _filled(days, [datetime.fromtimestamp(date, UTC).weekday() for date in _ticks(dates, DAY_S)])
    by_hour = [(count * 24 + _HOUR_PRIOR) / (sum(hours) + _HOUR_PRIOR) for count in hours]
    by_day = [(count * 7 + _DAY_PRIOR) / (sum(days) + _DAY_PRIOR) for count in days]
    return [hour * day for day in by_day for hour in by_hour]


def _ticks(dates: Sequence[float], step_s: float) -> list[float]:
    """An instant in each hour or day that the document reaches, for at most the two weeks in which it matters."""
    first = max(dates[0], dates[-1] - 2 * WEEK_S)
    return [first + number * step_s for number in range(int((dates[-1] - first) // step_s) + 1)]


def _filled(counts: list[float], reached: Sequence[int]) -> list[float]:
    times = [reached.count(number) for number in range(len(counts))]
    average = sum(counts) / len(reached)
    return [count + (max(times) - met) * average for count, met in zip(counts, times, strict=True)]
