"""Apprise's own library, sending to a receiver on loopback; and what is said where it is not installed."""

from __future__ import annotations

import json
import sys

import pytest

from monitor.deliver.registry import build_channels
from monitor.errors import ConfigError, OutcomeUnknown
from monitor.ports import Channel
from monitor.settings import schema
from tests.deliver import samples
from tests.deliver.hook_server import HookServer


def built(address: str) -> Channel:
    (channel,) = build_channels(
        {"others": schema.AppriseChannel(kind="apprise", url_env="SERVICES")},
        environ={"SERVICES": address},
        credentials_dir=None,
        zone=samples.ZONE,
        clock=samples.StoppedClock(),
        network=schema.Network(),
    )
    return channel


def test_a_message_goes_to_every_address():
    pytest.importorskip("apprise", reason="the optional extra is not installed")
    with HookServer() as one, HookServer() as other:
        channel = built(f"{one.url} {other.url}".replace("http://", "json://"))
        channel.send(samples.tour(), key="k")
        (first,), (second,) = one.accepted, other.accepted
    said = json.loads(first.body)
    assert said["title"].startswith("Visit under way: Antony Blinken → Israel")
    assert "touched down in Israel on Tuesday" in said["message"]
    assert said["type"] == "warning"
    assert json.loads(second.body) == said


def test_a_service_that_does_not_take_it_leaves_the_outcome_unknown():
    """Apprise says no more than that it did not work."""
    pytest.importorskip("apprise", reason="the optional extra is not installed")
    with HookServer() as server:
        server.script.append((500, {}))
        channel = built(server.url.replace("http://", "json://"))
        with pytest.raises(OutcomeUnknown, match="apprise others: not taken") as caught:
            channel.send(samples.tour(), key="k")
    assert "s3cret" not in str(caught.value)
    assert channel.repeats_when_unsure


def test_an_address_apprise_does_not_know_is_counted_and_not_shown():
    pytest.importorskip("apprise", reason="the optional extra is not installed")
    with pytest.raises(ConfigError, match="no service for address 2 of 2") as caught:
        built("json://127.0.0.1/ nosuchservice://user:s3cret@host/")
    assert "s3cret" not in str(caught.value)


def test_without_the_library_the_extra_to_install_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "apprise", None)
    with pytest.raises(ConfigError, match=r"pip install 'news-development-monitor\[apprise\]'"):
        built("json://127.0.0.1/")


def test_the_library_is_imported_only_when_such_a_channel_is_built(monkeypatch):
    """Everything else works without it, as it does where the extra is not installed."""
    monkeypatch.setitem(sys.modules, "apprise", None)
    channels = build_channels(
        {"terminal": schema.ConsoleChannel(kind="console")},
        environ={},
        credentials_dir=None,
        zone=samples.ZONE,
        clock=samples.StoppedClock(),
        network=schema.Network(),
    )
    assert [channel.name for channel in channels] == ["terminal"]
