"""Lines of JSON from other tools: which fields they may call how, and which lines are refused."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.model.entry import Entry
from monitor.core.parse.jsonline import LONGEST_LINE, BadLine, GoodLine, LineFault, parse_line

URL = "https://harbour.example/truce"
NOON = datetime(2024, 10, 29, 12, tzinfo=UTC)


def good(record: object) -> GoodLine:
    line = parse_line(json.dumps(record).encode())
    assert isinstance(line, GoodLine), line
    return line


def entry(**record: object) -> Entry:
    return good({"url": URL, **record}).entry


def fault(data: bytes) -> LineFault:
    line = parse_line(data)
    assert isinstance(line, BadLine), line
    return line.fault


def test_a_line_with_everything() -> None:
    line = good(
        {
            "url": URL,
            "title": "Truce talks resume",
            "text": "Envoys met.\n\nThey said 3 < 4.",
            "summary": "Talks.",
            "published": "2024-10-29T14:00:00+02:00",
            "source": "Harbour Post",
            "language": "en-GB",
            "authors": ["Ann Lee", {"name": "Bo Dahl"}],
            "guid": "urn:1",
        }
    )
    assert line.source == "Harbour Post"
    assert line.entry == Entry(
        guid="urn:1",
        url=URL,
        title="Truce talks resume",
        summary="Talks.",
        content="Envoys met.\n\nThey said 3 &lt; 4.",
        authors=("Ann Lee", "Bo Dahl"),
        published_at=NOON,
        language="en-GB",
    )


@pytest.mark.parametrize(
    "record",
    [
        {"link": URL, "headline": "T", "content": "C", "date": "2024-10-29T12:00:00Z", "outlet": "Post"},
        {"URL": URL, "Title": "T", "body": "C", "publishedAt": "2024-10-29 12:00", "source": {"name": "Post"}},
        {"url": URL, "title": "T", "content_html": "C", "date_published": "2024-10-29T12:00Z", "publisher": "Post"},
        {"url": URL, "title": "T", "maintext": "C", "date_publish": "2024-10-29 12:00:00", "source": "Post"},
        {"url": URL, "title": "T", "html": "C", "seendate": "20241029T120000Z", "domain": "Post"},
        {"link": URL, "title": {"rendered": "T"}, "body": {"value": "C"}, "date": "20241029120000", "source": "Post"},
        {"url": URL, "title": "T", "text": "C", "published": 1730203200, "media_name": "Post"},
        {"url": URL, "title": "T", "text": "C", "timestamp": 1730203200000, "source-name": "Post"},
        {"url": URL, "title": "T", "text": "C", "pubDate": "Tue, 29 Oct 2024 12:00:00 GMT", "outlet": "Post"},
    ],
)  # fmt: skip
def test_fields_go_by_many_names(record: dict[str, object]) -> None:
    """Those of JSON Feed, NewsAPI, GDELT, news-please, WordPress and plain scrapers."""
    line = good(record)
    assert (line.source, line.entry.url, line.entry.title, line.entry.content) == ("Post", URL, "T", "C")
    assert line.entry.published_at == NOON


def test_an_entry_is_known_by_guid_else_url_else_id_else_its_words() -> None:
    """An id beside a URL is often the line's number, and would make one article of two files' first lines."""
    assert entry(guid="g", id=1).guid == "g"
    assert entry(id=1).guid == URL
    assert good({"title": "T", "id": 7}).entry.guid == "7"
    first, second = good({"title": "T", "text": "a"}).entry, good({"title": "T", "text": "b"}).entry
    assert first.guid.startswith("sha256:")
    assert first.guid != second.guid


def test_empty_fields_count_as_absent() -> None:
    """Among them NaN, as data frames write what is missing, and zero dates."""
    line = parse_line(b'{"url": "https://a.example/1", "title": NaN, "headline": "T", "text": null, "published": ""}')
    assert isinstance(line, GoodLine)
    assert (line.entry.title, line.entry.published_at) == ("T", None)
    assert entry(published="0001-01-01T00:00:00Z").published_at is None
    assert entry(published=None, date="2024-10-29T12:00:00Z").published_at == NOON


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"plain words", LineFault.NOT_JSON),
        (b"[", LineFault.NOT_JSON),
        (b'["https://a.example/1"]', LineFault.NOT_AN_OBJECT),
        (b'"words"', LineFault.NOT_AN_OBJECT),
        (b"NaN", LineFault.NOT_AN_OBJECT),
        (b"[" * 100_000, LineFault.NOT_JSON),
        (b'{"a":' * 100_000, LineFault.NOT_JSON),
        (b'{"title": "Z\xfcrich"}', LineFault.NOT_UTF8),
        ('{"title": "T"}'.encode("utf-16"), LineFault.NOT_UTF8),
        (b'{"title": "T\x01"}', LineFault.NOT_JSON),
        (b"{}", LineFault.NOTHING_TO_STORE),
        (b'{"text": "words without a head"}', LineFault.NOTHING_TO_STORE),
        (b'{"title": "\\ud800\\u0000"}', LineFault.NOTHING_TO_STORE),
        (b'{"url": "ftp://a.example/1", "title": "T"}', LineFault.BAD_URL),
        (b'{"url": "javascript:alert(1)", "title": "T"}', LineFault.BAD_URL),
        (b'{"url": "/news/1", "title": "T"}', LineFault.BAD_URL),
        (b'{"url": "https://[bad/1", "title": "T"}', LineFault.BAD_URL),
        (b'{"url": "https://a.example/1", "published": "soon"}', LineFault.BAD_DATE),
        (b'{"url": "https://a.example/1", "published": true}', LineFault.WRONG_TYPE),
        (b'{"url": "https://a.example/1", "title": ["T"]}', LineFault.WRONG_TYPE),
        (b'{"url": "https://a.example/1", "authors": [3, false]}', LineFault.WRONG_TYPE),
        (b'{"url": "https://a.example/1", "title": "' + b"x" * LONGEST_LINE + b'"}', LineFault.TOO_LONG),
    ],
)
def test_a_refused_line_says_why(data: bytes, expected: LineFault) -> None:
    assert fault(data) is expected


def test_odd_but_readable_lines_are_taken() -> None:
    """BOM, CRLF, 300-digit numbers, NUL, lone surrogates, controls and bidi marks cost nothing but themselves."""
    line = parse_line(
        b'\xef\xbb\xbf{"id": '
        + b"9" * 300
        + b', "title": "Truce\\u0000 \\ud83d talks", "source": "Post\\u202e\\n\\u0007 One"}\r'
    )
    assert isinstance(line, GoodLine)
    assert line.entry.title == "Truce talks"
    assert line.entry.guid == "9" * 300
    assert line.source == "Post One"


def test_the_longer_of_text_and_html_is_kept() -> None:
    """Some tools give a whole article and its teaser, in whichever of the two fields."""
    assert entry(text="short", html="<p>a longer text</p>").content == "<p>a longer text</p>"
    assert entry(text="a much longer plain text", content="teaser").content == "a much longer plain text"


VALUE = st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=20) | st.just(["a", {"name": 1}])
FIELDS = ("url", "title", "text", "html", "summary", "published", "source", "authors", "guid", "id")
RECORD = st.fixed_dictionaries({}, optional=dict.fromkeys(FIELDS, VALUE | VALUE.map(lambda value: {"name": value})))


@given(st.binary(max_size=300) | RECORD.map(lambda record: json.dumps(record).encode()))
def test_no_line_raises(data: bytes) -> None:
    """Whatever the bytes, the answer is an entry that has a guid and something to show, or a fault."""
    line = parse_line(data)
    if isinstance(line, GoodLine):
        assert line.entry.guid
        assert line.entry.url or line.entry.title
        for text in (line.entry.title, line.entry.content, line.entry.guid, line.source or ""):
            text.encode()
