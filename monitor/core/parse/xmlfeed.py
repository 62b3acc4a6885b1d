"""RSS, Atom and RDF through feedparser."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from html import escape
from html.entities import html5

import feedparser

from monitor.core.model.entry import Entry, ParsedFeed
from monitor.core.model.feed import PollReason
from monitor.core.parse.dates import parse_date, usable_date
from monitor.core.parse.entries import absolute_link, clean_text, identified, plain_title
from monitor.core.parse.formats import Told
from monitor.errors import ParseError

# Illegal in XML 1.0 (production 2): one of them costs the strict parser, and with it correct entities.
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
# So do references to what is no character; one to a surrogate makes feedparser itself fail.
_REFERENCE = re.compile(r"&#(?:[xX]([0-9A-Fa-f]{1,8})|([0-9]{1,10}));")
_HEADERS = {"content-type": "application/xml; charset=utf-8"}
_NUMERIC_DATE = re.compile(r"\s*\d{4}-")  # feedparser makes 1 January 2026 of the 40th of the 13th month of 2025
_CDATA = re.compile(r"(<!\[CDATA\[.*?\]\]>)", re.DOTALL)
_AMPERSAND = re.compile(r"&(#[0-9]{1,10};|#[xX][0-9A-Fa-f]{1,8};|[A-Za-z][A-Za-z0-9]{1,30};)?")
_XML_ENTITIES = frozenset(["amp;", "lt;", "gt;", "quot;", "apos;"])
_DOCTYPE_WITHIN = 64 * 1024
_OPENED = re.compile(r"<(?:[A-Za-z]\w{0,20}:)?(?:item|entry)[\s>]")
_CLOSED = re.compile(r"</(?:[A-Za-z]\w{0,20}:)?(?:item|entry|rss|feed|RDF)\s*>")
_PLACE = re.compile(r"^<unknown>:\d+:\d+: ")  # counted in what feedparser made of it, which is no help in the feed
_CHECKED_TAIL = 1024 * 1024
_PERIODS_S = {"hourly": 3600.0, "daily": 86400.0, "weekly": 604800.0, "monthly": 2592000.0, "yearly": 31536000.0}


def parse_xml_feed(text: str, told: Told, url: str) -> ParsedFeed:
    """The feed, entries in document order; `text` starts with its document at `told.start`.

    Raises:
        ParseError: INVALID_XML when it is broken and no entry can be made out; NOT_A_FEED when the
            root element only looks like a feed's.
    """
    document = text[told.start :]
    legal = _REFERENCE.sub(_legal_reference, _ILLEGAL.sub("", document))
    warnings = [] if len(legal) == len(document) else ["characters that XML does not allow were removed"]
    parsed = _feedparser_result(legal)
    fault = _fault(parsed)
    if fault:
        warnings.append(f"not well-formed: {fault}")
        mended = _feedparser_result(_mended(legal))
        parsed = parsed if _fault(mended) else mended
    items = list(parsed["entries"])
    if _fault(parsed) and items and _last_item_is_cut_off(legal):
        # Its identity may be in the part that is missing: the next whole body brings it.
        items.pop()
        warnings.append("the last item is cut off and was left out")
    if fault and not items:
        raise ParseError(PollReason.INVALID_XML, f"no entry in broken XML: {fault}")
    if not items and not parsed["version"] and told.root.lower() not in ("rss", "feed"):
        raise ParseError(PollReason.NOT_A_FEED, f"the root element <{told.root}> is of no known feed format")
    entries, left_out = identified([_entry(item, url) for item in items])
    feed = parsed["feed"]
    return ParsedFeed(
        title=plain_title(_text(feed, "title")),
        language=clean_text(_text(feed, "language")).strip()[:35] or None,
        homepage=absolute_link(_text(feed, "link"), base=url),
        ttl_s=_ttl_s(feed),
        entries=entries,
        warnings=(*warnings, *left_out),
    )


def _fault(parsed: feedparser.FeedParserDict) -> str:
    """Why the strict parser gave up and feedparser's lenient one took over; "" when it did not."""
    return _PLACE.sub("", _one_line(parsed.get("bozo_exception"))) if parsed.get("bozo") else ""


