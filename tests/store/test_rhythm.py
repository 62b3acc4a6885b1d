"""What a feed's polls taught is stored with it, and bursts are noted beside it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monitor.core.model.feed import FeedState, IntervalReason
from monitor.core.model.rhythm import Rhythm
from monitor.core.poll.interval import after_success
from monitor.core.poll.rhythm import window_of
from monitor.errors import StoreError
from monitor.store.database import SqlStore
from monitor.store.records import rhythm_of, rhythm_text
from tests.store.arrange import DAY, MINUTE, NOON, claimed_feed, feed, record

HOUR = timedelta(hours=1)
numbers = st.floats(min_value=0, max_value=1e9)
rhythms = st.builds(
    Rhythm,
    by_hour=st.tuples(*[numbers] * 24),
    by_day=st.tuples(*[numbers] * 7),
    count=numbers,
    observed_s=numbers,
    lately_count=numbers,
    lately_s=numbers,
)
moments = st.none() | st.datetimes(timezones=st.just(UTC))
states = st.builds(
    FeedState,
    interval_s=st.none() | numbers,
    interval_reason=st.sampled_from(IntervalReason),
    limit_s=st.none() | numbers,
    rhythm=rhythms,
    window_count=st.integers(0, 10**6),
    middle_at=moments,
    newest_at=moments,
)


@given(rhythms)
def test_a_rhythm_comes_back_from_its_text(rhythm: Rhythm) -> None:
    """To the last digit."""
    assert rhythm_of(rhythm_text(rhythm)) == rhythm


@pytest.mark.parametrize("text", ["[]", '{"v":1}', '{"v":1,"hours":[1],"days":[1],"pace":[1,2,3,4]}', "{"])
def test_a_rhythm_that_is_not_what_this_version_writes_is_refused(text: str) -> None:
    """Rather than half understood."""
    with pytest.raises(StoreError):
        rhythm_of(text)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=20, deadline=None)
@given(state=states)
def test_what_polls_teach_comes_back_from_the_store(store: SqlStore, state: FeedState) -> None:
    """Every field, on both databases."""
    store.feeds.sync([feed()], now=NOON)
    store.feeds.make_due(now=NOON)
    claim = claimed_feed(store)
    wanted = replace(state, next_poll_at=NOON)
    record(store, claim, state=wanted)
    assert claimed_feed(store).state == wanted


def polled(store: SqlStore, *, reason: IntervalReason = IntervalReason.RHYTHM, wait: timedelta = 6 * HOUR) -> int:
    """The id of the one feed, polled at noon and due after `wait`."""
    store.feeds.sync([feed()], now=NOON)
    claim = claimed_feed(store)
    record(store, claim, state=claim.state.with_changes(next_poll_at=NOON + wait, interval_reason=reason))
    return claim.lease.row_id


def note(store: SqlStore, feed_id: int, until: datetime) -> FeedState:
    with store.stories.grouping() as session:
        session.note_burst(feed_id, until=until, poll_by=NOON + 5 * MINUTE)
    (view,) = store.history.feeds()
    return view.state


def test_a_feed_that_reports_an_active_story_is_polled_soon(store: SqlStore) -> None:
    """A burst is prolonged by later reports, never shortened by earlier ones."""
    feed_id = polled(store)
    state = note(store, feed_id, NOON + 2 * HOUR)
    assert (state.burst_until, state.next_poll_at) == (NOON + 2 * HOUR, NOON + 5 * MINUTE)
    assert note(store, feed_id, NOON + HOUR).burst_until == NOON + 2 * HOUR
    assert note(store, feed_id, NOON + 3 * HOUR).burst_until == NOON + 3 * HOUR


def test_a_burst_puts_no_poll_off(store: SqlStore) -> None:
    """One that is due sooner stays where it is."""
    state = note(store, polled(store, wait=MINUTE), NOON + HOUR)
    assert (state.burst_until, state.next_poll_at) == (NOON + HOUR, NOON + MINUTE)


@pytest.mark.parametrize("reason", ["retry_after", "max_age", "expires", "own", "back_off", "host_busy"])
def test_a_burst_overrules_neither_server_nor_user_nor_back_off(store: SqlStore, reason: str) -> None:
    """The next poll stays where they put it; the one after it knows of the burst."""
    state = note(store, polled(store, reason=IntervalReason(reason)), NOON + HOUR)
    assert (state.burst_until, state.next_poll_at) == (NOON + HOUR, NOON + 6 * HOUR)


def test_a_poll_under_way_forgets_no_burst(store: SqlStore) -> None:
    """The group step writes it while the feed is being asked."""
    feed_id = polled(store)
    store.feeds.make_due(now=NOON)
    claim = claimed_feed(store)
    note(store, feed_id, NOON + HOUR)
    record(store, claim)
    (view,) = store.history.feeds()
    assert view.state.burst_until == NOON + HOUR


def test_a_database_of_the_first_schema_learns_from_its_next_poll(store: SqlStore) -> None:
    """A feed whose rhythm is not known yet is taken for a new one that has been asked before."""
    store.feeds.sync([feed()], now=NOON)
    state = FeedState(first_success_at=NOON - DAY, last_success_at=NOON - HOUR, interval_s=3600.0)
    dates = [NOON - number * HOUR for number in range(12)]
    after = after_success(
        state,
        feed=feed(),
        new_count=1,
        known_count=11,
        new_at=dates[:1],
        window=window_of(dates),
        now=NOON,
        floor_s=300.0,
        cap_s=86_400.0,
        default_s=600.0,
        jitter=0.0,
    )
    record(store, claimed_feed(store), state=after)
    (view,) = store.history.feeds()
    assert view.state == after
    assert view.state.rhythm.count == 1
