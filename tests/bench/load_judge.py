"""What the web's own log says of the daemon: lateness, gaps, requests at once, and alerts."""

from __future__ import annotations

import json
import statistics
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.bench.load_plan import RETRY_AFTER_S, Plan

_GOOD = (200, 304)


@dataclass(frozen=True)
class Asked:
    """One request that reached the web; wall-clock seconds."""

    began: float
    ended: float
    host: int
    target: str
    status: int
    size_bytes: int


@dataclass
class Judgement:
    """`late_s` of every poll whose due time can be known: start less the later of due time and the host's free slot."""

    requests: int = 0
    polls: int = 0
    unchanged: int = 0
    size_bytes: int = 0
    late_s: list[float] = field(default_factory=list)
    gaps_s: list[float] = field(default_factory=list)
    most_at_once: int = 0
    most_polls_of_a_feed: int = 0
    by_status: dict[int, int] = field(default_factory=lambda: defaultdict(int))

    def share_within(self, seconds: float) -> float:
        return sum(late <= seconds for late in self.late_s) / max(len(self.late_s), 1)


def read_log(path: Path) -> list[Asked]:
    """The log in order of time."""
    with path.open() as lines:
        return sorted((Asked(*json.loads(line)) for line in lines), key=lambda asked: asked.began)


def judge(
    log: Sequence[Asked],
    plan: Plan,
    *,
    interval_s: float,
    gap_s: float,
    since: float,
    until: float,
) -> Judgement:
    """The judgement on requests begun from `since` to `until`; earlier ones count for due times and slots only."""
    opened = plan.opened_at.timestamp()
    due: dict[int, float | None] = {feed.number: opened + feed.due_s for feed in plan.served}
    hosts: dict[int, list[Asked]] = defaultdict(list)
    polled: dict[int, int] = defaultdict(int)
    made = Judgement()
    for asked in log:
        before = hosts[asked.host]
        counts = since <= asked.began < until
        if counts:
            made.requests += 1
            made.size_bytes += asked.size_bytes
            made.by_status[asked.status] += 1
            if before:
                made.gaps_s.append(asked.began - before[-1].began)
            made.most_at_once = max(made.most_at_once, 1 + sum(other.ended > asked.began for other in before[-20:]))
        number = _feed_number(asked.target)
        if number is not None and asked.target.startswith("/feed/"):
            due_at = due[number]
            if counts:
                made.polls += 1
                polled[number] += 1
                if due_at is not None:
                    made.late_s.append(asked.began - max(due_at, _slot(before, gap_s)))
        if number is not None:
            made.unchanged += counts and asked.status == 304
            due[number] = asked.ended + interval_s if asked.status in _GOOD and _is_well(plan, number) else None
        before.append(asked)
    made.most_polls_of_a_feed = max(polled.values(), default=0)
    return made


def _is_well(plan: Plan, number: int) -> bool:
    return plan.served[number].manner not in ("broken_xml", "cut_gzip")


def _feed_number(target: str) -> int | None:
    is_feed = target.startswith(("/feed/", "/moved/"))
    return int(target.rpartition("/")[2].removesuffix(".xml")) if is_feed else None


def _slot(before: Sequence[Asked], gap_s: float) -> float:
    """When the host could next be asked: a gap after its last start, with fewer than two under way, its pauses over."""
    recent = before[-20:]
    if not recent:
        return 0.0
    pauses = [asked.ended + RETRY_AFTER_S for asked in recent if asked.status == 429]
    ends = sorted((asked.ended for asked in recent), reverse=True)
    second_last_end = ends[1] if len(ends) > 1 else 0.0
    return max(recent[-1].began + gap_s, second_last_end, *pauses, 0.0)


def alert_delays_s(hooks: Path, log: Sequence[Asked], plan: Plan) -> tuple[list[float], list[float]]:
    """Seconds from the publication of each planted headline to its alert, and from the poll that found it."""
    opened = plan.opened_at.timestamp()
    planted = {item.title: (feed, opened + item.at_s) for feed in plan.served for item in feed.items if item.truce}
    told: dict[str, float] = {}
    with hooks.open() as lines:
        for line in lines:
            at, body = json.loads(line)
            for title in planted:
                if title in body:
                    told.setdefault(title, at)
    whole, after_poll = [], []
    for title, at in told.items():
        feed, published = planted[title]
        polled = [asked.began for asked in log if asked.target == feed.path and asked.began >= published]
        whole.append(at - published)
        after_poll.append(at - min(polled, default=at))
    return sorted(whole), sorted(after_poll)


def percentile(values: Sequence[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)] if ordered else float("nan")


def median(values: Sequence[float]) -> float:
    return statistics.median(values) if values else float("nan")


def overlaps(log: Sequence[Asked]) -> int:
    """The most requests under way at once over all hosts."""
    moments = sorted([(asked.began, 1) for asked in log] + [(asked.ended, -1) for asked in log])
    most = now = 0
    for _, change in moments:
        now += change
        most = max(most, now)
    return most


def smallest_gap_s(made: Judgement) -> float:
    return min(made.gaps_s, default=float("nan"))
