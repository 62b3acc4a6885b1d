"""`monitor ingest`: lines in, counts out, and what a running monitor finds afterwards."""

from __future__ import annotations

import gzip
import io
import json
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from monitor.cli.intake import BATCH_LINES, Batch, Intake
from monitor.cli.linestream import read_lines
from monitor.core.model.feed import Feed, Tier
from monitor.errors import StoreUnavailable
from monitor.ports import PollWritten
from monitor.store.database import open_store
from tests.cli.conftest import Cli
from tests.cli.samples import NOW
from tests.faults.daemon import until

TEXT = "Envoys of both sides met in Cairo on Monday to resume truce talks, officials said. " * 5
PAGE = "<!doctype html><html><head><title>T | Post</title></head><body><nav><a href='/'>Sport</a></nav>{}</body></html>"


def line(number: int = 1, **changes: object) -> str:
    record = {
        "url": f"https://harbour.example/{number}",
        "title": f"Truce talks resume in Cairo, day {number}",
        "text": TEXT,
        "published": "2024-10-29T11:00:00Z",
        "source": "Harbour Post",
    }
    return json.dumps({key: value for key, value in (record | changes).items() if value is not None})


def write(cli: Cli, *lines: str, name: str = "items.jsonl") -> str:
    (cli.folder / name).write_text("".join(f"{each}\n" for each in lines), encoding="utf-8")
    return name


def entries(cli: Cli) -> int:
    with sqlite3.connect(cli.folder / "var" / "monitor.db") as database:
        return int(database.execute("SELECT count(*) FROM entries").fetchone()[0])


def test_lines_become_entries_once(cli: Cli) -> None:
    """The same file a second time adds nothing."""
    file = write(cli, line(1), line(2), "", line(3))
    first = cli("ingest", file)
    assert (first.code, first.out) == (0, "3 lines: 3 new, 0 edited, 0 known\n")
    assert cli("ingest", file).out == "3 lines: 0 new, 0 edited, 3 known\n"
    assert cli("ingest", write(cli, line(2, title="Truce talks end"))).out == "1 line: 0 new, 1 edited, 0 known\n"
    assert entries(cli) == 3


def test_a_bad_line_costs_only_itself(cli: Cli) -> None:
    ran = cli("ingest", write(cli, line(1), "{oops", line(2, published="soon"), line(3)), "--json")
    assert ran.code == 1
    assert ran.json == {
        "lines": 4, "readable": 2, "new": 2, "edited": 0, "known": 0, "refused": 2,
        "refused_by_reason": {"bad_date": 1, "not_json": 1}, "sources": {"Harbour Post": 2},
    }  # fmt: skip
    assert [each.split(": ")[0] for each in ran.err.splitlines()[:2]] == ["items.jsonl:2", "items.jsonl:3"]


def test_a_dry_run_stores_nothing(cli: Cli) -> None:
    ran = cli("ingest", "--dry-run", write(cli, line(1), line(2, source="Lake"), "x"))
    assert ran.code == 1
    assert "2 readable, 1 refused; nothing was stored" in ran.out
    assert not (cli.folder / "var").exists()


def test_the_option_names_the_source_of_all_lines(cli: Cli) -> None:
    file = write(cli, line(1), line(2, source=None))
    assert cli("ingest", file).code == 1
    assert cli("ingest", file, "--source", "Lake Wire", "--json").json["sources"] == {"Lake Wire": 2}


def test_an_ingested_source_is_listed_and_does_not_count_as_failing(cli: Cli) -> None:
    cli("ingest", write(cli, line(1), line(2, source="HARBOUR POST")))
    listed = cli("sources", "list").out.splitlines()[1].split("\t")
    assert listed[:3] == ["Harbour Post", "ok", "taken in"]
    assert listed[-1] == "ingest:harbour post"
    (record,) = cli("sources", "list", "--json").json
    assert (record["kind"], record["entries"], record["next_poll_at"]) == ("ingest", 2, None)
    assert cli("status", "--json").json["feeds"]["overdue"] == 0


