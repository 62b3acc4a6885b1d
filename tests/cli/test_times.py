"""Times as a reader writes them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import typer
from hypothesis import given
from hypothesis import strategies as st

from monitor.cli.times import period, since_and_until

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 3, 31, 0, 30, tzinfo=BERLIN).astimezone(UTC)  # still 30 March in UTC; a Tuesday


WITHIN = {"min_value": datetime(1990, 1, 1), "max_value": datetime(2037, 1, 1)}  # noqa: DTZ001  # Hypothesis wants them so


def spelled(at: datetime | None) -> str:
    return "" if at is None else at.astimezone(UTC).strftime("%Y-%m-%d %H:%M")


@pytest.mark.parametrize(
    ("words", "start", "end"),
    [
        ("2026-03-01", "2026-02-28 23:00", "2026-03-01 23:00"),
        ("20260301", "2026-02-28 23:00", "2026-03-01 23:00"),
        ("2026-02", "2026-01-31 23:00", "2026-02-28 23:00"),
        ("2025-12", "2025-11-30 23:00", "2025-12-31 23:00"),
        ("2025", "2024-12-31 23:00", "2025-12-31 23:00"),
        ("today", "2026-03-30 22:00", "2026-03-31 22:00"),
        ("Yesterday", "2026-03-29 22:00", "2026-03-30 22:00"),
        ("this week", "2026-03-29 22:00", "2026-04-05 22:00"),
        ("last week", "2026-03-22 23:00", "2026-03-29 22:00"),
        ("this month", "2026-02-28 23:00", "2026-03-31 22:00"),
        ("last month", "2026-01-31 23:00", "2026-02-28 23:00"),
        ("  last   month ", "2026-01-31 23:00", "2026-02-28 23:00"),
        ("this year", "2025-12-31 23:00", "2026-12-31 23:00"),
        ("last year", "2024-12-31 23:00", "2025-12-31 23:00"),
    ],
)
def test_words_and_days_are_periods_of_the_readers_calendar(words, start, end):
    """Days begin at the reader's midnight, before and after the clocks change on 29 March."""
    found = period(words, now=NOW, zone=BERLIN)
    assert (spelled(found.start), spelled(found.end)) == (start, end)


@pytest.mark.parametrize(
    ("words", "instant"),
    [
        ("24h", "2026-03-29 22:30"),
        ("7d", "2026-03-23 22:30"),
        ("1h 30m", "2026-03-30 21:00"),
        ("2h ago", "2026-03-30 20:30"),
        ("now", "2026-03-30 22:30"),
        ("2026-03-01 14:30", "2026-03-01 13:30"),
        ("2026-03-01T14:30", "2026-03-01 13:30"),
        ("2026-03-01T14:30Z", "2026-03-01 14:30"),
        ("2026-03-01T14:30:00+05:30", "2026-03-01 09:00"),
    ],
)
def test_ages_and_times_of_day_are_instants(words, instant):
    """A time without a zone is the reader's."""
    found = period(words, now=NOW, zone=BERLIN)
    assert found.start == found.end
    assert spelled(found.start) == instant


def test_a_day_begins_where_clocks_skip_midnight():
    """In Beirut 26 March 2023 began at 01:00, two hours before 00:00 UTC plus none."""
    found = period("2023-03-26", now=NOW, zone=ZoneInfo("Asia/Beirut"))
    assert (spelled(found.start), spelled(found.end)) == ("2023-03-25 22:00", "2023-03-26 21:00")


def test_until_takes_in_the_whole_period():
    since, until = since_and_until("last month", "last month", now=NOW, zone=UTC)
    assert (spelled(since), spelled(until)) == ("2026-02-01 00:00", "2026-03-01 00:00")


@pytest.mark.parametrize("words", ["soon", "", "2026-13", "2026-02-30", "25:00", "-3h", "0h", "9999999999d", "last"])
def test_what_is_not_understood_is_told_with_examples(words):
    if not words:
        assert since_and_until(words, None, now=NOW, zone=UTC) == (None, None)
        return
    with pytest.raises(typer.BadParameter, match="is not understood: write 2024-10-29"):
        since_and_until(words, None, now=NOW, zone=UTC)


def test_bounds_the_wrong_way_round_are_refused():
    with pytest.raises(typer.BadParameter, match="later than"):
        since_and_until("today", "last month", now=NOW, zone=UTC)


@given(
    now=st.datetimes(timezones=st.just(UTC), **WITHIN),
    zone=st.sampled_from(
        ["UTC", "Europe/Berlin", "Asia/Beirut", "America/Sao_Paulo", "Pacific/Apia", "Asia/Kathmandu"]
    ),
)
def test_neighbouring_periods_meet_without_gap_or_overlap(now, zone):
    """Yesterday ends as today begins; so do months; today holds now; nothing lasts no time."""
    of = {w: period(w, now=now, zone=ZoneInfo(zone)) for w in ("yesterday", "today", "last month", "this month")}
    assert of["yesterday"].end == of["today"].start <= now < of["today"].end
    assert of["last month"].end == of["this month"].start <= now < of["this month"].end
    assert of["last month"].end - of["last month"].start >= timedelta(days=27)


@given(text=st.text(max_size=20))
def test_any_words_are_understood_or_refused(text):
    try:
        found = period(text, now=NOW, zone=BERLIN)
    except (ValueError, OverflowError):
        return
    assert found.start <= found.end
