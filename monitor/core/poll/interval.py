"""How long until a feed is asked again: a control loop after success, a back-off after failure."""

from __future__ import annotations

from datetime import datetime, timedelta

from monitor.core.model.feed import Feed, FeedState, PollReason
from monitor.core.poll.hints import NO_HINTS, CacheHints, cache_hints

__all__ = ["after_failure", "after_hold", "after_success", "cache_hints", "is_on_time", "next_interval_s"]

# Overlap between two polls proves that nothing was missed between them. Under a third known, entries
# may have scrolled by unseen: come back in half the time. With some new and enough known, lean
# towards sooner; with nothing new, towards later. The last two balance where a poll finds nothing
# in 42 % of cases, so the interval settles near the feed's own mean time between entries.
_THIN_OVERLAP = 1 / 3
_MISSING = 0.5
_SOME_NEW = 0.85
_NOTHING_NEW = 1.25

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


def after_success(
    state: FeedState,
    *,
    feed: Feed,
    new_count: int,
    known_count: int,
    hints: CacheHints = NO_HINTS,
    ttl_s: float | None = None,
    reason: PollReason | None = None,
    detail: str = "",
    now: datetime,
    floor_s: float,
    cap_s: float,
    default_s: float,
    jitter: float,
) -> FeedState:
    """The state after a poll that was answered properly; 304 and an unchanged body count as all known.

    `interval_s` of the result is the control loop's own; `next_poll_at` also honours `ttl_s` and
    the server's hints, clamped to [floor_s, cap_s], so that a broken server cannot park a feed.
    A feed with an interval of its own gets exactly that. `jitter` is 0–1. Validators and body
    digest are the caller's to set.
    """
    interval_s = next_interval_s(
        state, new_count=new_count, known_count=known_count, now=now, floor_s=floor_s, cap_s=cap_s, default_s=default_s
    )
    caching = (min(wish, _CACHING_LIMIT_S) for wish in (ttl_s, hints.max_age_s, hints.expires_s) if wish is not None)
    wait_s = max(interval_s, hints.retry_after_s or 0.0, *caching) * (1 + _SPREAD * jitter)
    wait_s = _clamped(wait_s, floor_s, cap_s) if feed.interval_s is None else feed.interval_s
    return state.with_changes(
        interval_s=interval_s,
        next_poll_at=now + timedelta(seconds=wait_s),
        failures=0.0,
        gone_since=None,
        last_reason=reason or (PollReason.NEW_ENTRIES if new_count else PollReason.NO_NEW_ENTRIES),
        last_detail=detail,
        first_success_at=state.first_success_at or now,
        last_success_at=now,
        last_polled_at=now,
    )


def next_interval_s(
    state: FeedState,
    *,
    new_count: int,
    known_count: int,
    now: datetime,
    floor_s: float,
    cap_s: float,
    default_s: float,
) -> float:
    """Seconds until this feed is worth asking again, within [floor_s, cap_s]; no jitter here.

    Moves only after two successes in a row, the second one about when it was due: only then do the
    new entries tell of one interval. After the method of Media Cloud's rss-fetcher, leaning to
    shorter waits because here an entry late is an alert late.

    Raises:
        ValueError: floor_s is not positive, or exceeds cap_s.
    """
    if not 0 < floor_s <= cap_s:
        raise ValueError(f"not an interval range: [{floor_s}, {cap_s}]")
    current_s = _clamped(state.interval_s or default_s, floor_s, cap_s)
    succeeded_before = state.first_success_at is not None and state.failures == 0
    if not succeeded_before or not is_on_time(state, now):
        return current_s
    if new_count == 0:
        factor = _NOTHING_NEW
    elif known_count < _THIN_OVERLAP * (known_count + new_count):
        factor = _MISSING
    else:
        factor = _SOME_NEW
    return _clamped(current_s * factor, floor_s, cap_s)


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
    return state.with_changes(next_poll_at=now + timedelta(seconds=wait_s), last_reason=reason, last_detail=detail)


def _clamped(value: float, low: float, high: float) -> float:
    return min(max(value, low), high)
