"""What a feed's parser gives back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One item of a feed, in RSS/Atom words.

    `guid` is never empty: the feed's own, else the URL, else a digest of title and content.
    `summary` and `content` are HTML or plain text as the feed carried them.
    `published_at` is None when the feed gives no usable date; `seen_at` is the monitor's own.
    `language` is what the item itself declares, where its format has such a thing.
    `archive` marks an undated one that was there before the poll that met it.
    """

    guid: str
    url: str | None = None
    title: str = ""
    summary: str = ""
    content: str = ""
    authors: tuple[str, ...] = ()
    published_at: datetime | None = None
    updated_at: datetime | None = None
    language: str | None = None
    archive: bool = False


@dataclass(frozen=True, kw_only=True)
class SitemapLink:
    """A sitemap that an index of sitemaps names; `changed_at` is when it says that one last changed."""

    url: str
    changed_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class ParsedFeed:
    """All entries of one fetched body, in document order, each guid once.

    `warnings` name what was repaired or left out ("3 items without id, link and title").
    `ttl_s` is the RSS ttl or sy: period in seconds when the feed states one.
    `hub` is the WebSub hub it names, `topic` the address it calls its own there.
    `pattern` is the CSS selector that stands for what was found to be a page's article links.
    `sitemaps` are what an index of sitemaps leads to, the one to ask first in front; the entries
    are then in those, and `unchanged` says that none of them has changed since the last poll.
    """

    title: str = ""
    language: str | None = None
    homepage: str | None = None
    ttl_s: float | None = None
    entries: tuple[Entry, ...] = ()
    hub: str | None = None
    topic: str | None = None
    warnings: tuple[str, ...] = ()
    pattern: str = ""
    sitemaps: tuple[SitemapLink, ...] = ()
    unchanged: bool = False
