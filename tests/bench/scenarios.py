"""Made-up feeds that show one thing each, under our schedule as it ships."""

from __future__ import annotations

import random
from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from monitor.core.poll.burst import burst_until
from monitor.core.poll.hints import NO_HINTS, CacheHints
from tests.bench.policies import Bounds, Found, Ours
from tests.bench.replay import Outcome, replay
from tests.bench.rhythms import DAY_S, HOUR_S, Publications, Rhythm

START = datetime(2026, 3, 2, tzinfo=UTC).timestamp()  # a Monday
DAYS = 28.0
_SEED = 20260302
HEAD = ("scenario", "entries", "requests a day", "missed", "median delay", "p95 delay", "what it shows")


@dataclass(frozen=True, kw_only=True)
class Played:
    """A scenario after its replay."""

    name: str
    publications: Publications
    outcome: Outcome
    shows: str

    def cells(self) -> list[str]:
        outcome = self.outcome
        return [
            self.name,
            str(len(self.publications.after)),
            f"{outcome.requests / DAYS:.1f}",
            str(outcome.missed_count),
            f"{outcome.delay_s(0.5) / 60:.1f} min",
            f"{outcome.delay_s(0.95) / 60:.1f} min",
            self.shows,
        ]


def scenario_table() -> tuple[Sequence[str], list[list[str]]]:
    """The head of the table and its rows."""
    return HEAD, [scenario().cells() for scenario in SCENARIOS]


def steady() -> Played:
    feed = _feed("steady", _poisson(1 / HOUR_S, seed="steady"), window_count=30)
    return _played("an entry an hour", feed, lambda outcome: "the yardstick of the next rows")


def cached() -> Played:
    feed = _feed("steady", _poisson(1 / HOUR_S, seed="steady"), window_count=30)
    hints = CacheHints(max_age_s=3600.0)
    return _played(
        "… behind a cache of an hour", feed, lambda outcome: "max-age is waited for", hints_at=lambda _: hints
    )


def outage() -> Played:
    feed = _feed("steady", _poisson(1 / HOUR_S, seed="steady"), window_count=30)
    ours = _ours(feed)
    down = START + 20 * DAY_S
    up = down + 6 * HOUR_S

    def shows(outcome: Outcome) -> str:
        tries = len(_between(outcome.polled_at, down, up))
        back_s = next(at for at in outcome.polled_at if at >= up) - up
        return f"{tries} tries in the six hours, back {back_s / 60:.0f} min after they end"

    return _played(
        "… down for six hours",
        feed,
        shows,
        ours=ours,
        failed_s=lambda at: ours.failed_s(at) if down <= at < up else None,
    )