def test_a_configured_source_of_that_name_lends_its_settings(cli: Cli) -> None:
    cli.write_config(
        cli.config.read_text()
        + "sources: [{name: Harbour Post, url: 'https://h.example/f', tier: 1, country: Norway}]\n"
    )
    cli("ingest", write(cli, line(1, source="harbour post")))
    store = open_store(f"sqlite:///{cli.folder}/var/monitor.db")
    (view,) = store.history.feeds()
    store.close()
    assert (view.feed.name, view.feed.tier, view.feed.country) == ("Harbour Post", Tier.WIRE, "Norway")


def test_a_configuration_may_not_claim_the_kind(cli: Cli) -> None:
    cli.write_config(cli.config.read_text() + "sources: [{url: 'https://h.example/f', kind: ingest}]\n")
    ran = cli("config", "check")
    assert ran.code == 3
    assert "'kind' must be 'feed'" in ran.err
    assert "ingest" not in ran.err


def test_gzip_and_standard_input(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    (cli.folder / "items.jsonl.gz").write_bytes(gzip.compress(f"{line(1)}\n{line(2)}".encode()))
    assert cli("ingest", "items.jsonl.gz").out.startswith("2 lines: 2 new")
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(f"\ufeff{line(3)}\r\n{{".encode())))
    ran = cli("ingest", "-")
    assert ran.out.startswith("2 lines: 1 new")
    assert ran.err.startswith("line 2: not JSON")


@pytest.mark.parametrize("content", [None, gzip.compress(b"x" * 10_000)[:40]], ids=["missing", "cut off"])
def test_a_file_that_cannot_be_read_is_told(cli: Cli, content: bytes | None) -> None:
    """What stood before it is stored."""
    if content is not None:
        (cli.folder / "broken").write_bytes(content)
    ran = cli("ingest", write(cli, line(1)), "broken")
    assert ran.code == 1
    assert ran.err.startswith("monitor: broken: cannot be read: ")
    assert entries(cli) == 1


def test_now_reads_and_alerts_without_a_page(cli: Cli) -> None:
    """Text that comes with a line needs no fetch: the host does not exist."""
    file = write(cli, line(1, title="Israel and Hamas agree ceasefire in Gaza"))
    ran = cli("ingest", file, "--now")
    assert (ran.code, ran.out) == (0, "1 line: 1 new, 0 edited, 0 known\n")
    status = cli("status", "--json").json
    assert (status["documents_by_status"], status["reports"] > 0) == ({"read": 1}, True)
    with sqlite3.connect(cli.folder / "var" / "monitor.db") as database:
        assert database.execute("SELECT origin, reason FROM documents").fetchall() == [("feed_content", "text_given")]


def test_a_whole_page_is_read_like_one_that_was_fetched(cli: Cli) -> None:
    body = f"<article><h1>Truce</h1><p>{TEXT}</p><p>{TEXT.upper()}</p></article>"
    cli("ingest", write(cli, line(1, text=None, html=PAGE.format(body))), "--now")
    with sqlite3.connect(cli.folder / "var" / "monitor.db") as database:
        ((text, reason),) = database.execute("SELECT text, reason FROM documents").fetchall()
    assert reason == "page_read"
    assert "Sport" not in text


class Store:
    """Counts batches, and is locked at the given calls."""

    def __init__(self, *refused: int) -> None:
        self.batches: list[list[str]] = []
        self._refused = set(refused)
        self._calls = 0

    def add(self, batch: Batch) -> PollWritten:
        self._calls += 1
        if self._calls in self._refused:
            raise StoreUnavailable("locked")
        guids = [entry.guid for _, entries in batch for entry in entries]
        self.batches.append(guids)
        return PollWritten(new=len(guids))


def intake(store: Store, *, monotonic: Callable[[], float] = lambda: 0.0, now: datetime = NOW) -> Intake:
    return Intake(
        add=store.add, now=lambda: now, source=None, configured=(), refuse=lambda text: None, monotonic=monotonic
    )


def test_batches_are_bounded_in_lines_bytes_and_time() -> None:
    store, at = Store(), [0.0]
    taking = intake(store, monotonic=lambda: at[0])
    for number in range(BATCH_LINES + 1):
        taking.take(line(number).encode(), place="")
    assert [len(each) for each in store.batches] == [BATCH_LINES]
    at[0] = 1.5
    taking.look_at_the_clock()
    assert [len(each) for each in store.batches] == [BATCH_LINES, 1]
    for number in range(9):
        taking.take(line(number, text="x" * 1_000_000).encode(), place="")
    assert [len(each) for each in store.batches[2:]] == [9]


