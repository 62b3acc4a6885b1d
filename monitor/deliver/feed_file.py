"""Alerts as a feed in a file, for readers and for whatever serves the file.

The file itself is the memory: it is read, the new entry put first, and the whole replaced in one step.
Atom: RFC 4287. JSON Feed: https://www.jsonfeed.org/version/1.1/.
"""

from __future__ import annotations

import errno
import json
import os
import uuid
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Any

import structlog
from lxml import etree

from monitor.core.model.alert import AlertMessage, Message, Receipt
from monitor.deliver.layout import arrange
from monitor.deliver.mail import subject_of
from monitor.deliver.pages import text_page
from monitor.errors import ChannelBroken, DeliveryFault, Transient
from monitor.ports import Clock

log = structlog.get_logger("deliver")

_ATOM = "{http://www.w3.org/2005/Atom}"
_JSON_VERSION = "https://jsonfeed.org/version/1.1"
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EINTR, errno.EMFILE, errno.ENFILE, errno.ENOMEM}
_LARGEST_BYTES = 64 * 2**20  # what we wrote is far smaller


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One message in the feed; `url` is the article, or empty."""

    id: str
    title: str
    text: str
    url: str
    tags: tuple[str, ...]
    at: datetime


class FeedFileChannel:
    """One file. A message sent twice is in it once."""

    def __init__(
        self, name: str, *, path: Path, format: str, title: str, entries: int, zone: tzinfo, clock: Clock
    ) -> None:
        """`format` is atom or json; the newest `entries` are kept."""
        self._name = name
        self._path = path
        self._title = title
        self._most = entries
        self._zone = zone
        self._clock = clock
        self._write, self._read = FORMATS[format]

    @property
    def name(self) -> str:
        return self._name

    @property
    def visible_after_s(self) -> float:
        """0: what was written is there at once, and sending again changes nothing."""
        return 0.0

    @property
    def repeats_when_unsure(self) -> bool:
        return True

    def send(self, message: Message, *, key: str) -> Receipt:
        """Put the message first in the file; the reference is its id there.

        Raises:
            Transient: the disk is full, or fails for the moment; the file is as it was.
            ChannelBroken: the file or its folder cannot be written.
        """
        now = self._clock.now()
        entry = self._entry(message, key, now)
        kept = [each for each in self._kept() if each.id != entry.id]
        feed_id = _id(f"feed {self._name}")
        self._replace(self._write([entry, *kept][: self._most], self._title, feed_id))
        return Receipt(reference=entry.id)

    def find(self, key: str, *, since: datetime) -> Receipt | None:
        """The receipt when the file has the message. Raises: Transient, ChannelBroken."""
        wanted = _id(key)
        return Receipt(reference=wanted) if any(each.id == wanted for each in self._kept()) else None

    def _entry(self, message: Message, key: str, now: datetime) -> Entry:
        url = ""
        tags: tuple[str, ...] = (message.severity.value,)
        if isinstance(message, AlertMessage):
            url, tags = arrange(message).url, (message.type, message.phase, message.severity.value)
        return Entry(
            id=_id(key),
            title=subject_of(message),
            text=text_page(message, zone=self._zone, now=now).rstrip("\n"),
            url=url,
            tags=tags,
            at=now.astimezone(UTC).replace(microsecond=0),
        )

    def _kept(self) -> list[Entry]:
        """What the file has; nothing when it is not there, or is no feed of ours."""
        try:
            with self._path.open("rb") as file:
                data = file.read(_LARGEST_BYTES)
        except FileNotFoundError:
            return []
        except OSError as error:
            raise self._fault(error) from None
        try:
            return self._read(data)
        except (ValueError, KeyError, TypeError, AttributeError, etree.XMLSyntaxError) as error:
            log.warning("feed begun anew", channel=self._name, file=str(self._path), why=type(error).__name__)
            return []

    def _replace(self, data: bytes) -> None:
        beside = self._path.with_name(f".{self._path.name}.new")
        try:
            descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
            with os.fdopen(descriptor, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            beside.replace(self._path)
        except OSError as error:
            with suppress(OSError):
                beside.unlink()
            raise self._fault(error) from None

    def _fault(self, error: OSError) -> Transient | ChannelBroken:
        detail = f"{self._path}: {error.strerror or type(error).__name__}"
        if error.errno in _FULL:
            return Transient(DeliveryFault.UNREACHABLE, detail)
        return ChannelBroken(DeliveryFault.CHANNEL, detail)


def atom_bytes(entries: list[Entry], title: str, feed_id: str) -> bytes:
    """The entries as an Atom feed."""
    feed = etree.Element(f"{_ATOM}feed", nsmap={None: _ATOM[1:-1]})
    _add(feed, "id", feed_id)
    _add(feed, "title", title)
    _add(feed, "updated", _utc(entries[0].at))
    _add(_add(feed, "author"), "name", title)
    _add(feed, "generator", "news-development-monitor")
    for each in entries:
        entry = _add(feed, "entry")
        _add(entry, "id", each.id)
        _add(entry, "title", each.title)
        _add(entry, "updated", _utc(each.at))
        if each.url:
            _add(entry, "link", href=each.url, rel="alternate")
        for tag in each.tags:
            _add(entry, "category", term=tag)
        _add(entry, "content", each.text, type="text")
    written: bytes = etree.tostring(feed, encoding="utf-8", xml_declaration=True, pretty_print=True)
    return written


def atom_entries(data: bytes) -> list[Entry]:
    """What `atom_bytes` wrote. Raises: ValueError, AttributeError, etree.XMLSyntaxError."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
    return [
        Entry(
            id=entry.findtext(f"{_ATOM}id"),
            title=entry.findtext(f"{_ATOM}title"),
            text=entry.findtext(f"{_ATOM}content") or "",
            url=next((link.get("href") for link in entry.iterfind(f"{_ATOM}link")), ""),
            tags=tuple(category.get("term") for category in entry.iterfind(f"{_ATOM}category")),
            at=datetime.fromisoformat(entry.findtext(f"{_ATOM}updated")),
        )
        for entry in etree.fromstring(data, parser).iterfind(f"{_ATOM}entry")
    ]


