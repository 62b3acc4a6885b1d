"""Which WebSub hub a feed names, and under which topic: in its Link headers, else in its own head."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from urllib.parse import urlsplit

from lxml import etree

from monitor.core.model.entry import ParsedFeed
from monitor.core.model.subscription import Advertised
from monitor.core.parse.entries import absolute_link

# Case is told in "rel": XML has no Rel, and a pattern that starts with plain letters is ten times faster.
_NAMES_A_HUB = re.compile(r"rel\s*=\s*[\"'][^\"'<>]{0,100}\b(?i:hub)\b")
_FIRST_ITEM = re.compile(r"<(?:[A-Za-z]\w{0,20}:)?(?:item|entry)[\s>]")
_LAST_ITEM = re.compile(r"</(?:[A-Za-z]\w{0,20}:)?(?:item|entry)\s*>")
_MOST = 256 * 1024  # characters of a feed without its items
_DECLARATION = re.compile(r"^\s*<\?xml[^>]{0,200}\?>")
_DOCTYPE = re.compile(r"<!DOCTYPE[^\[>]*(?:\[.*?\]\s*)?>", re.DOTALL)
_HEADS = frozenset(["feed", "channel"])  # RSS: channel; Atom: the root
_LINK = re.compile(r"<([^<>]{1,2048})>([^<]{0,2048})")
_REL = re.compile(r";\s*rel\s*=\s*(?:\"([^\"]*)\"|([^\s;,\"]+))", re.IGNORECASE)

Rel = tuple[str, str]  # relation in lower case, address as written


def hub_in_xml(text: str, *, url: str) -> Advertised:
    """What an RSS or Atom document names outside its items; nothing on any text that cannot be read."""
    if not _NAMES_A_HUB.search(text):
        return Advertised()
    first = _FIRST_ITEM.search(text)
    last = max((match.end() for match in _LAST_ITEM.finditer(text)), default=0)
    head = text if first is None else text[: first.start()] + text[max(last, first.start()) :]
    return _chosen(_links(_without_doctype(_DECLARATION.sub("", head[:_MOST], count=1))), url=url)


def hub_in_json(text: str, *, url: str) -> Advertised:
    """What a JSON Feed names: the first of its `hubs` of type WebSub, and its `feed_url`."""
    if '"hubs"' not in text:
        return Advertised()
    try:
        feed = json.loads(text, parse_int=str, parse_float=str, parse_constant=str)
    except (ValueError, RecursionError):
        return Advertised()
    hubs = feed.get("hubs") if isinstance(feed, dict) else None
    named = [hub for hub in hubs if isinstance(hub, dict)] if isinstance(hubs, list) else []
    rels = [("hub", _text(hub, "url")) for hub in named if _text(hub, "type").casefold() == "websub"]
    return _chosen([*rels, ("self", _text(feed, "feed_url"))] if rels else [], url=url)


def advertised_by(feed: ParsedFeed, headers: Sequence[tuple[str, str]], *, url: str) -> Advertised:
    """The hub of a response: its Link headers go before what its body says (WebSub, section 4).

    `headers` have lower-case names. Without a rel=self the address asked for is the topic.
    """
    values = [value for name, value in headers if name == "link"]
    told = _chosen([rel for value in values for rel in _header_links(value)], url=url)
    hub = told.hub or feed.hub
    return Advertised(hub=hub, topic=told.topic or feed.topic or _address(url, url)) if hub else Advertised()


def _without_doctype(head: str) -> str:
    """The head less its first DOCTYPE; looked for once, since each try may run to the end of the text."""
    found = _DOCTYPE.match(head, start) if (start := head.find("<!DOCTYPE")) >= 0 else None
    return head[: found.start()] + head[found.end() :] if found else head


def _links(head: str) -> Iterator[Rel]:
    """The relations of the link elements that stand directly in the feed or channel."""
    parser = etree.XMLParser(recover=True, resolve_entities=False, no_network=True, huge_tree=False)
    try:
        root = etree.fromstring(head.encode("utf-8", errors="replace"), parser)
    except (etree.LxmlError, ValueError):
        return
    if root is None:
        return
    for element in root.iter("{*}link"):
        yield from _rels_of(element)


def _rels_of(link: etree._Element) -> list[Rel]:
    try:
        parent = link.getparent()
        # Not etree.QName, which refuses names that a recovering parse has let in.
        if parent is None or str(parent.tag).rpartition("}")[2] not in _HEADS:
            return []
        return [(relation, link.get("href", "")) for relation in link.get("rel", "").lower().split()]
    except ValueError:  # so has it references to surrogates, which lxml cannot turn into a string
        return []


def _text(record: dict[str, object], key: str) -> str:
    value = record.get(key)
    return value if isinstance(value, str) else ""


def _header_links(value: str) -> Iterator[Rel]:
    for address, parameters in _LINK.findall(value):
        rel = _REL.search(f";{parameters}" if not parameters.lstrip().startswith(";") else parameters)
        for relation in (rel[1] or rel[2] or "").lower().split() if rel else ():
            yield relation, address


def _chosen(rels: Iterable[Rel], *, url: str) -> Advertised:
    """The first usable hub and self of the relations."""
    found: dict[str, str] = {}
    for relation, written in rels:
        address = _address(written, url) if relation in ("hub", "self") else None
        if address is not None:
            found.setdefault(relation, address)
    return Advertised(hub=found.get("hub"), topic=found.get("self"))


def _address(written: str, base: str) -> str | None:
    """The absolute address; None for one with credentials, which no hub must learn."""
    address = absolute_link(written, base=base)
    return address if address is not None and "@" not in urlsplit(address).netloc else None