def _mended(document: str) -> str:
    """The document with stray ampersands escaped and entities of HTML as characters.

    These are most of what keeps real feeds from being well-formed, and the lenient parser makes
    "AT&T;" of "AT&T".
    """
    parts = _CDATA.split(document)
    own_entities = "<!ENTITY" in document[:_DOCTYPE_WITHIN]

    def entity(match: re.Match[str]) -> str:
        name = match[1]
        if name is None:
            return "&amp;"
        if name[0] == "#" or name in _XML_ENTITIES or own_entities:
            return match[0]
        return escape(html5[name]) if name in html5 else f"&amp;{name}"

    parts[::2] = [_AMPERSAND.sub(entity, part) for part in parts[::2]]
    return "".join(parts)


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


def _legal_reference(match: re.Match[str]) -> str:
    code = int(match[1], 16) if match[1] else int(match[2])
    legal = code in (9, 10, 13) or 0x20 <= code < 0xD800 or 0xE000 <= code < 0xFFFE or 0x10000 <= code <= 0x10FFFF
    return match[0] if legal else ""


def _entry(item: feedparser.FeedParserDict, url: str) -> Entry:
    guid = clean_text(_text(item, "id")).strip()
    link = _text(item, "feedburner_origlink") or _text(item, "link")
    if link == guid and _text(item, "link") == guid and not re.match(r"https?://", guid, re.IGNORECASE):
        link = ""  # an RSS guid counts as link unless it says otherwise; this one plainly is none
    published = _date(item, "published") or _date(item, "created") or _date(item, "updated")
    return Entry(
        guid=guid,
        url=absolute_link(link, base=url),
        title=plain_title(_text(item, "title")),
        summary=clean_text(_text(item, "summary")),
        content=clean_text(_content(item)),
        authors=_authors(item),
        published_at=published,
        updated_at=_date(item, "updated"),
    )


def _content(item: feedparser.FeedParserDict) -> str:
    values = [part.get("value") for part in _dicts(item, "content")]
    return max((value for value in values if isinstance(value, str)), key=len, default="")


def _authors(item: feedparser.FeedParserDict) -> tuple[str, ...]:
    names = [plain_title(_text(author, "name")) for author in _dicts(item, "authors")]
    if not any(names):
        names = [plain_title(_text(item, "author"))]
    return tuple(dict.fromkeys(name for name in names if name))


def _date(item: feedparser.FeedParserDict, key: str) -> datetime | None:
    # dict.get: feedparser's own lookup maps a missing "updated" to "published", with a warning.
    written = dict.get(item, key)
    value = parse_date(written) if isinstance(written, str) else None
    if value is None and not (isinstance(written, str) and _NUMERIC_DATE.match(written)):
        guessed = dict.get(item, f"{key}_parsed")
        value = _from_struct(guessed) if isinstance(guessed, tuple) else None
    return usable_date(value, latest=None)


def _from_struct(value: tuple[int, ...]) -> datetime | None:
    try:
        year, month, day, hour, minute, second = value[:6]
        return datetime(year, month, day, hour, minute, min(second, 59), tzinfo=UTC)
    except (ValueError, OverflowError, TypeError):
        return None


def _ttl_s(feed: feedparser.FeedParserDict) -> float | None:
    ttl = _text(feed, "ttl").strip()
    if re.fullmatch(r"\d{1,6}", ttl) and int(ttl):
        return int(ttl) * 60.0  # RSS 2.0: minutes
    period_s = _PERIODS_S.get(_text(feed, "sy_updateperiod").strip().lower())
    if period_s is None:
        return None
    frequency = _text(feed, "sy_updatefrequency").strip()
    return period_s / int(frequency) if re.fullmatch(r"[1-9]\d{0,4}", frequency) else period_s


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
