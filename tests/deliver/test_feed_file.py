"""The feed in a file: valid, whole at every moment, and the same after a restart."""

from __future__ import annotations

import errno
import json
import os
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import feedparser
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monitor.core.parse.feed import parse_feed
from monitor.deliver.feed_file import FeedFileChannel
from monitor.errors import ChannelBroken, Transient
from tests.deliver import samples


@dataclass
class HandClock:
    at: datetime = samples.NOW

    def now(self) -> datetime:
        self.at += timedelta(minutes=1)
        return self.at


def channel(folder: Path, format: str = "atom", *, entries: int = 100, name: str = "feed") -> FeedFileChannel:
    return FeedFileChannel(
        name,
        path=folder / "alerts.feed",
        format=format,
        title="News <monitor>",
        entries=entries,
        zone=samples.ZONE,
        clock=HandClock(),
    )


def titles(folder: Path) -> list[str]:
    """The titles in the file, whatever its format."""
    data = (folder / "alerts.feed").read_bytes()
    if data.startswith(b"{"):
        return [item["title"] for item in json.loads(data)["items"]]
    parsed = feedparser.parse(data)
    assert not parsed.bozo
    return [entry.title for entry in parsed.entries]


def test_an_atom_feed_is_read_back_by_feedparser(tmp_path):
    feed = channel(tmp_path)
    for key, message in (("a", samples.tour()), ("b", samples.agreement()), ("c", samples.trouble())):
        feed.send(message, key=key)
    parsed = feedparser.parse((tmp_path / "alerts.feed").read_bytes())
    assert (parsed.bozo, parsed.version, parsed.feed.author) == (False, "atom10", "News <monitor>")
    assert parsed.feed.updated == parsed.entries[0].updated == "2024-10-29T14:23:00Z"
    notice, agreed, visit = parsed.entries
    assert notice.title == "Harbour & Sons: stale"
    assert agreed.title.startswith("Ceasefire agreed: Israel and Hamas")
    assert visit.link == "https://harbour-wire.example/world/4711?ref=feed&lang=en"
    assert [tag.term for tag in visit.tags] == ["visit", "under_way", "high"]
    assert "touched down in Israel on Tuesday" in visit.content[0].value
    assert visit.id.startswith("urn:uuid:")


def test_a_json_feed_is_read_back_by_our_own_reader(tmp_path):
    feed = channel(tmp_path, "json")
    feed.send(samples.tour(), key="a")
    feed.send(samples.trouble(), key="b")
    data = (tmp_path / "alerts.feed").read_bytes()
    written = json.loads(data)
    assert (written["version"], written["title"]) == ("https://jsonfeed.org/version/1.1", "News <monitor>")
    assert all({"id", "content_text"} <= item.keys() for item in written["items"])
    parsed = parse_feed(data, url="https://desk.example/alerts.json", content_type=None)
    assert [entry.title for entry in parsed.entries] == titles(tmp_path)
    assert parsed.entries[1].url == "https://harbour-wire.example/world/4711?ref=feed&lang=en"


@pytest.mark.parametrize("format", ["atom", "json"])
def test_the_feed_goes_on_after_a_restart_and_keeps_the_newest(tmp_path, format):
    for number in range(7):
        message = replace(samples.tour(), who=f"Envoy {number}")
        channel(tmp_path, format, entries=5).send(message, key=str(number))
    assert [title.partition(" →")[0] for title in titles(tmp_path)] == [
        f"Visit under way: Envoy {number}" for number in (6, 5, 4, 3, 2)
    ]


@pytest.mark.parametrize("format", ["atom", "json"])
def test_a_message_sent_twice_is_in_the_feed_once(tmp_path, format):
    feed = channel(tmp_path, format)
    first = feed.send(samples.tour(), key="a")
    feed.send(samples.agreement(), key="b")
    assert channel(tmp_path, format).find("a", since=samples.NOW) == first
    assert channel(tmp_path, format).send(samples.tour(), key="a") == first
    assert len(titles(tmp_path)) == 2
    assert channel(tmp_path, format).find("c", since=samples.NOW) is None


@pytest.mark.parametrize("format", ["atom", "json"])
@pytest.mark.parametrize(
    "found", [b"", b"<feed", b"{}", b"[]", b"\xff\xfe", b'{"items": [{}]}', b"<html><p>hi</p></html>"]
)
def test_a_file_that_is_no_feed_of_ours_is_replaced(tmp_path, format, found):
    (tmp_path / "alerts.feed").write_bytes(found)
    channel(tmp_path, format).send(samples.tour(), key="a")
    assert len(titles(tmp_path)) == 1


def full(*_: object) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.mark.parametrize("call", ["fsync", "open"])
def test_a_full_disk_leaves_the_feed_as_it_was(tmp_path, monkeypatch, call):
    feed = channel(tmp_path)
    feed.send(samples.tour(), key="a")
    before = (tmp_path / "alerts.feed").read_bytes()
    monkeypatch.setattr(os, call, full)
    with pytest.raises(Transient, match="No space left on device"):
        feed.send(samples.agreement(), key="b")
    monkeypatch.undo()
    assert (tmp_path / "alerts.feed").read_bytes() == before
    assert [each.name for each in tmp_path.iterdir()] == ["alerts.feed"]
    feed.send(samples.agreement(), key="b")
    assert len(titles(tmp_path)) == 2


def test_a_folder_that_is_not_there_stops_the_channel(tmp_path):
    with pytest.raises(ChannelBroken, match="No such file"):
        channel(tmp_path / "nowhere").send(samples.tour(), key="a")
    (tmp_path / "alerts.feed").mkdir()
    with pytest.raises(ChannelBroken, match="Is a directory"):
        channel(tmp_path).send(samples.tour(), key="a")


@pytest.mark.parametrize("format", ["atom", "json"])
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None)
@given(text=st.text(max_size=200))
def test_no_text_breaks_the_feed(tmp_path, format, text):
    """Whatever a stranger writes, the file is well-formed, and read back as it was written."""
    said = replace(samples.tour(), who=text, where=text, quote=text, headline=text, source=text, url=text)
    path = tmp_path / "alerts.feed"
    path.unlink(missing_ok=True)
    for key in ("a", text):
        channel(tmp_path, format).send(said, key=key)
    once = path.read_bytes()
    assert len(titles(tmp_path)) == len({"a", text})
    channel(tmp_path, format, entries=2).send(said, key="a")
    assert path.read_bytes().count(b"urn:uuid") == once.count(b"urn:uuid")
