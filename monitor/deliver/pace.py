"""How fast a channel may be written to."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from monitor.errors import DeliveryFault, Transient


class Pace:
    """A bucket of `burst` calls that fills by one each `gap_s` seconds, and holds back after a 429.

    It begins empty: a process that is killed and started again must not send faster. A call is
    taken off at its end, so that the far side, which counts when it arrives, never has less left.
    Safe to share between the senders of one channel, whose calls then follow each other.
    """

    def __init__(
        self,
        gap_s: float,
        *,
        burst: int = 1,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._gap_s = gap_s
        self._burst = float(burst)
        self._monotonic = monotonic
        self._sleep = sleep
        self._calling = threading.RLock()
        self._level = 0.0
        self._counted_at = monotonic()
        self._closed_until = self._counted_at

    def wait(self) -> None:
        """Sleep until a call may be made; takes nothing.

        Raises:
            Transient: the channel asked for silence and it is not over; `retry_after_s` says how long still.
        """
        if (rest := self._closed_until - self._monotonic()) > 0:
            raise Transient(DeliveryFault.RATE_LIMITED, "the channel asked to wait", retry_after_s=rest)
        if (missing := 1.0 - self._filled()) > 0:
            self._sleep(missing * self._gap_s)

    @contextmanager
    def turn(self) -> Iterator[None]:
        """One call, when its time has come; nobody else's goes on beside it. Raises: as `wait`."""
        with self._calling:
            self.wait()
            try:
                yield
            finally:
                self._level = self._filled() - 1.0

    def hold(self, seconds: float) -> None:
        """Say that the channel wants no call for so long."""
        self._closed_until = max(self._closed_until, self._monotonic() + seconds)

    def _filled(self) -> float:
        now = self._monotonic()
        gained = (now - self._counted_at) / self._gap_s if self._gap_s > 0 else self._burst
        self._level, self._counted_at = min(self._burst, self._level + gained), now
        return self._level
