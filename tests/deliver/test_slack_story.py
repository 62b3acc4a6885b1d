"""A story's messages as Slack sees them: parents, replies, digests, and the buttons below them."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monitor.core.model.alert import AlertReason, Digest, DigestLine, Severity
from monitor.core.model.story_state import StateStep, StoryState
from monitor.core.model.thread import ThreadPlace
from monitor.deliver.layout import safe_url
from monitor.deliver.slack_blocks import minimal_payload, slack_payload
from monitor.deliver.slack_parts import MESSAGE_LENGTH, MOST_BLOCKS, Payload
from monitor.deliver.slack_story import digest_of, minimal_parent, parent_payload, reply_payload
from tests import slack_blockkit
from tests.deliver import samples
from tests.deliver.story_samples import digest, place
from tests.deliver.test_slack_blocks import everything, messages, texts

moments = st.integers(0, 2**31).map(lambda second: datetime.fromtimestamp(second, UTC))
urls = st.one_of(texts, texts.map(lambda text: f"https://a.example/{text}"))
severities = st.sampled_from(Severity)
marks = st.lists(st.one_of(st.sampled_from(["alleged", "corrected", "undated"]), texts), max_size=3).map(tuple)
steps = st.builds(
    StateStep,
    development=texts,
    phase=st.one_of(st.sampled_from(["agreed", "in_effect"]), texts),
    severity=severities,
    at=moments,
    who=texts,
    where=texts,
    quote=texts,
    source=texts,
    url=urls,
    report_count=st.integers(1, 10**6),
    origin_count=st.integers(1, 10**6),
    marks=marks,
    details=st.lists(texts, max_size=4).map(tuple),
)
states = st.builds(
    StoryState,
    story_id=st.integers(1, 2**53),
    slug=texts,
    type=st.one_of(st.sampled_from(["visit", "ceasefire"]), texts),
    phase=st.one_of(st.sampled_from(["agreed", "planned"]), texts),
    severity=severities,
    title=texts,
    who=texts,
    where=texts,
    steps=st.lists(steps, min_size=1, max_size=14).map(tuple),
    ahead=st.lists(texts, max_size=6).map(tuple),
    outlets=st.lists(texts, max_size=8).map(tuple),
    report_count=st.integers(1, 10**6),
    origin_count=st.integers(1, 10**6),
    marks=marks,
    first_seen_at=moments,
    last_seen_at=moments,
    follows=st.none() | texts,
    acked_by=st.none() | texts,
    muted_until=st.none() | moments,
)
places = st.builds(ThreadPlace, state=states, alert_id=st.integers(1, 2**53), parent=st.none() | st.just("C1:1.5"))
lines = st.builds(
    DigestLine,
    story=texts,
    type=texts,
    phase=texts,
    severity=severities,
    title=texts,
    who=texts,
    where=texts,
    steps=st.lists(texts, max_size=5).map(tuple),
    report_count=st.integers(1, 1000),
    source=texts,
    url=urls,
    at=moments,
)
digests = st.builds(
    Digest,
    key=st.just("k"),
    title=texts,
    since=moments,
    until=moments,
    lines=st.lists(lines, max_size=8).map(tuple),
    left_off=st.integers(0, 100),
    created_at=moments,
)


# A whole story of arbitrary texts is slow to make up.
unhurried = settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])


def assert_taken(payload: Payload, *, linked: set[str]) -> None:
    """Slack takes it, nobody is mentioned, and nothing else is linked."""
    fields = {"text": payload.text, "blocks": [dict(block) for block in payload.blocks]}
    assert slack_blockkit.problems(fields) == []
    assert payload.size() <= MESSAGE_LENGTH
    said = everything(payload)
    assert [name for text in said for name in slack_blockkit.mentions(text)] == []
    assert {url for text in said for url in slack_blockkit.links(text)} <= linked


@unhurried
@given(places, st.booleans())
def test_any_parent_is_a_message_slack_takes(given_place, buttons):
    linked = {safe_url(given_place.state.steps[-1].url)}
    assert_taken(parent_payload(given_place, zone=samples.ZONE, buttons=buttons), linked=linked)
    assert_taken(minimal_parent(given_place), linked=linked)


@unhurried
@given(messages, places)
def test_any_reply_is_a_message_slack_takes(message, given_place):
    payload = reply_payload(message, given_place, zone=samples.ZONE, buttons=True)
    assert_taken(payload, linked={safe_url(message.url)})


@unhurried
@given(digests)
def test_any_digest_is_a_message_slack_takes(given_digest):
    linked = {safe_url(line.url) for line in given_digest.lines}
    assert_taken(slack_payload(given_digest, zone=samples.ZONE), linked=linked)
    assert_taken(minimal_payload(given_digest), linked=set())


def shown(payload: Payload) -> str:
    return "\n".join(slack_blockkit.shown(text) for text in everything(payload))


def test_a_parent_shows_state_history_counts_and_what_is_ahead():
    text = shown(parent_payload(place(), zone=samples.ZONE, buttons=False))
    assert text.startswith("Ceasefire in effect: Israel and Hamas · Gaza")
    assert "talks → agreed → in effect" in text
    assert "14 reports of 6 origins" in text
    assert "Ahead: first stage ends 15 Dec 2024" in text
    assert "✓ Noor" in text


def test_a_story_with_one_development_has_no_history_line():
    one = replace(place().state, steps=place().state.steps[:1])
    assert "→" not in shown(parent_payload(replace(place(), state=one), zone=samples.ZONE, buttons=False))


def test_buttons_carry_the_alert_and_the_story_and_only_where_they_are_wanted():
    without = parent_payload(place(), zone=samples.ZONE, buttons=False)
    assert [block for block in without.blocks if block["type"] == "actions"] == []
    row = parent_payload(place(), zone=samples.ZONE, buttons=True).blocks[-1]
    assert [button["action_id"] for button in row["elements"]] == [
        "ack",
        "mute_24h",
        "relevant",
        "not_relevant",
        "split",
    ]
    assert {button["value"] for button in row["elements"]} == {'{"alert":12,"story":3}'}


def test_a_reply_offers_what_is_said_of_one_alert():
    row = reply_payload(samples.agreement(), place(), zone=samples.ZONE, buttons=True).blocks[-1]
    assert [button["action_id"] for button in row["elements"]] == ["relevant", "not_relevant", "split"]


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        (AlertReason.CORRECTED, "Ceasefire agreed (corrected)"),
        (AlertReason.RETRACTED, "Ceasefire agreed (retracted)"),
        (AlertReason.CONFLICTING, "Ceasefire agreed (conflicting reports)"),
        (AlertReason.ROLE_CHANGED, "Ceasefire agreed (changed)"),
    ],
)
def test_what_is_no_plain_news_says_so_behind_the_phase(reason, words):
    reply = reply_payload(replace(samples.agreement(), reason=reason), place(), zone=samples.ZONE, buttons=False)
    assert reply.text.startswith(f"{words}: ")


def test_a_digest_tells_as_many_stories_as_find_room_and_counts_the_rest():
    many = replace(digest(), lines=digest().lines * 60, left_off=5)
    payload = slack_payload(many, zone=samples.ZONE)
    told = [block for block in payload.blocks if block["type"] == "section"]
    assert len(payload.blocks) <= MOST_BLOCKS
    assert f"and {len(many.lines) - len(told) + 5} more" in shown(payload)


def test_the_same_state_has_the_same_digest_and_another_one_has_not():
    before = parent_payload(place(), zone=samples.ZONE, buttons=False)
    later = replace(place(), state=replace(place().state, report_count=15, last_seen_at=samples.NOW + timedelta(1)))
    assert digest_of(before) == digest_of(parent_payload(place(), zone=samples.ZONE, buttons=False))
    assert digest_of(before) != digest_of(parent_payload(later, zone=samples.ZONE, buttons=False))
    assert json.dumps(before.blocks)
