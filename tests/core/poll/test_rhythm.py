"""What polls teach of a feed's hours and pace, and what that lets us expect."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.model.rhythm import UNKNOWN_RHYTHM, Rhythm, Window
from monitor.core.poll.rhythm import expected_share_s, learnt, pace_per_s, wait_for, window_of

MONDAY = datetime(2025, 3, 3, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
HOUR_S, DAY_S, WEEK_S = 3600.0, 86_400.0, 604_800.0
FIRST_PER_S = 1 / 1500


def by_hour(rhythm: Rhythm, now: datetime = MONDAY) -> list[float]:
    """How busy each hour of that day is, 1 in an average week."""
    return [expected_share_s(rhythm, now + n * HOUR, now + (n + 1) * HOUR) / HOUR_S for n in range(24)]


def week_of_mornings(*, is_dated: bool = True, weeks: int = 4) -> Rhythm:
    """A feed polled every hour that brings an entry at half past six, seven and eight on working days."""
    rhythm = UNKNOWN_RHYTHM
    rhythm = learnt(rhythm, new_at=[], since=None, now=MONDAY - DAY)
    for number in range(weeks * 7 * 24):
        since = MONDAY + number * HOUR
        is_morning = since.hour in (6, 7, 8) and since.weekday() < 5
        new_at = [since + HOUR / 2 if is_dated else None] if is_morning else []
        rhythm = learnt(rhythm, new_at=new_at, since=since, now=since + HOUR)
    return rhythm


@pytest.mark.parametrize("is_dated", [True, False], ids=["dated", "undated"])
def test_the_hours_of_a_feed_are_learnt_from_dates_or_from_sightings(is_dated):
    """Its mornings are busy, its nights are not, and weekends are quiet."""
    rhythm = week_of_mornings(is_dated=is_dated)
    hours = by_hour(rhythm)
    assert min(hours[6:9]) > 3
    assert max(hours[12:24]) < 0.5
    assert max(by_hour(rhythm, MONDAY + 6 * DAY)) < hours[7] / 3


def test_few_entries_change_little():
    """Two entries of one hour are no rhythm yet."""
    rhythm = learnt(UNKNOWN_RHYTHM, new_at=[MONDAY, MONDAY + DAY], since=MONDAY - DAY, now=MONDAY + DAY)
    assert max(by_hour(rhythm)) < 4
    assert min(by_hour(rhythm)) > 0.5


def test_a_habit_that_changes_is_forgotten():
    """After half a year of evenings the mornings are gone."""
    rhythm, now = week_of_mornings(), MONDAY + 28 * DAY
    for number in range(180):
        day = now + number * DAY
        rhythm = learnt(rhythm, new_at=[day + 20 * HOUR] * 3, since=day, now=day + DAY)
    hours = by_hour(rhythm)
    assert hours[20] > 5 * hours[7]


def test_one_import_does_not_become_the_rhythm():
    """A hundred entries of one hour weigh as much as ten hours with one."""
    rhythm = learnt(UNKNOWN_RHYTHM, new_at=[MONDAY] * 100, since=MONDAY - HOUR, now=MONDAY)
    assert sum(rhythm.by_day) == pytest.approx(10)


def test_the_first_document_teaches_pace_and_hours():
    """Ten daily entries at nine: one a day, busiest about nine."""
    dates = [MONDAY + 9 * HOUR - n * DAY for n in range(10)]
    rhythm = learnt(UNKNOWN_RHYTHM, new_at=dates, since=None, now=MONDAY + 10 * HOUR)
    pace = pace_per_s(rhythm, silent_s=HOUR_S, first_per_s=FIRST_PER_S)
    assert 0.7 < pace * DAY_S < 1.5
    assert max(range(24), key=lambda hour: by_hour(rhythm)[hour]) == 9


def test_hours_that_a_short_document_does_not_reach_are_not_taken_for_quiet():
    """Twenty entries of one evening say nothing of the morning."""
    evening = MONDAY + 22 * HOUR
    dates = [evening - n * HOUR / 4 for n in range(20)]
    rhythm = learnt(UNKNOWN_RHYTHM, new_at=dates, since=None, now=evening)
    hours = by_hour(rhythm)
    assert 0.6 < min(hours) < max(hours) < 1.5


def test_dates_without_a_time_teach_days_alone():
    """Midnight sharp means some time that day."""
    rhythm = learnt(UNKNOWN_RHYTHM, new_at=[MONDAY - n * DAY for n in range(10)], since=None, now=MONDAY + HOUR)
    assert max(by_hour(rhythm)) - min(by_hour(rhythm)) < 0.05


def test_a_date_before_the_last_poll_is_not_believed():
    """An entry that was not there yesterday was not published last week, whatever it says."""
    told = learnt(UNKNOWN_RHYTHM, new_at=[MONDAY - 7 * DAY], since=MONDAY, now=MONDAY + HOUR)
    assert told == learnt(UNKNOWN_RHYTHM, new_at=[None], since=MONDAY, now=MONDAY + HOUR)


@pytest.mark.parametrize("dates", [[], [MONDAY], [MONDAY] * 5, [None] * 5], ids=["none", "one", "all now", "undated"])
def test_a_first_document_without_a_span_teaches_nothing(dates):
    """The first interval stands until later polls show more."""
    rhythm = learnt(UNKNOWN_RHYTHM, new_at=[at for at in dates if at], since=None, now=MONDAY)
    assert rhythm == UNKNOWN_RHYTHM
    assert pace_per_s(rhythm, silent_s=None, first_per_s=FIRST_PER_S) == pytest.approx(FIRST_PER_S)


def test_a_spate_raises_the_pace_at_once_and_passes():
    """The last hours count beside the last weeks."""
    calm = Rhythm(count=20.0, observed_s=20 * DAY_S, lately_count=0.3, lately_s=0.3 * DAY_S)
    spate = learnt(calm, new_at=[None] * 10, since=MONDAY, now=MONDAY + HOUR)
    later = learnt(spate, new_at=[], since=MONDAY + HOUR, now=MONDAY + 2 * DAY)
    before, during, after = (pace_per_s(r, silent_s=0.0, first_per_s=FIRST_PER_S) for r in (calm, spate, later))
    assert during > 4 * before
    assert after < 2 * before


def test_silence_makes_a_feed_less_likely_to_speak():
    """Ever less, and never not at all."""
    rhythm = Rhythm(count=20.0, observed_s=20 * DAY_S)
    paces = [pace_per_s(rhythm, silent_s=days * DAY_S, first_per_s=FIRST_PER_S) for days in (0, 1, 30, 3650)]
    assert paces == sorted(paces, reverse=True)
    assert paces[-1] > 0


def test_at_a_steady_pace_the_wait_is_the_root_of_twice_the_patience_by_the_pace():
    """The formula in the page on polling."""
    for per_day in (0.5, 24.0, 240.0):
        pace = per_day / DAY_S
        expected = math.sqrt(2 * 120 / pace)
        assert wait_for(UNKNOWN_RHYTHM, MONDAY, pace=pace, patience_s=120.0, cap_s=DAY_S) == pytest.approx(expected)


def test_a_wait_through_quiet_hours_ends_in_the_busy_ones():
    """Waiting from the evening on, hardly anything is missed before the morning."""
    rhythm = week_of_mornings()
    evening = MONDAY + 28 * DAY + 20 * HOUR
    wait_s = wait_for(rhythm, evening, pace=3 / DAY_S, patience_s=7200.0, cap_s=DAY_S)
    assert 6 <= (evening + timedelta(seconds=wait_s)).hour <= 9


def test_so_many_expected_entries_end_a_wait_too():
    """Three entries at one an hour take three hours."""
    assert wait_for(UNKNOWN_RHYTHM, MONDAY, pace=1 / HOUR_S, count=3.0, cap_s=DAY_S) == pytest.approx(3 * HOUR_S)


@pytest.mark.parametrize(
    ("dates", "window"),
    [
        ([], Window(count=0)),
        ([None] * 4, Window(count=4)),
        ([None, None, MONDAY, MONDAY], Window(count=4)),
        ([MONDAY, MONDAY - DAY, MONDAY - 2 * DAY], Window(count=3, middle_at=MONDAY - DAY)),
        ([MONDAY, MONDAY, MONDAY, MONDAY - 999 * DAY], Window(count=4, middle_at=MONDAY)),
    ],
    ids=["empty", "undated", "half dated", "dated", "one pinned"],
)
def test_a_document_shows_its_length_and_its_middle(dates, window):
    """The middle only where most entries are dated; a pinned one does not move it."""
    assert window_of(dates) == window


weights = st.floats(min_value=0, max_value=1e6)
rhythms = st.builds(Rhythm, by_hour=st.tuples(*[weights] * 24), by_day=st.tuples(*[weights] * 7))
moments = st.integers(0, 10**8).map(lambda seconds: MONDAY + timedelta(seconds=seconds))


@given(rhythms, moments)
def test_a_week_is_a_week_whatever_the_rhythm(rhythm, now):
    """Hours are weighed against each other, and average out."""
    assert expected_share_s(rhythm, now, now + 7 * DAY) == pytest.approx(WEEK_S)


@given(rhythms, moments, st.floats(1e-9, 1.0), st.floats(1.0, 1e6))
def test_a_busier_feed_is_never_waited_for_longer(rhythm, now, pace, patience_s):
    """Nor does less patience lengthen a wait."""
    wait_s = wait_for(rhythm, now, pace=pace, patience_s=patience_s, cap_s=DAY_S)
    assert wait_for(rhythm, now, pace=2 * pace, patience_s=patience_s, cap_s=DAY_S) <= wait_s * (1 + 1e-9)
    assert wait_for(rhythm, now, pace=pace, patience_s=patience_s / 2, cap_s=DAY_S) <= wait_s * (1 + 1e-9)
    assert 0 < wait_s <= DAY_S


def test_hours_that_were_not_watched_yet_are_not_taken_for_quiet():
    """A feed watched from morning to evening, without dates, is not left alone on its first night."""
    rhythm, now = learnt(UNKNOWN_RHYTHM, new_at=[], since=None, now=MONDAY + 6 * HOUR), MONDAY + 6 * HOUR
    for _ in range(15 * 4):
        rhythm = learnt(rhythm, new_at=[None], since=now, now=now + HOUR / 4)
        now += HOUR / 4
    assert by_hour(rhythm)[23] > 0.6
