"""Alerts through the real slack_sdk client to a Slack of our own."""

from __future__ import annotations

import socket
from dataclasses import replace
from datetime import timedelta

import pytest

from monitor.deliver.registry import build_channels
from monitor.deliver.slack import SlackChannel
from monitor.deliver.slack_blocks import slack_payload
from monitor.errors import (
    ChannelBroken,
    DeliveryError,
    DeliveryFault,
    MessageRefused,
    OutcomeUnknown,
    Transient,
)
from monitor.settings import schema
from tests.deliver import samples
from tests.slack_server import BOT_SCOPES, FakeSlack, Fault

SINCE = samples.NOW


def channel(slack: FakeSlack, *, to: str = "#alerts", token: str | None = None, **network: object) -> SlackChannel:
    item = schema.SlackChannel(kind="slack", channel=to, token_env="TOKEN", api_url=slack.url, min_gap=0.001)
    (built,) = build_channels(
        {"desk": item},
        environ={"TOKEN": token or slack.token},
        credentials_dir=None,
        zone=samples.ZONE,
        clock=samples.StoppedClock(),
        network=schema.Network(**network),
    )
    assert isinstance(built, SlackChannel)
    return built


def test_an_alert_arrives_as_blocks_with_its_key_and_nothing_unfurled(slack):
    receipt = channel(slack).send(samples.tour(), key="k1")
    (post,) = slack.posts
    payload = slack_payload(samples.tour(), zone=samples.ZONE)
    assert receipt.reference == f"C0ALERTS001:{post.ts}"
    assert post.key == "k1"
    assert post.blocks == list(payload.blocks)
    assert post.payload["text"] == payload.text
    assert post.payload["unfurl_links"] is post.payload["unfurl_media"] is False


def test_a_hostile_alert_mentions_nobody(slack):
    channel(slack).send(samples.hostile(), key="k1")
    assert slack.posts[0].mentions() == []


@pytest.mark.parametrize("case", samples.CASES)
def test_slack_takes_every_sample_as_it_is(slack, case):
    channel(slack).send(samples.CASES[case](), key=case)
    assert slack.refused == []
    assert slack.keys() == [case]


@pytest.mark.parametrize(
    ("fault", "error", "reason", "taken"),
    [
        (Fault.RATE_LIMITED, Transient, DeliveryFault.RATE_LIMITED, 0),
        (Fault.ERROR_BEFORE, OutcomeUnknown, DeliveryFault.OUTCOME_UNKNOWN, 0),
        (Fault.ERROR_AFTER, OutcomeUnknown, DeliveryFault.OUTCOME_UNKNOWN, 1),
        (Fault.RESET_BEFORE, OutcomeUnknown, DeliveryFault.OUTCOME_UNKNOWN, 0),
        (Fault.RESET_AFTER, OutcomeUnknown, DeliveryFault.OUTCOME_UNKNOWN, 1),
        (Fault.GARBAGE_BEFORE, OutcomeUnknown, DeliveryFault.OUTCOME_UNKNOWN, 0),
        (Fault.GARBAGE_AFTER, OutcomeUnknown, DeliveryFault.OUTCOME_UNKNOWN, 1),
        ("ratelimited", Transient, DeliveryFault.RATE_LIMITED, 0),
        ("internal_error", OutcomeUnknown, DeliveryFault.OUTCOME_UNKNOWN, 0),
        ("fatal_error", OutcomeUnknown, DeliveryFault.OUTCOME_UNKNOWN, 0),
        ("invalid_auth", ChannelBroken, DeliveryFault.TOKEN, 0),
        ("token_revoked", ChannelBroken, DeliveryFault.TOKEN, 0),
        ("account_inactive", ChannelBroken, DeliveryFault.TOKEN, 0),
        ("missing_scope", ChannelBroken, DeliveryFault.TOKEN, 0),
        ("channel_not_found", ChannelBroken, DeliveryFault.CHANNEL, 0),
        ("not_in_channel", ChannelBroken, DeliveryFault.CHANNEL, 0),
        ("is_archived", ChannelBroken, DeliveryFault.CHANNEL, 0),
        ("restricted_action", ChannelBroken, DeliveryFault.CHANNEL, 0),
        ("no_text", MessageRefused, DeliveryFault.MESSAGE, 0),
        ("metadata_too_large", MessageRefused, DeliveryFault.MESSAGE, 0),
        ("an_error_of_tomorrow", Transient, DeliveryFault.UNREACHABLE, 0),
    ],
)
def test_every_failure_is_told_apart_and_nothing_is_sent_again(slack, fault, error, reason, taken):
    slack.fail_next(fault)
    with pytest.raises(error) as caught:
        channel(slack).send(samples.tour(), key="k1")
    assert type(caught.value) is error
    assert caught.value.fault is reason
    assert len(slack.posts) == taken
    assert len(slack.calls) == 1
    assert slack.token not in str(caught.value)