def json_bytes(entries: list[Entry], title: str, feed_id: str) -> bytes:
    """The entries as a JSON Feed, which has no id of its own."""
    items = [
        {"id": each.id, "title": each.title, "content_text": each.text, "date_published": _utc(each.at)}
        | ({"url": each.url} if each.url else {})
        | {"tags": list(each.tags)}
        for each in entries
    ]
    feed = {"version": _JSON_VERSION, "title": title, "items": items}
    return (json.dumps(feed, ensure_ascii=False, indent=1) + "\n").encode("utf-8", "replace")


def json_entries(data: bytes) -> list[Entry]:
    """What `json_bytes` wrote. Raises: ValueError, KeyError, TypeError."""
    feed: Mapping[str, Any] = json.loads(data)
    return [
        Entry(
            id=str(item["id"]),
            title=str(item["title"]),
            text=str(item["content_text"]),
            url=str(item.get("url", "")),
            tags=tuple(map(str, item["tags"])),
            at=datetime.fromisoformat(item["date_published"]),
        )
        for item in feed["items"]
    ]


_Writer = Callable[[list[Entry], str, str], bytes]
_Reader = Callable[[bytes], list[Entry]]
FORMATS: Mapping[str, tuple[_Writer, _Reader]] = {
    "atom": (atom_bytes, atom_entries),
    "json": (json_bytes, json_entries),
}


def _add(parent: Any, name: str, text: str | None = None, **attributes: str) -> Any:
    child = etree.SubElement(parent, f"{_ATOM}{name}", attributes)
    child.text = text
    return child


def _utc(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _id(text: str) -> str:
    """A URN that is the same for the same text."""
    return uuid.uuid5(uuid.NAMESPACE_URL, f"news-development-monitor:{text}".encode("utf-8", "replace").decode()).urn
