"""A monitor whose app is connected to Slack's end of Socket Mode on loopback."""

from __future__ import annotations

import json
import ssl
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from monitor.core.model.alert import Alert
from monitor.deliver.slack import slack_client
from monitor.settings.paths import alembic_dir
from monitor.socketmode.desk import Desk
from monitor.socketmode.service import SlackApp, SocketModeService
from monitor.store.database import SqlStore, open_store
from monitor.store.migrate import upgrade
from tests.deliver.hook_server import HookServer
from tests.slack_server import FakeSlack
from tests.socket_mode import FakeSocketMode
from tests.store import arrange

PRESSED_AT = arrange.NOON.timestamp()


class HandClock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.at = arrange.NOON

    def now(self) -> datetime:
        return self.at


@dataclass
class Mutes:
    """Keeps the silences that were wished for, one a story."""

    until: dict[str, datetime] = field(default_factory=dict)
    owners: list[str] = field(default_factory=list)

    def mute_story(self, slug: str, *, owner: str, reason: str, at: datetime, until: datetime) -> datetime:
        if slug not in self.until or self.until[slug] < until:
            self.until[slug] = until
            self.owners.append(owner)
        return self.until[slug]


@dataclass
class House:
    """The service with everything around it."""

    store: SqlStore
    slack: FakeSlack
    socket: FakeSocketMode
    answers: HookServer
    clock: HandClock
    service: SocketModeService
    app: SlackApp
    mutes: Mutes

    def desk(self, **changes: Any) -> Desk:
        given = {
            "feedback": self.store.feedback,
            "history": self.store.history,
            "clock": self.clock,
            "zone": UTC,
            "status_line": lambda: "Watching: silence means no news.",
            "muter": self.mutes,
        }
        return Desk(**{**given, **changes})

    def start(self, **changes: Any) -> None:
        """Configure the service and open its line."""
        assert self.service.configure((self.app,), self.desk(**changes)) == (self.service,)
        self.work()
        self.socket.wait_for_connection(1)

    def work(self) -> int:
        """What the step finds to do, done; how much it was."""
        works = self.service.claim(1)
        for work in works:
            work()
        return len(works)

    def told(self) -> list[dict[str, Any]]:
        """What people were answered, oldest first."""
        return [json.loads(call.body) for call in self.answers.calls]


@pytest.fixture(autouse=True)
def no_proxy_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    url = f"sqlite:///{tmp_path}/monitor.db"
    upgrade(url, alembic_dir())
    store = open_store(url)
    with FakeSlack() as slack, FakeSocketMode() as socket, HookServer() as answers:
        slack.socket_url = socket.url
        client = slack_client(
            slack.token, api_url=slack.url, timeout_s=5, proxy=None, ssl_context=ssl.create_default_context()
        )
        clock = HandClock()
        house = House(
            store=store,
            slack=slack,
            socket=socket,
            answers=answers,
            clock=clock,
            service=SocketModeService(clock=clock, ping_s=0.1),
            app=SlackApp(channel="desk", app_token=slack.app_token, client=client),
            mutes=Mutes(),
        )
        yield house
        house.service.close()
    store.close()


@pytest.fixture
def alert(house: House) -> Alert:
    return arrange.tell(house.store)


def click(
    envelope_id: str,
    action: str,
    alert_id: object,
    house: House,
    *,
    user: str = "dana",
    team: str = "T0DESK",
    at: float = PRESSED_AT,
) -> dict[str, Any]:
    """The envelope of a pressed button."""
    return {
        "type": "interactive",
        "envelope_id": envelope_id,
        "accepts_response_payload": False,
        "payload": {
            "type": "block_actions",
            "team": {"id": team, "domain": "desk"},
            "user": {"id": "U" + user.upper(), "username": user, "name": user, "team_id": team},
            "response_url": house.answers.url,
            "actions": [
                {
                    "type": "button",
                    "action_id": action,
                    "value": json.dumps({"alert": alert_id, "story": 1}),
                    "action_ts": f"{at:.6f}",
                }
            ],
        },
    }


def command(envelope_id: str, text: str, house: House, *, team: str = "T0DESK") -> dict[str, Any]:
    """The envelope of a typed command."""
    return {
        "type": "slash_commands",
        "envelope_id": envelope_id,
        "accepts_response_payload": True,
        "payload": {
            "command": "/monitor",
            "text": text,
            "team_id": team,
            "user_id": "UDANA",
            "user_name": "dana",
            "response_url": house.answers.url,
        },
    }