def test_an_answer_that_never_comes_is_an_unknown_outcome(slack):
    slack.fail_next(Fault.STALL_AFTER)
    with pytest.raises(OutcomeUnknown):
        channel(slack, read_timeout=1).send(samples.tour(), key="k1")
    assert slack.keys() == ["k1"]


def test_a_refused_connection_is_certainly_not_taken():
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))  # bound, never listening: a connection is refused
        slack = FakeSlack()
        dead = channel(slack)
        dead.client.base_url = f"http://127.0.0.1:{unused.getsockname()[1]}/api/"
        with pytest.raises(Transient) as caught:
            dead.send(samples.tour(), key="k1")
    assert caught.value.fault is DeliveryFault.UNREACHABLE


def test_slacks_wish_to_wait_is_kept_without_asking_again(slack):
    slack.fail_next(Fault.RATE_LIMITED, retry_after_s=30)
    desk = channel(slack)
    with pytest.raises(Transient) as first:
        desk.send(samples.tour(), key="k1")
    with pytest.raises(Transient) as second:
        desk.send(samples.tour(), key="k2")
    assert first.value.retry_after_s == 30
    assert 25 < second.value.retry_after_s <= 30
    assert len(slack.calls) == 1


@pytest.mark.parametrize("code", ["invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long", "msg_too_long"])
def test_refused_blocks_go_once_more_as_plain_text(slack, code):
    slack.fail_next(code)
    channel(slack).send(samples.tour(), key="k1")
    (post,) = slack.posts
    assert post.blocks == []
    assert post.key == "k1"
    assert "harbour-wire.example" in post.payload["text"]


def test_a_message_refused_twice_is_refused(slack):
    slack.fail_next("invalid_blocks", times=2)
    with pytest.raises(MessageRefused):
        channel(slack).send(samples.tour(), key="k1")
    assert len(slack.calls) == 2


def test_an_unknown_outcome_of_the_plain_text_is_one_too(slack):
    slack.fail_next("invalid_blocks")
    slack.fail_next(Fault.ERROR_AFTER)
    with pytest.raises(OutcomeUnknown):
        channel(slack).send(samples.tour(), key="k1")


@pytest.mark.parametrize("to", ["#alerts", "alerts", "C0ALERTS001"])
@pytest.mark.parametrize("fault", [Fault.RESET_AFTER, Fault.ERROR_AFTER])
def test_a_post_whose_answer_was_lost_is_found_by_its_key(slack, to, fault):
    """Also by a fresh channel that was given a name and has seen no answer yet."""
    slack.fail_next(fault)
    with pytest.raises(OutcomeUnknown):
        channel(slack, to=to).send(samples.tour(), key="k1")
    after_restart = channel(slack, to=to)
    found = after_restart.find("k1", since=SINCE)
    assert found is not None
    assert found.reference == f"C0ALERTS001:{slack.posts[0].ts}"
    assert after_restart.find("k2", since=SINCE) is None


