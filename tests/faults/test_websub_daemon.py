"""`monitor run` with WebSub: a push becomes a poll, and neither a hub nor a port can stop the monitor."""

from __future__ import annotations

import signal
import socket
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.e2e.command import Command
from tests.faults.daemon import Daemon, settings, until
from tests.web import Page, Web
from tests.websub.fake_hub import FakeHub

FEED = """<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel><title>Harbour Post</title>
<language>en</language><atom:link rel="hub" href="{hub}"/><atom:link rel="self" href="https://harbour.example/feed"/>
{items}</channel></rss>"""
ITEM = "<item><title>Day {0}</title><guid isPermaLink='false'>{0}</guid><link>https://harbour.example/{0}</link></item>"


@pytest.fixture
def hub() -> Iterator[FakeHub]:
    with FakeHub() as hub:
        yield hub


@pytest.fixture
def web(hub: FakeHub) -> Iterator[Web]:
    with Web() as web:
        publish(web, hub, 1)
        yield web


def publish(web: Web, hub: FakeHub, count: int) -> None:
    items = "".join(ITEM.format(number) for number in range(count))
    web["/feed"] = Page(FEED.format(hub=hub.url, items=items), content_type="application/rss+xml")


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def configured(folder: Path, web: Web, port: int, *, enabled: bool = True) -> Command:
    """The feed is polled once an hour: what comes sooner came by a push."""
    given: dict[str, Any] = settings(
        folder, web, "/feed",
        websub={"enabled": enabled, "listen": f"127.0.0.1:{port}", "callback": f"http://127.0.0.1:{port}/hooks"},
        log={"level": "info"},
    )  # fmt: skip
    given["sources"][0]["interval"] = "1h"
    (folder / "monitor.yaml").write_text(yaml.safe_dump(given))
    return Command(folder, given)


def entries(daemon: Daemon) -> int:
    return int(daemon.stored("SELECT count(*) FROM entries")[0][0])


def test_a_push_brings_what_no_poll_would_have(tmp_path: Path, web: Web, hub: FakeHub) -> None:
    with Daemon(configured(tmp_path, web, free_port())) as daemon:
        assert until(lambda: len(hub.held) == 1), daemon.log
        assert entries(daemon) == 1
        # Two polls must not be closer than half a minute: let the first one be an hour ago.
        _set(daemon, "UPDATE feed_states SET last_polled_at = '2020-01-01T00:00:00.000000Z'")
        publish(web, hub, 2)
        assert [answer.status for answer in hub.push()] == [204]
        assert until(lambda: entries(daemon) == 2), daemon.log
        began = time.monotonic()
        assert daemon.end(signal.SIGTERM) == 0
        assert time.monotonic() - began < 30
        assert daemon.stored("SELECT state, push_count FROM websub_subscriptions") == [("active", 1)]


def test_a_port_in_use_does_not_stop_the_monitor(tmp_path: Path, web: Web, hub: FakeHub) -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as taken,
        Daemon(configured(tmp_path, web, taken.getsockname()[1])) as daemon,
    ):
        assert daemon.says("cannot listen")
        assert until(lambda: (tmp_path / "monitor.db").exists() and entries(daemon) == 1), daemon.log
        assert hub.asked == []
        assert daemon.end(signal.SIGTERM) == 0


def test_a_reload_switches_it_off_and_on(tmp_path: Path, web: Web, hub: FakeHub) -> None:
    port = free_port()
    with Daemon(configured(tmp_path, web, port, enabled=False)) as daemon:
        assert daemon.says("ready")
        configured(tmp_path, web, port)
        daemon.signal(signal.SIGHUP)
        assert until(lambda: len(hub.held) == 1), daemon.log
        configured(tmp_path, web, port, enabled=False)
        daemon.signal(signal.SIGHUP)
        assert until(lambda: hub.held == {}), daemon.log
        assert until(lambda: not _answers(port)), daemon.log
        assert daemon.end(signal.SIGTERM) == 0


def _set(daemon: Daemon, statement: str) -> None:
    database = sqlite3.connect(daemon.command.folder / "monitor.db", timeout=30)
    with database:
        database.execute(statement)
    database.close()


def _answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=5).close()
    except OSError:
        return False
    return True
