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


@dataclass(frozen=True, kw_only=True)
class ParsedFeed:
    """All entries of one fetched body, in document order, each guid once.

    `warnings` name what was repaired or left out ("3 items without id, link and title").
    `ttl_s` is the RSS ttl or sy: period in seconds when the feed states one.
    `hub` is the WebSub hub it names, `topic` the address it calls its own there.
    """

    title: str = ""
    language: str | None = None
    homepage: str | None = None
    ttl_s: float | None = None
    entries: tuple[Entry, ...] = ()
    hub: str | None = None
    topic: str | None = None
    warnings: tuple[str, ...] = ()
