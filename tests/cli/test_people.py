"""A daemon's configuration decides whether people in Slack are heard."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest

from monitor.app import App, open_app
from monitor.cli.people import SlackPeople
from monitor.errors import ConfigError
from monitor.settings.load import load_settings
from tests.slack_server import FakeSlack
from tests.socket_mode import FakeSocketMode


@pytest.fixture
def slack():
    with FakeSlack() as slack, FakeSocketMode() as socket:
        slack.socket_url = socket.url
        slack.socket = socket
        yield slack


def opened(folder: Path, slack: FakeSlack, *, more: str = "", **environ: str) -> App:
    config = folder / "monitor.yaml"
    config.write_text(
        f"database: {{url: 'sqlite:///{folder}/monitor.db'}}\nworkers: {{count: 1}}\nchannels:\n"
        f"  desk: {{kind: slack, channel: '#alerts', token_env: BOT, api_url: '{slack.url}'{more}}}\n"
    )
    environ = {"BOT": slack.token, "APP": slack.app_token} | environ
    return open_app(load_settings(config, environ=environ), environ=environ)


@pytest.fixture
def people(tmp_path, slack, monkeypatch):
    """What makes an app with this much more configured, and hangs up in the end."""
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    made = []

    def make(**options: str) -> tuple[SlackPeople, App]:
        app = opened(tmp_path, slack, **options)
        made.append((SlackPeople(app), app))
        return made[-1]

    yield make
    for each, app in made:
        each.close()
        app.close()


def test_nobody_is_heard_unless_an_app_token_is_configured(people):
    service, app = people()
    assert service.configure(app.loaded) == ()


def test_with_an_app_token_the_command_is_answered_from_the_stored_history(people, slack):
    service, app = people(more=", app_token_env: APP")
    (step,) = service.configure(app.loaded)
    for work in step.claim(1):
        work()
    slack.socket.wait_for_connection(1)
    payload = {"command": "/monitor", "text": "status", "team_id": slack.team_id, "user_name": "dana"}
    slack.socket.send(
        {"type": "slash_commands", "envelope_id": "e1", "payload": payload, "accepts_response_payload": True}
    )
    said = slack.socket.acknowledged("e1").payload["text"]
    assert said == "No source is enabled: nothing is watched. Add one with `monitor sources add URL`."
    assert step.claim(1) == ()


def test_an_app_token_from_a_file_is_read_from_the_credentials_folder(people, slack, tmp_path):
    (tmp_path / "slack_app").write_text(f"{slack.app_token}\n")
    service, app = people(more=", app_token_file: slack_app", CREDENTIALS_DIRECTORY=str(tmp_path))
    assert len(service.configure(app.loaded)) == 1


@pytest.mark.parametrize(
    ("token", "said"),
    [("", "app_token_env: the environment variable APP is not set"), ("xoxb-1", "what APP holds is not an app-level")],
)
def test_a_token_that_is_missing_or_of_another_kind_is_told_without_showing_it(people, token, said):
    service, app = people(more=", app_token_env: APP", APP=token)
    with pytest.raises(ConfigError, match=re.escape(said)) as caught:
        service.configure(app.loaded)
    assert "xoxb" not in str(caught.value)


def test_a_service_that_cannot_connect_costs_the_daemon_nothing(people, slack):
    slack.socket.refuses = True
    service, app = people(more=", app_token_env: APP")
    (step,) = service.configure(app.loaded)
    started = time.monotonic()
    for work in step.claim(1):
        work()
    assert time.monotonic() - started < 5
    assert step.claim(1) == ()
