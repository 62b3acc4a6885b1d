"""Alerts as JSON to a web service."""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest

from monitor.core.model.alert import AlertMessage
from monitor.deliver.registry import build_channels
from monitor.deliver.webhook import retry_after_s, webhook_body
from monitor.errors import ChannelBroken, DeliveryFault, MessageRefused, OutcomeUnknown, Transient
from monitor.ports import Channel
from monitor.settings import schema
from tests.deliver import samples
from tests.deliver.hook_server import RESET_AFTER, HookServer

DOCS = Path(__file__).parents[2] / "docs" / "webhook.md"


@pytest.fixture
def server() -> Iterator[HookServer]:
    with HookServer() as running:
        yield running


def channel(url: str, *, secret: str | None = None) -> Channel:
    item = schema.WebhookChannel(kind="webhook", url_env="HOOK", secret_env="SECRET" if secret else None)
    (built,) = build_channels(
        {"hook": item},
        environ={"HOOK": url, "SECRET": secret or ""},
        credentials_dir=None,
        zone=samples.ZONE,
        clock=samples.StoppedClock(),
        network=schema.Network(read_timeout=1),
    )
    return built


def test_an_alert_arrives_as_json_under_its_key(server):
    receipt = channel(server.url).send(samples.tour(), key="k1")
    (call,) = server.accepted
    assert call.headers["idempotency-key"] == "k1"
    assert call.headers["content-type"] == "application/json"
    told = json.loads(call.body)
    assert (told["key"], told["phrase"], told["who"]) == ("k1", "Visit under way", "Antony Blinken")
    assert told["published_at"] == "2024-10-29T12:05:00Z"
    assert receipt.reference == "HTTP 204"


def test_every_field_of_an_alert_is_told_and_documented():
    told = json.loads(webhook_body(samples.tour(), key="k1"))
    renamed = {"story_title": "story"}
    assert {renamed.get(field.name, field.name) for field in fields(AlertMessage)} | {"schema", "key", "phrase"} == set(
        told
    )
    assert documented_fields("Body") == list(told)


def test_every_field_of_a_notice_is_told_and_documented():
    told = json.loads(webhook_body(samples.trouble(), key="k1"))
    assert (told["type"], told["condition"], told["state"]) == ("notice", "stale", "started")
    assert told["since"] == "2024-10-29T12:05:00Z"
    assert documented_fields("Notices") == list(told)


def documented_fields(section):
    text = DOCS.read_text(encoding="utf-8").partition(f"## {section}\n")[2].partition("\n## ")[0]
    return re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE)


def test_a_signature_proves_sender_and_time(server):
    channel(server.url, secret="quiet word").send(samples.tour(), key="k1")
    (call,) = server.accepted
    seconds = call.headers["x-monitor-timestamp"]
    expected = hmac.new(b"quiet word", seconds.encode() + b"." + call.body, hashlib.sha256).hexdigest()
    assert seconds == str(int(samples.NOW.timestamp()))
    assert call.headers["x-monitor-signature"] == f"v1={expected}"


def test_the_documented_check_accepts_what_is_sent_and_nothing_else(server):
    """The receiver's code in docs/webhook.md is run as it stands there."""
    scope: dict[str, object] = {}
    exec(re.search(r"```python\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)[1], scope)
    channel(server.url, secret="quiet word").send(samples.tour(), key="k1")
    (call,) = server.accepted
    is_genuine, now = scope["is_genuine"], samples.NOW.timestamp()
    assert is_genuine(call.headers, call.body, secret="quiet word", now=now)
    assert not is_genuine(call.headers, call.body + b" ", secret="quiet word", now=now)
    assert not is_genuine(call.headers, call.body, secret="other", now=now)
    assert not is_genuine(call.headers, call.body, secret="quiet word", now=now + 3600)
    assert not is_genuine({}, call.body, secret="quiet word", now=now)


def test_without_a_secret_nothing_is_signed(server):
    channel(server.url).send(samples.tour(), key="k1")
    assert "x-monitor-signature" not in server.accepted[0].headers


@pytest.mark.parametrize(
    ("status", "error", "reason"),
    [
        (429, Transient, DeliveryFault.RATE_LIMITED),
        (503, Transient, DeliveryFault.UNREACHABLE),
        (500, OutcomeUnknown, DeliveryFault.OUTCOME_UNKNOWN),
        (502, OutcomeUnknown, DeliveryFault.OUTCOME_UNKNOWN),
        (RESET_AFTER, OutcomeUnknown, DeliveryFault.OUTCOME_UNKNOWN),
        (400, MessageRefused, DeliveryFault.MESSAGE),
        (413, MessageRefused, DeliveryFault.MESSAGE),
        (401, ChannelBroken, DeliveryFault.TOKEN),
        (403, ChannelBroken, DeliveryFault.TOKEN),
        (404, ChannelBroken, DeliveryFault.CHANNEL),
        (410, ChannelBroken, DeliveryFault.CHANNEL),
        (302, ChannelBroken, DeliveryFault.CHANNEL),
    ],
)
def test_every_answer_is_told_apart_and_no_error_shows_the_address(server, status, error, reason):
    server.script.append((status, {"Location": "/elsewhere"} if status == 302 else {}))
    with pytest.raises(error) as caught:
        channel(server.url).send(samples.tour(), key="k1")
    assert type(caught.value) is error
    assert caught.value.fault is reason
    assert "s3cret" not in str(caught.value)
    assert "127.0.0.1" not in str(caught.value)
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
    assert len(server.calls) == 1


def test_the_services_wish_to_wait_is_passed_on(server):
    server.script.append((429, {"Retry-After": "17"}))
    with pytest.raises(Transient) as caught:
        channel(server.url).send(samples.tour(), key="k1")
    assert caught.value.retry_after_s == 17


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120),
        ("Tue, 29 Oct 2024 14:21:00 GMT", 60),
        ("Tue, 29 Oct 2024 10:00:00 GMT", 0),
        ("1e99", 86_400),
        ("-5", 0),
        ("soon", None),
        ("nan", None),
        (None, None),
    ],
)
def test_waiting_times_are_numbers_or_dates_and_never_absurd(value, seconds):
    assert retry_after_s(value, now=samples.NOW) == seconds


def test_a_service_that_is_not_there_is_certainly_not_reached(server):
    gone = channel(server.url)
    server.__exit__()
    with pytest.raises(Transient) as caught:
        gone.send(samples.tour(), key="k1")
    assert caught.value.fault is DeliveryFault.UNREACHABLE
    server.__enter__()


def test_sending_again_after_a_lost_answer_is_a_repeat_the_receiver_can_drop(server):
    server.script.append((RESET_AFTER, {}))
    hook = channel(server.url)
    with pytest.raises(OutcomeUnknown):
        hook.send(samples.tour(), key="k1")
    assert hook.find("k1", since=samples.NOW) is None
    hook.send(samples.tour(), key="k1")
    assert server.keys() == ["k1", "k1"]


def test_the_log_never_shows_the_address(server, caplog):
    with caplog.at_level(logging.INFO):
        channel(server.url).send(samples.tour(), key="k1")
    assert "s3cret" not in caplog.text
