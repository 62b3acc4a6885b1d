"""The circuits of all hosts asked lately."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from monitor.core.model.feed import PollReason
from monitor.core.poll.circuit import Circuit, admit, after_answer, after_silence
from monitor.errors import FetchError

_SILENT = frozenset((PollReason.TIMEOUT, PollReason.CONNECTION_FAILED, PollReason.TLS_FAILURE, PollReason.DNS_FAILURE))


class HostDown(Exception):
    """The host answered none of the last requests and is left alone; `wait_s` until it is tried again."""

    def __init__(self, host: str, wait_s: float, unanswered: int) -> None:
        super().__init__(f"{host} did not answer {unanswered} requests in a row: tried again in {wait_s:.0f} s")
        self.wait_s = wait_s


class HostCircuits:
    """Who answers and who does not. Thread-safe; only hosts in trouble are remembered."""

    def __init__(self, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._circuits: dict[str, Circuit] = {}
        self._lock = threading.Lock()

    @contextmanager
    def watching(self, host: str) -> Iterator[None]:
        """One request to a host, whose outcome counts.

        Raises:
            HostDown: the host is being left alone.
        """
        with self._lock:
            circuit = self._circuits.get(host)
            if circuit is not None:
                admission = admit(circuit, now=self._monotonic())
                if admission.wait_s:
                    raise HostDown(host, admission.wait_s, circuit.unanswered)
                self._circuits[host] = admission.circuit
        try:
            yield
        except FetchError as error:
            # What the host did send and we refuse (too large, badly encoded) is an answer.
            self._note(host, answered=error.reason not in _SILENT)
            raise
        self._note(host, answered=True)

    @property
    def troubled_count(self) -> int:
        """How many hosts have an unanswered request behind them."""
        with self._lock:
            return len(self._circuits)

    def _note(self, host: str, *, answered: bool) -> None:
        with self._lock:
            if answered:
                self._circuits.pop(host, None)
            else:
                before = self._circuits.get(host, after_answer())
                self._circuits[host] = after_silence(before, now=self._monotonic())
