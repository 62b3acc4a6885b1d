"""What a source is expected to bring, learned from what it brought."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median

from monitor.core.model.condition import Condition, ConditionKind, SourceNorm
from monitor.core.model.document import TextOrigin
from monitor.core.watch.facts import Appearance, History, PageSight

NEWEST = 10
"""How many of the newest entries and pages are judged; the norm is made from those before them."""

LEARNING = timedelta(days=14)
"""Two weekends: a source that rests on Saturdays must not look stale on its first one."""

# With fewer gaps the longest of them says nothing about the next.
_FEWEST_GAPS = 8
# A source with this many arrivals has shown its rhythm even where only its newest days are counted.
_MANY_ARRIVALS = 2_000
_FEWEST_ENTRIES = 20
_FEWEST_PAGES = 20
_OLDEST_BACKLOG = timedelta(days=90)
_SHORTEST_QUIET_S = 6 * 3600.0
# How many times longer than the time observed a source may be watched until its rhythm alone would
# give one false alarm. 600 times one to three months, over 10,000 sources: about one every other day.
_PATIENCE = 600
_EULER_GAMMA = 0.5772
_EMPTIED = frozenset({TextOrigin.PAGE, TextOrigin.FEED_CONTENT, TextOrigin.FEED_SUMMARY})


# What a norm must not learn while it is being told as a change; after this long it is how things are.
_JUDGED_BY_NORM = frozenset({ConditionKind.DATE_DRIFT, ConditionKind.TEMPLATE_CHANGE})
_ACCEPTED_AFTER = timedelta(days=30)
_RENEWED_AFTER = timedelta(days=1)


def is_due(norm: SourceNorm | None, conditions: Iterable[Condition], *, now: datetime) -> bool:
    """Whether the source's norm should be made anew, `conditions` being its unended ones."""
    if norm is None:
        return True
    if now - norm.made_at < _RENEWED_AFTER:
        return False
    return all(
        condition.kind not in _JUDGED_BY_NORM or now - condition.suspected_at >= _ACCEPTED_AFTER
        for condition in conditions
    )


def norm_of(history: History, *, now: datetime) -> SourceNorm:
    """The norm that the history allows; each part stays None while too little of it is known."""
    times = _arrivals(history, now)
    watched_since = times[0] if times else history.first_success_at or now
    gaps = _usual([(later - earlier).total_seconds() for earlier, later in pairwise(times)])
    is_known = len(gaps) >= _FEWEST_GAPS and (now - watched_since >= LEARNING or len(times) >= _MANY_ARRIVALS)
    days = max((now - watched_since) / timedelta(days=1), 1.0)
    first = history.first_success_at
    later = [entry for entry in history.entries if first is None or entry.seen_at > first][NEWEST:]
    pages = readable(history.pages)[NEWEST:]
    return SourceNorm(
        made_at=now,
        watched_since=watched_since,
        arrival_count=len(times),
        entries_per_day=_entry_count(history, times) / days,
        longest_gap_s=max(gaps) if is_known else None,
        quiet_s=longest_quiet_s(gaps, interval_s=history.interval_s) if is_known else None,
        **(_dating(later) if len(later) >= _FEWEST_ENTRIES else {}),
        **(_reading(pages) if len(pages) >= _FEWEST_PAGES else {}),
    )


def longest_quiet_s(gaps_s: Sequence[float], *, interval_s: float = 0.0) -> float:
    """Seconds of silence beyond which a source with these gaps between its entries has fallen silent.

    The longest of n gaps, stretched: where gaps have an exponential tail their longest is expected
    at (ln n + 0.577) times its scale, so one beyond c times the longest has the probability
    exp(-c (ln n + 0.577)). c is chosen so that the source's own rhythm exceeds the bound once in
    600 times the time observed. At least six hours, and two polls of the feed.

    Raises:
        ValueError: fewer than two gaps.
    """
    if len(gaps_s) < 2:
        raise ValueError(f"no rhythm in {len(gaps_s)} gaps")
    count = len(gaps_s)
    stretch = math.log(_PATIENCE * count) / (math.log(count) + _EULER_GAMMA)
    return max(stretch * max(gaps_s), _SHORTEST_QUIET_S, 2 * interval_s)


def _usual(gaps_s: list[float]) -> list[float]:
    """The gaps without the longest, where the others do not explain it: an outage, ours or theirs, is no rhythm."""
    rest = sorted(gaps_s)[:-1]
    if len(rest) < _FEWEST_GAPS or max(gaps_s) <= longest_quiet_s(rest):
        return gaps_s
    return rest


def readable(pages: Sequence[PageSight]) -> list[PageSight]:
    """The pages whose texts are still there: retention empties old ones."""
    return [page for page in pages if page.length or page.origin not in _EMPTIED]


def _arrivals(history: History, now: datetime) -> list[datetime]:
    """When entries came, ascending; those of the first poll count from their own dates, where these are sane."""
    first = history.first_success_at
    backlog = {
        entry.published_at
        for entry in history.entries
        if first is not None and entry.seen_at <= first and entry.published_at is not None
        if now - _OLDEST_BACKLOG <= entry.published_at < entry.seen_at
    }
    seen = {at for at in history.arrivals if first is None or at > first}
    return sorted(backlog | (seen or set(history.arrivals)))


def _entry_count(history: History, times: Sequence[datetime]) -> int:
    first = history.first_success_at
    counted = sum(n for at, n in zip(history.arrivals, history.counts, strict=True) if first is None or at > first)
    return counted + sum(1 for at in times if first is not None and at <= first)


def _dating(entries: Sequence[Appearance]) -> dict[str, float | None]:
    dated = [(entry.seen_at, entry.published_at) for entry in entries if entry.published_at is not None]
    if not dated:
        return {"dated_share": 0.0}
    return {
        "dated_share": len(dated) / len(entries),
        "ahead_share": ahead_share(entries),
        "same_share": same_share(entries),
        "lag_s": median((seen - at).total_seconds() for seen, at in dated),
    }


def ahead_share(entries: Sequence[Appearance]) -> float:
    """How many of the dated entries were dated later than they were seen; 0 without any."""
    dated = [entry for entry in entries if entry.published_at is not None]
    return sum(entry.published_at == entry.seen_at for entry in dated) / len(dated) if dated else 0.0


def same_share(entries: Sequence[Appearance]) -> float:
    """How many of the dated entries share their date with one of another poll; 0 without any."""
    seen_by_date: dict[datetime, set[datetime]] = {}
    dated = [(entry.published_at, entry.seen_at) for entry in entries if entry.published_at is not None]
    for at, seen in dated:
        seen_by_date.setdefault(at, set()).add(seen)
    return sum(len(seen_by_date[at]) > 1 for at, _ in dated) / len(dated) if dated else 0.0


def _reading(pages: Sequence[PageSight]) -> dict[str, float | None]:
    return {
        "page_share": sum(page.origin is TextOrigin.PAGE for page in pages) / len(pages),
        "text_length": float(median(page.length for page in pages)),
    }
