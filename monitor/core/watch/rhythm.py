"""A source's rhythm: at which hours of the week it brings something, and which silence that explains."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import accumulate, pairwise
from statistics import fmean, median

HOURS = 168
_HOUR_S = 3600.0
# Below four weeks an hour of the week was seen too seldom to be known, below this many arrivals mostly empty.
_WEEKS_FOR_HOURS = 4
_ARRIVALS_FOR_HOURS = 40
# How much of the even rhythm is mixed in, in weeks: no hour is ever known to bring nothing at all.
_EVENNESS = 0.5
# How many times longer than the time observed a source may be watched until its rhythm alone would
# give one false alarm: 600 times one to three months.
_PATIENCE = 600
_LONGEST_TWICE = 2.0  # even the most regular source is late for once

Week = tuple[float, ...]
"""Arrivals expected in each hour of the week, from Monday 00:00 UTC; a single number where all hours are alike."""


def week_of(arrivals: Sequence[datetime], *, until: datetime) -> Week:
    """The week of a source with these arrivals, ascending; even while too little is known of its hours.

    Neighbouring hours are smoothed into each other, since a change of the clocks shifts them.

    Raises:
        ValueError: fewer than two arrivals.
    """
    if len(arrivals) < 2:
        raise ValueError(f"no rhythm in {len(arrivals)} arrivals")
    weeks = max((until - arrivals[0]) / timedelta(weeks=1), 1 / HOURS)
    per_hour = len(arrivals) / weeks / HOURS
    if weeks < _WEEKS_FOR_HOURS or len(arrivals) < _ARRIVALS_FOR_HOURS:
        return (per_hour,)
    counts = [0.0] * HOURS
    for at in arrivals:
        counts[_hour_of_week(at)] += 1
    smooth = [(counts[i - 1] + 2 * counts[i] + counts[(i + 1) % HOURS]) / 4 for i in range(HOURS)]
    return tuple(round((count + _EVENNESS * per_hour) / (weeks + _EVENNESS), 4) for count in smooth)


def expected_count(week: Week, since: datetime, until: datetime) -> float:
    """How many arrivals the week makes expected between the two instants; 0 when they are in reverse."""
    if until <= since:
        return 0.0
    if len(week) == 1:
        return week[0] * (until - since).total_seconds() / _HOUR_S
    sums = (0.0, *accumulate(week))
    whole, rest = divmod(until - since, timedelta(weeks=1))
    return whole * sums[-1] + _within(sums, since, rest)


def longest_silence(gaps: Sequence[float]) -> float:
    """The gap beyond which a source with these gaps has fallen silent, in their unit.

    Beyond its median a gap is taken to have an exponential tail, which Poisson arrivals have, of
    unknown scale: the bound is what the next gap exceeds, given the k excesses seen (the predictive
    distribution, 1 - F(t) = (1 + t / sum of excesses) ** -k), once in 600 times as many gaps as
    there were. A regular source has hardly any excess: for it, twice its longest gap counts.

    Raises:
        ValueError: fewer than two gaps.
    """
    if len(gaps) < 2:
        raise ValueError(f"no rhythm in {len(gaps)} gaps")
    middle = median(gaps)
    excesses = [gap - middle for gap in gaps if gap >= middle]
    k = len(excesses)
    tail: float = k * fmean(excesses) * (float(_PATIENCE * len(gaps) / 2) ** (1 / k) - 1)
    return max(middle + tail, _LONGEST_TWICE * max(gaps))


def gaps_in(week: Week, arrivals: Sequence[datetime]) -> list[float]:
    """The gaps between the arrivals, each as the number of arrivals that its hours make expected."""
    return [expected_count(week, earlier, later) for earlier, later in pairwise(arrivals)]


def _within(sums: Sequence[float], since: datetime, span: timedelta) -> float:
    start = _position(since)
    end = start + span.total_seconds() / _HOUR_S
    if end <= HOURS:
        return _sum_to(sums, end) - _sum_to(sums, start)
    return sums[-1] - _sum_to(sums, start) + _sum_to(sums, end - HOURS)


def _sum_to(sums: Sequence[float], position: float) -> float:
    hour = min(int(position), HOURS - 1)
    return sums[hour] + (sums[hour + 1] - sums[hour]) * (position - hour)


def _position(at: datetime) -> float:
    """Hours since Monday 00:00 UTC."""
    utc = at.astimezone(UTC)
    return utc.weekday() * 24 + utc.hour + (utc.minute * 60 + utc.second) / _HOUR_S


def _hour_of_week(at: datetime) -> int:
    return int(_position(at))
