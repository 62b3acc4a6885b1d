"""Alerts as Slack sees them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.model.alert import AlertMessage, AlertReason, Notice, NoticeState, Severity
from monitor.core.model.condition import ConditionKind
from monitor.deliver.layout import arrange, arrange_notice, clean
from monitor.deliver.slack_blocks import minimal_payload, slack_payload
from monitor.deliver.slack_parts import MESSAGE_LENGTH, escape
from tests import slack_blockkit
from tests.deliver import samples

pieces = st.one_of(
    st.text(max_size=40),
    st.sampled_from(
        [
            "<!channel>",
            "<@U123>",
            "&lt;",
            "&amp;lt;",
            "<https://evil.example|x>",
            "*",
            "_",
            "`",
            "~",
            "|",
            ">",
            "&" * 900,
        ]
    ),
)
texts = st.lists(pieces, max_size=8).map("".join)
messages = st.builds(
    AlertMessage,
    type=st.one_of(st.sampled_from(["visit", "ceasefire"]), texts),
    phase=st.one_of(st.sampled_from(["agreed", "planned"]), texts),
    severity=st.sampled_from(Severity),
    reason=st.sampled_from(AlertReason),
    who=texts,
    where=texts,
    quote=texts.map(lambda text: text[:400]),
    headline=texts.map(lambda text: text[:250]),
    details=st.lists(texts, max_size=4).map(tuple),
    marks=st.lists(st.one_of(st.sampled_from(["alleged", "undated"]), texts.map(lambda t: t[:30])), max_size=3).map(
        tuple
    ),
    source=texts,
    url=st.one_of(texts, texts.map(lambda text: f"https://a.example/{text}")),
    published_at=st.integers(0, 2**31).map(lambda second: datetime.fromtimestamp(second, UTC)),
    dated=st.booleans(),
    story_title=texts,
    also_reported_by=st.lists(texts, max_size=6).map(tuple),
)


def everything(payload):
    return [payload.text, *slack_blockkit.texts_of([dict(block) for block in payload.blocks])]


@given(messages)
def test_any_alert_is_a_message_slack_takes(message):
    """Arbitrary text in every field: within all limits, nobody mentioned, only the article linked."""
    for payload in (slack_payload(message, zone=samples.ZONE), minimal_payload(message)):
        fields = {"text": payload.text, "blocks": [dict(block) for block in payload.blocks]}
        assert slack_blockkit.problems(fields) == []
        assert payload.size() <= MESSAGE_LENGTH
        said = everything(payload)
        assert [name for text in said for name in slack_blockkit.mentions(text)] == []
        assert {url for text in said for url in slack_blockkit.links(text)} <= {arrange(message).url}


notices = st.builds(
    Notice,
    key=st.just("k"),
    kind=st.sampled_from(ConditionKind),
    state=st.sampled_from(NoticeState),
    severity=st.sampled_from(Severity),
    title=texts,
    lines=st.lists(texts, max_size=4).map(tuple),
    url=st.one_of(texts, texts.map(lambda text: f"https://a.example/{text}")),
    since=st.integers(0, 2**31).map(lambda second: datetime.fromtimestamp(second, UTC)),
    created_at=st.just(samples.NOW),
)


@given(notices)
def test_any_notice_is_a_message_slack_takes(notice):
    """A source's name is a stranger's text: nobody mentioned, only the source's own address linked."""
    for payload in (slack_payload(notice, zone=samples.ZONE), minimal_payload(notice)):
        fields = {"text": payload.text, "blocks": [dict(block) for block in payload.blocks]}
        assert slack_blockkit.problems(fields) == []
        assert payload.size() <= MESSAGE_LENGTH
        said = everything(payload)
        assert [name for text in said for name in slack_blockkit.mentions(text)] == []
        assert {url for text in said for url in slack_blockkit.links(text)} <= {arrange_notice(notice).url}


@given(st.text())
def test_escaped_text_is_shown_as_it_is(text):
    if not set(text) & set("*_~`"):
        assert slack_blockkit.shown(escape(clean(text))) == clean(text)


@pytest.mark.parametrize("text", ["*bold*", "say _this_ now", "`code`", "~gone~"])
def test_paired_formatting_characters_lose_their_force_and_keep_their_look(text):
    assert not set(escape(text)) & set("*_~`")
    assert len(escape(text)) == len(text)


@pytest.mark.parametrize("text", ["5 * 3", "snake_case", "it`s"])
def test_lone_formatting_characters_stay(text):
    assert escape(text) == text


def test_the_longest_alert_is_cut_and_stays_well_formed():
    payload = slack_payload(samples.longest(), zone=samples.ZONE)
    assert payload.size() <= MESSAGE_LENGTH


def test_the_text_has_the_phase_first_and_is_one_line():
    payload = slack_payload(samples.tour(), zone=samples.ZONE)
    assert payload.text.startswith("Visit under way: Antony Blinken → Israel")
    assert "\n" not in payload.text


def test_the_published_time_ages_with_its_reader_and_falls_back_to_the_configured_zone():
    context = slack_blockkit.texts_of([dict(b) for b in slack_payload(samples.tour(), zone=samples.ZONE).blocks])[-1]
    assert "<!date^1730203500^{date_short_pretty}, {time} ({ago})|29 Oct 2024, 14:05 EET>" in context


def test_the_headline_is_the_link_and_without_it_the_article_is_offered():
    headline = slack_payload(samples.tour(), zone=samples.ZONE).blocks[3]
    assert slack_blockkit.shown(headline["text"]["text"]).startswith("Top US diplomat")
    bare = everything(slack_payload(samples.agreement(), zone=samples.ZONE))[-1]
    assert "|Read article>" in bare


def test_without_a_safe_address_nothing_is_linked():
    payload = slack_payload(replace(samples.tour(), url="javascript:alert(1)"), zone=samples.ZONE)
    assert [url for text in everything(payload) for url in slack_blockkit.links(text)] == []
