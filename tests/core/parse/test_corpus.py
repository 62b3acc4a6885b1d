"""Real feeds, where they are at hand: the same entries as their description and feedparser count."""

from __future__ import annotations

import io
from pathlib import Path

import feedparser
import pytest

from monitor.core.parse.feed import parse_feed
from monitor.errors import ParseError

_FEEDS = Path(__file__).parents[4] / "shared" / "corpus" / "feeds"
pytestmark = pytest.mark.skipif(not _FEEDS.is_dir(), reason="the corpus of real feeds is not here")

_COUNTS = {
    "real-cnn.rss": 69,
    "real-korean-times.rss": 195,
    "encoding_ISO-8859-1.xml": 40,
    "encoding_WINDOWS-1251.xml": 50,
    "large_atom.xml": 25,
    "large_rss.xml": 25,
    "no_encoding_ISO-8859-1.xml": 10,
    "rdf_UTF8.xml": 60,
    "small_atom.xml": 20,
    "urdu_UTF8.xml": 26,
    "empty.atom": 1,
    "empty.rss": 1,
    "full.atom": 5,
    "full.rss": 5,
    "relative.atom": 1,
    "relative.rss": 1,
    "10.json": 0,
    "empty.json": 1,
    "full.json": 2,
    "invalid.json": 8,
    "unknown.json": "unknown_version",
}


def parsed(path):
    return parse_feed(path.read_bytes(), url="https://feeds.example/rss", content_type=None)


@pytest.mark.parametrize("name", list(_COUNTS))
def test_each_described_feed_yields_its_count_or_reason(name):
    prefix = "testdata__" if name[0] in "enlrsu" and name.endswith(".xml") else "__"
    (path,) = [path for path in (_FEEDS / "samples").iterdir() if path.name.endswith(prefix + name)]
    try:
        found = len(parsed(path).entries)
    except ParseError as error:
        found = str(error.reason)
    assert found == _COUNTS[name]


def test_real_feeds_yield_as_many_entries_as_feedparser_finds():
    paths = sorted((_FEEDS / "real").iterdir())
    expected = {path.name: len(feedparser.parse(io.BytesIO(path.read_bytes())).entries) for path in paths}
    assert {path.name: len(parsed(path).entries) for path in paths} == expected


def test_sixteen_days_of_one_feed_hold_209_entries():
    guids = {entry.guid for path in (_FEEDS / "wsj_world").iterdir() for entry in parsed(path).entries}
    assert len(guids) == 209
