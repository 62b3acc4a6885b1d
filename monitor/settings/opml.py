"""OPML lists of feeds, in and out."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET  # documents with a DOCTYPE, and so any entity, are refused first
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from monitor.core.model.feed import Feed, FeedKind
from monitor.errors import ConfigError, ConfigProblem
from monitor.settings.include import same_url_key, wrong_with_url

MAX_BYTES = 16 * 2**20
_MAX_DEPTH = 40
_BARE_AMPERSAND = re.compile(rb"&(?!(?:#\d+|#x[0-9A-Fa-f]+|amp|lt|gt|quot|apos);)")


@dataclass(frozen=True, kw_only=True)
class OpmlFeed:
    """One feed of the list; the folders it stands in are its tags."""

    name: str
    url: str
    homepage: str | None = None
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class OpmlList:
    """The list's feeds in order, each URL once, and how many lines gave none."""

    feeds: tuple[OpmlFeed, ...]
    duplicate_count: int = 0
    invalid: tuple[str, ...] = ()  # names of outlines whose address is not a usable URL


def read_opml(path: Path) -> OpmlList:
    """The feeds of an OPML file.

    Raises:
        ConfigError: the file cannot be read, is no OPML, or has a DOCTYPE.
    """
    try:
        if path.stat().st_size > MAX_BYTES:
            raise _problem(path, 0, "larger than 16 MiB: not a list of feeds")
        body = path.read_bytes()
    except OSError as error:
        raise _problem(path, 0, f"cannot be read: {(error.strerror or type(error).__name__).lower()}") from error
    return parse_opml(body, path=path)


def parse_opml(body: bytes, *, path: Path) -> OpmlList:
    """The feeds of an OPML document; `path` only names it in errors.

    Raises:
        ConfigError: no OPML, or a DOCTYPE (its entities could expand without bound).
    """
    if b"<!DOCTYPE" in body.replace(b"\0", b"").upper():
        raise _problem(path, 0, "has a DOCTYPE, which a list of feeds does not need: refused")
    try:
        root = _root(body)
    except ET.ParseError as error:
        raise _problem(path, error.position[0], f"not valid XML: {str(error).split(':')[0]}") from error
    except (ValueError, LookupError) as error:
        raise _problem(path, 0, f"not valid XML: {error}") from error
    if root.tag != "opml":
        raise _problem(path, 0, f"not an OPML file: its root element is <{root.tag[:40]}>")
    collector = _Collector()
    for body_element in root.iter("body"):
        collector.collect(body_element, tags=(), depth=0)
    return OpmlList(
        feeds=tuple(collector.feeds.values()),
        duplicate_count=collector.duplicate_count,
        invalid=tuple(collector.invalid),
    )


def _root(body: bytes) -> ET.Element:
    # Without a DOCTYPE there are no entities to expand.
    try:
        return ET.fromstring(body)  # noqa: S314
    except ET.ParseError:
        # Some readers export names with a bare ampersand ("World & Nation").
        return ET.fromstring(_BARE_AMPERSAND.sub(b"&amp;", body))  # noqa: S314


class _Collector:
    def __init__(self) -> None:
        self.feeds: dict[str, OpmlFeed] = {}
        self.duplicate_count = 0
        self.invalid: list[str] = []

    def collect(self, element: ET.Element, *, tags: tuple[str, ...], depth: int) -> None:
        for outline in element.findall("outline"):
            name = " ".join((outline.get("title") or outline.get("text") or "").split())
            url = (outline.get("xmlUrl") or outline.get("xmlurl") or "").strip()
            if url:
                self._take(outline, name=name, url=url, tags=tags)
            if depth < _MAX_DEPTH:
                inner = tags if url else (*tags, *_as_tags(name))
                self.collect(outline, tags=tuple(dict.fromkeys(inner)), depth=depth + 1)

    def _take(self, outline: ET.Element, *, name: str, url: str, tags: tuple[str, ...]) -> None:
        if wrong_with_url(url):
            self.invalid.append(name or "(without a name)")
            return
        key = same_url_key(url)
        if key in self.feeds:
            self.duplicate_count += 1
            return
        own = tuple(tag for each in (outline.get("category") or "").split(",") for tag in _as_tags(each))
        homepage = (outline.get("htmlUrl") or "").strip()
        self.feeds[key] = OpmlFeed(
            name=name,
            url=url,
            homepage=homepage if homepage and not wrong_with_url(homepage) else None,
            tags=tuple(dict.fromkeys((*tags, *own))),
        )


def _as_tags(words: str) -> tuple[str, ...]:
    """A folder's name as tags: "/World/Middle East" gives world, middle-east."""
    parts = [re.sub(r"[^\w]+", "-", part.strip().lower()).strip("-") for part in words.split("/")]
    return tuple(part for part in parts if part)


def write_opml(feeds: Sequence[Feed], *, title: str) -> str:
    """An OPML 2.0 document of the feeds (watched pages have no place in one); tags are categories."""
    root = ET.Element("opml", version="2.0")
    ET.SubElement(ET.SubElement(root, "head"), "title").text = title
    body = ET.SubElement(root, "body")
    for feed in feeds:
        if feed.kind is not FeedKind.FEED:
            continue
        outline = ET.SubElement(body, "outline", type="rss", text=feed.name, title=feed.name, xmlUrl=feed.url)
        if feed.homepage:
            outline.set("htmlUrl", feed.homepage)
        if feed.tags:
            outline.set("category", ",".join(feed.tags))
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _problem(path: Path, line: int, message: str) -> ConfigError:
    return ConfigError((ConfigProblem(file=str(path), line=line, message=message),))
