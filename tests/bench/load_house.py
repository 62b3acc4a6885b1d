"""The daemon of the load bench: its configuration, its past, and what its processes use."""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from monitor.core.model.entry import Entry
from monitor.core.model.feed import PollReason
from monitor.settings.load import load_settings
from monitor.settings.paths import alembic_dir
from monitor.settings.sources import configured_feeds
from monitor.store.database import open_store
from monitor.store.engine import Database
from monitor.store.entries import write_entries
from monitor.store.migrate import make_ready
from tests.bench.load_plan import LONG_AGO, Manner, Plan, Served, etag, last_modified, summary
from tests.bench.load_web import plan_text

_TICKS = os.sysconf("SC_CLK_TCK")
_NEVER = datetime(2100, 1, 1, tzinfo=UTC)


@contextmanager
def open_web(plan: Plan, log: Path) -> Iterator[tuple[Plan, subprocess.Popen[str]]]:
    """The plan with its port, and the serving process; its log is there when the context ends."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.bench.load_web", plan_text(plan), str(log)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        yield replace(plan, port=json.loads(process.stdout.readline())["port"]), process
    finally:
        process.stdin.close()
        process.wait(60)
        process.stdout.close()


def write_config(folder: Path, plan: Plan, *, interval_s: float, settings: dict[str, dict[str, Any]]) -> Path:
    """A configuration of the plan's feeds, each at the given interval; alerts go to the web's own hook."""
    given: dict[str, Any] = {
        "database": {"url": f"sqlite:///{folder / 'monitor.db'}"},
        "sources": [
            {"name": f"Paper {feed.number}", "url": plan.url(feed), "interval": interval_s, "language": "en"}
            for feed in plan.served
        ],
        "channels": {"desk": {"kind": "webhook", "url": f"http://{plan.address(0)}:{plan.port}/hook"}},
        "network": {"allow_private": True},
        "alerts": {"timezone": "UTC"},
        "log": {"format": "json"},
    }
    path = folder / "monitor.yaml"
    path.write_text(json.dumps(given | settings))  # JSON is YAML
    return path


def seed_past(config: Path, plan: Plan, *, interval_s: float) -> None:
    """Give every feed the past of one that has been polled for weeks; none is due yet."""
    loaded = load_settings(config, environ={})
    url = loaded.settings.database.url
    make_ready(url, alembic_dir())
    store = open_store(url)
    now = datetime.now(UTC)
    store.feeds.sync(configured_feeds(loaded), now=now)
    ids = {view.feed.url: view.feed.id for view in store.history.feeds()}
    store.close()
    database = Database(url)
    with database.writing() as connection:
        for feed in plan.served:
            entries = [
                Entry(
                    guid=item.guid,
                    url=f"http://{plan.address(feed.host)}:{plan.port}{item.path}",
                    title=item.title,
                    summary=summary(item),
                    published_at=LONG_AGO,
                )
                for item in feed.shown(0)
            ]
            write_entries(
                connection, feed_id=ids[plan.url(feed)], entries=entries, seen_at=LONG_AGO, first_success=True
            )
    database.close()
    with _sqlite(config.parent) as connection:
        connection.execute("UPDATE documents SET status = 'read', due_at = NULL, kept_since = NULL")
        connection.executemany(
            "UPDATE feed_states SET etag = ?, last_modified = ?, body_digest = ?, interval_s = ?, next_poll_at = ?,"
            " last_reason = ?, first_success_at = ?, last_success_at = ?, last_polled_at = ? WHERE feed_id = ?",
            [(*_memory(plan, feed, interval_s, now), ids[plan.url(feed)]) for feed in plan.served],
        )


def _memory(plan: Plan, feed: Served, interval_s: float, now: datetime) -> tuple[Any, ...]:
    stamped = feed.manner is Manner.LAST_MODIFIED
    has_etag = not stamped and feed.manner is not Manner.NO_VALIDATORS
    at = stored(now)
    return (
        etag(0) if has_etag else None,
        last_modified(plan, feed, 0) if stamped else None,
        hashlib.sha256(plan.rss(feed, 0)).hexdigest(),
        interval_s,
        stored(_NEVER),
        str(PollReason.NOT_MODIFIED),
        at,
        at,
        at,
    )


def open_feeds(config: Path, plan: Plan, dues: list[float], opened_at: datetime) -> None:
    """Make each feed due at its time."""
    with _sqlite(config.parent) as connection:
        connection.executemany(
            "UPDATE feed_states SET next_poll_at = ? WHERE feed_id = (SELECT id FROM feeds WHERE url = ?)",
            [
                (stored(opened_at + timedelta(seconds=due)), plan.url(feed))
                for feed, due in zip(plan.served, dues, strict=True)
            ],
        )


def put_off(config: Path) -> None:
    """Let no feed be due any more."""
    with _sqlite(config.parent) as connection:
        connection.execute("UPDATE feed_states SET next_poll_at = ?", [stored(_NEVER)])


def poll_at_once(config: Path, urls: list[str]) -> float:
    """Make these feeds due now, and wait until each has been polled; the seconds that took."""
    began = time.monotonic()
    now = stored(datetime.now(UTC))
    with _sqlite(config.parent) as connection:
        connection.executemany(
            "UPDATE feed_states SET next_poll_at = ? WHERE feed_id = (SELECT id FROM feeds WHERE url = ?)",
            [(now, url) for url in urls],
        )
    left = len(urls)
    give_up_at = time.monotonic() + 120
    while left and time.monotonic() < give_up_at:
        time.sleep(0.5)
        with _sqlite(config.parent) as connection:
            due = "SELECT count(*) FROM feed_states WHERE next_poll_at <= ?"
            left = connection.execute(due, [now]).fetchone()[0]
    return time.monotonic() - began


def stored(at: datetime) -> str:
    """An instant as the database has it."""
    return at.replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


@contextmanager
def _sqlite(folder: Path) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(folder / "monitor.db", timeout=60)
    try:
        with connection:
            yield connection
    finally:
        connection.close()


def stored_counts(config: Path) -> dict[str, int]:
    """Rows of the tables that grow, polls by reason, and the size of the database in bytes."""
    with _sqlite(config.parent) as connection:
        counts = {
            name: connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0]
            for name in ("entries", "documents", "polls", "alerts")
        }
        counts |= {
            f"polls {reason}": count
            for reason, count in connection.execute(
                "SELECT reason, count(*) FROM polls GROUP BY reason ORDER BY 2 DESC"
            )
        }
    return counts | {"bytes": (config.parent / "monitor.db").stat().st_size}


def wait_for_alerts(config: Path, count: int, *, most_s: float) -> None:
    """Wait until so many alerts have been sent."""
    give_up_at = time.monotonic() + most_s
    sent = 0
    while sent < count and time.monotonic() < give_up_at:
        time.sleep(0.5)
        with _sqlite(config.parent) as connection:
            sent = connection.execute("SELECT count(*) FROM deliveries WHERE status = 'sent'").fetchone()[0]


@dataclass
class Usage:
    """What a process and all below it use, sampled; peaks in bytes, CPU in seconds since its start."""

    pid: int
    pss_peak_bytes: int = 0
    threads_peak: int = 0
    _stop: threading.Event = field(default_factory=threading.Event)

    def cpu_s(self) -> tuple[float, float]:
        """Of the process itself, and of those below it, ended ones included."""
        own = waited = 0.0
        below = 0.0
        for pid in _tree(self.pid):
            parts = _stat(pid)
            if pid == self.pid:
                own, waited = _seconds(parts, 11), _seconds(parts, 13)
            elif parts:
                below += _seconds(parts, 11) + _seconds(parts, 13)
        return own, waited + below

    def watch(self, every_s: float) -> None:
        """Sample in a thread of its own until `close`."""

        def sample() -> None:
            while not self._stop.wait(every_s):
                pss = sum(_pss_bytes(pid) for pid in _tree(self.pid))
                self.pss_peak_bytes = max(self.pss_peak_bytes, pss)
                self.threads_peak = max(self.threads_peak, len(list(Path(f"/proc/{self.pid}/task").iterdir())))

        threading.Thread(target=sample, daemon=True).start()

    def close(self) -> None:
        self._stop.set()


def _stat(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def _seconds(parts: list[str], at: int) -> float:
    return (int(parts[at]) + int(parts[at + 1])) / _TICKS if parts else 0.0


def _tree(pid: int) -> list[int]:
    found = [pid]
    for each in found:
        try:
            tasks = list(Path(f"/proc/{each}/task").iterdir())
            found += [int(child) for task in tasks for child in (task / "children").read_text().split()]
        except OSError:
            continue
    return found


def _pss_bytes(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:")), 0)


@contextmanager
def running_daemon(config: Path) -> Iterator[tuple[subprocess.Popen[bytes], Usage]]:
    """`monitor run` once it says that it is ready; stopped in order when the context ends."""
    log = config.parent / "daemon.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [str(Path(sys.executable).parent / "monitor"), "--config", str(config), "run"],
            cwd=config.parent,
            stdout=subprocess.DEVNULL,
            stderr=output,
        )
        usage = Usage(process.pid)
        try:
            while b'"event": "ready"' not in log.read_bytes():
                if process.poll() is not None:
                    raise RuntimeError(f"the daemon ended with {process.returncode}:\n{log.read_text()[-2000:]}")
                time.sleep(0.1)
            yield process, usage
        finally:
            usage.close()
            process.terminate()
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
