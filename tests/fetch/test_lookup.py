"""Threads for lookups: used again, and never waited for."""

from __future__ import annotations

import threading

from monitor.fetch.lookup import LookupThreads


def test_a_thread_that_is_done_takes_the_next_job() -> None:
    threads = LookupThreads()
    seen: set[int] = set()
    for _ in range(10):
        done = threading.Event()
        threads.start(lambda done=done: (seen.add(threading.get_ident()), done.set()))
        assert done.wait(30)
        while not threads.idle_count:
            pass
    assert len(seen) == 1


def test_a_stuck_job_keeps_no_other_waiting() -> None:
    threads = LookupThreads()
    go_on = threading.Event()
    for _ in range(3):
        threads.start(lambda: go_on.wait(30) and None)
    done = threading.Event()
    threads.start(done.set)
    assert done.wait(30)
    go_on.set()


def test_idle_threads_end() -> None:
    threads = LookupThreads(idle_s=0.01)
    done = threading.Event()
    threads.start(done.set)
    assert done.wait(30)
    while any(thread.name == "name-lookup" and thread.is_alive() for thread in threading.enumerate()):
        if threads.idle_count == 0:
            break
    assert threads.idle_count == 0
