"""What a server says about when to come back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.poll.hints import NO_HINTS, CacheHints, cache_hints, http_date

NOW = datetime(2025, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("120", 120.0),
        (" 120 ", 120.0),
        ("0", 0.0),
        ("Sat, 01 Mar 2025 12:10:00 GMT", 600.0),
        ("Saturday, 01-Mar-25 12:10:00 GMT", 600.0),
        ("Sat, 01 Mar 2025 11:00:00 GMT", 0.0),
        ("Sat, 01 Mar 2025 14:10:00 +0200", 600.0),
        ("soon", None),
        ("-5", None),
        ("1.5", None),
        ("", None),
        ("99999999999999999999", None),
        ("١٢", None),
    ],
)
def test_retry_after_is_seconds_or_a_date(value, expected):
    """RFC 9110, 10.2.3; what cannot be read counts as absent."""
    assert cache_hints((("retry-after", value),), NOW).retry_after_s == expected


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ((("cache-control", "public, max-age=600"),), CacheHints(max_age_s=600)),
        ((("cache-control", 'MAX-AGE="600"'),), CacheHints(max_age_s=600)),
        ((("cache-control", "max-age=600"), ("age", "200")), CacheHints(max_age_s=400)),
        ((("cache-control", "max-age=600"), ("age", "900")), CacheHints(max_age_s=0)),
        ((("cache-control", "public"), ("cache-control", "max-age=60")), CacheHints(max_age_s=60)),
        ((("cache-control", "no-cache, max-age=600"),), NO_HINTS),
        ((("cache-control", "no-store"), ("expires", "Sat, 01 Mar 2025 12:10:00 GMT")), NO_HINTS),
        ((("cache-control", "max-age=x"), ("expires", "Sat, 01 Mar 2025 12:10:00 GMT")), CacheHints(expires_s=600)),
        ((("expires", "Sat, 01 Mar 2025 12:10:00 GMT"),), CacheHints(expires_s=600)),
        ((("expires", "0"),), NO_HINTS),
        ((("expires", "-1"),), NO_HINTS),
        ((), NO_HINTS),
    ],
)
def test_freshness_is_read_as_caches_read_it(headers, expected):
    """max-age less Age beats Expires, and no-cache voids both."""
    assert cache_hints(headers, NOW) == expected


def test_expires_counts_from_the_servers_own_clock():
    """A server whose clock is an hour ahead still means ten minutes."""
    headers = (("date", "Sat, 01 Mar 2025 13:00:00 GMT"), ("expires", "Sat, 01 Mar 2025 13:10:00 GMT"))
    assert cache_hints(headers, NOW) == CacheHints(expires_s=600)


def test_http_dates_come_back_in_utc():
    """One zone for all."""
    assert http_date("Sat, 01 Mar 2025 14:00:00 +0200") == NOW
    assert http_date("Sat, 01 Mar 2025 14:00:00 +0200").tzinfo is UTC
    assert http_date(None) is None


@given(st.lists(st.tuples(st.sampled_from(["retry-after", "cache-control", "expires", "age", "date"]), st.text())))
def test_no_header_breaks_the_reading(headers):
    """Any text gives hints of zero or more seconds, or none."""
    hints = cache_hints(tuple(headers), NOW)
    assert all(wish is None or wish >= 0 for wish in (hints.retry_after_s, hints.max_age_s, hints.expires_s))


@given(st.integers(631_152_000, 3_786_912_000), st.integers(-12, 12))
def test_any_date_in_any_zone_is_understood(second, hours):
    """Dates as servers write them between 1990 and 2090, whatever their zone."""
    local = datetime.fromtimestamp(second, timezone(timedelta(hours=hours)))
    assert http_date(local.strftime("%a, %d %b %Y %H:%M:%S %z")) == local
