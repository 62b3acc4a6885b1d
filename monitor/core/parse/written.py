"""What an XML feed says in its own words, whichever reader made it out; and the feed that it is to us."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from monitor.core.model.entry import Entry, ParsedFeed
from monitor.core.parse.dates import is_zero_date
from monitor.core.parse.entries import absolute_link, clean_text, identified, plain_title

_HTTP = re.compile(r"https?://", re.IGNORECASE)
_NUMERIC_DATE = re.compile(r"\s*\d{4}-")  # feedparser makes 1 January 2026 of the 40th of the 13th month of 2025
_PERIODS_S = {"hourly": 3600.0, "daily": 86400.0, "weekly": 604800.0, "monthly": 2592000.0, "yearly": 31536000.0}


@dataclass(frozen=True, kw_only=True, slots=True)
class WrittenItem:
    """One item as written: links relative to the feed's URL, markup as it stands, "" for what is absent.

    `original_link` is FeedBurner's: the address its own one leads to. `contents` are the item's full
    texts; `authors` their names, `author` the one string that stands in for them.
    """

    guid: str
    link: str
    original_link: str
    title: str
    summary: str
    contents: tuple[str, ...]
    authors: tuple[str, ...]
    author: str
    published_at: datetime | None
    created_at: datetime | None
    updated_at: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class WrittenFeed:
    """A feed as written; `period` and `frequency` are those of the syndication module, `ttl` RSS 2.0's minutes."""

    title: str
    language: str
    link: str
    ttl: str
    period: str
    frequency: str
    items: tuple[WrittenItem, ...]
    warnings: tuple[str, ...] = ()


def feed_of(written: WrittenFeed, *, url: str) -> ParsedFeed:
    """The feed with plain titles, absolute links and a guid for each entry, in document order."""
    entries, left_out = identified([_entry(item, url) for item in written.items])
    return ParsedFeed(
        title=plain_title(written.title),
        language=clean_text(written.language).strip()[:35] or None,
        homepage=absolute_link(written.link, base=url),
        ttl_s=_ttl_s(written),
        entries=entries,
        warnings=(*written.warnings, *left_out),
    )


def may_be_guessed(written: str) -> bool:
    """Whether a string that `parse_date` knows nothing of is worth feedparser's guess."""
    return bool(written) and not _NUMERIC_DATE.match(written) and not is_zero_date(written)


def _entry(item: WrittenItem, url: str) -> Entry:
    guid = clean_text(item.guid).strip()
    link = item.original_link or item.link
    if link == guid and item.link == guid and not _HTTP.match(guid):
        link = ""  # an RSS guid counts as link unless it says otherwise; this one plainly is none
    return Entry(
        guid=guid,
        url=absolute_link(link, base=url),
        title=plain_title(item.title),
        summary=clean_text(item.summary),
        content=clean_text(max(item.contents, key=len, default="")),
        authors=_authors(item),
        published_at=item.published_at or item.created_at or item.updated_at,
        updated_at=item.updated_at,
    )


def _authors(item: WrittenItem) -> tuple[str, ...]:
    names = [plain_title(name) for name in item.authors]
    if not any(names):
        names = [plain_title(item.author)]
    return tuple(dict.fromkeys(name for name in names if name))


def _ttl_s(written: WrittenFeed) -> float | None:
    ttl = written.ttl.strip()
    if re.fullmatch(r"[0-9]{1,6}", ttl) and int(ttl):
        return int(ttl) * 60.0  # RSS 2.0: minutes
    period_s = _PERIODS_S.get(written.period.strip().lower())
    if period_s is None:
        return None
    frequency = written.frequency.strip()
    return period_s / int(frequency) if re.fullmatch(r"[1-9][0-9]{0,4}", frequency) else period_s
