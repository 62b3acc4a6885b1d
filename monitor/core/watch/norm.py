"""What a source is expected to bring, learned from what it brought."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import fmean, median
from typing import Any

from monitor.core.model.condition import Condition, ConditionKind, SourceNorm
from monitor.core.model.document import ReadReason, TextOrigin
from monitor.core.watch.facts import Appearance, History, PageSight
from monitor.core.watch.rhythm import expected_count, gaps_in, longest_silence, week_of

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
_BEYOND_LONGEST = 1.25  # whatever the hours say: a day off is longer than the hours of a working day explain
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
    is_known = len(times) > _FEWEST_GAPS and (now - watched_since >= LEARNING or len(times) >= _MANY_ARRIVALS)
    days = max((now - watched_since) / timedelta(days=1), 1.0)
    first = history.first_success_at
    later = [entry for entry in history.entries if first is None or entry.seen_at > first][NEWEST:]
    pages = readable(history.pages)[NEWEST:]
    norm = SourceNorm(
        made_at=now,
        watched_since=watched_since,
        arrival_count=len(times),
        entries_per_day=_entry_count(history, times) / days,
        **(_dating(later) if len(later) >= _FEWEST_ENTRIES else {}),
        **(_reading(pages) if len(pages) >= _FEWEST_PAGES else {}),
    )
    return replace(norm, **_rhythm(times, now, history.interval_s)) if is_known else norm


def is_silent(norm: SourceNorm, *, since: datetime, now: datetime) -> bool | None:
    """Whether nothing since `since` is more silence than the source's rhythm explains; None while it is learned.

    Both must be exceeded: what the hours that passed make expected, so that nights and weekends
    count for what they are, and the longest gap by the clock, so that a day off is no alarm.
    """
    if norm.quiet_count is None or norm.shortest_quiet_s is None:
        return None
    if (now - since).total_seconds() <= norm.shortest_quiet_s:
        return False
    return expected_count(norm.week, since, now) > norm.quiet_count


def _rhythm(times: Sequence[datetime], now: datetime, interval_s: float) -> dict[str, Any]:
    week = week_of(times, until=now)
    longest_s = max(_usual([(later - earlier).total_seconds() for earlier, later in pairwise(times)]))
    quiet_count = longest_silence(_usual(gaps_in(week, times)))
    shortest_s = max(_BEYOND_LONGEST * longest_s, _SHORTEST_QUIET_S, 2 * interval_s)
    return {
        "week": week,
        "longest_gap_s": longest_s,
        "quiet_count": quiet_count,
        "shortest_quiet_s": shortest_s,
        "quiet_s": max(quiet_count / (fmean(week) / 3600.0), shortest_s),
    }


def _usual(gaps: list[float]) -> list[float]:
    """The gaps without the longest, where the others do not explain it: an outage, ours or theirs, is no rhythm."""
    rest = sorted(gaps)[:-1]
    if len(rest) < _FEWEST_GAPS or max(gaps) <= longest_silence(rest):
        return gaps
    return rest


def readable(pages: Sequence[PageSight]) -> list[PageSight]:
    """The pages whose texts are there: not those that retention has emptied, nor a sitemap's old addresses."""
    read = (page for page in pages if page.reason is not ReadReason.ARCHIVE)
    return [page for page in read if page.length or page.origin not in _EMPTIED]


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


def _dating(entries: Sequence[Appearance]) -> dict[str, Any]:
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


def _reading(pages: Sequence[PageSight]) -> dict[str, Any]:
    return {
        "page_share": sum(page.origin is TextOrigin.PAGE for page in pages) / len(pages),
        "text_length": float(median(page.length for page in pages)),
    }
