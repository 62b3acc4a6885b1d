"""How an alert is arranged."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.model.alert import AlertReason, Digest, DigestLine, Severity
from monitor.deliver.layout import URL_LENGTH, age_words, arrange, clean, one_liner, render_plain, safe_url, time_words
from tests.deliver import samples


@pytest.mark.parametrize("case", samples.CASES)
def test_the_terminal_shows_each_sample_as_agreed(case):
    """Run `python -m tests.deliver.samples` to see and rewrite the golden files."""
    expected = (samples.GOLDEN / case / "terminal.txt").read_text(encoding="utf-8")
    assert samples.as_terminal(samples.CASES[case]()) == expected


@pytest.mark.parametrize("case", samples.CASES)
def test_slack_gets_each_sample_as_agreed(case):
    assert samples.as_slack(samples.CASES[case]()) == (samples.GOLDEN / case / "slack.json").read_text(encoding="utf-8")


def test_the_first_two_lines_tell_what_and_who():
    lines = render_plain(samples.tour(), zone=samples.ZONE, now=samples.NOW)
    assert lines[:2] == ("Visit under way", "Antony Blinken → Israel, then Jordan and Qatar")


@pytest.mark.parametrize("case", samples.CASES)
def test_no_line_stands_twice(case):
    lines = render_plain(samples.CASES[case](), zone=samples.ZONE, now=samples.NOW)
    assert len(set(lines)) == len(lines)


def test_a_doubtful_phase_is_qualified_where_it_stands_and_a_doubtful_source_where_it_is_named():
    message = replace(samples.tour(), marks=("alleged", "single source"))
    lines = render_plain(message, zone=samples.ZONE, now=samples.NOW)
    assert lines[0] == "Visit under way (alleged)"
    assert lines[-2].endswith("· single source")


def test_the_one_line_form_begins_with_the_phase():
    assert one_liner(arrange(samples.agreement())).startswith("Ceasefire agreed: Israel and Hamas · Gaza — ")


def test_a_visit_without_a_visitor_says_where_to():
    assert arrange(replace(samples.tour(), who="")).scene == "to Israel, then Jordan and Qatar"


def test_an_alert_without_names_has_no_empty_line():
    lines = render_plain(replace(samples.tour(), who="", where="", details=()), zone=samples.ZONE, now=samples.NOW)
    assert all(lines)
    assert lines[1].startswith("“US Secretary")


def test_the_story_is_named_only_when_the_alert_goes_on_with_one():
    again = replace(samples.tour(), reason=AlertReason.NEW_DEVELOPMENT, story_title="Shuttle diplomacy of autumn")
    assert arrange(again).story == "Shuttle diplomacy of autumn"
    assert arrange(samples.tour()).story == ""


@pytest.mark.parametrize(
    ("age", "words"),
    [
        (timedelta(seconds=-90), "just now"),
        (timedelta(minutes=-30), "dated ahead"),
        (timedelta(seconds=40), "just now"),
        (timedelta(minutes=59, seconds=59), "59 min ago"),
        (timedelta(hours=1), "1 h ago"),
        (timedelta(hours=47), "47 h ago"),
        (timedelta(days=2), "2 days ago"),
    ],
)
def test_ages_are_told_in_the_largest_fitting_unit(age, words):
    assert age_words(samples.NOW - age, samples.NOW) == words


@pytest.mark.parametrize(
    ("zone", "words"),
    [
        (ZoneInfo("Europe/Berlin"), "29 Oct 2024, 13:05 CET"),
        (ZoneInfo("Asia/Tehran"), "29 Oct 2024, 15:35 UTC+03:30"),
        (timezone(timedelta(hours=-5)), "29 Oct 2024, 07:05 UTC-05:00"),
        (ZoneInfo("UTC"), "29 Oct 2024, 12:05 UTC"),
    ],
)
def test_times_stand_in_the_readers_zone(zone, words):
    assert time_words(samples.PUBLISHED, zone) == words


@pytest.mark.parametrize(
    ("given", "safe"),
    [
        ("https://a.example/x?y=1&z=2#p", "https://a.example/x?y=1&z=2#p"),
        ("HTTP://A.example/Ä <b>|c", "http://a.example/%C3%84%20%3Cb%3E%7Cc"),
        ("https://a.example:8443/%7Cx", "https://a.example:8443/%7Cx"),
        ("https://bücher.example/", "https://xn--bcher-kva.example/"),
        ("http://[::1]:80/a", "http://[::1]:80/a"),
        ("javascript:alert(1)", ""),
        ("file:///etc/passwd", ""),
        ("https://bank.example@evil.example/", ""),
        ("https://", ""),
        ("https://a.example:port/", ""),
        ("https://[half/", ""),
        ("not an address", ""),
        ("", ""),
        ("https://a.example/" + "x" * URL_LENGTH, ""),
    ],
)
def test_only_plain_web_addresses_become_links(given, safe):
    assert safe_url(given) == safe


@given(st.text())
def test_a_clean_text_is_one_line_of_visible_characters(text):
    shown = clean(text)
    assert shown == " ".join(shown.split())
    assert not {unicodedata.category(char) for char in shown} & {"Cc", "Cf", "Cs", "Zl", "Zp"}
    assert clean(shown) == shown


@given(st.text())
def test_a_safe_address_has_nothing_that_could_end_a_link(text):
    for candidate in (text, f"https://{text}", f"https://a.example/{text}"):
        safe = safe_url(candidate)
        assert safe == "" or safe.startswith(("http://", "https://"))
        assert not set(safe) & set('<>|" \n`{}\\^')
        assert safe.isascii()


def test_a_digest_has_a_line_a_story_with_its_way_and_its_source():
    """And says how many found no room."""
    line = DigestLine(
        story="gaza",
        type="ceasefire",
        phase="near",
        severity=Severity.NORMAL,
        title="Truce\u202e close",
        who="Israel and Hamas",
        where="Gaza",
        steps=("Ceasefire talks", "Ceasefire near"),
        report_count=3,
        source="Gulf\nWire",
        url="https://gulf.example/1",
        at=datetime(2024, 10, 29, 5, tzinfo=UTC),
    )
    digest = Digest(
        key="k",
        title="Quiet hours 22:00–07:00",
        since=datetime(2024, 10, 28, 22, tzinfo=UTC),
        until=datetime(2024, 10, 29, 7, tzinfo=UTC),
        lines=(line,),
        left_off=4,
        created_at=datetime(2024, 10, 29, 7, tzinfo=UTC),
    )
    assert render_plain(digest, zone=UTC, now=digest.created_at) == (
        "Quiet hours 22:00–07:00",
        "28 Oct 2024, 22:00 UTC – 29 Oct 2024, 07:00 UTC",
        "Ceasefire near: Israel and Hamas · Gaza — Truce close",
        "Ceasefire talks, Ceasefire near · Gulf Wire, 3 reports",
        "https://gulf.example/1",
        "and 4 more",
    )
