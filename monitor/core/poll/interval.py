"""How long until a feed is asked again: what its rhythm is worth after success, a back-off after failure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from monitor.core.model.feed import Feed, FeedState, IntervalReason, PollReason
from monitor.core.model.rhythm import UNKNOWN_RHYTHM, Window
from monitor.core.poll.burst import burst_limit_s
from monitor.core.poll.hints import NO_HINTS, CacheHints, cache_hints
from monitor.core.poll.rhythm import learnt, pace_per_s, wait_for

__all__ = ["PATIENCE_S", "after_failure", "after_hold", "after_success", "cache_hints", "is_on_time", "limit_after"]

# How long the entries expected since a poll may together have waited before the next one.
PATIENCE_S = 120.0

# Overlap between two polls proves that nothing was missed between them (after Media Cloud's
# rss-fetcher). Under a third known, entries may have scrolled by unseen: the next poll comes in half
# the time. Over two thirds known, twice the wait is safe; the rhythm decides whether it is used.
_THIN_OVERLAP = 1 / 3
_FAT_OVERLAP = 2 / 3
_SHORTER = 0.5
_LONGER = 2.0

# The share of a document's length that may be filled with entries to be expected: spates bring
# several times what an average promises. And the share of the age of the document's newer half: as
# long again may push it out, and after a spate the waits grow back by half of the time passed.
_WINDOW_SHARE = 0.15
_MIDDLE_SHARE = 0.5

# A poll this far (as a share of the planned wait) from its due time says little about the interval:
# a daemon that was down finds much, a poll by hand finds nothing.
_ON_TIME_SHARE = 0.5

# Caches in front of feeds state hours and days; an alert is wanted within minutes. Up to this a server's
# wish for caching is honoured, and Retry-After, which is a wish for rest, always is.
_CACHING_LIMIT_S = 3600.0

# Waits are drawn out by up to this share, so that feeds due together drift apart.
_SPREAD = 0.1
# A host that answers 429 to many feeds at once must not get them all back at once.
_RATE_LIMIT_SPREAD_S = 600.0

# A feed that says it is gone is asked once a week: publishers take feeds back, and nothing is retired for good.
GONE_PROBE_S = 7 * 86400.0

_HARD = 1.0
_SOFT = 0.5
_TEMPORARY_DNS = 0.25
_WEIGHTS = {
    PollReason.DNS_FAILURE: _TEMPORARY_DNS,
    PollReason.TIMEOUT: _SOFT,
    PollReason.CONNECTION_FAILED: _SOFT,
    PollReason.RATE_LIMITED: _SOFT,
    PollReason.HTTP_ERROR: _SOFT,
    PollReason.TRUNCATED: _SOFT,
    PollReason.EMPTY_BODY: _SOFT,
    PollReason.BOT_WALL: _SOFT,
    PollReason.PARSER_TIMEOUT: _SOFT,
    PollReason.PARSER_CRASHED: _SOFT,
    PollReason.BUG: _SOFT,
}


@dataclass(frozen=True, kw_only=True)
class Wait:
    """A wait and what decided it."""

    seconds: float
    reason: IntervalReason


def after_success(
    state: FeedState,
    *,
    feed: Feed,
    new_count: int,
    known_count: int,
    new_at: Sequence[datetime | None] = (),
    window: Window | None = None,
    hints: CacheHints = NO_HINTS,
    ttl_s: float | None = None,
    reason: PollReason | None = None,
    detail: str = "",
    now: datetime,
    floor_s: float,
    cap_s: float,
    default_s: float,
    patience_s: float = PATIENCE_S,
    jitter: float,
) -> FeedState:
    """The state after a poll that was answered properly; 304 and an unchanged body count as all known.

    `new_at` are the dates of the new entries as the feed gives them, those missing taken as
    undated; `window` is what the document showed, None where none was parsed. `next_poll_at` also
    honours `ttl_s` and the server's hints, clamped to [floor_s, cap_s], so that a broken server
    cannot park a feed. A feed with an interval of its own gets exactly that. `jitter` is 0-1.
    Validators and body digest are the caller's to set.

    Raises:
        ValueError: floor_s is not positive, or exceeds cap_s.
    """
    if not 0 < floor_s <= cap_s:
        raise ValueError(f"not an interval range: [{floor_s}, {cap_s}]")
    limit_s = limit_after(
        state, new_count=new_count, known_count=known_count, now=now, floor_s=floor_s, cap_s=cap_s, default_s=default_s
    )
    dates = (*new_at, *(None,) * (new_count - len(new_at)))[:new_count]
    since = state.last_success_at if state.first_success_at else None
    newest_at = _newest(state, dates, now)
    seen = state.with_changes(
        rhythm=learnt(state.rhythm, new_at=dates, since=since, now=now),
        limit_s=limit_s,
        window_count=window.count if window else state.window_count,
        middle_at=_middle(state, window, newest_at),
        newest_at=newest_at,
    )
    limits = _limits(
        seen, before=state, now=now, floor_s=floor_s, cap_s=cap_s, patience_s=patience_s, default_s=default_s
    )
    wait = _shortest(limits, floor_s)
    safe_s = min(limit.seconds for limit in limits if limit.reason in _AGAINST_LOSS)
    wishes = _wishes(hints, ttl_s, safe_s)
    asked = max((wait, *wishes), key=lambda wish: wish.seconds)
    asked = replace(asked, seconds=_clamped(asked.seconds * (1 + _SPREAD * jitter), floor_s, cap_s))
    if feed.interval_s is not None:
        asked = Wait(seconds=feed.interval_s, reason=IntervalReason.OWN)
    return seen.with_changes(
        interval_s=wait.seconds,
        interval_reason=asked.reason,
        next_poll_at=now + timedelta(seconds=asked.seconds),
        failures=0.0,
        gone_since=None,
        last_reason=reason or (PollReason.NEW_ENTRIES if new_count else PollReason.NO_NEW_ENTRIES),
        last_detail=detail,
        first_success_at=state.first_success_at or now,
        last_success_at=now,
        last_polled_at=now,
    )


def limit_after(
    state: FeedState,
    *,
    new_count: int,
    known_count: int,
    now: datetime,
    floor_s: float,
    cap_s: float,
    default_s: float,
) -> float:
    """The longest wait that the share of known entries allows, within [floor_s, cap_s].

    Moves only after two successes in a row, the second one about when it was due: only then do the
    new entries tell of one wait.
    """
    limit_s = _clamped(state.limit_s or default_s, floor_s, cap_s)
    succeeded_before = state.first_success_at is not None and state.failures == 0
    if not succeeded_before or state.last_polled_at is None or not is_on_time(state, now):
        return limit_s
    known_share = known_count / (known_count + new_count) if new_count else 1.0
    if known_share < _THIN_OVERLAP:
        waited_s = (now - state.last_polled_at).total_seconds()
        limit_s = min(limit_s, waited_s) * _SHORTER
    elif known_share >= _FAT_OVERLAP:
        limit_s *= _LONGER
    return _clamped(limit_s, floor_s, cap_s)


def _limits(
    seen: FeedState,
    *,
    before: FeedState,
    now: datetime,
    floor_s: float,
    cap_s: float,
    patience_s: float,
    default_s: float,
) -> list[Wait]:
    """The longest waits that rhythm, window, overlap, burst and cap allow, each by itself.

    Hours are weighed as they were known before this poll: new entries say that the feed is
    active, and must not lengthen a wait because they came at an hour of their own.
    """
    spoke_at = seen.newest_at or before.first_success_at
    silent_s = None if spoke_at is None else (now - spoke_at).total_seconds()
    pace = pace_per_s(seen.rhythm, silent_s=silent_s, first_per_s=2 * patience_s / default_s**2)
    is_first = before.first_success_at is None
    limits = [
        Wait(seconds=cap_s, reason=IntervalReason.CAP),
        Wait(seconds=seen.limit_s or default_s, reason=IntervalReason.FIRST if is_first else IntervalReason.OVERLAP),
        Wait(seconds=burst_limit_s(seen.burst_until, now, floor_s=floor_s, cap_s=cap_s), reason=IntervalReason.BURST),
    ]
    if not is_first or seen.rhythm != UNKNOWN_RHYTHM:
        worth_s = wait_for(before.rhythm, now, pace=pace, patience_s=patience_s, cap_s=cap_s)
        limits.append(Wait(seconds=worth_s, reason=IntervalReason.RHYTHM))
    if seen.window_count:
        room = _WINDOW_SHARE * seen.window_count
        filled_s = wait_for(before.rhythm, now, pace=pace, count=room, cap_s=cap_s)
        limits.append(Wait(seconds=filled_s, reason=IntervalReason.WINDOW))
    if seen.middle_at is not None:
        pushed_s = _MIDDLE_SHARE * (now - seen.middle_at).total_seconds()
        limits.append(Wait(seconds=pushed_s, reason=IntervalReason.WINDOW))
    return limits


def _shortest(limits: Sequence[Wait], floor_s: float) -> Wait:
    shortest = min(limits, key=lambda wait: wait.seconds)
    if shortest.seconds > floor_s:
        return shortest
    is_burst = shortest.reason is IntervalReason.BURST
    return Wait(seconds=floor_s, reason=IntervalReason.BURST if is_burst else IntervalReason.FLOOR)


def _wishes(hints: CacheHints, ttl_s: float | None, safe_s: float) -> list[Wait]:
    """The waits that server and feed ask for.

    A cache answers from its store until max-age or Expires, so asking earlier brings nothing. A
    feed's ttl is often its template's (WordPress writes "hourly" everywhere): it counts only up to
    `safe_s`, where entries could be lost or a story is alive.
    """
    wished = (
        (hints.retry_after_s, IntervalReason.RETRY_AFTER),
        (None if hints.max_age_s is None else min(hints.max_age_s, _CACHING_LIMIT_S), IntervalReason.MAX_AGE),
        (None if hints.expires_s is None else min(hints.expires_s, _CACHING_LIMIT_S), IntervalReason.EXPIRES),
        (None if ttl_s is None else min(ttl_s, _CACHING_LIMIT_S, safe_s), IntervalReason.TTL),
    )
    return [Wait(seconds=seconds, reason=reason) for seconds, reason in wished if seconds is not None]


_AGAINST_LOSS = frozenset(
    {
        IntervalReason.FIRST,
        IntervalReason.OVERLAP,
        IntervalReason.WINDOW,
        IntervalReason.BURST,
        IntervalReason.CAP,
    }
)


def _newest(state: FeedState, dates: Sequence[datetime | None], now: datetime) -> datetime | None:
    """When the newest entry was published: one that a later poll found, after the poll before it, whatever its date."""
    if state.first_success_at is None:
        found = [min(at, now) for at in dates if at is not None]
    else:
        since = state.last_success_at or now
        found = [max(min(at, now), since) if at is not None else now for at in dates]
    return max((at for at in (state.newest_at, *found) if at is not None), default=None)


def _middle(state: FeedState, window: Window | None, newest_at: datetime | None) -> datetime | None:
    """The middle date of the last document; some stamp every entry "now": none is later than the last new one."""
    if window is None or window.middle_at is None or newest_at is None:
        return state.middle_at if window is None else None
    return min(window.middle_at, newest_at)


def is_on_time(state: FeedState, now: datetime) -> bool:
    """Whether a poll at `now` comes about when it was due."""
    if state.next_poll_at is None or state.last_polled_at is None:
        return False
    planned_s = (state.next_poll_at - state.last_polled_at).total_seconds()
    late_s = (now - state.next_poll_at).total_seconds()
    return abs(late_s) <= _ON_TIME_SHARE * max(planned_s, 0.0)


def after_failure(
    state: FeedState,
    *,
    feed: Feed,
    reason: PollReason,
    detail: str = "",
    retry_after_s: float | None = None,
    now: datetime,
    floor_s: float,
    cap_s: float,
    default_s: float,
    jitter: float,
) -> FeedState:
    """The state after a poll that brought nothing: a wait that grows linearly with typed failures.

    A hard failure counts 1, one that passes by itself 0.5, a failed name lookup 0.25; the wait is
    the feed's interval times one more than their sum, at least `retry_after_s`, at most `cap_s`.
    A feed is never retired, and any success clears the sum. `gone` waits GONE_PROBE_S, whatever the cap.
    """
    failures = state.failures + _WEIGHTS.get(reason, _HARD)
    wait_s = (feed.interval_s or state.interval_s or default_s) * (1 + failures) * (1 + _SPREAD * jitter)
    wait_s = max(wait_s, retry_after_s or 0.0)
    if reason is PollReason.RATE_LIMITED:
        wait_s += _RATE_LIMIT_SPREAD_S * jitter
    # A wish below the floor is the user's own; a failing feed may be asked no more often than that.
    floor_s = min(floor_s, feed.interval_s or floor_s)
    wait_s = _clamped(wait_s, floor_s, max(cap_s, floor_s))
    # At an adopted address it says little: the configured one may still be alive.
    is_gone = reason is PollReason.GONE and state.moved_to is None
    return state.with_changes(
        interval_reason=IntervalReason.GONE if is_gone else IntervalReason.BACK_OFF,
        next_poll_at=now + timedelta(seconds=GONE_PROBE_S * (1 + _SPREAD * jitter) if is_gone else wait_s),
        failures=failures,
        gone_since=(state.gone_since or now) if is_gone else state.gone_since,
        last_reason=reason,
        last_detail=detail,
        last_polled_at=now,
    )


def after_hold(
    state: FeedState,
    *,
    reason: PollReason = PollReason.RATE_LIMITED,
    detail: str,
    retry_after_s: float,
    now: datetime,
    jitter: float,
) -> FeedState:
    """The state when the feed was not asked at all: its host has a queue, asked for a pause, or is down.

    Not a failure: the feed is due again once the host is free, and its memory stays.
    """
    wait_s = max(retry_after_s, 1.0) * (1 + _SPREAD * jitter)
    return state.with_changes(
        interval_reason=IntervalReason.HOST_BUSY,
        next_poll_at=now + timedelta(seconds=wait_s),
        last_reason=reason,
        last_detail=detail,
    )


def _clamped(value: float, low: float, high: float) -> float:
    return min(max(value, low), high)
