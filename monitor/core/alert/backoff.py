"""How long a refused delivery waits."""

from __future__ import annotations

FIRST_S = 2.0  # most channel faults last a blink: a rate limit, a restarting proxy
CAP_S = 60.0  # news must not wait long once a channel that was down is back; its pace keeps the load low
LEAST_S = 0.2


def resend_delay_s(attempts: int, *, retry_after_s: float | None) -> float:
    """Seconds until the next attempt: the channel's own wish, else doubling from FIRST_S to CAP_S.

    `attempts` counts those already made, from 1.
    """
    if retry_after_s is not None:
        return max(retry_after_s, LEAST_S)
    return min(FIRST_S * 2.0 ** min(attempts - 1, 20), CAP_S)
