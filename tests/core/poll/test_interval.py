"""How long until a feed is asked again."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.model.feed import Feed, FeedState, IntervalReason, PollReason
from monitor.core.model.rhythm import Rhythm, Window
from monitor.core.poll.hints import CacheHints
from monitor.core.poll.interval import GONE_PROBE_S, after_failure, after_hold, after_success
from monitor.core.poll.rhythm import window_of

NOW = datetime(2025, 3, 1, 12, tzinfo=UTC)
FEED = Feed(name="Paper", url="https://paper.example/feed")
FLOOR, CAP, DEFAULT = 300.0, 86_400.0, 600.0
BOUNDS = {"floor_s": FLOOR, "cap_s": CAP, "default_s": DEFAULT}


def polled(interval_s: float = 600.0, *, due: datetime = NOW, **changes: object) -> FeedState:
    """The state of a feed that was polled well one interval before `due`."""
    before = due - timedelta(seconds=interval_s)
    state = FeedState(
        interval_s=interval_s,
        limit_s=interval_s,
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
    [(0, 20, 2.0), (0, 0, 2.0), (1, 19, 2.0), (7, 13, 1.0), (13, 7, 1.0), (14, 6, 0.5), (20, 0, 0.5)],
    ids=["nothing new", "empty feed", "one new", "a third new", "a third known", "less known", "nothing known"],
)
def test_the_share_of_known_entries_moves_the_longest_wait(new, known, factor):
    """Overlap proves that nothing was missed: a fat one allows twice the wait, a thin one half of it."""
    assert succeed(polled(4000), new=new, known=known).limit_s == 4000 * factor


def test_a_thin_overlap_halves_the_wait_that_was_not_the_one_that_was_allowed():
    """A feed allowed a day and asked after an hour comes back in half an hour."""
    assert succeed(polled(3600, limit_s=CAP), new=20, known=0).limit_s == 1800


@pytest.mark.parametrize(
    "state",
    [polled(failures=0.5), polled(due=NOW - timedelta(seconds=301)), polled(due=NOW + timedelta(seconds=301))],
    ids=["after a failure", "late", "early"],
)
def test_only_two_successes_in_a_row_and_on_time_move_it(state):
    """A poll after an outage finds much and a poll by hand finds nothing: neither is the feed's rhythm."""
    assert succeed(state, new=20, known=0).limit_s == succeed(state, new=0).limit_s == 600


HOURLY = Rhythm(count=480.0, observed_s=480 * 3600.0, lately_count=8.0, lately_s=8 * 3600.0)
DAILY = Rhythm(count=20.0, observed_s=20 * 86_400.0, lately_count=0.3, lately_s=0.3 * 86_400)
BUSY = Rhythm(count=9600.0, observed_s=480 * 3600.0, lately_count=160.0, lately_s=8 * 3600.0)
AN_HOUR_AGO, A_YEAR_AGO = NOW - timedelta(hours=1), NOW - timedelta(days=365)


def known_feed(**changes: object) -> FeedState:
    """A feed whose overlap allows any wait: what is left is rhythm, window and wishes."""
    return polled(**{"limit_s": CAP, "newest_at": AN_HOUR_AGO, "rhythm": DAILY, "window_count": 50, **changes})


