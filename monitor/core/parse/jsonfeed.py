"""JSON Feed 1 and 1.1 (jsonfeed.org/version/1.1)."""

from __future__ import annotations

import html
import json
import re

from monitor.core.model.entry import Entry, ParsedFeed
from monitor.core.model.feed import PollReason
from monitor.core.parse.dates import parse_date, usable_date
from monitor.core.parse.entries import absolute_link, clean_text, identified, plain_title
from monitor.core.parse.formats import Told
from monitor.errors import ParseError

_VERSION = re.compile(r"https?://(?:www\.)?jsonfeed\.org/version/1(?:\.[01])?/?", re.IGNORECASE)


def parse_json_feed(text: str, told: Told, url: str) -> ParsedFeed:
    """The feed, items in document order; a field of the wrong type counts as absent.

    Raises:
        ParseError: INVALID_JSON; NOT_A_FEED for JSON of another kind; UNKNOWN_VERSION.
    """
    try:
        # Numbers stay text: an id of 300 digits or Infinity is no reason to lose the feed.
        data = json.loads(text[told.start :], parse_int=str, parse_float=str, parse_constant=str)
    except (ValueError, RecursionError) as error:
        raise ParseError(PollReason.INVALID_JSON, f"not JSON: {str(error)[:200]}") from error
    if not isinstance(data, dict) or not ("version" in data or "items" in data):
        raise ParseError(PollReason.NOT_A_FEED, "JSON, but not a JSON Feed: it has neither version nor items")
    version = data.get("version")
    if not isinstance(version, str) or not _VERSION.fullmatch(version.strip()):
        raise ParseError(PollReason.UNKNOWN_VERSION, f"JSON Feed version {str(version)[:100]!r} is not known")
    items = data.get("items")
    if not isinstance(items, list):
        raise ParseError(PollReason.INVALID_JSON, "the feed's items are not a list")
    objects = [item for item in items if isinstance(item, dict)]
    entries, warnings = identified([_entry(item, url) for item in objects])
    if len(objects) < len(items):
        warnings = (f"{len(items) - len(objects)} items are not objects and were left out", *warnings)
    return ParsedFeed(
        title=plain_title(_text(data, "title")),
        language=clean_text(_text(data, "language")).strip()[:35] or None,
        homepage=absolute_link(_text(data, "home_page_url"), base=url),
        entries=entries,
        warnings=warnings,
    )


def _entry(item: dict[str, object], url: str) -> Entry:
    link = absolute_link(_text(item, "url"), base=url) or absolute_link(_text(item, "external_url"), base=url)
    plain = _text(item, "content_text")
    content = _text(item, "content_html") or html.escape(plain, quote=False)
    published = usable_date(parse_date(_text(item, "date_published")), latest=None)
    updated = usable_date(parse_date(_text(item, "date_modified")), latest=None)
    return Entry(
        guid=clean_text(_text(item, "id")).strip(),
        url=link,
        title=plain_title(html.escape(_text(item, "title"), quote=False)),
        summary=clean_text(html.escape(_text(item, "summary"), quote=False)),
        content=clean_text(content),
        authors=_authors(item),
        published_at=published or updated,
        updated_at=updated,
    )


def _authors(item: dict[str, object]) -> tuple[str, ...]:
    listed = item.get("authors")
    found = [*(listed if isinstance(listed, list) else []), item.get("author")]
    names = [plain_title(_text(author, "name")) for author in found if isinstance(author, dict)]
    return tuple(dict.fromkeys(name for name in names if name))


def _text(values: dict[str, object], key: str) -> str:
    """A string field, "" for any other type; numbers were read as strings, which ids may be (1.1, "id")."""
    value = values.get(key)
    return value if isinstance(value, str) else ""
