"""28 days of real rhythms under our schedule and under those of others: requests, misses, delay."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from tests.bench.policies import Bounds, Fixed, MakePolicy, MediaCloud, Miniflux, NewsBlur, Ours
from tests.bench.replay import Outcome, replay, unavoidable
from tests.bench.rhythms import Publications, Rhythm, captured_at, carried_on, real_rhythms
from tests.bench.scenarios import scenario_table

DAYS = 28.0
SEEDS = (1, 2, 3)
SPEEDS = (1.0, 10.0, 30.0)
# Floor and patience, in minutes: from the promptest to the thriftiest.
_SETTINGS = (
    *((5, patience) for patience in (0.5, 1, 2, 5, 10, 30, 60, 240)),
    *((10, 30), (15, 30), (30, 30), (30, 240), (50, 240)),
)
_SHIPPED = (5, 2)

OTHERS: dict[str, MakePolicy] = {
    "fixed, 15 min": lambda rhythm, chance: Fixed(15),
    "Miniflux, round robin (its default)": lambda rhythm, chance: Miniflux(rhythm, by_frequency=False),
    "Miniflux, entry frequency": lambda rhythm, chance: Miniflux(rhythm, by_frequency=True),
    "Miniflux, entry frequency, 5 min tick": lambda rhythm, chance: Miniflux(rhythm, by_frequency=True, tick_minutes=5),
    "Media Cloud": lambda rhythm, chance: MediaCloud(rhythm),
    "NewsBlur, 1 subscriber": lambda rhythm, chance: NewsBlur(chance, subscribers=1),
    "NewsBlur, 11 subscribers": lambda rhythm, chance: NewsBlur(chance, subscribers=11),
}
VARIANTS: dict[str, MakePolicy] = {
    "ours, floor 2 min": lambda rhythm, chance: Ours(rhythm, chance, Bounds(floor_s=120)),
    "ours, no hours of the week": lambda rhythm, chance: Ours(rhythm, chance, Bounds(), has_hours=False),
    "ours, feeds without dates": lambda rhythm, chance: Ours(rhythm, chance, Bounds(), is_dated=False),
}
DEFAULT = "**ours, as shipped**"


@dataclass(frozen=True, kw_only=True)
class Row:
    """One policy on one load: an outcome for each seed."""

    name: str
    outcomes: tuple[Outcome, ...]

    def mean(self, value: Callable[[Outcome], float]) -> float:
        return sum(map(value, self.outcomes)) / len(self.outcomes)

    @property
    def requests(self) -> float:
        return self.mean(lambda outcome: outcome.requests)

    @property
    def missed(self) -> float:
        return self.mean(lambda outcome: outcome.missed_count)

    def cells(self) -> list[str]:
        missed = [outcome.missed_count for outcome in self.outcomes]
        asked = [outcome.requests for outcome in self.outcomes]
        return [
            self.name,
            f"{self.requests:,.0f} ({min(asked):,}-{max(asked):,})",
            f"{self.missed:,.1f} ({min(missed)}-{max(missed)})",
            minutes(self.mean(lambda outcome: outcome.delay_s(0.5))),
            minutes(self.mean(lambda outcome: outcome.mean_delay_s)),
            minutes(self.mean(lambda outcome: outcome.delay_s(0.95))),
        ]


def main() -> None:
    """Print all tables."""
    print("schedule")
    print("\n### Scenarios, our schedule as shipped\n")
    print_table(*scenario_table())
    rhythms = real_rhythms()
    if not rhythms:
        print("\n(no shared corpus beside this checkout: the comparison needs its feeds)")
        return
    start = captured_at(rhythms)
    kept = rhythms[1::2]
    print(f"\n{len(rhythms)} rhythms, of which {len(rhythms) - len(kept)} were tuned on and {len(kept)} are shown here")
    for speed in SPEEDS:
        loads = [[carried_on(r, start=start, days=DAYS, seed=seed, speed=speed) for r in kept] for seed in SEEDS]
        _print_load(speed, loads, start)


def _print_load(speed: float, loads: Sequence[Sequence[Publications]], start: float) -> None:
    count = sum(len(feed.after) for load in loads for feed in load) / len(loads)
    lost = sum(map(unavoidable, loads)) / len(loads)
    print(f"\n### Pace x {speed:g}: {count:,.0f} entries in {DAYS:g} days, {lost:g} of them seen by no poll at all\n")
    others = [_row(name, make, loads, start) for name, make in OTHERS.items()]
    curve = [_row(_named(*setting), _ours(*setting), loads, start) for setting in _SETTINGS]
    ours = Row(name=DEFAULT, outcomes=curve[_SETTINGS.index(_SHIPPED)].outcomes)
    variants = [_row(name, make, loads, start) for name, make in VARIANTS.items()]
    head = ["policy", "requests", "missed", "median delay", "mean", "p95"]
    print_table(head, [row.cells() for row in (*others, ours, *variants)])
    print()
    print_table(["ours with", *head[1:]], [row.cells() for row in curve])
    print()
    print_table(["against", "ours, with fewer requests and no more missed"], [_beside(each, curve) for each in others])


def _beside(other: Row, curve: Sequence[Row]) -> list[str]:
    """The promptest of our settings that asks less than the other and misses no more; else the nearest misses."""
    thriftier = [row for row in curve if row.requests < other.requests]
    both = [row for row in thriftier if row.missed <= other.missed]
    if both:
        best = min(both, key=lambda row: row.mean(lambda outcome: outcome.mean_delay_s))
        return [_told(other), _told(best)]
    nearest = min(thriftier, key=lambda row: row.missed, default=None)
    return [_told(other), "none" + (f"; next {_told(nearest)}" if nearest else "")]


def _told(row: Row) -> str:
    median, mean = row.mean(lambda o: o.delay_s(0.5)), row.mean(lambda o: o.mean_delay_s)
    return f"{row.name}: {row.requests:,.0f} requests, {row.missed:,.1f} missed, {minutes(median)} / {minutes(mean)}"


def _row(name: str, make: MakePolicy, loads: Sequence[Sequence[Publications]], start: float) -> Row:
    return Row(
        name=name, outcomes=tuple(_outcome(make, load, start, seed) for seed, load in zip(SEEDS, loads, strict=True))
    )


def _outcome(make: MakePolicy, load: Iterable[Publications], start: float, seed: int) -> Outcome:
    total = Outcome()
    for feed in load:
        chance = random.Random(f"{seed} {feed.rhythm.name}")
        offset_s = 900 * chance.random()
        total.add(replay(feed, make(feed.rhythm, chance), start=start, days=DAYS, offset_s=offset_s))
    return total


def _ours(floor_min: float, patience_min: float) -> MakePolicy:
    def made(rhythm: Rhythm, chance: random.Random) -> Ours:
        return Ours(rhythm, chance, Bounds(floor_s=floor_min * 60, patience_s=patience_min * 60))

    return made


def _named(floor_min: float, patience_min: float) -> str:
    patience = f"{patience_min * 60:g}s" if patience_min < 1 else f"{patience_min:g}m"
    return f"floor {floor_min:g}m, patience {patience}"


def minutes(seconds: float) -> str:
    return f"{seconds / 60:.1f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"


def print_table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """A Markdown table."""
    print("|", " | ".join(head), "|")
    print("|" + "---|" * len(head))
    for row in rows:
        print("|", " | ".join(row), "|")
