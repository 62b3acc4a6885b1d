"""Burst mode: the sources that report a story are asked often while it is alive, then less and less."""

from __future__ import annotations

import math
from datetime import datetime, timedelta

# After the burst the longest wait doubles every half hour: from a floor of five minutes it is past
# an hour after two hours, and past any feed's own wait within half a day.
_DECAY_S = 1800.0


def burst_until(current: datetime | None, *, reported_at: datetime, burst_s: float) -> datetime | None:
    """Until when a feed is in burst after it reported into an active story; `burst_s` 0 starts none.

    A later report prolongs a burst, an earlier one never shortens it.
    """
    if burst_s <= 0:
        return current
    until = reported_at + timedelta(seconds=burst_s)
    return until if current is None else max(current, until)


def burst_limit_s(until: datetime | None, now: datetime, *, floor_s: float, cap_s: float) -> float:
    """The longest wait that a burst allows at `now`: the floor while it lasts, then doubling up to `cap_s`."""
    if until is None:
        return cap_s
    over_s = max((now - until).total_seconds(), 0.0)
    doublings = min(over_s / _DECAY_S, 64.0)
    return min(floor_s * math.pow(2.0, doublings), cap_s)
