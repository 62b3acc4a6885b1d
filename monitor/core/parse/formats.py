"""What a body is, told by its content alone: servers' content types are wrong too often."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum


class Format(StrEnum):
    NOTHING = "nothing"  # no text at all
    XML_FEED = "xml_feed"  # RSS, Atom or RDF
    JSON = "json"
    HTML = "html"
    OTHER_XML = "other_xml"  # a sitemap, OPML, an error document …
    OTHER = "other"


@dataclass(frozen=True, kw_only=True)
class Told:
    """`root` is the first element's name as written, empty without one; the document begins at `start`."""

    format: Format
    root: str = ""
    start: int = 0


_FEED_ROOTS = frozenset(["rss", "feed", "rdf"])
_HTML_ROOTS = frozenset(["html", "head", "body", "div", "p", "table", "center", "title", "meta", "script", "br", "b"])
_PROLOG = re.compile(r"\s+|<\?.*?\?>|<!--.*?-->|<!DOCTYPE\s*(?:\[[^\]]*\]|[^>\[])*>", re.DOTALL | re.IGNORECASE)
_ROOT = re.compile(r"<([A-Za-z_][\w.:-]{0,60})(?=[\s/>])")
_FEED_START = re.compile(r"(?:<\?xml\b[^>]{0,200}\?>\s*)?<(?:[A-Za-z]\w{0,20}:)?(rss|feed|RDF)(?=[\s>])")
_HTML_START = re.compile(r"<!doctype\s+html|<html[\s>]", re.IGNORECASE)
_LOOKED_AT = 64 * 1024  # junk before a feed (warnings of PHP, blank lines) is far shorter


def tell_format(text: str) -> Told:
    """What the text is, and where its document begins after blank lines and junk."""
    start = len(text) - len(text.lstrip("\ufeff \t\r\n\f\v\0"))
    if start == len(text):
        return Told(format=Format.NOTHING)
    if text[start] in "{[":
        return Told(format=Format.JSON, start=start)
    head = text[start : start + _LOOKED_AT]
    root = _root_name(head)
    local = root.rpartition(":")[2].lower()
    if local in _FEED_ROOTS:
        return Told(format=Format.XML_FEED, root=root, start=start)
    feed, page = _FEED_START.search(head), _HTML_START.search(head)
    if feed and not (page and page.start() < feed.start()):
        return Told(format=Format.XML_FEED, root=feed[1], start=start + feed.start())
    if page or local in _HTML_ROOTS:
        return Told(format=Format.HTML, root=root, start=start)
    if root:
        return Told(format=Format.OTHER_XML, root=root, start=start)
    return Told(format=Format.OTHER, start=start)


def _root_name(head: str) -> str:
    at = 0
    while match := _PROLOG.match(head, at):
        at = match.end()
    root = _ROOT.match(head, at)
    return root[1] if root else ""
