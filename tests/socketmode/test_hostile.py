"""Whatever is sent to us is read without a fault, and whatever we answer has nothing for Slack to interpret."""

from __future__ import annotations

import json
import re
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.socketmode.reply import Line, Reply, reply_body
from monitor.socketmode.requests import Click, Command, request_of
from tests.store.arrange import NOON

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=40),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)
VALUES = ANYTHING.map(json.dumps) | ANYTHING
PRESSES = st.fixed_dictionaries(
    {"type": st.just("block_actions")},
    optional={
        "actions": st.lists(
            st.fixed_dictionaries({}, optional={"action_id": ANYTHING, "value": VALUES, "action_ts": ANYTHING})
            | ANYTHING,
            max_size=2,
        )
        | ANYTHING,
        "user": ANYTHING,
        "team": ANYTHING,
        "response_url": ANYTHING,
    },
)


@settings(deadline=None)
@given(kind=st.sampled_from(("interactive", "slash_commands", "events_api", "")), payload=PRESSES | st.dictionaries(
    st.sampled_from(("type", "command", "text", "team_id", "user_name", "user_id", "response_url")), ANYTHING
))  # fmt: skip
def test_no_payload_is_misread(kind, payload):
    found = request_of(kind, payload, now=NOON)
    if isinstance(found, Click):
        assert 0 < found.alert_id < 2**63
        assert abs(found.at - NOON) <= timedelta(days=1)
    if isinstance(found, Click | Command):
        assert found.person.name.strip() == found.person.name != ""
        assert len(found.person.name) <= 100
    if isinstance(found, Command):
        assert "\n" not in found.text


@settings(deadline=None)
@given(lines=st.lists(st.builds(Line, text=st.text(max_size=500), url=st.text(max_size=80)), max_size=30))
def test_no_answer_mentions_links_or_breaks_anything(lines):
    """Every text is a text element; links are http(s) alone; the whole keeps Slack's limits."""
    body = reply_body(Reply(lines=tuple(lines)))
    ((section,),) = ([block["elements"][0]] for block in body["blocks"])
    assert {part["type"] for part in section["elements"]} <= {"text", "link"}
    assert all(re.match("https?://", part["url"]) for part in section["elements"] if part["type"] == "link")
    assert all(part["text"] for part in section["elements"])
    assert not re.search("[<>]|&(?!amp;|lt;|gt;)", body["text"])
    assert len(json.dumps(body, ensure_ascii=False)) <= 8_000
    assert "\u202e" not in json.dumps(body, ensure_ascii=False)