def mornings() -> Played:
    """Five entries each working day between six and nine."""
    chance = random.Random("mornings")
    dates = [
        START + day * DAY_S + chance.uniform(6, 9) * HOUR_S for day in range(-28, 28) for _ in range(5) if day % 7 < 5
    ]
    feed = _feed("mornings", dates, window_count=20)

    def shows(outcome: Outcome) -> str:
        late = [at for at in outcome.polled_at if at >= START + 14 * DAY_S]
        at_work = sum((at - START) // DAY_S % 7 < 5 and 6 <= (at - START) % DAY_S / HOUR_S < 9 for at in late)
        return f"{100 * at_work / len(late):.0f} % of the polls fall into the 9 % of the week in which it publishes"

    return _played("working days, 6 to 9 h", feed, shows)


def awakening() -> Played:
    """Silent for a year, then an entry an hour from the tenth day on."""
    old = [START - (365 + number) * DAY_S for number in range(20)]
    wakes = START + 10 * DAY_S
    new = [date for date in _poisson(1 / HOUR_S, seed="awakening") if date >= wakes]
    feed = _feed("awakening", [*old, *new], window_count=20)

    def shows(outcome: Outcome) -> str:
        asleep = len(_between(outcome.polled_at, START + DAY_S, wakes)) / 9
        first_s = next(at for at in outcome.polled_at if at >= new[0]) - new[0]
        first_day = _delays(new, outcome.polled_at, new[0], new[0] + DAY_S)
        return (
            f"{asleep:.1f} polls a day asleep; first entry seen after {first_s / HOUR_S:.1f} h, "
            f"those of its first day after {_median(first_day) / 60:.0f} min"
        )

    return _played("a dead feed wakes up", feed, shows)


def burst_day() -> Played:
    """An entry an hour, and one day with ten an hour."""
    day = START + 14 * DAY_S
    more = [date for date in _poisson(9 / HOUR_S, seed="more") if day <= date < day + DAY_S]
    feed = _feed("burst", [*_poisson(1 / HOUR_S, seed="steady"), *more], window_count=20)

    def shows(outcome: Outcome) -> str:
        that_day = _delays(feed.after, outcome.polled_at, day, day + DAY_S)
        polls = len(_between(outcome.polled_at, day, day + DAY_S))
        return f"that day: {len(that_day)} entries, {polls} polls, median {_median(that_day) / 60:.1f} min"

    return _played("a day ten times as busy", feed, shows)


def spate() -> Played:
    """An entry a day, then forty in forty minutes, in a document of ten."""
    noon = START + 10.5 * DAY_S
    many = [noon + minute * 60.0 for minute in range(40)]
    feed = _feed("spate", [*_poisson(1 / DAY_S, seed="spate"), *many], window_count=10)

    def shows(outcome: Outcome) -> str:
        first_s = next(at for at in outcome.polled_at if at >= noon) - noon
        return f"nothing announced it: first poll {first_s / 60:.0f} min after it began"

    return _played("forty entries in forty minutes, document of ten", feed, shows)


def story() -> Played:
    """An entry a day, and a report in an active story on the fourteenth day at noon."""
    feed = _feed("story", _poisson(1 / DAY_S, seed="story"), window_count=20)
    ours = _ours(feed)
    noon = START + 14.5 * DAY_S

    class Noted:
        """Ours, told of the report as the group step tells it."""

        def wait_s(self, found: Found) -> float:
            if noon <= found.now < noon + 2 * HOUR_S:
                reported_at = datetime.fromtimestamp(noon, UTC)
                until = burst_until(None, reported_at=reported_at, burst_s=2 * HOUR_S)
                ours.state = ours.state.with_changes(burst_until=until)
            wait_s = ours.wait_s(found)
            return min(wait_s, noon - found.now) if found.now < noon < found.now + wait_s else wait_s

    def shows(outcome: Outcome) -> str:
        during, after = (
            len(_between(outcome.polled_at, noon + low * HOUR_S, noon + high * HOUR_S))
            for low, high in ((0, 2), (2, 6))
        )
        return f"{during} polls in the two hours after the report, {after} in the four after that"

    return _played("an entry a day, reports an active story", feed, shows, policy=Noted())


SCENARIOS: tuple[Callable[[], Played], ...] = (
    steady,
    cached,
    outage,
    mornings,
    awakening,
    burst_day,
    spate,
    story,
)


def _played(
    name: str,
    feed: Publications,
    shows: Callable[[Outcome], str],
    *,
    ours: Ours | None = None,
    policy: object = None,
    hints_at: Callable[[float], CacheHints] = lambda _: NO_HINTS,
    failed_s: Callable[[float], float | None] = lambda _: None,
) -> Played:
    outcome = replay(
        feed,
        policy or ours or _ours(feed),  # type: ignore[arg-type]  # a policy where one is given
        start=START,
        days=DAYS,
        hints_at=hints_at,
        failed_s=failed_s,
    )
    return Played(name=name, publications=feed, outcome=outcome, shows=shows(outcome))


def _ours(feed: Publications) -> Ours:
    return Ours(feed.rhythm, random.Random(f"{_SEED} {feed.rhythm.name}"), Bounds())


def _feed(name: str, dates: Iterable[float], *, window_count: int) -> Publications:
    ordered = sorted(dates)
    new = bisect_left(ordered, START)
    before = tuple(ordered[max(new - window_count, 0) : new])
    rhythm = Rhythm(name=name, window_count=window_count, dates=before)
    return Publications(rhythm=rhythm, before=before, after=tuple(ordered[new:]))


def _poisson(rate: float, *, seed: str) -> list[float]:
    """Dates from 28 days before the start to the end."""
    chance = random.Random(seed)
    dates, now = [], START - DAYS * DAY_S
    while (now := now + chance.expovariate(rate)) < START + DAYS * DAY_S:
        dates.append(now)
    return dates


def _between(times: Sequence[float], low: float, high: float) -> list[float]:
    return [at for at in times if low <= at < high]


def _delays(dates: Sequence[float], polled_at: Sequence[float], low: float, high: float) -> list[float]:
    """The waits of the entries between the two times, were none missed."""
    places = ((date, bisect_left(polled_at, date)) for date in _between(dates, low, high))
    return [polled_at[place] - date for date, place in places if place < len(polled_at)]


def _median(values: Sequence[float]) -> float:
    return sorted(values)[len(values) // 2] if values else 0.0
