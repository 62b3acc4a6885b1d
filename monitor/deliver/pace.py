"""How fast a channel may be written to."""

from __future__ import annotations

import time
from collections.abc import Callable

from monitor.errors import DeliveryFault, Transient


class Pace:
    """Keeps `min_gap_s` between the end of one call and the start of the next, and holds back after a 429.

    The first call waits too: a process that is killed and started again must not send faster.
    """

    def __init__(
        self,
        min_gap_s: float,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._min_gap_s = min_gap_s
        self._monotonic = monotonic
        self._sleep = sleep
        self._last = monotonic()
        self._closed_until = self._last

    def wait(self) -> None:
        """Sleep out the rest of the gap.

        Raises:
            Transient: the channel asked for silence and it is not over; `retry_after_s` says how long still.
        """
        now = self._monotonic()
        if now < self._closed_until:
            rest = self._closed_until - now
            raise Transient(DeliveryFault.RATE_LIMITED, "the channel asked to wait", retry_after_s=rest)
        if (rest := self._last + self._min_gap_s - now) > 0:
            self._sleep(rest)

    def done(self) -> None:
        """Say that a call ended."""
        self._last = self._monotonic()

    def hold(self, seconds: float) -> None:
        """Say that the channel wants no call for so long."""
        self._closed_until = max(self._closed_until, self._monotonic() + seconds)