def test_the_last_wording_in_a_batch_counts() -> None:
    store = Store()
    taking = intake(store)
    for title in ("First", "Second"):
        taking.take(line(1, title=title).encode(), place="")
    taking.flush()
    assert store.batches == [["https://harbour.example/1"]]
    assert (taking.tally.new, taking.tally.known) == (1, 1)


def test_a_locked_database_is_tried_again() -> None:
    store = Store(1, 2)
    taking = intake(store)
    taking.take(line(1).encode(), place="")
    taking.flush()
    assert taking.tally.new == 1


def test_dates_ahead_count_as_in_feeds() -> None:
    """A little ahead is a clock that differs; far ahead is no date."""
    seen: list[datetime | None] = []

    def add(batch: Batch) -> PollWritten:
        seen.extend(entry.published_at for _, entries in batch for entry in entries)
        return PollWritten()

    taking = Intake(add=add, now=lambda: NOW, source=None, configured=(), refuse=lambda text: None)
    taking.take(line(1, published="2199-01-01T00:00:00Z").encode(), place="")
    taking.flush()
    assert seen == [None]


def test_a_line_beyond_the_limit_is_never_held_whole(tmp_path: Path) -> None:
    file = tmp_path / "long"
    file.write_bytes(b"a\n" + b"x" * 3_000_000 + b"\nb\nc")
    assert [len(each or b"") for each in read_lines(file, max_bytes=1000)] == [1, 1001, 1, 1]


@pytest.fixture
def pipe(cli: Cli) -> subprocess.Popen[bytes]:
    """`monitor ingest -` at the end of a pipe that stays open."""
    return subprocess.Popen(
        [str(Path(sys.executable).parent / "monitor"), "--config", str(cli.config), "ingest", "-"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=cli.folder,
    )


def test_a_pipe_that_never_ends_is_stored_as_it_comes(cli: Cli, pipe: subprocess.Popen[bytes]) -> None:
    """And what a stop finds unstored is stored then."""
    assert pipe.stdin is not None
    pipe.stdin.write(f"{line(1)}\n".encode())
    pipe.stdin.flush()
    database = cli.folder / "var" / "monitor.db"
    assert until(lambda: database.exists() and _safe_entries(cli) == 1)
    pipe.stdin.write(f"{line(2)}\n{line(3)}\n{line(4)[:20]}".encode())
    pipe.stdin.flush()
    assert until(lambda: _safe_entries(cli) == 3)
    pipe.send_signal(signal.SIGTERM)
    assert pipe.wait(30) == 130
    assert entries(cli) == 3


def _safe_entries(cli: Cli) -> int:
    try:
        return entries(cli)
    except sqlite3.OperationalError:
        return -1


def test_two_at_once_lose_nothing(cli: Cli) -> None:
    """Two processes' worth of writers on one SQLite file, with the same lines in part."""
    cli("ingest", write(cli, line(0)))
    url = f"sqlite:///{cli.folder}/var/monitor.db"

    def bring(first: int) -> None:
        store = open_store(url)
        taking = Intake(
            add=lambda batch: store.intake.add(batch, seen_at=NOW),
            now=lambda: NOW, source=None, configured=(), refuse=lambda text: None,
        )  # fmt: skip
        for number in range(first, first + 1200):
            taking.take(line(number).encode(), place="")
        taking.flush()
        store.close()

    threads = [threading.Thread(target=bring, args=(first,)) for first in (1, 601)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert entries(cli) == 1801


def test_a_feed_is_not_needed_to_name_its_source() -> None:
    """Names that only differ in case are one source."""
    store = Store()
    taking = Intake(
        add=store.add, now=lambda: NOW, source=None, configured=[Feed(name="Post", url="https://p.example/")],
        refuse=lambda text: None,
    )  # fmt: skip
    taking.take(line(1, source="POST").encode(), place="")
    taking.take(line(2, source="post").encode(), place="")
    taking.flush()
    assert taking.tally.by_source == {"Post": 2}
