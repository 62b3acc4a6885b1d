"""The fake Slack is as strict as the real one."""

from __future__ import annotations

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from tests import slack_blockkit
from tests.slack_server import FakeSlack


def client(slack: FakeSlack, token: str | None = None) -> WebClient:
    return WebClient(token=token or slack.token, base_url=slack.url, retry_handlers=[])


def refused(call) -> str:
    with pytest.raises(SlackApiError) as caught:
        call()
    return caught.value.response["error"]


def header(text: str) -> dict:
    return {"type": "header", "text": {"type": "plain_text", "text": text}}


def section(text: str) -> dict:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


@pytest.mark.parametrize(
    "blocks",
    [
        [header("x" * 151)],
        [header("")],
        [{"type": "header", "text": {"type": "mrkdwn", "text": "x"}}],
        [section("x" * 3001)],
        [section("a <b> c")],
        [section("cut <https://a.example|lab")],
        [section("half an &am; entity")],
        [section("x")] * 51,
        [{"type": "context", "elements": [{"type": "mrkdwn", "text": "x"}] * 11}],
        [{"type": "context", "elements": []}],
        [{"type": "carousel"}],
        [{**section("x"), "colour": "red"}],
    ],
)
def test_blocks_beyond_the_limits_are_refused(slack, blocks):
    assert (
        refused(lambda: client(slack).chat_postMessage(channel="#alerts", text="x", blocks=blocks)) == "invalid_blocks"
    )
    assert slack.posts == []


def test_blocks_at_the_limits_are_taken(slack):
    blocks = [header("x" * 150), section("y" * 3000), {"type": "divider"}]
    client(slack).chat_postMessage(channel="#alerts", text="x", blocks=blocks)
    assert len(slack.posts) == 1


def test_empty_messages_unknown_channels_and_wrong_tokens_are_refused(slack):
    post = client(slack).chat_postMessage
    assert refused(lambda: post(channel="#alerts", blocks=[])) == "no_text"
    assert refused(lambda: post(channel="#nowhere", text="x")) == "channel_not_found"
    assert refused(lambda: client(slack, "xoxb-other").auth_test()) == "invalid_auth"


def test_a_repeat_is_a_second_post(slack):
    metadata = {"event_type": "monitor_alert", "event_payload": {"delivery_key": "k"}}
    for _ in range(2):
        client(slack).chat_postMessage(channel="#alerts", text="x", metadata=metadata)
    assert slack.keys() == ["k", "k"]


def test_metadata_comes_back_only_when_asked_for(slack):
    metadata = {"event_type": "monitor_alert", "event_payload": {"delivery_key": "k"}}
    client(slack).chat_postMessage(channel="#alerts", text="x", metadata=metadata)
    (bare,) = client(slack).conversations_history(channel="C0ALERTS001")["messages"]
    (whole,) = client(slack).conversations_history(channel="C0ALERTS001", include_all_metadata=True)["messages"]
    assert "metadata" not in bare
    assert whole["metadata"] == metadata


def test_replies_show_in_their_thread_and_broadcasts_in_both(slack):
    web = client(slack)
    parent = web.chat_postMessage(channel="#alerts", text="parent")["ts"]
    web.chat_postMessage(channel="#alerts", text="reply", thread_ts=parent)
    web.chat_postMessage(channel="#alerts", text="broadcast", thread_ts=parent, reply_broadcast=True)
    history = [m["text"] for m in web.conversations_history(channel="C0ALERTS001")["messages"]]
    thread = [m["text"] for m in web.conversations_replies(channel="C0ALERTS001", ts=parent)["messages"]]
    assert history == ["broadcast", "parent"]
    assert thread == ["parent", "reply", "broadcast"]


def test_an_edit_changes_what_is_read_and_an_unknown_message_is_refused(slack):
    web = client(slack)
    ts = web.chat_postMessage(channel="#alerts", text="before")["ts"]
    web.chat_update(channel="C0ALERTS001", ts=ts, text="after")
    assert [m["text"] for m in web.conversations_history(channel="C0ALERTS001")["messages"]] == ["after"]
    assert refused(lambda: web.chat_update(channel="C0ALERTS001", ts="1.0", text="x")) == "message_not_found"


def test_posts_faster_than_the_limit_are_turned_away_and_counted():
    seconds = [1000.0]
    with FakeSlack(gap_s=1.0, burst=2, now=lambda: seconds[0]) as slack:
        post = client(slack).chat_postMessage
        post(channel="#alerts", text="1")
        post(channel="#alerts", text="2")
        assert refused(lambda: post(channel="#alerts", text="3")) == "ratelimited"
        post(channel="#admin", text="another channel has its own limit")
        seconds[0] += 1
        post(channel="#alerts", text="3")
        assert slack.too_fast == 1
        assert len(slack.posts) == 4


def test_what_a_reader_sees_is_labels_fallbacks_and_plain_characters():
    assert (
        slack_blockkit.shown("<https://a.example|A &amp; B> <!date^1^{time}|noon> &lt;!channel&gt;")
        == "A & B noon <!channel>"
    )
    assert slack_blockkit.mentions("<!channel> <@U1> <#C1|x> <https://a.example> &lt;!here&gt;") == [
        "!channel",
        "@U1",
        "#C1|x",
    ]
