"""`monitor run` with a Slack app: an alert, a press on it, a question; and a Socket Mode that fails stops nothing."""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.deliver.hook_server import HookServer
from tests.e2e.command import Command
from tests.faults.daemon import Daemon, settings, until
from tests.slack_server import FakeSlack
from tests.socket_mode import FakeSocketMode
from tests.web import Page, Web

FEED = """<rss version="2.0"><channel><title>Harbour Post</title><language>en</language>
<item><title>Truce talks resume in Cairo</title><guid isPermaLink="false">1</guid>
<description>Envoys of Hamas and Israel met mediators in Cairo on Monday to resume ceasefire talks.</description>
<link>https://harbour.example/1</link></item></channel></rss>"""


@pytest.fixture
def slack() -> Iterator[FakeSlack]:
    with FakeSlack() as slack:
        yield slack


@pytest.fixture
def socket(slack: FakeSlack) -> Iterator[FakeSocketMode]:
    with FakeSocketMode() as socket:
        slack.socket_url = socket.url
        yield socket


def configured(folder: Path, web: Web, slack: FakeSlack) -> Command:
    desk = {
        "kind": "slack", "channel": "#alerts", "token_env": "BOT", "app_token_env": "APP", "api_url": slack.url,
        "min_gap": 0.01,
    }  # fmt: skip
    given: dict[str, Any] = settings(folder, web, "/feed", log={"level": "info"})
    given["channels"] = {"desk": desk}
    (folder / "monitor.yaml").write_text(yaml.safe_dump(given))
    command = Command(folder, given)
    command.environ |= {"BOT": slack.token, "APP": slack.app_token, "NO_PROXY": "127.0.0.1"}
    return command


@pytest.fixture
def web() -> Iterator[Web]:
    with Web({"/feed": Page(FEED, content_type="application/rss+xml")}) as web:
        yield web


def test_an_alert_is_acknowledged_where_it_was_read(
    tmp_path: Path, web: Web, slack: FakeSlack, socket: FakeSocketMode
) -> None:
    with HookServer() as answers, Daemon(configured(tmp_path, web, slack)) as daemon:
        assert until(lambda: bool(slack.posts)), daemon.log
        socket.wait_for_connection(1, within_s=60)
        action = {"action_id": "ack", "value": json.dumps({"alert": 1, "story": 1}), "action_ts": f"{time.time():.6f}"}
        press = {
            "type": "block_actions",
            "user": {"id": "U1", "username": "dana", "team_id": slack.team_id},
            "response_url": answers.url,
            "actions": [action],
        }
        socket.send({"type": "interactive", "envelope_id": "e1", "payload": press})
        assert socket.acknowledged("e1", within_s=30).after_s < 3
        assert until(lambda: bool(answers.calls)), daemon.log
        assert daemon.stored("SELECT story_id, by, via FROM acks") == [(1, "dana", "slack")]
        daemon.signal(signal.SIGHUP)
        asked = {"command": "/monitor", "text": "search cairo", "user_name": "dana", "team_id": slack.team_id}
        socket.send({"type": "slash_commands", "envelope_id": "e2", "payload": asked, "accepts_response_payload": True})
        assert "Told with: cairo" in (socket.acknowledged("e2", within_s=30).payload or {})["text"]
        assert socket.connection_count == 1
        assert daemon.end(signal.SIGTERM) == 0
        assert slack.app_token not in daemon.log


def test_a_socket_mode_that_never_opens_stops_nothing(
    tmp_path: Path, web: Web, slack: FakeSlack, socket: FakeSocketMode
) -> None:
    socket.refuses = True
    with Daemon(configured(tmp_path, web, slack)) as daemon:
        assert until(lambda: bool(slack.posts)), daemon.log
        assert daemon.says("no line to Slack")
        began = time.monotonic()
        assert daemon.end(signal.SIGTERM) == 0
        assert time.monotonic() - began < 30
