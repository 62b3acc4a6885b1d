"""A feed's publishing rhythm: learnt from dates and sightings, and what it lets us expect."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from monitor.core.model.rhythm import DAYS, HOURS, UNKNOWN_RHYTHM, Rhythm, Window

HOUR_S = 3600.0

# Eight weeks: a newsroom's hours change with seasons and staff, and a weekly feed still shows eight entries.
_PROFILE_HALF_LIFE_S = 56 * 86_400.0
# The pace of the last weeks, and of the last hours: news comes in spates.
_PACE_HALF_LIFE_S = 14 * 86_400.0
_LATELY_HALF_LIFE_S = 6 * HOUR_S

# Entries that stand for "any hour" and "any day" until a feed has shown its own: with so many of its
# own, the profile is half-way to them. Few data therefore change little.
_HOUR_PRIOR = 12.0
_DAY_PRIOR = 8.0
# What the last hours show is weighed against so many entries at the pace of the last weeks.
_LATELY_PRIOR = 2.0
# A pace that rests on fewer is mostly the first interval's.
_PACE_PRIOR = 0.5
_SILENCE_SHARE = 1 / 3
# An entry tells of its neighbouring hours too: dates and clocks are rounded.
_NEIGHBOURS = ((-1, 0.25), (0, 0.5), (1, 0.25))
# So long a feed must have been watched for its hours, and its days, to be believed: what was never
# watched has no entries, and is not quiet.
_HOURS_KNOWN_S = 2 * 86_400.0
_DAYS_KNOWN_S = 14 * 86_400.0
# A document that spans less reaches some hours and days of the week more often than others.
_SHORT_S = 7 * 86_400.0
_DIGITS = 4  # kept in the store; a ten-thousandth of an entry decides nothing


def window_of(dates: Sequence[datetime | None]) -> Window:
    """The window a document with entries of these dates shows; pinned old entries do not move its middle."""
    dated = sorted(at for at in dates if at is not None)
    middle_at = dated[len(dated) // 2] if 2 * len(dated) > len(dates) else None
    return Window(count=len(dates), middle_at=middle_at)


def learnt(rhythm: Rhythm, *, new_at: Sequence[datetime | None], since: datetime | None, now: datetime) -> Rhythm:
    """The rhythm after a good poll that brought entries of these dates; `since` is the good poll before it.

    Between two polls an entry's own date counts where it lies between them, else it was published
    at any time since the last poll. The first poll (`since` None) takes the dates of the backlog
    as they are, a date at midnight sharp meaning some time that day.
    """
    if since is None:
        return _from_backlog([at for at in new_at if at is not None], now)
    passed_s = max((now - since).total_seconds(), 0.0)
    spans = [(at, at) if at is not None and since <= at <= now else (since, now) for at in new_at]
    hours, days = _placed(spans)
    kept = _kept(passed_s, _PROFILE_HALF_LIFE_S)
    pace, lately = _kept(passed_s, _PACE_HALF_LIFE_S), _kept(passed_s, _LATELY_HALF_LIFE_S)
    observed_s = expected_share_s(rhythm, since, now)
    return Rhythm(
        by_hour=_sum(rhythm.by_hour, kept, hours),
        by_day=_sum(rhythm.by_day, kept, days),
        count=round(rhythm.count * pace + len(new_at), _DIGITS),
        observed_s=round(rhythm.observed_s * pace + observed_s, _DIGITS),
        lately_count=round(rhythm.lately_count * lately + len(new_at), _DIGITS),
        lately_s=round(rhythm.lately_s * lately + observed_s, _DIGITS),
    )


def pace_per_s(rhythm: Rhythm, *, silent_s: float | None, first_per_s: float) -> float:
    """Entries a second to expect in an average hour; `first_per_s` is what a feed nobody knows is taken for.

    A silence of `silent_s` draws the mean gap out by a third of itself: gaps are so unequal that a
    feed silent for months is rather dead than due, while one that keeps its hours loses little.
    """
    weeks = (rhythm.count + _PACE_PRIOR) / (rhythm.observed_s + _PACE_PRIOR / first_per_s)
    pace = (rhythm.lately_count + _LATELY_PRIOR) / (rhythm.lately_s + _LATELY_PRIOR / weeks)
    return 1 / (1 / pace + _SILENCE_SHARE * max(silent_s or 0.0, 0.0))


def expected_share_s(rhythm: Rhythm, since: datetime, until: datetime) -> float:
    """The seconds between the two, each weighed by how busy its hour of the week is (1 is average)."""
    return math.fsum(weight * seconds for weight, seconds in _hours(rhythm, since, until))


def wait_for(
    rhythm: Rhythm,
    now: datetime,
    *,
    pace: float,
    patience_s: float = math.inf,
    count: float = math.inf,
    cap_s: float,
) -> float:
    """Seconds until the entries to be expected from `now` on would together have waited `patience_s`.

    Or until `count` of them are to be expected, or `cap_s`, whichever comes first. At a steady
    `pace` (entries a second) that is sqrt(2 · patience / pace), which spends requests over feeds so
    that all entries together wait least (Sia, Cho, Cho 2007, "Efficient Monitoring Algorithm for
    Fast News Alerts"); with a rhythm, the hours to come count as busy as they are.
    """
    passed_s = waited_s = unseen = 0.0
    for weight, seconds in _hours(rhythm, now, now + timedelta(seconds=cap_s)):
        rate = pace * weight
        step_s = min(_reached(unseen, rate, patience_s - waited_s), max(count - unseen, 0.0) / rate)
        if step_s <= seconds:
            return min(passed_s + step_s, cap_s)
        waited_s += unseen * seconds + rate * seconds * seconds / 2
        unseen += rate * seconds
        passed_s += seconds
    return cap_s


def _reached(unseen: float, rate: float, left_s: float) -> float:
    """The u at which unseen·u + rate·u²/2 is `left_s`."""
    return (math.sqrt(unseen * unseen + 2 * rate * max(left_s, 0.0)) - unseen) / rate


def _hours(rhythm: Rhythm, since: datetime, until: datetime) -> Iterator[tuple[float, float]]:
    """Weight and seconds of each hour of the clock between the two instants."""
    by_hour = _weights(rhythm.by_hour, _HOUR_PRIOR, trust=min(rhythm.observed_s / _HOURS_KNOWN_S, 1.0))
    by_day = _weights(rhythm.by_day, _DAY_PRIOR, trust=min(rhythm.observed_s / _DAYS_KNOWN_S, 1.0))
    left_s = (until - since).total_seconds()
    hour, day = since.hour, since.weekday()
    seconds = HOUR_S - (since.minute * 60 + since.second + since.microsecond / 1e6)
    while left_s > 0:
        seconds = min(seconds, left_s)
        yield by_hour[hour] * by_day[day], seconds
        left_s -= seconds
        hour, seconds = hour + 1, HOUR_S
        if hour == HOURS:
            hour, day = 0, (day + 1) % DAYS


def _weights(counts: Sequence[float], prior: float, *, trust: float) -> list[float]:
    """How busy each hour or day is, 1 on average, drawn towards 1 where few entries or little time are known."""
    total = math.fsum(counts) + prior
    return [1 + trust * ((count * len(counts) + prior) / total - 1) for count in counts]


def _from_backlog(dated: list[datetime], now: datetime) -> Rhythm:
    ages_s = sorted((now - at).total_seconds() for at in dated)
    if len(ages_s) < 2 or ages_s[-1] <= 0:
        return UNKNOWN_RHYTHM
    hours, days = _placed([_day_of(at) if _is_midnight(at) else (at, at) for at in dated], now)
    if (now - min(dated)).total_seconds() < _SHORT_S:
        hours, days = _filled(hours, days, min(dated), now)
    # The oldest entry opens the time that the others fill: counting it would overrate every feed.
    ages_s.pop()
    oldest_s = max((now - at).total_seconds() for at in dated)
    return Rhythm(
        by_hour=_sum((0.0,) * HOURS, 0.0, hours),
        by_day=_sum((0.0,) * DAYS, 0.0, days),
        count=round(math.fsum(_kept(age_s, _PACE_HALF_LIFE_S) for age_s in ages_s), _DIGITS),
        observed_s=round(_seen_s(oldest_s, _PACE_HALF_LIFE_S), _DIGITS),
        lately_count=round(math.fsum(_kept(age_s, _LATELY_HALF_LIFE_S) for age_s in ages_s), _DIGITS),
        lately_s=round(_seen_s(oldest_s, _LATELY_HALF_LIFE_S), _DIGITS),
    )


def _filled(hours: list[float], days: list[float], since: datetime, now: datetime) -> tuple[list[float], list[float]]:
    """The weights with those that a short document reaches less often than others raised to the average.

    Twenty entries of one evening say nothing of the morning: without this, it would count as quiet.
    """
    reached = _moments(since, now)
    by_hour = [sum(moment.hour == hour for moment in reached) for hour in range(HOURS)]
    by_day = [sum(moment.weekday() == day for moment in reached) / HOURS for day in range(DAYS)]
    average = math.fsum(hours) / len(reached)
    return (
        [weight + (max(by_hour) - met) * average for weight, met in zip(hours, by_hour, strict=True)],
        [weight + (max(by_day) - met) * average * HOURS for weight, met in zip(days, by_day, strict=True)],
    )


def _placed(spans: Sequence[tuple[datetime, datetime]], now: datetime | None = None) -> tuple[list[float], list[float]]:
    """The weight by hour and by day of entries published somewhere in each span, aged where `now` is given.

    Entries of one hour weigh the root of their number: a hundred at once say as much as ten, so
    that one day's import does not become the feed's rhythm.
    """
    hours, days = [0.0] * HOURS, [0.0] * DAYS
    grouped: dict[tuple[datetime, datetime], int] = {}
    for since, until in spans:
        start = since.replace(minute=0, second=0, microsecond=0)
        end = start if until == since else until
        grouped[start, end] = grouped.get((start, end), 0) + 1
    for (start, end), number in grouped.items():
        weight = math.sqrt(number)
        if now is not None:
            weight *= _kept((now - start).total_seconds(), _PROFILE_HALF_LIFE_S)
        moments = _moments(start, end)
        for moment in moments:
            days[moment.weekday()] += weight / len(moments)
            for offset, part in _NEIGHBOURS:
                hours[(moment.hour + offset) % HOURS] += part * weight / len(moments)
    return hours, days


def _moments(start: datetime, end: datetime) -> list[datetime]:
    """An instant for each hour of the span, at most a week of them."""
    hours = min(int((end - start).total_seconds() // HOUR_S), HOURS * DAYS - 1)
    return [start + timedelta(hours=number) for number in range(hours + 1)]


def _is_midnight(at: datetime) -> bool:
    return (at.hour, at.minute, at.second) == (0, 0, 0)


def _day_of(at: datetime) -> tuple[datetime, datetime]:
    return at, at + timedelta(hours=HOURS - 1)


def _kept(age_s: float, half_life_s: float) -> float:
    return math.pow(2.0, -max(age_s, 0.0) / half_life_s)


def _seen_s(age_s: float, half_life_s: float) -> float:
    """The time since `age_s` ago, each second decayed by its age."""
    return half_life_s / math.log(2) * (1 - _kept(age_s, half_life_s))


def _sum(old: Sequence[float], kept: float, new: Sequence[float]) -> tuple[float, ...]:
    return tuple(round(before * kept + more, _DIGITS) for before, more in zip(old, new, strict=True))
