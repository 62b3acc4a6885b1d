"""How long until a feed is asked again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.model.feed import Feed, FeedState, PollReason
from monitor.core.poll.hints import CacheHints
from monitor.core.poll.interval import GONE_PROBE_S, after_failure, after_hold, after_success, next_interval_s

NOW = datetime(2025, 3, 1, 12, tzinfo=UTC)
FEED = Feed(name="Paper", url="https://paper.example/feed")
FLOOR, CAP, DEFAULT = 300.0, 86_400.0, 600.0
BOUNDS = {"floor_s": FLOOR, "cap_s": CAP, "default_s": DEFAULT}


def polled(interval_s: float = 600.0, *, due: datetime = NOW, **changes: object) -> FeedState:
    """The state of a feed that was polled well one interval before `due`."""
    before = due - timedelta(seconds=interval_s)
    state = FeedState(
        interval_s=interval_s,
        next_poll_at=due,
        first_success_at=before,
        last_success_at=before,
        last_polled_at=before,
        last_reason=PollReason.NO_NEW_ENTRIES,
    )
    return state.with_changes(**changes)


def succeed(state: FeedState, *, feed: Feed = FEED, new: int = 0, known: int = 20, now: datetime = NOW, **more: object):
    return after_success(
        state, feed=feed, new_count=new, known_count=known, now=now, **{"jitter": 0.0, **BOUNDS, **more}
    )


def fail(state: FeedState, reason: PollReason, *, feed: Feed = FEED, now: datetime = NOW, **more: object) -> FeedState:
    return after_failure(state, feed=feed, reason=reason, now=now, **{"jitter": 0.0, **BOUNDS, **more})


def wait_s(state: FeedState) -> float:
    assert state.next_poll_at is not None
    return (state.next_poll_at - NOW).total_seconds()


def test_the_first_poll_keeps_the_default_interval():
    """One poll tells nothing of a rhythm."""
    state = succeed(FeedState(), new=20, known=0)
    assert (state.interval_s, wait_s(state)) == (DEFAULT, DEFAULT)
    assert state.first_success_at == state.last_success_at == state.last_polled_at == NOW
    assert state.last_reason is PollReason.NEW_ENTRIES


@pytest.mark.parametrize(
    ("new", "known", "factor"),
    [(0, 20, 1.25), (0, 0, 1.25), (1, 19, 0.85), (13, 7, 0.85), (14, 6, 0.5), (20, 0, 0.5)],
    ids=["nothing new", "empty feed", "one new", "over a third known", "under a third known", "nothing known"],
)
def test_the_share_of_known_entries_moves_the_interval(new, known, factor):
    """Nothing new lengthens, some new shortens a little, a thin overlap halves."""
    assert succeed(polled(4000), new=new, known=known).interval_s == 4000 * factor


@pytest.mark.parametrize(
    "state",
    [polled(failures=0.5), polled(due=NOW - timedelta(seconds=301)), polled(due=NOW + timedelta(seconds=301))],
    ids=["after a failure", "late", "early"],
)
def test_only_two_successes_in_a_row_and_on_time_move_it(state):
    """A poll after an outage finds much and a poll by hand finds nothing: neither is the feed's rhythm."""
    assert succeed(state, new=20, known=0).interval_s == succeed(state, new=0).interval_s == 600


