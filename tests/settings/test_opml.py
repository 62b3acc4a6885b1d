"""OPML lists: folders become tags, duplicates count once, hostile documents are refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitor.core.model.feed import Feed, FeedKind
from monitor.errors import ConfigError
from monitor.settings.opml import OpmlFeed, parse_opml, read_opml, write_opml

LISTED = b"""<?xml version="1.0" encoding="UTF-8"?>
<opml version="2.0"><head><title>Mine</title></head><body>
  <outline text="World / Middle East">
    <outline type="rss" text="First" title="First &amp; best" xmlUrl="https://a.example/feed" htmlUrl="https://a.example/"/>
    <outline text="Wires"><outline type="rss" text="  Second
      one " xmlUrl=" https://b.example/feed "/></outline>
  </outline>
  <outline type="rss" text="First again" xmlUrl="https://A.example/feed"/>
  <outline type="rss" text="Third" xmlUrl="https://c.example/feed" category="/Asia/Japan,press" htmlUrl="javascript:x"/>
  <outline type="rss" text="Odd" xmlUrl="feed://d.example/"/>
  <outline text="No feed"/>
</body></opml>"""


def test_feeds_come_with_their_folders_as_tags():
    found = parse_opml(LISTED, path=Path("mine.opml"))
    assert found.feeds == (
        OpmlFeed(
            name="First & best",
            url="https://a.example/feed",
            homepage="https://a.example/",
            tags=("world", "middle-east"),
        ),
        OpmlFeed(name="Second one", url="https://b.example/feed", tags=("world", "middle-east", "wires")),
        OpmlFeed(name="Third", url="https://c.example/feed", tags=("asia", "japan", "press")),
    )
    assert found.duplicate_count == 1
    assert found.invalid == ("Odd",)


def test_a_bare_ampersand_is_forgiven():
    """Readers export such names, and no XML parser takes them."""
    body = b"<opml><body><outline text='War & Peace &nbsp; &amp;c' xmlUrl='https://a.example/?a=1&b=2'/></body></opml>"
    (feed,) = parse_opml(body, path=Path("x")).feeds
    assert (feed.name, feed.url) == ("War & Peace &nbsp; &c", "https://a.example/?a=1&b=2")


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b'<!DOCTYPE opml [<!ENTITY a "aaaa">]><opml><body/></opml>', "x.opml: has a DOCTYPE"),
        ('<?xml version="1.0" encoding="utf-16"?><!doctype opml><opml/>'.encode("utf-16"), "x.opml: has a DOCTYPE"),
        (b"<opml><body>\n<outline</body></opml>", "x.opml:2: not valid XML: not well-formed"),
        (b"<html><body/></html>", "x.opml: not an OPML file: its root element is <html>"),
        (b"", "x.opml:1: not valid XML: no element found"),
        (b'<?xml version="1.0" encoding="nonsense"?><opml/>', "x.opml"),
    ],
)
def test_other_documents_are_refused(body, expected):
    with pytest.raises(ConfigError) as caught:
        parse_opml(body, path=Path("x.opml"))
    assert str(caught.value).startswith(expected)


def test_what_is_written_reads_back():
    feeds = (
        Feed(name="A & <B>", url="https://a.example/?x=1&y=2", tags=("x", "y-z"), homepage="https://a.example/"),
        Feed(name="Page", url="https://page.example/", kind=FeedKind.HTML_INDEX, selector="a"),
    )
    text = write_opml(feeds, title="Sources")
    assert parse_opml(text.encode(), path=Path("x")).feeds == (
        OpmlFeed(name="A & <B>", url="https://a.example/?x=1&y=2", homepage="https://a.example/", tags=("x", "y-z")),
    )


@pytest.mark.parametrize("name", ["news", "uk", "us"])
def test_real_lists_give_every_feed_they_name(name):
    path = Path(__file__).parents[3] / "shared" / "corpus" / "opml" / f"{name}.opml"
    if not path.exists():
        pytest.skip("needs the captured OPML lists in ../shared/corpus/opml")
    found = read_opml(path)
    assert len(found.feeds) + found.duplicate_count + len(found.invalid) == path.read_text().count("xmlUrl=")
    assert len(found.feeds) >= 5


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(ConfigError, match=r"gone\.opml: cannot be read: no such file or directory"):
        read_opml(tmp_path / "gone.opml")
