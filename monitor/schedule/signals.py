"""What the process is asked for from outside, as wishes in a queue."""

from __future__ import annotations

import queue
import signal
from contextlib import suppress
from enum import StrEnum
from types import FrameType

_HEARD_WITHIN_S = 0.5


class Wish(StrEnum):
    LOAD = "load"
    LOADED = "loaded"  # the answer, so that the one who waits for wishes hears of it
    STOP = "stop"


class Wishes:
    """SIGTERM and SIGINT wish for a stop, SIGHUP for the configuration anew; other threads may wish, too."""

    def __init__(self) -> None:
        self._queue: queue.SimpleQueue[Wish] = queue.SimpleQueue()  # its put may interrupt its own get
        self._stops = 0

    def listen(self) -> None:
        """Take over the signals; only from the main thread."""
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._on_signal)

    def next(self) -> Wish:
        """The next wish; waits for it."""
        while True:
            # Python runs signal handlers between two steps of the main thread. A signal that comes
            # when it is about to wait would be heard at the end of the wait, which must not be endless.
            with suppress(queue.Empty):
                return self._queue.get(timeout=_HEARD_WITHIN_S)

    def put(self, wish: Wish) -> None:
        """Wish for something; from any thread."""
        self._queue.put(wish)

    @property
    def is_urgent(self) -> bool:
        """Whether a signal to stop came a second time: somebody does not want to wait."""
        return self._stops > 1

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        del frame
        if number != signal.SIGHUP:
            self._stops += 1
        self.put(Wish.LOAD if number == signal.SIGHUP else Wish.STOP)
