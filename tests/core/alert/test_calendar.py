"""Quiet hours and digest times on clocks that jump."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.alert.calendar import next_digest_at, next_hour, quiet_until
from monitor.core.model.route import DigestTimes, Every, Quiet

BERLIN = ZoneInfo("Europe/Berlin")
ZONES = [ZoneInfo(name) for name in ("UTC", "Europe/Berlin", "Asia/Kathmandu", "America/New_York", "Pacific/Apia")]
NIGHT = Quiet(start=time(23), end=time(7), zone=BERLIN)


def berlin(text: str, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN, fold=fold)


@pytest.mark.parametrize(
    ("now", "until"),
    [
        ("2024-10-29T22:59", None),
        ("2024-10-29T23:00", "2024-10-30T07:00"),
        ("2024-10-30T06:59", "2024-10-30T07:00"),
        ("2024-10-30T07:00", None),
    ],
)
def test_a_night_begins_on_one_day_and_ends_on_the_next(now, until):
    assert quiet_until(NIGHT, berlin(now)) == (berlin(until) if until else None)


def test_nights_of_clock_changes_are_an_hour_shorter_or_longer():
    spring, autumn = berlin("2024-03-30T23:00"), berlin("2024-10-26T23:00")
    assert quiet_until(NIGHT, spring).astimezone(UTC) - spring.astimezone(UTC) == timedelta(hours=7)
    assert quiet_until(NIGHT, autumn).astimezone(UTC) - autumn.astimezone(UTC) == timedelta(hours=9)


def test_an_end_that_comes_twice_is_the_second_and_one_left_out_is_later():
    early = Quiet(start=time(1), end=time(2, 30), zone=BERLIN)
    assert quiet_until(early, berlin("2024-10-27T02:15", fold=1)) == datetime(2024, 10, 27, 1, 30, tzinfo=UTC)
    assert quiet_until(early, berlin("2024-03-31T01:30")).astimezone(UTC) == datetime(2024, 3, 31, 1, 30, tzinfo=UTC)


def test_only_the_named_days_begin_a_span():
    weekend = Quiet(start=time(0), end=None, zone=BERLIN, days=frozenset({5, 6}))
    assert quiet_until(weekend, berlin("2024-11-01T23:59")) is None
    assert quiet_until(weekend, berlin("2024-11-02T00:00")) == berlin("2024-11-04T00:00")
    friday = Quiet(start=time(22), end=time(6), zone=BERLIN, days=frozenset({4}))
    assert quiet_until(friday, berlin("2024-11-02T05:00")) == berlin("2024-11-02T06:00")
    assert quiet_until(friday, berlin("2024-11-02T23:00")) is None


def test_daily_and_weekly_digests_keep_to_the_wall_clock():
    daily = DigestTimes(every=Every.DAY, zone=BERLIN, at=time(8))
    assert next_digest_at(daily, berlin("2024-10-26T08:00")) == berlin("2024-10-27T08:00")
    assert next_digest_at(daily, berlin("2024-10-26T07:59")) == berlin("2024-10-26T08:00")
    weekly = DigestTimes(every=Every.WEEK, zone=BERLIN, at=time(8), day=0)
    assert next_digest_at(weekly, berlin("2024-10-28T08:00")) == berlin("2024-11-04T08:00")


def test_hourly_digests_are_made_on_the_hour_of_the_zone():
    hourly = DigestTimes(every=Every.HOUR, zone=ZoneInfo("Asia/Kathmandu"))
    at = next_digest_at(hourly, datetime(2024, 10, 29, 12, 0, tzinfo=UTC))
    assert at == datetime(2024, 10, 29, 12, 15, tzinfo=UTC)  # 18:00 there
    assert next_hour(datetime(2024, 10, 29, 12, 0, 1, tzinfo=UTC)) == datetime(2024, 10, 29, 13, tzinfo=UTC)


INSTANTS = st.datetimes(datetime(2000, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
TIMES = st.times().map(lambda t: t.replace(second=0, microsecond=0))


@given(
    INSTANTS,
    st.builds(
        Quiet,
        start=TIMES,
        end=st.none() | TIMES,
        zone=st.sampled_from(ZONES),
        days=st.frozensets(st.integers(0, 6), min_size=1, max_size=3),
    ),
)
def test_quiet_hours_end_ahead_and_are_over_then(now, quiet):
    """For any times, days and zones: whoever waits until the end is not held again."""
    until = quiet_until(quiet, now)
    if until is not None:
        assert now < until <= now + timedelta(days=8)
        assert quiet_until(quiet, until) is None


@given(
    INSTANTS,
    st.builds(DigestTimes, every=st.sampled_from(Every), zone=st.sampled_from(ZONES), at=TIMES, day=st.integers(0, 6)),
)
def test_the_next_digest_is_ahead_and_not_far(now, times):
    at = next_digest_at(times, now)
    longest = {Every.HOUR: timedelta(hours=1), Every.DAY: timedelta(hours=49), Every.WEEK: timedelta(days=15)}
    assert timedelta(0) < at - now <= longest[times.every]
