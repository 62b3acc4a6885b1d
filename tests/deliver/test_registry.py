"""Building the configured channels."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitor.deliver.registry import build_channels
from monitor.errors import ConfigError
from monitor.settings import schema
from tests.deliver import samples


def build(channels, *, environ=None, credentials_dir: Path | None = None, **network):
    return build_channels(
        channels,
        environ=environ or {},
        credentials_dir=credentials_dir,
        zone=samples.ZONE,
        clock=samples.StoppedClock(),
        network=schema.Network(**network),
    )


def slack(**fields) -> schema.SlackChannel:
    return schema.SlackChannel(kind="slack", channel="#alerts", **fields)


def test_channels_come_in_the_configured_order_under_their_names():
    channels = {
        "screen": schema.ConsoleChannel(kind="console"),
        "desk": slack(token_env="TOKEN"),
        "hook": schema.WebhookChannel(kind="webhook", url="https://hooks.example/x"),
    }
    assert [c.name for c in build(channels, environ={"TOKEN": "xoxb-1"})] == ["screen", "desk", "hook"]


@pytest.mark.parametrize(
    ("item", "named"),
    [
        (slack(token_env="DESK_TOKEN"), "DESK_TOKEN"),
        (slack(token_file="absent-token"), "absent-token"),
        (slack(), "token_env or token_file"),
        (slack(token_env="SPOILED"), "SPOILED"),
        (slack(token_env="GOOD", api_url="ftp://slack.example/"), "api_url"),
        (schema.WebhookChannel(kind="webhook"), "url or url_env"),
        (schema.WebhookChannel(kind="webhook", url_env="HOOK"), "HOOK"),
        (schema.WebhookChannel(kind="webhook", url="hooks.example/x"), "http"),
        (schema.WebhookChannel(kind="webhook", url="https://hooks.example/x", secret_env="HOOK_SECRET"), "HOOK_SECRET"),
    ],
)
def test_what_is_missing_is_named_with_its_channel(item, named):
    with pytest.raises(ConfigError) as caught:
        build({"desk": item}, environ={"SPOILED": "two words", "GOOD": "xoxb-1"})
    (problem,) = caught.value.problems
    assert problem.file == "channels.desk"
    assert named in problem.message
    assert "two words" not in problem.message


def test_all_problems_come_at_once():
    with pytest.raises(ConfigError) as caught:
        build({"a": slack(token_env="A"), "ok": schema.ConsoleChannel(kind="console"), "b": slack(token_env="B")})
    assert [problem.file for problem in caught.value.problems] == ["channels.a", "channels.b"]


def test_a_relative_token_file_lies_in_the_credentials_folder(tmp_path):
    (tmp_path / "slack-token").write_text("xoxb-from-file\n")
    (desk,) = build({"desk": slack(token_file="slack-token")}, credentials_dir=tmp_path)
    assert desk.client.token == "xoxb-from-file"


def test_without_a_credentials_folder_it_lies_in_the_working_folder(tmp_path, monkeypatch):
    (tmp_path / "slack-token").write_text("xoxb-from-file")
    monkeypatch.chdir(tmp_path)
    (desk,) = build({"desk": slack(token_file="slack-token")})
    assert desk.client.token == "xoxb-from-file"


def test_an_empty_token_file_is_named(tmp_path):
    (tmp_path / "slack-token").write_text("\n")
    with pytest.raises(ConfigError, match="slack-token is empty"):
        build({"desk": slack(token_file="slack-token")}, credentials_dir=tmp_path)


def test_a_ca_file_that_is_none_is_named(tmp_path):
    (tmp_path / "ca.pem").write_text("not a certificate")
    for name in ("ca.pem", "absent.pem"):
        with pytest.raises(ConfigError, match=name):
            build({"desk": slack(token_env="T")}, environ={"T": "xoxb-1"}, ca_file=str(tmp_path / name))


def test_proxy_and_timeout_reach_the_slack_client():
    (desk,) = build(
        {"desk": slack(token_env="T")}, environ={"T": "xoxb-1"}, proxy="http://proxy.example:3128", read_timeout=7
    )
    assert (desk.client.proxy, desk.client.timeout) == ("http://proxy.example:3128", 7)
    assert desk.client.retry_handlers == []
