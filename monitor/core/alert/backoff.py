"""How long a refused delivery waits."""

from __future__ import annotations

FIRST_S = 2.0  # most channel faults last a blink: a rate limit, a restarting proxy
CAP_S = 900.0  # a channel that is down for hours is asked four times an hour


def resend_delay_s(attempts: int, *, retry_after_s: float | None) -> float:
    """Seconds until the next attempt: doubling from FIRST_S to CAP_S, never before the channel's own wish.

    `attempts` counts those already made, from 1.
    """
    doubled = min(FIRST_S * 2.0 ** min(attempts - 1, 20), CAP_S)
    return max(doubled, retry_after_s or 0.0)
