"""What a feed's own words become."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from monitor.core.parse.feed import parse_feed
from monitor.errors import ParseError

_SAMPLES = Path(__file__).parents[2] / "samples" / "feeds"
_URL = "https://feeds.example/world/rss"


def parsed(body, url=_URL, content_type=None):
    body = body if isinstance(body, bytes) else body.encode()
    return parse_feed(body, url=url, content_type=content_type)


def sample(name):
    return parsed((_SAMPLES / name).read_bytes())


def rss(items):
    return f'<rss version="2.0"><channel><title>T</title>{items}</channel></rss>'


def test_an_rss_item_keeps_its_words_and_markup():
    entry = sample("rss.xml").entries[0]
    assert entry.title == "Envoy lands in Port Alder for truce talks"
    assert entry.url == "https://harbour.example/2025/envoy-lands?utm_source=rss"
    assert entry.guid == "hp-1001"
    assert entry.summary == "<p>The envoy arrived <b>at dawn</b>.</p>"
    assert entry.authors == ("Mara Quill",)
    assert entry.published_at == datetime(2025, 8, 10, 4, 30, tzinfo=UTC)


def test_full_content_stands_beside_the_summary():
    assert "<p>Talks resume on Monday.</p>" in sample("rss.xml").entries[1].content


def test_a_feed_states_language_home_page_and_how_long_it_may_be_kept():
    feed = sample("rss.xml")
    assert (feed.title, feed.language, feed.homepage) == ("The Harbour Post", "en-GB", "https://harbour.example/")
    assert feed.ttl_s == 15 * 60


def test_the_syndication_period_of_an_rdf_feed_is_divided_by_its_frequency():
    assert sample("rdf.xml").ttl_s == 1800


def test_an_atom_entry_takes_its_alternate_link_and_both_dates():
    entry = sample("atom.xml").entries[0]
    assert entry.url == "https://valley.example/ministers-meet"
    assert entry.title == "Ministers meet in the valley"
    assert entry.published_at == datetime(2025, 8, 10, 4, 0, tzinfo=UTC)
    assert entry.updated_at == datetime(2025, 8, 10, 4, 15, tzinfo=UTC)
    assert "They met for an hour." in entry.content


def test_an_atom_entry_without_publication_date_was_published_when_updated():
    assert sample("atom.xml").entries[1].published_at == datetime(2025, 8, 9, 10, 0, tzinfo=UTC)


def test_an_rdf_item_is_dated_by_dublin_core_and_named_by_its_address():
    first, second = sample("rdf.xml").entries
    assert first.published_at == datetime(2025, 8, 10, 0, 0, tzinfo=UTC)
    assert second.published_at is None
    assert first.guid == first.url == "https://plain.example/1"


def test_moving_the_feed_changes_no_guid():
    body = (_SAMPLES / "guid_is_link.xml").read_bytes()
    here, there = parsed(body), parsed(body, url="http://other.example/x/y")
    assert [entry.guid for entry in here.entries] == [entry.guid for entry in there.entries]


def test_the_http_charset_is_used_when_the_bytes_are_not_utf_8():
    body = rss("<item><title>Zażółć gęślą jaźń</title></item>").encode("iso-8859-2")
    assert parsed(body, content_type="text/xml; charset=iso-8859-2").entries[0].title == "Zażółć gęślą jaźń"


def test_a_charset_that_names_no_text_encoding_is_ignored():
    for name in ("zlib", "rot13", "idna", "unicode_escape", "nonsense", "utf-7"):
        body = f'<?xml version="1.0" encoding="{name}"?>'.encode() + rss("<item><title>Plain é</title></item>").encode()
        assert parsed(body).entries[0].title == "Plain é"


def test_a_few_broken_bytes_do_not_turn_utf_8_into_mojibake():
    body = rss("<item><title>Ольга едет в Киев на переговоры</title></item>").encode().replace("О".encode(), b"\xd0", 1)
    feed = parsed(body)
    assert feed.entries[0].title.endswith("льга едет в Киев на переговоры")
    assert any("replaced" in warning for warning in feed.warnings)


def test_a_body_that_names_a_file_is_not_opened(tmp_path):
    """feedparser takes a string for a path or URL when it can."""
    secret = tmp_path / "feed.xml"
    secret.write_text(rss("<item><title>secret</title></item>"))
    try:
        found = parsed(str(secret))
    except Exception as error:
        found = error
    assert "secret</title>" not in str(found)
    assert not getattr(found, "entries", ())


def test_very_long_guids_and_links_stay_storable():
    feed = parsed(
        rss(f"<item><guid isPermaLink='false'>{'g' * 5000}</guid><link>https://x.example/{'p' * 9000}</link></item>")
    )
    assert len(feed.entries[0].guid) <= 1000
    assert feed.entries[0].url is None


def test_a_feed_with_one_guid_and_link_for_all_loses_no_item():
    items = "".join(
        f"<item><guid>https://x.example/</guid><link>https://x.example/</link><title>{title}</title></item>"
        for title in ("a", "b", "c")
    )
    assert [entry.title for entry in parsed(rss(items)).entries] == ["a", "b", "c"]


def test_items_equal_but_for_their_date_are_two():
    items = "".join(
        f"<item><title>Same</title><pubDate>{day} Aug 2025 00:00:00 GMT</pubDate></item>" for day in (1, 2, 2)
    )
    feed = parsed(rss(items))
    assert len(feed.entries) == 2
    assert any("more than once" in warning for warning in feed.warnings)


def test_broken_xml_is_told_with_its_fault():
    with pytest.raises(ParseError, match="no entry in broken XML: no element found"):
        parsed("<rss><channel>\n<title>T</title>\n")