def test_a_late_post_is_not_found_until_it_shows(slack):
    desk = channel(slack)
    slack.fail_next(Fault.LATE)
    with pytest.raises(OutcomeUnknown):
        desk.send(samples.tour(), key="k1")
    assert desk.find("k1", since=SINCE) is None
    slack.reveal()
    assert desk.find("k1", since=SINCE) is not None


def test_the_search_goes_through_pages_and_back_to_a_minute_before(slack):
    desk = channel(slack)
    for number in range(40):
        desk.post_plain(f"note {number}", key=f"n{number}")
    assert desk.find("n0", since=SINCE + timedelta(seconds=59)) is not None
    assert desk.find("n0", since=SINCE + timedelta(seconds=61)) is None


def test_a_search_that_would_never_end_says_that_nobody_can_tell(slack):
    desk = channel(slack)
    for number in range(320):
        desk.post_plain("note", key=f"n{number}")
    with pytest.raises(DeliveryError) as caught:
        desk.find("absent", since=SINCE)
    assert caught.value.fault is DeliveryFault.OUTCOME_UNKNOWN


@pytest.mark.parametrize("lost", [("channels:history", "groups:history"), ("channels:read", "groups:read")])
def test_without_the_right_to_read_the_search_says_which_scope_it_needs(slack, lost):
    slack.scopes = tuple(scope for scope in BOT_SCOPES if scope not in lost)
    with pytest.raises(DeliveryError) as caught:
        channel(slack).find("k1", since=SINCE)
    assert caught.value.fault is DeliveryFault.NOT_CONFIGURED
    assert lost[0] in str(caught.value)


def test_outside_the_channel_the_search_says_so(slack):
    slack.outside.add("C0ALERTS001")
    with pytest.raises(DeliveryError) as caught:
        channel(slack).find("k1", since=SINCE)
    assert caught.value.fault is DeliveryFault.NOT_CONFIGURED


def test_a_search_that_fails_has_no_unknown_outcome(slack):
    slack.fail_next(Fault.RESET_BEFORE, method="conversations.history", times=3)
    with pytest.raises(Transient):
        channel(slack, to="C0ALERTS001").find("k1", since=SINCE)


@pytest.mark.parametrize("fault", [Fault.RESET_BEFORE, Fault.ERROR_BEFORE, Fault.RATE_LIMITED])
def test_a_page_that_fails_for_a_moment_does_not_begin_the_search_anew(slack, fault):
    desk = channel(slack)
    for number in range(40):
        desk.post_plain(f"note {number}", key=f"n{number}")
    slack.fail_next(fault, method="conversations.history", times=2, retry_after_s=0.01)
    assert desk.find("n0", since=SINCE) is not None
    assert [method for method, _ in slack.calls].count("conversations.history") == 5


def test_a_channel_that_asks_for_a_long_silence_is_not_asked_again_meanwhile(slack):
    slack.fail_next(Fault.RATE_LIMITED, method="conversations.history", retry_after_s=60)
    with pytest.raises(Transient) as caught:
        channel(slack, to="C0ALERTS001").find("k1", since=SINCE)
    assert caught.value.retry_after_s == 60
    assert len(slack.calls) == 1


def test_what_came_after_the_outcome_was_unknown_is_not_leafed_through(slack):
    desk = channel(slack)
    for number in range(40):
        desk.post_plain(f"note {number}", key=f"n{number}")
    assert desk.find("n0", since=SINCE, until=SINCE - timedelta(seconds=61)) is None
    assert desk.find("n0", since=SINCE, until=SINCE) is not None


def test_a_name_that_slack_does_not_list_is_a_broken_channel(slack):
    with pytest.raises(ChannelBroken):
        channel(slack, to="#nowhere").find("k1", since=SINCE)


def test_the_text_of_an_alert_never_stands_in_an_error(slack):
    slack.fail_next("no_text")
    message = replace(samples.tour(), quote="Very secret words")
    with pytest.raises(MessageRefused) as caught:
        channel(slack).send(message, key="k1")
    assert "secret" not in str(caught.value)
    assert caught.value.__cause__ is None
