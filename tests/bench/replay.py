"""A replay of feeds under a polling policy: what is asked, what is missed, how late entries are seen."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from monitor.core.poll.hints import NO_HINTS, CacheHints
from tests.bench.policies import Found, Policy
from tests.bench.rhythms import DAY_S, Publications


@dataclass(kw_only=True)
class Outcome:
    """Sums over feeds. `missed_count` entries left the document before a poll; `delays_s` are of the others."""

    requests: int = 0
    entry_count: int = 0
    missed_count: int = 0
    delays_s: list[float] = field(default_factory=list)
    polled_at: list[float] = field(default_factory=list)

    def add(self, other: Outcome) -> None:
        self.requests += other.requests
        self.entry_count += other.entry_count
        self.missed_count += other.missed_count
        self.delays_s.extend(other.delays_s)

    def delay_s(self, share: float) -> float:
        """The delay that this share of the seen entries stays below."""
        ordered = sorted(self.delays_s)
        return ordered[min(int(share * len(ordered)), len(ordered) - 1)] if ordered else 0.0

    @property
    def mean_delay_s(self) -> float:
        return sum(self.delays_s) / len(self.delays_s) if self.delays_s else 0.0


def replay(
    publications: Publications,
    policy: Policy,
    *,
    start: float,
    days: float,
    offset_s: float = 0.0,
    hints_at: Callable[[float], CacheHints] = lambda _: NO_HINTS,
    failed_s: Callable[[float], float | None] = lambda _: None,
) -> Outcome:
    """What the policy makes of one feed whose first poll is `offset_s` after `start`.

    Entries that wait at the end are seen by the next poll, which is not counted as a request.
    `failed_s` gives the wait after a poll that failed, None where it does not.
    """
    items = (*publications.before, *publications.after)
    window_count = publications.rhythm.window_count
    end = start + days * DAY_S
    outcome = Outcome(entry_count=len(publications.after))
    now, seen, wait_s, is_first = start + offset_s, 0, offset_s, True
    while now < end or seen < len(items):
        if now < end:
            outcome.requests += 1
            outcome.polled_at.append(now)
        failed = failed_s(now)
        if failed is not None:
            wait_s = failed
        else:
            shown = bisect_right(items, now)
            oldest = max(shown - window_count, 0)
            if not is_first:
                outcome.missed_count += max(oldest - seen, 0)
                outcome.delays_s.extend(now - date for date in items[max(seen, oldest) : shown])
            is_unchanged = not is_first and shown == seen
            found = Found(
                now=now,
                new=items[max(seen, oldest) : shown],
                window=items[oldest:shown],
                is_unchanged=is_unchanged,
                hints=hints_at(now),
            )
            seen, is_first, wait_s = shown, False, policy.wait_s(found)
        now += wait_s
    return outcome


def unavoidable(publications: Sequence[Publications]) -> int:
    """Entries that no poll can see: pushed out in the moment they appear, by a batch longer than the document."""
    count = 0
    for feed in publications:
        items, size = (*feed.before, *feed.after), feed.rhythm.window_count
        count += sum(items[number + size] == items[number] for number in range(len(feed.before), len(items) - size))
    return count