@pytest.mark.parametrize(
    ("state", "facts", "minutes", "reason"),
    [
        pytest.param(FeedState(), {"new": 20, "known": 0}, (10, 10), IntervalReason.FIRST, id="never asked before"),
        pytest.param(polled(rhythm=DAILY), {}, (20, 20), IntervalReason.OVERLAP, id="not long known"),
        pytest.param(known_feed(rhythm=BUSY), {"new": 2}, (5, 5), IntervalReason.FLOOR, id="twenty an hour"),
        pytest.param(known_feed(rhythm=HOURLY), {}, (14, 22), IntervalReason.RHYTHM, id="one an hour"),
        pytest.param(known_feed(), {}, (70, 100), IntervalReason.RHYTHM, id="one a day"),
        pytest.param(known_feed(newest_at=A_YEAR_AGO), {}, (700, 1000), IntervalReason.RHYTHM, id="silent for a year"),
        pytest.param(known_feed(newest_at=NOW - timedelta(days=4000)), {}, (1440, 1440), IntervalReason.CAP, id="dead"),
        pytest.param(
            known_feed(rhythm=HOURLY, window_count=1), {}, (12, 13), IntervalReason.WINDOW, id="one entry long"
        ),
        pytest.param(
            known_feed(middle_at=NOW - timedelta(minutes=40)), {}, (20, 20), IntervalReason.WINDOW, id="after a spate"
        ),
        pytest.param(known_feed(burst_until=NOW + timedelta(hours=1)), {}, (5, 5), IntervalReason.BURST, id="in burst"),
        pytest.param(
            known_feed(burst_until=AN_HOUR_AGO), {}, (20, 20), IntervalReason.BURST, id="an hour after a burst"
        ),
        pytest.param(known_feed(burst_until=A_YEAR_AGO), {}, (70, 100), IntervalReason.RHYTHM, id="long after a burst"),
        pytest.param(
            known_feed(rhythm=HOURLY), {"ttl_s": 3600.0}, (60, 60), IntervalReason.TTL, id="asks for an hour by ttl"
        ),
        pytest.param(
            known_feed(burst_until=NOW), {"ttl_s": 3600.0}, (5, 5), IntervalReason.BURST, id="ttl yields to a burst"
        ),
        pytest.param(
            known_feed(rhythm=HOURLY, window_count=1),
            {"ttl_s": 3600.0},
            (12, 13),
            IntervalReason.WINDOW,
            id="ttl yields to the window",
        ),
        pytest.param(
            known_feed(rhythm=HOURLY),
            {"hints": CacheHints(max_age_s=3600.0)},
            (60, 60),
            IntervalReason.MAX_AGE,
            id="cached for an hour",
        ),
        pytest.param(
            known_feed(burst_until=NOW),
            {"hints": CacheHints(expires_s=3600.0)},
            (60, 60),
            IntervalReason.EXPIRES,
            id="a cache answers a burst from its store",
        ),
        pytest.param(
            known_feed(burst_until=NOW),
            {"hints": CacheHints(retry_after_s=7200.0)},
            (120, 120),
            IntervalReason.RETRY_AFTER,
            id="a wish for rest always counts",
        ),
    ],
)
def test_what_decides_the_next_poll_is_stored_with_it(state, facts, minutes, reason):
    """Old state, what the poll found and the time give the next wait and the reason for it."""
    after = succeed(state, **facts)
    low, high = minutes
    assert low <= wait_s(after) / 60 <= high
    assert after.interval_reason is reason


def test_a_feed_that_publishes_in_the_morning_is_polled_in_the_morning():
    """In its hours the wait is a fraction of that at noon, and a wait before them ends with them."""
    mornings = tuple(40.0 if hour in (6, 7, 8) else 0.0 for hour in range(24))
    state = known_feed(rhythm=replace(DAILY, by_hour=mornings, by_day=(17.0,) * 7))
    at_noon, at_four, at_seven = (wait_s_at(state, NOW.replace(hour=hour)) for hour in (12, 4, 7))
    assert at_noon > 5 * at_seven
    assert 2 < at_four / 3600 < 3


def wait_s_at(state: FeedState, now: datetime) -> float:
    moved = state.with_changes(
        next_poll_at=now, last_polled_at=now - timedelta(minutes=10), last_success_at=now - timedelta(minutes=10)
    )
    after = succeed(moved, now=now)
    return (after.next_poll_at - now).total_seconds()


def test_a_new_feed_is_asked_ever_less_often_until_its_rhythm_is_reached():
    """From the first interval each fat overlap doubles the wait, up to what one entry a day is worth."""
    state, now, waits = FeedState(), NOW, []
    days = [NOW - timedelta(hours=25 * number) for number in range(20)]
    for poll in range(7):
        first = {"new": 20, "known": 0, "new_at": days, "window": window_of(days)} if poll == 0 else {}
        state = succeed(state, now=now, **first)
        waits.append((state.next_poll_at - now).total_seconds() / 60)
        now = state.next_poll_at
    assert waits[:4] == [10, 20, 40, 80]
    assert 50 < waits[-1] < 160


