"""What can happen to a running daemon: every fault has a word in the log, and nothing is lost or doubled."""

from __future__ import annotations

import os
import shlex
import signal
import sqlite3
import subprocess
from pathlib import Path

import yaml

from tests.e2e.command import Command
from tests.faults.daemon import Daemon, settings, until
from tests.web import Page, Web

HUP, INT, TERM = signal.SIGHUP, signal.SIGINT, signal.SIGTERM
TRUCE = "Sudan's army and the Rapid Support Forces agree to a ceasefire in Darfur"


def feed(*titles: str) -> Page:
    items = "".join(f"<item><guid>{title}</guid><title>{title}</title></item>" for title in titles)
    body = f"<?xml version='1.0'?><rss version='2.0'><channel><title>Fault Post</title>{items}</channel></rss>"
    return Page(body, content_type="application/rss+xml")


def test_a_second_stop_ends_a_drain_at_once(tmp_path: Path) -> None:
    """The poll in work is not noted as a failure of the feed, and is taken up at the next start."""
    with Web({"/feed": Page(stall=True)}) as web:
        command = Command(tmp_path, settings(tmp_path, web, "/feed"))
        with Daemon(command) as daemon:
            assert until(lambda: web.paths == ["/feed"])
            daemon.signal(TERM)
            assert daemon.says("stopping")
            assert daemon.end(INT) == 0
            assert "left unfinished" in daemon.log
            assert daemon.stored("SELECT count(*) FROM polls") == [(0,)]
        web["/feed"] = feed(TRUCE)
        with Daemon(command) as daemon:
            assert until(lambda: daemon.stored("SELECT count(*) FROM alerts") == [(1,)])


def test_what_was_asked_is_counted_up_to_the_stop(tmp_path: Path) -> None:
    """The counts of the last minute are written when the daemon stops."""
    with Web({"/feed": feed(TRUCE)}) as web:
        command = Command(tmp_path, settings(tmp_path, web, "/feed"))
        with Daemon(command) as daemon:
            assert daemon.says("ready")
            assert until(lambda: daemon.stored("SELECT count(*) FROM polls") != [(0,)])
            assert daemon.end(TERM) == 0
            asked = daemon.stored("SELECT host, requests FROM host_traffic")
        assert asked == [(f"127.0.0.1:{web.port}", len(web.requests) + len(web.asked("/robots.txt")))]


def test_a_stop_ends_a_start_that_waits_for_the_database(tmp_path: Path) -> None:
    with Web() as web:
        command = Command(tmp_path, settings(tmp_path, web))
        holder = sqlite3.connect(tmp_path / "monitor.db", isolation_level=None)
        holder.execute("PRAGMA journal_mode = WAL")
        holder.execute("BEGIN IMMEDIATE")
        with Daemon(command) as daemon:
            assert daemon.opens("monitor.db")
            assert daemon.end(TERM) == 0
            assert "ready" not in daemon.log
        holder.close()


def test_hang_ups_are_taken_together_and_a_stop_passes_them(tmp_path: Path) -> None:
    """A broken file keeps the old configuration, a mended one is taken; the process stays the same."""
    with Web({"/old": feed(), "/new": feed()}) as web:
        command = Command(tmp_path, settings(tmp_path, web, "/old"))
        with Daemon(command) as daemon:
            assert daemon.says("ready")
            (tmp_path / "monitor.yaml").write_text("sources:\n  - colour: blue\n")
            daemon.signal(HUP)
            assert daemon.says("reload refused")
            assert "monitor.yaml:2" in daemon.log
            (tmp_path / "monitor.yaml").write_text(yaml.safe_dump(settings(tmp_path, web, "/new")))
            daemon.signal(HUP)
            assert daemon.says("reloaded")
            assert until(lambda: "/new" in web.paths)
            daemon.signal(*[HUP] * 50)
            assert daemon.end(TERM) == 0
            assert daemon.log.count("reloaded") <= 3


def test_killed_parsers_are_replaced(tmp_path: Path) -> None:
    """kill -9 costs the body in work its poll and no other."""
    with Web({"/feed": lambda seen: feed(f"Nothing new at {len(web.paths)}")}) as web:
        command = Command(tmp_path, settings(tmp_path, web, "/feed"))
        with Daemon(command) as daemon:
            assert daemon.says("ready")
            for number in range(1, 4):
                assert until(lambda wanted=number: daemon.stored("SELECT count(*) FROM entries")[0][0] >= wanted)
                for child in _children(daemon.process.pid):
                    os.kill(child, signal.SIGKILL)
            assert until(lambda: daemon.stored("SELECT count(*) FROM entries")[0][0] >= 5)
            assert daemon.end(TERM) == 0
            assert "Traceback" not in daemon.log


def test_an_alert_that_nobody_could_see_is_kept(tmp_path: Path) -> None:
    """Started without standard streams, the monitor works; what it could not print waits for the next start."""
    with Web({"/feed": feed(TRUCE)}) as web:
        command = Command(tmp_path, settings(tmp_path, web, "/feed"))
        blind = shlex.join(command.line("run", "--once")) + " <&- >&- 2>&-"
        assert subprocess.run(["/bin/sh", "-c", blind], cwd=tmp_path, timeout=60, check=False).returncode == 1
        assert _statuses(tmp_path) == ["parked"]
        assert command.run("run", "--once").count("Ceasefire") == 1
        assert _statuses(tmp_path) == ["sent"]


def _statuses(folder: Path) -> list[str]:
    database = sqlite3.connect(folder / "monitor.db")
    try:
        return [status for (status,) in database.execute("SELECT status FROM deliveries")]
    finally:
        database.close()


def _children(pid: int) -> list[int]:
    return [
        int(child) for task in Path(f"/proc/{pid}/task").iterdir() for child in (task / "children").read_text().split()
    ]
