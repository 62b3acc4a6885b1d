"""RSS, Atom and RDF through feedparser: the reader for what is not plainly well-formed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

import feedparser

from monitor.core.model.feed import PollReason
from monitor.core.parse.dates import parse_date, usable_date
from monitor.core.parse.entries import clean_text
from monitor.core.parse.mending import REMOVED, escaped_ampersands, legal_text, malformed
from monitor.core.parse.written import WrittenFeed, WrittenItem, may_be_guessed
from monitor.errors import ParseError

_HEADERS = {"content-type": "application/xml; charset=utf-8"}
_OPENED = re.compile(r"<(?:[A-Za-z]\w{0,20}:)?(?:item|entry)[\s>]")
_CLOSED = re.compile(r"</(?:[A-Za-z]\w{0,20}:)?(?:item|entry|rss|feed|RDF)\s*>")
_PLACE = re.compile(r"^<unknown>:\d+:\d+: ")  # counted in what feedparser made of it, which is no help in the feed
_CHECKED_TAIL = 1024 * 1024


def read_loosely(document: str, *, root: str) -> WrittenFeed:
    """The feed as far as it can be made out, with warnings about what was mended; `root` is its first element.

    Raises:
        ParseError: INVALID_XML when it is broken and no entry can be made out; NOT_A_FEED when the
            root element only looks like a feed's.
    """
    legal = legal_text(document)
    warnings = [] if len(legal) == len(document) else [REMOVED]
    parsed = _feedparser_result(legal)
    fault = _fault(parsed)
    if fault:
        warnings.append(malformed(fault))
        mended = _feedparser_result(escaped_ampersands(legal))
        parsed = parsed if _fault(mended) else mended
    items = list(parsed["entries"])
    if _fault(parsed) and items and _last_item_is_cut_off(legal):
        # Its identity may be in the part that is missing: the next whole body brings it.
        items.pop()
        warnings.append("the last item is cut off and was left out")
    if fault and not items:
        raise ParseError(PollReason.INVALID_XML, f"no entry in broken XML: {fault}")
    if not items and not parsed["version"] and root.lower() not in ("rss", "feed"):
        raise ParseError(PollReason.NOT_A_FEED, f"the root element <{root}> is of no known feed format")
    feed = parsed["feed"]
    return WrittenFeed(
        title=_text(feed, "title"),
        language=_text(feed, "language"),
        link=_text(feed, "link"),
        ttl=_text(feed, "ttl"),
        period=_text(feed, "sy_updateperiod"),
        frequency=_text(feed, "sy_updatefrequency"),
        items=tuple(_item(item) for item in items),
        warnings=tuple(warnings),
    )


def _fault(parsed: feedparser.FeedParserDict) -> str:
    """Why the strict parser gave up and feedparser's lenient one took over; "" when it did not."""
    return _PLACE.sub("", _one_line(parsed.get("bozo_exception"))) if parsed.get("bozo") else ""


class _Document:
    """What feedparser takes for a stream. It would open text or bytes as a file name or a URL."""

    def __init__(self, text: str) -> None:
        self._text = text

    def read(self) -> bytes:
        return self._text.encode("utf-8", errors="replace")


def _feedparser_result(document: str) -> feedparser.FeedParserDict:
    try:
        # No content-location: with it even guids that are no links get resolved, and would change
        # whenever the feed moves. Relative links come back relative to xml:base or as they are.
        return feedparser.parse(
            _Document(document),
            sanitize_html=False,
            resolve_relative_uris=False,
            response_headers=dict(_HEADERS),
        )
    except MemoryError:
        raise
    except Exception as error:  # feedparser has no error type of its own; anything may leave it on odd input
        raise ParseError(PollReason.INVALID_XML, f"feedparser gave up: {_one_line(error)}") from error


def _item(item: feedparser.FeedParserDict) -> WrittenItem:
    contents = [part.get("value") for part in _dicts(item, "content")]
    return WrittenItem(
        guid=_text(item, "id"),
        link=_text(item, "link"),
        original_link=_text(item, "feedburner_origlink"),
        title=_text(item, "title"),
        summary=_text(item, "summary"),
        contents=tuple(value for value in contents if isinstance(value, str)),
        authors=tuple(_text(author, "name") for author in _dicts(item, "authors")),
        author=_text(item, "author"),
        published_at=_date(item, "published"),
        created_at=_date(item, "created"),
        updated_at=_date(item, "updated"),
    )


def _date(item: feedparser.FeedParserDict, key: str) -> datetime | None:
    # dict.get: feedparser's own lookup maps a missing "updated" to "published", with a warning.
    written = dict.get(item, key)
    value = parse_date(written) if isinstance(written, str) else None
    if value is None and (not isinstance(written, str) or may_be_guessed(written)):
        guessed = dict.get(item, f"{key}_parsed")
        value = _from_struct(guessed) if isinstance(guessed, tuple) else None
    return usable_date(value, latest=None)


def _from_struct(value: tuple[int, ...]) -> datetime | None:
    try:
        year, month, day, hour, minute, second = value[:6]
        return datetime(year, month, day, hour, minute, min(second, 59), tzinfo=UTC)
    except (ValueError, OverflowError, TypeError):
        return None


def _last_item_is_cut_off(document: str) -> bool:
    tail = document[-_CHECKED_TAIL:]
    opened = max((match.start() for match in _OPENED.finditer(tail)), default=-1)
    closed = max((match.start() for match in _CLOSED.finditer(tail)), default=-1)
    return opened > closed


def _text(values: Mapping[str, object], key: str) -> str:
    value = values.get(key)
    return value if isinstance(value, str) else ""


def _dicts(values: Mapping[str, object], key: str) -> list[feedparser.FeedParserDict]:
    found = values.get(key)
    if not isinstance(found, Iterable) or isinstance(found, str):
        return []
    return [value for value in found if isinstance(value, dict)]


def _one_line(error: object) -> str:
    return " ".join(clean_text(str(error)).split())[:200]