def test_a_feed_without_dates_shows_its_pace_by_what_is_new():
    """An undated entry an hour leads to several polls an hour, from the first interval on."""
    state, now, seen, waits = FeedState(), NOW, 0, []
    for _ in range(300):
        published = int((now - NOW).total_seconds() // 3600)
        new = published - seen if state.first_success_at else 20
        state = succeed(state, new=new, known=20, now=now, window=Window(count=20) if new else None)
        seen = published
        waits.append((state.next_poll_at - now).total_seconds())
        now = state.next_poll_at
    assert 500 < sum(waits[100:]) / 200 < 1500


def test_a_feed_that_stamps_every_entry_now_is_not_asked_for_ever_at_the_floor():
    """Known entries cannot be newer than the last new one."""
    state, now, waits = FeedState(), NOW, []
    for poll in range(40):
        facts = {"new": 20, "known": 0, "new_at": [now] * 20} if poll == 0 else {"new": 0, "known": 20}
        state = succeed(state, now=now, window=window_of([now] * 20), **facts)
        waits.append(wait_s(state) - (now - NOW).total_seconds())
        now = state.next_poll_at
    assert waits[0] == FLOOR
    assert waits[-1] > 3600


def test_a_broken_server_cannot_park_a_feed():
    """Ten years of rest end at the cap, ten years of caching after an hour, no time at all at the floor."""
    assert wait_s(succeed(known_feed(), hints=CacheHints(retry_after_s=3e8))) == CAP
    assert wait_s(succeed(known_feed(rhythm=BUSY), ttl_s=3e8)) == 3600
    assert wait_s(succeed(known_feed(rhythm=BUSY), hints=CacheHints(max_age_s=3e8))) == 3600
    assert wait_s(succeed(known_feed(rhythm=BUSY), new=5, hints=CacheHints(max_age_s=0.0))) == FLOOR


def test_the_users_own_interval_is_the_one_after_success():
    """Neither loop nor server nor jitter changes it, even outside floor and cap."""
    feed = Feed(name="Paper", url="https://paper.example/feed", interval_s=60.0)
    after = succeed(polled(), feed=feed, ttl_s=9000.0, jitter=1.0)
    assert (wait_s(after), after.interval_reason) == (60, IntervalReason.OWN)


def test_jitter_only_draws_out():
    """Feeds that are due together drift apart, and none is asked early."""
    assert wait_s(succeed(polled(rhythm=DAILY), jitter=0.0)) == pytest.approx(1200)
    assert wait_s(succeed(polled(rhythm=DAILY), jitter=1.0)) == pytest.approx(1320)


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
    assert state.interval_reason is IntervalReason.BACK_OFF


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
    kept = ("etag", "last_modified", "body_digest", "interval_s", "limit_s", "last_success_at", "first_success_at")
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
    assert after.interval_reason is IntervalReason.HOST_BUSY


def test_impossible_bounds_are_refused():
    """A floor of zero, or above the cap, is a programming error."""
    for floor_s, cap_s in ((0.0, 10.0), (20.0, 10.0)):
        with pytest.raises(ValueError, match="not an interval range"):
            succeed(polled(), floor_s=floor_s, cap_s=cap_s)


seconds = st.floats(min_value=0, max_value=1e12)
weights = st.floats(min_value=0, max_value=1e5)
moments = st.floats(0, 25 * 365 * 86_400.0).map(lambda age_s: NOW - timedelta(seconds=age_s))
rhythms = st.builds(
    Rhythm,
    by_hour=st.tuples(*[weights] * 24),
    by_day=st.tuples(*[weights] * 7),
    count=weights,
    observed_s=st.floats(min_value=0, max_value=2e6),
    lately_count=weights,
    lately_s=st.floats(min_value=0, max_value=1e5),
)
states = st.builds(
    polled,
    st.floats(min_value=1, max_value=1e7),
    failures=st.floats(min_value=0, max_value=1e6),
    first_success_at=st.none() | st.just(NOW - timedelta(days=365)),
    limit_s=st.none() | st.floats(min_value=1, max_value=1e7),
    rhythm=rhythms,
    window_count=st.integers(0, 500),
    middle_at=st.none() | moments,
    newest_at=st.none() | moments,
    burst_until=st.none() | moments,
)
windows = st.none() | st.builds(Window, count=st.integers(0, 500), middle_at=st.none() | moments)


@given(states, st.lists(st.none() | moments, max_size=30), st.integers(0, 500), windows, st.none() | seconds, st.data())
def test_the_wait_after_success_is_always_between_floor_and_cap(state, new_at, known, window, wish, data):
    """Whatever feed and server do, unless the feed has an interval of its own."""
    after = succeed(
        state,
        new=len(new_at),
        known=known,
        new_at=new_at,
        window=window,
        hints=CacheHints(retry_after_s=wish, max_age_s=data.draw(st.none() | seconds)),
        ttl_s=data.draw(st.none() | seconds),
        jitter=data.draw(st.floats(0, 1)),
    )
    assert FLOOR <= after.interval_s <= CAP
    assert FLOOR <= wait_s(after) <= CAP


asked_before = states.map(lambda state: state.with_changes(first_success_at=NOW - timedelta(days=365)))


@given(asked_before, st.lists(st.none() | moments, max_size=12), st.lists(st.none() | moments, min_size=1, max_size=12))
def test_more_new_entries_never_lengthen_the_wait(state, new_at, more_at):
    """Of a feed asked before, with the same entries known and document shown, and even at hours of their own."""
    fewer = succeed(state, new=len(new_at), known=10, new_at=new_at)
    more = succeed(state, new=len(new_at) + len(more_at), known=10, new_at=[*new_at, *more_at])
    assert wait_s(more) <= wait_s(fewer) * (1 + 1e-6)


@given(states, st.sampled_from(sorted(set(PollReason) - {PollReason.GONE})), st.none() | seconds, st.floats(0, 1))
def test_the_wait_after_failure_is_always_between_floor_and_cap(state, reason, wish, jitter):
    """Whatever went wrong, short of the feed's own word that it is gone."""
    after = fail(state, reason, retry_after_s=wish, jitter=jitter)
    assert FLOOR <= wait_s(after) <= CAP
    assert after.failures > state.failures or state.failures > 1e5
