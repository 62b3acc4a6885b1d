"""Date strings as feeds and pages write them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from monitor.core.parse.dates import EARLIEST, parse_date, parse_stated, usable_date


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("Sun, 10 Aug 2025 06:30:00 GMT", "2025-08-10T06:30:00+00:00"),
        ("Sun, 10 Aug 2025 06:30:00 +0200", "2025-08-10T04:30:00+00:00"),
        ("Sun, 10 Aug 2025 06:30:00 +02:00", "2025-08-10T04:30:00+00:00"),
        ("Sun, 10 Aug 2025 06:30:00 EST", "2025-08-10T11:30:00+00:00"),
        ("Sun, 10 Aug 2025 06:30:00 BST", "2025-08-10T05:30:00+00:00"),
        ("Sun, 10 Aug 2025 06:30 CEST", "2025-08-10T04:30:00+00:00"),
        ("Sun,10 Aug 2025 6:5:3 GMT+9", "2025-08-09T21:05:03+00:00"),
        ("10 Aug 2025 06:30:00", "2025-08-10T06:30:00+00:00"),
        ("10 Aug 25 06:30:00 Z", "2025-08-10T06:30:00+00:00"),
        ("2025-08-10T06:30:00Z", "2025-08-10T06:30:00+00:00"),
        ("2025-08-10T06:30:00.123456789Z", "2025-08-10T06:30:00+00:00"),
        ("2025-08-10T06:30-04:00", "2025-08-10T10:30:00+00:00"),
        ("2025-08-10T06:30:00+0530", "2025-08-10T01:00:00+00:00"),
        ("2025-08-10 06:30:00", "2025-08-10T06:30:00+00:00"),
        ("2025-08-10 06:30:00 UTC", "2025-08-10T06:30:00+00:00"),
        ("2025-08-10", "2025-08-10T00:00:00+00:00"),
        ("20250810T063000Z", "2025-08-10T06:30:00+00:00"),
        ("  2025-08-10\n T06:30:00Z ", "2025-08-10T06:30:00+00:00"),
        ("2025-13-10", None),
        ("2025-02-30T10:00:00Z", None),
        ("Sun, 32 Aug 2025 06:30:00 GMT", None),
        ("yesterday", None),
        ("", None),
        ("9" * 500, None),
        ("2025-08-10T06:30:00+99:99", None),
        ("Mon, 01 Jan 0001 00:00:00 +1400", None),
    ],
)
def test_a_written_date_is_one_instant_or_none(written, expected):
    found = parse_date(written)
    assert (found and found.isoformat()) == expected


def test_a_leap_second_is_the_second_before():
    assert parse_date("2016-12-31T23:59:60Z") == datetime(2016, 12, 31, 23, 59, 59, tzinfo=UTC)


def test_a_page_that_names_no_zone_states_a_day_only():
    assert parse_stated("2025-08-10T06:30:00") == (None, date(2025, 8, 10))
    assert parse_stated("2025-08-10") == (None, date(2025, 8, 10))
    assert parse_stated("2025-08-10T06:30:00Z") == (datetime(2025, 8, 10, 6, 30, tzinfo=UTC), date(2025, 8, 10))
    assert parse_stated("tomorrow") == (None, None)


def test_dates_outside_what_can_be_are_no_dates():
    now = datetime(2025, 8, 10, tzinfo=UTC)
    latest = now + timedelta(days=2)
    assert usable_date(datetime(1, 1, 1, tzinfo=UTC), latest=None) is None
    assert usable_date(datetime(1970, 1, 1, tzinfo=UTC), latest=latest) is None
    assert usable_date(latest + timedelta(seconds=1), latest=latest) is None
    assert usable_date(latest, latest=latest) == latest
    assert usable_date(EARLIEST, latest=latest) == EARLIEST
    assert usable_date(latest + timedelta(days=900), latest=None) is not None
    assert usable_date(None, latest=latest) is None
