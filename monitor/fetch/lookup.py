"""Threads for name lookups: getaddrinfo takes no time limit, so each call needs a thread that may get stuck."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable

_IDLE_S = 15.0
Job = Callable[[], None]


class LookupThreads:
    """Starts jobs at once, on a thread that has done its last one if there is one. Thread-safe.

    Nothing bounds the threads: a stuck one must not keep other names from being looked up.
    """

    def __init__(self, *, idle_s: float = _IDLE_S) -> None:
        self._idle_s = idle_s
        self._idle: list[queue.SimpleQueue[Job]] = []
        self._lock = threading.Lock()

    def start(self, job: Job) -> None:
        """Have the job done; it must not raise."""
        with self._lock:
            inbox = self._idle.pop() if self._idle else None
        if inbox is None:
            inbox = queue.SimpleQueue()
            threading.Thread(target=self._serve, args=(inbox,), daemon=True, name="name-lookup").start()
        inbox.put(job)

    @property
    def idle_count(self) -> int:
        """How many threads wait for a job."""
        with self._lock:
            return len(self._idle)

    def _serve(self, inbox: queue.SimpleQueue[Job]) -> None:
        while True:
            try:
                job = inbox.get(timeout=self._idle_s)
            except queue.Empty:
                with self._lock:
                    if inbox not in self._idle:
                        continue  # a job is on its way
                    self._idle.remove(inbox)
                return
            job()
            with self._lock:
                self._idle.append(inbox)
