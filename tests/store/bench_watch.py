"""Measures one look of the watchdog: `python -m tests.store.bench_watch [FEEDS]`; nothing is asserted.

An SQLite file of so many feeds, asked every ten minutes, with 30 entries and articles each: one in
five brings something at each poll, one in twenty does not answer. Every norm that a look makes is
counted with it.
"""

from __future__ import annotations

import resource
import sqlite3
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from monitor.core.watch.round import judge_round
from monitor.store.database import SqlStore, open_store
from monitor.store.migrate import upgrade
from tests.databases import SCRIPTS
from tests.store.arrange import MINUTE, NOON

ENTRIES, POLLS, LOOKS = 30, 60, 5
TEXT = "x" * 1500
STEP = 10 * MINUTE
COLUMNS = {
    "feeds": "id, name, url, kind, tags, enabled, robots, tier",
    "feed_states": "feed_id, interval_s, failures, last_reason, last_detail, first_success_at, last_success_at, "
    "last_polled_at, next_poll_at, fence",
    "documents": "id, feed_id, canonical_url, url, title, text, text_digest, published_at, dated, backlog, seen_at, "
    "revision, status, origin, reason, detail, read_at, attempts, postponed, fence",
    "entries": "feed_id, guid, canonical_url, title, summary, content, authors, published_at, seen_at, digest, "
    "document_id, brought_revision",
    "polls": "feed_id, started_at, finished_at, reason, detail, status, new_count, edited_count, known_count",
}


def stamp(at: datetime) -> str:
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def fill(file: Path, feeds: int) -> None:
    """Everything up to the first look, straight into the file: the steps would take hours."""
    chance, now = Random(1), stamp(NOON)
    seen = [
        (feed, number, NOON - timedelta(hours=28 * number + 20 * chance.random()))
        for feed in range(1, feeds + 1)
        for number in range(ENTRIES)
    ]
    first = stamp(NOON - timedelta(days=40))
    rows: dict[str, Iterator[tuple[Any, ...]]] = {
        "feeds": ((n, f"Post {n}", f"https://{n}.example/", "feed", "[]", 1, "obey", "2") for n in range(1, feeds + 1)),
        "feed_states": ((n, 600, 0, "not_modified", "", first, now, now, now, 1) for n in range(1, feeds + 1)),
        "documents": (
            (feed * ENTRIES + number, feed, f"{feed}/{number}", "", "t", TEXT, "", stamp(at), 1, 0, stamp(at), 1,
             "read", "page", "page_read", "", stamp(at), 0, 0, 0)
            for feed, number, at in seen
        ),
        "entries": (
            (feed, str(number), f"{feed}/{number}", "t", "", "", "[]", stamp(at - MINUTE), stamp(at), "",
             feed * ENTRIES + number, 1)
            for feed, number, at in seen
        ),
    }  # fmt: skip
    connection = sqlite3.connect(file)
    for table, values in rows.items():
        insert(connection, table, values)
    for number in range(POLLS):
        insert(connection, "polls", polls(NOON - (POLLS - number) * STEP, feeds))
    connection.commit()
    connection.close()


def insert(connection: sqlite3.Connection, table: str, rows: Iterator[tuple[Any, ...]]) -> None:
    marks = ", ".join("?" for _ in COLUMNS[table].split(","))
    connection.executemany(f"INSERT INTO {table} ({COLUMNS[table]}) VALUES ({marks})", rows)


def polls(at: datetime, feeds: int) -> Iterator[tuple[Any, ...]]:
    """One answer of each feed."""
    for feed in range(1, feeds + 1):
        time_text = stamp(at + timedelta(seconds=feed * 0.01))
        reason = "timeout" if feed % 20 == 7 else "new_entries" if feed % 5 == 0 else "not_modified"
        yield feed, time_text, time_text, reason, "", 200, int(reason == "new_entries"), 0, 1


def look(store: SqlStore, at: datetime) -> None:
    """One look, as the step makes it, and what it cost."""
    began, clock = time.process_time(), time.perf_counter()
    facts = store.watch.read_round(channels=["desk", "ops"], now=at)
    read = time.process_time()
    outcome = judge_round(facts, now=at)
    judged = time.process_time()
    store.watch.record_round(facts, outcome, channels=["ops"], now=at)
    ended = time.process_time()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
    print(
        f"{len(facts.sources):>6} sources {len(outcome.norms):>4} norms {len(outcome.changes):>5} changes   "
        f"CPU s: read {read - began:.2f}, judge {judged - read:.2f}, write {ended - judged:.2f}, "
        f"all {ended - began:.2f}   wall {time.perf_counter() - clock:.2f} s   peak {peak} MiB"
    )


def main() -> None:
    feeds = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "monitor.db"
        upgrade(f"sqlite:///{file}", SCRIPTS)
        fill(file, feeds)
        store = open_store(f"sqlite:///{file}")
        for number in range(LOOKS):
            at = NOON + number * STEP
            connection = sqlite3.connect(file)
            insert(connection, "polls", polls(at, feeds))
            connection.commit()
            connection.close()
            look(store, at + 5 * MINUTE)
        store.close()


if __name__ == "__main__":
    main()
