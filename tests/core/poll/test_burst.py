"""When the sources of a story are asked more often."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from monitor.core.poll.burst import burst_limit_s, burst_until

NOW = datetime(2025, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("current", "burst_s", "until"),
    [
        (None, 7200.0, NOW + 2 * HOUR),
        (NOW + HOUR, 7200.0, NOW + 2 * HOUR),
        (NOW + 3 * HOUR, 7200.0, NOW + 3 * HOUR),
        (None, 0.0, None),
        (NOW - HOUR, 0.0, NOW - HOUR),
    ],
    ids=["begins", "goes on", "is longer already", "is off", "is off and was on"],
)
def test_a_report_in_an_active_story_starts_or_prolongs_a_burst(current, burst_s, until):
    """It lasts the configured time from the last such report, and is never cut short."""
    assert burst_until(current, reported_at=NOW, burst_s=burst_s) == until


@pytest.mark.parametrize(
    ("until", "limit_s"),
    [
        (None, 86_400.0),
        (NOW + HOUR, 300.0),
        (NOW, 300.0),
        (NOW - HOUR, 1200.0),
        (NOW - 2 * HOUR, 4800.0),
        (NOW - 12 * HOUR, 86_400.0),
        (NOW - timedelta(days=9999), 86_400.0),
    ],
    ids=["never", "during", "at its end", "an hour later", "two hours later", "half a day later", "long ago"],
)
def test_after_a_burst_the_longest_wait_doubles_every_half_hour(until, limit_s):
    """The floor while it lasts, then ever more, up to the cap."""
    assert burst_limit_s(until, NOW, floor_s=300.0, cap_s=86_400.0) == pytest.approx(limit_s)
