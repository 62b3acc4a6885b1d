"""Each sample feed yields the entries that expected.json names, or its reason."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from monitor.core.parse.feed import parse_feed
from monitor.errors import ParseError

_SAMPLES = Path(__file__).parents[2] / "samples" / "feeds"
_EXPECTED = json.loads((_SAMPLES / "expected.json").read_text(encoding="utf-8"))
_URL = "https://feeds.example/world/rss"


def parsed(name):
    return parse_feed((_SAMPLES / name).read_bytes(), url=_URL, content_type=None)


def some(expected, found):
    """Expected values, None standing for any."""
    return all(want is None or want == got for want, got in zip(expected, found, strict=True))


@pytest.mark.parametrize("name", [name for name, want in _EXPECTED.items() if "reason" in want])
def test_a_body_that_is_no_feed_is_refused_with_its_reason(name):
    with pytest.raises(ParseError) as caught:
        parsed(name)
    assert caught.value.reason == _EXPECTED[name]["reason"]
    assert caught.value.detail


@pytest.mark.parametrize("name", [name for name, want in _EXPECTED.items() if "entries" in want])
def test_a_feed_yields_its_entries(name):
    want, feed = _EXPECTED[name], parsed(name)
    assert len(feed.entries) == want["entries"]
    assert some(want.get("titles", []) or [None] * len(feed.entries), [entry.title for entry in feed.entries])
    assert some(want.get("guids", []) or [None] * len(feed.entries), [entry.guid for entry in feed.entries])
    assert bool(feed.warnings) == want.get("warned", False), feed.warnings
    if "urls" in want:
        assert [entry.url for entry in feed.entries] == want["urls"]
    if "dates" in want:
        found = [entry.published_at and entry.published_at.isoformat() for entry in feed.entries]
        assert found == want["dates"]


def test_every_sample_is_expected():
    assert {path.name for path in _SAMPLES.iterdir()} == {*_EXPECTED, "expected.json"}


@pytest.mark.parametrize("name", [name for name, want in _EXPECTED.items() if want.get("entries")])
def test_guids_are_unique_and_never_empty(name):
    guids = [entry.guid for entry in parsed(name).entries]
    assert all(guids)
    assert len(set(guids)) == len(guids)


@pytest.mark.parametrize("name", list(_EXPECTED))
def test_the_servers_content_type_changes_nothing_but_the_charset(name):
    """Servers send feeds as text/plain, text/html or application/octet-stream."""

    def outcome(content_type):
        try:
            return parse_feed((_SAMPLES / name).read_bytes(), url=_URL, content_type=content_type)
        except ParseError as error:
            return error.reason

    assert outcome("text/html") == outcome(None) == outcome("application/octet-stream")
