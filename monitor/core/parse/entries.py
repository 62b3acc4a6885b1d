"""From an item as some format words it to an `Entry`: plain titles, absolute links, identity."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from urllib.parse import urljoin, urlsplit

from monitor.core.model.entry import Entry
from monitor.core.parse.markup import unescaped

LONGEST_GUID = 1000
"""Code points; a longer one becomes its digest (PostgreSQL refuses index rows over 2,704 bytes)."""
LONGEST_URL = 2048
"""Characters of an escaped URL; longer ones are no article's address, and not storable under an index."""
LONGEST_TITLE = 2000

# Only names of HTML elements count as tags: "<John>" or "<@U1>" in a title is somebody's wording.
_TAG = re.compile(
    r"</?(?:a|abbr|b|big|bdi|bdo|br|center|cite|code|del|div|em|font|h[1-6]|i|img|ins|kbd|li|mark|nobr|ol|p|q|s|"
    r"script|small|span|strike|strong|style|sub|sup|time|tt|u|ul|wbr)(?:\s[^<>]{0,2000})?/?>",
    re.IGNORECASE,
)
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
# Characters no database, terminal or message wants: C0 and C1 controls but white space, surrogates, non-characters.
_UNWANTED = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
_UNWANTED_ASCII = bytes([*range(0x09), *range(0x0E, 0x20), 0x7F])
# What urljoin and urlsplit would only give back: an absolute address with no empty part.
_PLAIN_LINK = re.compile(
    r"https?://[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+(?:/[\w/.%~+=&:,@!*-]*(?:\?[\w/.%~+=&:,@!*?;-]+)?(?:#[\w/.%~+=&:,@!*?;-]+)?)?",
    re.ASCII,
)


def clean_text(text: str) -> str:
    """The text without control characters, lone surrogates and non-characters."""
    if text.isascii():  # most text is, and bytes are looked through ten times faster
        kept = text.encode("ascii").translate(None, _UNWANTED_ASCII)
        return text if len(kept) == len(text) else kept.decode("ascii")
    return _UNWANTED.sub("", text)


def plain_title(markup: str) -> str:
    """One line of NFC text: entities decoded, HTML tags out, white space collapsed."""
    # Cut first, so that the work on a hostile title of megabytes stays small.
    text = markup[: 8 * LONGEST_TITLE]
    if "<" in text:
        text = _TAG.sub("", _COMMENT.sub("", text))
    if "&" in text:
        text = unescaped(text)
    if "<" in text:
        text = _TAG.sub("", text)  # feeds that escape their markup twice
    text = clean_text(text)
    if not text.isascii():
        text = unicodedata.normalize("NFC", text.replace("\u200b", "").replace("\xad", ""))
    return " ".join(text.split())[:LONGEST_TITLE]


def absolute_link(link: str, *, base: str) -> str | None:
    """The link resolved against `base`; None unless that gives an http(s) URL with a host."""
    link = clean_text(link).strip()
    if not link:
        return None
    if _PLAIN_LINK.fullmatch(link):
        return link if len(link) <= LONGEST_URL else None
    try:
        url = urljoin(base, link)
        parts = urlsplit(url)
        usable = parts.scheme.lower() in ("http", "https") and bool(parts.hostname)
    except ValueError:  # e.g. an unclosed IPv6 bracket
        return None
    url = "".join(url.split("\n")).replace("\r", "").replace("\t", "").replace(" ", "%20")
    return url if usable and len(url) <= LONGEST_URL else None


def identified(entries: Sequence[Entry]) -> tuple[tuple[Entry, ...], tuple[str, ...]]:
    """The entries with a guid each, once each, in order; and warnings about those left out.

    The feed's own guid; where one document repeats it, guid|url; without one, the URL; without
    that, a digest of title and content. What is still repeated gets the digest, then the date too,
    so that a feed with one constant guid and link loses nothing; items equal in all of that are one.
    """
    kept = [entry for entry in entries if _is_something(entry)]
    keys = [entry.guid or entry.url or _digest(entry) for entry in kept]
    keys = _told_apart(keys, kept, lambda entry: entry.url or "")
    keys = _told_apart(keys, kept, _digest)
    keys = _told_apart(keys, kept, _date)
    unique: dict[str, Entry] = {}
    for key, entry in zip(keys, kept, strict=True):
        guid = key if len(key) <= LONGEST_GUID else "sha256:" + hashlib.sha256(key.encode()).hexdigest()
        unique.setdefault(guid, entry if entry.guid == guid else replace(entry, guid=guid))
    warnings = []
    if len(kept) < len(entries):
        warnings.append(f"{len(entries) - len(kept)} items without id, link, title, content and date were left out")
    if len(unique) < len(kept):
        warnings.append(f"{len(kept) - len(unique)} items stand in the feed more than once")
    return tuple(unique.values()), tuple(warnings)


def _told_apart(keys: Sequence[str], entries: Sequence[Entry], mark: Callable[[Entry], str]) -> list[str]:
    counts = Counter(keys)
    return [
        f"{key}|{mark(entry)}" if counts[key] > 1 and mark(entry) not in ("", key) else key
        for key, entry in zip(keys, entries, strict=True)
    ]


def _is_something(entry: Entry) -> bool:
    return bool(entry.guid or entry.url or entry.title or _content(entry) or entry.published_at)


def _date(entry: Entry) -> str:
    return entry.published_at.isoformat() if entry.published_at else ""


def _content(entry: Entry) -> str:
    return entry.content or entry.summary


def _digest(entry: Entry) -> str:
    return "sha256:" + hashlib.sha256(f"{entry.title}\n{_content(entry)}".encode()).hexdigest()
