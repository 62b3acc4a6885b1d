"""Parsing in processes: hostile input costs one call, never the monitor."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from monitor.core.model.feed import PollReason
from monitor.errors import ParseError, WorkerFailed
from monitor.workers.pool import WorkerPool

_URL = "https://feeds.example/rss"
_FEED = b"<rss version='2.0'><channel><item><title>Truce holds</title></item></channel></rss>"
_PAGE = b"<html><body><p>" + b"The minister arrived in Port Alder for talks. " * 20 + b"</p></body></html>"
_MEMORY = 1 << 30


def hostile_feed():
    """4.5 MB of tags that never end: feedparser's lenient parser sits over them for some 20 s."""
    return b"<rss><channel><item><title>x</title><description>" + b"<a " * 1_500_000 + b"</description></item>"


def titles(pool):
    feed = pool.parse_feed(_FEED, url=_URL, content_type=None)
    return [entry.title for entry in feed.entries]


@pytest.fixture
def pool():
    with WorkerPool(1, 20.0, _MEMORY) as pool:
        yield pool


def is_running(pid):
    """Whether the process exists and is no zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def await_end(pid, seconds=10.0):
    """Wait for a process that is nobody's child here, without polling."""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    with open(handle, "rb"):
        select.select([handle], [], [], seconds)


def test_feeds_pages_and_indexes_come_back_as_values(pool):
    assert titles(pool) == ["Truce holds"]
    assert "Port Alder" in pool.extract_article(_PAGE, url=_URL, content_type="text/html").text
    page = b"<html><body><a href='/x'>A title</a></body></html>"
    assert pool.parse_index(page, url=_URL, content_type=None, selector="a").entries[0].title == "A title"
    assert len(pool.process_ids) == 1


def test_a_parse_error_comes_back_as_itself_and_spares_the_process(pool):
    titles(pool)
    before = pool.process_ids
    with pytest.raises(ParseError) as caught:
        pool.parse_feed(b"", url=_URL, content_type=None)
    assert type(caught.value) is ParseError
    assert caught.value.reason is PollReason.EMPTY_BODY
    assert titles(pool) == ["Truce holds"]
    assert pool.process_ids == before


def test_a_hostile_feed_costs_its_own_call_only():
    with WorkerPool(1, 0.5, _MEMORY) as pool:
        titles(pool)
        before = pool.process_ids
        with pytest.raises(WorkerFailed) as caught:
            pool.parse_feed(hostile_feed(), url=_URL, content_type=None)
        assert caught.value.reason is PollReason.PARSER_TIMEOUT
        assert not is_running(before[0])
        assert titles(pool) == ["Truce holds"]


def test_a_process_killed_at_work_costs_one_call(pool):
    titles(pool)
    (pid,) = pool.process_ids
    with ThreadPoolExecutor(1) as threads:
        call = threads.submit(pool.parse_feed, hostile_feed(), url=_URL, content_type=None)
        threading.Timer(0.5, os.kill, (pid, signal.SIGKILL)).start()
        error = call.exception(timeout=20)
    assert isinstance(error, WorkerFailed)
    assert error.reason is PollReason.PARSER_CRASHED
    assert titles(pool) == ["Truce holds"]


def test_a_process_killed_at_rest_costs_nothing(pool):
    titles(pool)
    (pid,) = pool.process_ids
    os.kill(pid, signal.SIGKILL)
    await_end(pid)
    assert titles(pool) == ["Truce holds"]


def test_memory_is_capped():
    with WorkerPool(1, 20.0, 300 << 20) as pool:
        items = b"<item><title>x</title></item>" * 400_000
        with pytest.raises(WorkerFailed) as caught:
            pool.parse_feed(b"<rss><channel>" + items + b"</channel></rss>", url=_URL, content_type=None)
        assert caught.value.reason is PollReason.PARSER_CRASHED
        assert titles(pool) == ["Truce holds"]


def test_signals_to_the_group_do_not_end_a_worker(pool):
    titles(pool)
    (pid,) = pool.process_ids
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        os.kill(pid, number)
    assert titles(pool) == ["Truce holds"]
    assert pool.process_ids == (pid,)
    assert os.getpgid(pid) != os.getpgid(0)


def test_no_process_starts_before_the_first_call(pool):
    assert pool.process_ids == ()


def test_a_worker_is_replaced_after_its_calls():
    with WorkerPool(1, 20.0, _MEMORY, calls_per_worker=2) as pool:
        seen = [titles(pool) and pool.process_ids for _ in range(4)]
    assert seen[0] != ()
    assert seen[1] == ()  # its second call was its last
    assert seen[2] not in ((), seen[0])


def test_many_threads_share_few_processes():
    with WorkerPool(2, 20.0, _MEMORY) as pool, ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda _: titles(pool), range(40)))
        assert found == [["Truce holds"]] * 40
        assert 1 <= len(pool.process_ids) <= 2


def test_closing_ends_processes_calls_under_way_and_later_ones():
    pool = WorkerPool(1, 30.0, _MEMORY)
    titles(pool)
    (pid,) = pool.process_ids
    with ThreadPoolExecutor(2) as threads:
        calls = [threads.submit(pool.parse_feed, hostile_feed(), url=_URL, content_type=None) for _ in range(2)]
        threading.Timer(0.2, pool.close).start()
        assert all(isinstance(call.exception(timeout=20), WorkerFailed) for call in calls)
    with pytest.raises(WorkerFailed, match="closed"):
        titles(pool)
    assert not is_running(pid)
    assert pool.process_ids == ()
    pool.close()


_MONITOR = """
import sys, threading
from monitor.workers.pool import WorkerPool
from tests.workers.test_pool import _URL, _MEMORY, hostile_feed, titles
pool = WorkerPool(2, 600.0, _MEMORY)
titles(pool)
threading.Thread(target=lambda: pool.parse_feed(hostile_feed(), url=_URL, content_type=None), daemon=True).start()
while len(pool.process_ids) < 2:
    titles(pool)
print(*pool.process_ids, flush=True)
sys.stdin.read()
"""


def test_no_worker_outlives_a_monitor_killed_by_force():
    """One worker is idle, one in a parser that gives no thread a turn."""
    root = Path(__file__).parents[2]
    with subprocess.Popen(
        [sys.executable, "-c", _MONITOR], cwd=root, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as monitor:
        pids = [int(pid) for pid in monitor.stdout.readline().split()]
        assert len(pids) == 2
        assert all(map(is_running, pids))
        monitor.kill()
    for pid in pids:
        await_end(pid)
    assert not any(map(is_running, pids))


def test_a_worker_is_given_no_secrets(pool, monkeypatch):
    monkeypatch.setenv("SLACK_TOKEN", "xoxb-secret")
    titles(pool)
    (pid,) = pool.process_ids
    assert b"xoxb-secret" not in Path(f"/proc/{pid}/environ").read_bytes()