def test_the_interval_settles_near_the_feeds_own_rhythm():
    """An entry an hour leads to polls about once an hour, from either side."""
    for start in (FLOOR, CAP):
        state, now, seen = polled(start), NOW, 0
        visits = []
        for _ in range(200):
            published = int((now - NOW).total_seconds() // 3600)
            state = succeed(state, new=published - seen, known=20, now=now)
            seen, visits = published, [*visits, state.interval_s]
            now = state.next_poll_at
        assert 1800 < sum(visits[100:]) / 100 < 5400


@pytest.mark.parametrize(
    "wish",
    [
        {"ttl_s": 3600.0},
        {"hints": CacheHints(max_age_s=3600.0)},
        {"hints": CacheHints(expires_s=3600.0)},
        {"hints": CacheHints(retry_after_s=3600.0)},
    ],
)
def test_a_servers_wish_lengthens_the_wait_and_not_the_loop(wish):
    """ttl, max-age, Expires and Retry-After are honoured without being mistaken for the feed's rhythm."""
    state = succeed(polled(), new=1, known=9, **wish)
    assert (wait_s(state), state.interval_s) == (3600, 600 * 0.85)


def test_a_broken_server_cannot_park_a_feed():
    """Ten years of rest end at the cap, ten years of caching after an hour, no time at all at the floor."""
    assert wait_s(succeed(polled(), hints=CacheHints(retry_after_s=3e8))) == CAP
    assert wait_s(succeed(polled(), ttl_s=3e8)) == 3600
    assert wait_s(succeed(polled(FLOOR), new=5, hints=CacheHints(max_age_s=0.0))) == FLOOR


def test_the_users_own_interval_is_the_one_after_success():
    """Neither loop nor server nor jitter changes it, even outside floor and cap."""
    feed = Feed(name="Paper", url="https://paper.example/feed", interval_s=60.0)
    assert wait_s(succeed(polled(), feed=feed, ttl_s=9000.0, jitter=1.0)) == 60


def test_jitter_only_draws_out():
    """Feeds that are due together drift apart, and none is asked early."""
    assert wait_s(succeed(polled(), new=1, jitter=0.0)) == pytest.approx(510)
    assert wait_s(succeed(polled(), new=1, jitter=1.0)) == pytest.approx(561)


def test_success_clears_failures_and_keeps_the_first_success():
    """The memory of an outage ends with it."""
    first = NOW - timedelta(days=9)
    state = succeed(polled(failures=7.5, first_success_at=first), reason=PollReason.NOT_MODIFIED, detail="304")
    assert (state.failures, state.first_success_at, state.last_reason) == (0.0, first, PollReason.NOT_MODIFIED)


@pytest.mark.parametrize(
    ("reason", "weight"),
    [
        (PollReason.INVALID_XML, 1.0),
        (PollReason.NOT_A_FEED, 1.0),
        (PollReason.CREDENTIAL_MISSING, 1.0),
        (PollReason.TIMEOUT, 0.5),
        (PollReason.HTTP_ERROR, 0.5),
        (PollReason.RATE_LIMITED, 0.5),
        (PollReason.DNS_FAILURE, 0.25),
    ],
)
def test_failures_are_typed_and_their_wait_grows_linearly(reason, weight):
    """Ten of a kind wait ten times as much longer as one does."""
    state = polled()
    waits = []
    for _ in range(10):
        state = fail(state, reason)
        waits.append(wait_s(state))
    assert waits == pytest.approx([600 * (1 + weight * (n + 1)) for n in range(10)])
    assert (state.failures, state.last_reason) == (10 * weight, reason)


def test_a_failing_feed_is_never_retired():
    """After a thousand failures it is still asked once per cap."""
    state = polled()
    for _ in range(1000):
        state = fail(state, PollReason.INVALID_XML)
    assert wait_s(state) == CAP


def test_a_failure_keeps_what_success_taught():
    """Validators, digest, interval and the last success survive an outage."""
    before = polled(etag='"1"', last_modified="Sat, 01 Mar 2025 10:00:00 GMT", body_digest="ab")
    after = fail(before, PollReason.TIMEOUT, detail="timed out")
    kept = ("etag", "last_modified", "body_digest", "interval_s", "last_success_at", "first_success_at")
    assert all(getattr(after, name) == getattr(before, name) for name in kept)
    assert (after.last_polled_at, after.last_detail) == (NOW, "timed out")


def test_retry_after_is_honoured_up_to_the_cap():
    """The server's own wish is the least wait after a failure."""
    assert wait_s(fail(polled(), PollReason.HTTP_ERROR, retry_after_s=7200)) == 7200
    assert wait_s(fail(polled(), PollReason.HTTP_ERROR, retry_after_s=1)) == 900
    assert wait_s(fail(polled(), PollReason.HTTP_ERROR, retry_after_s=1e9)) == CAP


def test_feeds_refused_for_asking_too_often_come_back_scattered():
    """429 adds up to ten random minutes, so that a host does not get all its feeds back at once."""
    waits = [wait_s(fail(polled(), PollReason.RATE_LIMITED, retry_after_s=3600, jitter=j)) for j in (0.0, 0.5, 1.0)]
    assert waits == pytest.approx([3600, 3900, 4200])


def test_a_feed_that_is_gone_is_asked_once_a_week():
    """410 is meant for ever, and still checked; since when is kept over later ones, and ends with an answer."""
    first = fail(polled(), PollReason.GONE)
    assert (wait_s(first), first.gone_since) == (GONE_PROBE_S, NOW)
    later = fail(first, PollReason.GONE, now=NOW + timedelta(days=7))
    assert later.gone_since == NOW
    assert fail(polled(moved_to="https://new.example/feed"), PollReason.GONE).gone_since is None
    assert succeed(first).gone_since is None


def test_a_host_with_a_queue_is_no_failure_of_the_feed():
    """A poll that was not made leaves the memory as it was."""
    before = polled(failures=1.5)
    after = after_hold(before, detail="queue", retry_after_s=40.0, now=NOW, jitter=0.0)
    assert wait_s(after) == 40
    assert (after.failures, after.last_polled_at) == (1.5, before.last_polled_at)


def test_impossible_bounds_are_refused():
    """A floor of zero, or above the cap, is a programming error."""
    for floor_s, cap_s in ((0.0, 10.0), (20.0, 10.0)):
        with pytest.raises(ValueError, match="not an interval range"):
            next_interval_s(polled(), new_count=0, known_count=0, now=NOW, floor_s=floor_s, cap_s=cap_s, default_s=5.0)


seconds = st.floats(min_value=0, max_value=1e12)
states = st.builds(
    polled,
    st.floats(min_value=1, max_value=1e7),
    failures=st.floats(min_value=0, max_value=1e6),
    first_success_at=st.none() | st.just(NOW),
)


@given(states, st.integers(0, 500), st.integers(0, 500), st.none() | seconds, st.floats(0, 1), st.data())
def test_the_wait_after_success_is_always_between_floor_and_cap(state, new, known, wish, jitter, data):
    """Whatever feed and server do."""
    hints = CacheHints(retry_after_s=wish, max_age_s=data.draw(st.none() | seconds))
    after = succeed(state, new=new, known=known, hints=hints, ttl_s=data.draw(st.none() | seconds), jitter=jitter)
    assert FLOOR <= after.interval_s <= CAP
    assert FLOOR <= wait_s(after) <= CAP


@given(states, st.sampled_from(sorted(set(PollReason) - {PollReason.GONE})), st.none() | seconds, st.floats(0, 1))
def test_the_wait_after_failure_is_always_between_floor_and_cap(state, reason, wish, jitter):
    """Whatever went wrong, short of the feed's own word that it is gone."""
    after = fail(state, reason, retry_after_s=wish, jitter=jitter)
    assert FLOOR <= wait_s(after) <= CAP
    assert after.failures > state.failures or state.failures > 1e5
