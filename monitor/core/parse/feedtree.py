"""RSS, Atom and RDF from the tree of a well-formed document: feedparser's reading without its cost.

Every rule here is one of feedparser's, so that both ways give the same feed: which element means
what, which of two wins, how text is cleaned. Elements it only stores are passed over. Where its
result hangs on details of its inner state, the reader says that it is not sure instead of copying
them. Contract: tests/core/parse/test_fast_feed.py.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Set
from datetime import datetime
from typing import Any

from monitor.core.parse.dates import parse_date, usable_date
from monitor.core.parse.feedlinks import joined_link, link_bases
from monitor.core.parse.feednames import ATOM_FEED, RDF_ABOUT, XML_BASE, XML_LANG, Names
from monitor.core.parse.feedtext import clean_value, inner_markup, without_email
from monitor.core.parse.strictxml import NotSureError, Unsure
from monitor.core.parse.written import WrittenFeed, WrittenItem, may_be_guessed

_Element = Any  # lxml has no types of its own
_HALF_REFERENCE = re.compile(r"&([A-Za-z0-9_]+);")
_XHTML_TYPE = "application/xhtml+xml"
_TYPES = {"text": "text/plain", "plain": "text/plain", "html": "text/html", "xhtml": _XHTML_TYPE}
_TYPES |= {full: full for full in _TYPES.values()}
_HTML_TYPES = frozenset(["text/html", _XHTML_TYPE])

_ITEMS = frozenset(["item", "entry"])
_READ_ATTRIBUTES = frozenset(["rel", "type", "href", "url", "uri", "mode", "ispermalink", "lastmod", "base"])
_IN_IMAGE = frozenset(["title", "link", "url", "width", "height", "description"])
_IN_TEXT_INPUT = frozenset(["title", "link", "description", "name"])
_IN_ITEM_IMAGE = frozenset(["url", "width", "height"])
_IN_PERSON = frozenset(["name", "email", "uri", "url", "homepage", "itunes_name", "itunes_email"])
_IN_SOURCE = frozenset("title link id updated published subtitle icon logo category generator rights".split())


def read_tree(root: _Element, document: str) -> WrittenFeed:
    """What feedparser would make of the document whose tree this is, items in document order.

    Raises:
        NotSureError: something in it is read by rules that are not written here.
    """
    return _Reader(root, document).read()


class _Record:
    """What is known of the feed, or of one item, so far. Of two values in an item the one less deep wins."""

    __slots__ = ("author_names", "contents", "dates", "depths", "has_plain_author", "is_item", "values")

    def __init__(self, *, is_item: bool) -> None:
        self.is_item = is_item
        self.values: dict[str, str] = {}
        self.depths: dict[str, int] = {}
        self.dates: dict[str, str] = {}  # the last of each kind, which feedparser's guess would be about
        self.contents: list[str] = []
        self.author_names: list[str] = []
        self.has_plain_author = False  # one that is text, not a name and an address

    def store(self, key: str, value: str, depth: int) -> None:
        if self.is_item:
            if depth > self.depths.get(key, depth):
                return
            self.depths[key] = depth
        self.values[key] = value

    def get(self, key: str) -> str:
        return self.values.get(key, "")


class _Reader:
    """One reading of one tree, in document order."""

    def __init__(self, root: _Element, document: str) -> None:
        self._root = root
        self._names = Names(document)
        self._handlers: dict[str, _Handler | None] = {}
        self._bases = link_bases(root, document)
        self._feed = _Record(is_item=False)
        self._items: list[WrittenItem] = []
        self._has_content = False  # a full text came since the last item's end
        self._title_depth = -1  # of the last title that was not empty

    def read(self) -> WrittenFeed:
        root = self._names.of(self._root.tag)
        if root in ("feed", "rss"):
            language = self._root.get(XML_LANG, self._root.get("lang", ""))
            self._feed.values["language"] = language.replace("_", "-")
        if root == "feed":
            self._members(self._root, 2)
        elif root in ("rss", "rdf_rdf"):
            self._around_channel()
        else:
            raise NotSureError(Unsure.STRUCTURE)
        if root == "rdf_rdf" and not self._items:
            raise NotSureError(Unsure.STRUCTURE)  # it need not be a feed
        feed = self._feed
        return WrittenFeed(
            title=feed.get("title"),
            language=feed.get("language"),
            link=feed.get("link"),
            ttl=feed.get("ttl"),
            period=feed.get("sy_updateperiod"),
            frequency=feed.get("sy_updatefrequency"),
            items=tuple(self._items),
        )

    def _around_channel(self) -> None:
        channel_count = 0
        for element in self._root:
            name = self._names.of(element.tag)
            if name == "channel":
                self._refuse_attributes(element)
                self._members(element, 3)
                channel_count += 1
            elif name in _ITEMS:
                self._item(element, 2)
            elif name == "image":
                self._aside(element, _IN_IMAGE, 2)
            elif name == "textinput":
                self._aside(element, _IN_TEXT_INPUT, 2)
            elif len(element) or self._handler(element.tag) is not None:
                raise NotSureError(Unsure.STRUCTURE)
        if channel_count > 1:
            raise NotSureError(Unsure.STRUCTURE)

    def _members(self, parent: _Element, depth: int) -> None:
        """The feed's own elements and its items."""
        for element in parent:
            if self._names.of(element.tag) in _ITEMS:
                self._item(element, depth)
            else:
                self._element(element, self._feed, depth)

    def _item(self, element: _Element, depth: int) -> None:
        self._title_depth = -1
        self._refuse_attributes(element)
        record = _Record(is_item=True)
        about = element.get(RDF_ABOUT)
        if about:
            record.values["id"] = about
        self._children(element, record, depth + 1)
        self._has_content = False
        self._items.append(_written_item(record))

    def _children(self, parent: _Element, record: _Record, depth: int) -> None:
        handlers = self._handlers
        for element in parent:
            tag = element.tag
            try:
                handler = handlers[tag]
            except KeyError:
                handler = self._handler(tag)
            if handler is not None:
                handler(self, element, record, depth)
            elif len(element):
                self._children(element, record, depth + 1)

    def _element(self, element: _Element, record: _Record, depth: int) -> None:
        handler = self._handler(element.tag)
        if handler is not None:
            handler(self, element, record, depth)
        else:
            self._children(element, record, depth + 1)

    def _handler(self, tag: str) -> _Handler | None:
        if tag not in self._handlers:
            name = self._names.of(tag)
            unheard_of = _unsure if name.endswith(("_parsed", "_detail")) else None
            self._handlers[tag] = _HANDLERS.get(name, unheard_of)
        return self._handlers[tag]

    # Elements that count.

    def title(self, element: _Element, record: _Record, depth: int) -> None:
        value = self._content(element, "text/plain")
        if not -1 < self._title_depth <= depth:
            record.store("title", value, depth)
        if value:
            self._title_depth = depth

    def media_title(self, element: _Element, record: _Record, depth: int) -> None:
        before = self._title_depth
        self.title(element, record, depth)
        self._title_depth = before

    def link(self, element: _Element, record: _Record, depth: int) -> None:
        attributes = self._attributes(element)
        href = attributes.get("url", attributes.get("uri", attributes.get("href"))) or attributes.get("href")
        if href is not None:
            if len(element):
                raise NotSureError(Unsure.MARKUP)
            kind = attributes.get("type", "text/html")
            if attributes.get("rel", "alternate") == "alternate" and _TYPES.get(kind, kind) in _HTML_TYPES:
                record.values["link"] = self._resolved(href, element)
            return
        value = self._text(element)
        value = clean_value(self._resolved(value, element)) if value else ""
        if "&" in value:
            value = value.replace("&amp;", "&") if record.is_item else value
            value = _HALF_REFERENCE.sub(r"&\1", value)
        record.values["link"] = value

    def guid(self, element: _Element, record: _Record, depth: int) -> None:
        is_permalink = self._attributes(element).get("ispermalink", "true") == "true"
        value = self._text(element)
        value = clean_value(self._resolved(value, element) if value and is_permalink else value)
        record.store("id", value, depth)
        if is_permalink:
            record.values.setdefault("link", value)

    def description(self, element: _Element, record: _Record, depth: int) -> None:
        if "summary" in record.values and not self._has_content:
            self.content(element, record, depth)
        else:
            value = self._content(element, "text/html")
            record.store("summary" if record.is_item else "subtitle", value, depth)

    def summary(self, element: _Element, record: _Record, depth: int) -> None:
        if "summary" in record.values and not self._has_content:
            self.content(element, record, depth)
        else:
            record.store("summary", self._content(element, "text/plain"), depth)

    def content(self, element: _Element, record: _Record, depth: int) -> None:
        self._has_content = True
        value = self._content(element, "text/plain")
        record.contents.append(value)
        if self._attributes(element).get("type", "text") in _TYPES:
            record.values.setdefault("summary", value)

    def author(self, element: _Element, record: _Record, depth: int) -> None:
        name, email, text = self._person(element)
        before = record.get("author")
        if before and len(element) and (not name or "@" in before or record.has_plain_author):
            raise NotSureError(Unsure.ELEMENT)  # feedparser mixes this one up with the one before
        record.store("author", clean_value(text.strip()), depth)
        if name or email:
            record.values["author"] = f"{name} ({email})" if name and email else name or email
            record.author_names.append(name)
        else:
            record.author_names.append("" if len(element) else without_email(record.get("author")))
            record.has_plain_author |= bool(record.author_names[-1] or text.strip())

    def owner(self, element: _Element, record: _Record, depth: int) -> None:
        if record.is_item:
            raise NotSureError(Unsure.ELEMENT)
        self._check_children(element, _IN_PERSON)

    def contributor(self, element: _Element, record: _Record, depth: int) -> None:
        self._check_children(element, _IN_PERSON)

    def image(self, element: _Element, record: _Record, depth: int) -> None:
        self._aside(element, _IN_ITEM_IMAGE if record.is_item else _IN_IMAGE, depth)

    def text_input(self, element: _Element, record: _Record, depth: int) -> None:
        self._aside(element, _IN_TEXT_INPUT, depth)

    def source(self, element: _Element, record: _Record, depth: int) -> None:
        self._aside(element, _IN_SOURCE, depth)

    def passed_text(self, element: _Element, record: _Record, depth: int) -> None:
        """A text that is not kept; but elements in it would be markup, not elements."""
        self._content(element, "text/plain")

    # What is in an element.

    def _aside(self, element: _Element, expected: Set[str], depth: int) -> None:
        """Pass over something with a title of its own, which the titles around it must not be taken for."""
        self._title_depth = -1
        for child in element:
            name = self._names.of(child.tag)
            if name in ("author", "contributor") and expected is _IN_SOURCE:
                self._check_children(child, _IN_PERSON)
            elif len(child) or (name not in expected and (expected is not _IN_SOURCE or self._handler(child.tag))):
                raise NotSureError(Unsure.ELEMENT)
            elif name == "title" and (child.text or "").strip():
                self._title_depth = depth + 1

    def _check_children(self, element: _Element, expected: Set[str]) -> None:
        for child in element:
            name = self._names.of(child.tag)
            if len(child) or (name not in expected and self._handler(child.tag) is not None):
                raise NotSureError(Unsure.ELEMENT)

    def _person(self, element: _Element) -> tuple[str, str, str]:
        """Name, address, and the text outside of such elements."""
        found = {"name": "", "email": ""}
        text = element.text or ""
        for child in element:
            name = self._names.of(child.tag).removeprefix("itunes_")
            text += child.tail or ""
            if name in found:
                found[name] = self._text(child)
        self._check_children(element, _IN_PERSON)
        if len(element) and text.strip():
            raise NotSureError(Unsure.ELEMENT)
        return found["name"], found["email"], text

    def _content(self, element: _Element, default_type: str) -> str:
        kind = default_type
        attributes = self._attributes(element)
        if attributes:
            kind = attributes.get("type", default_type)
            kind = _TYPES.get(kind, kind)
            is_text = kind == _XHTML_TYPE or (kind.startswith("text/") and not kind.endswith("xml"))
            if not is_text or attributes.get("mode") == "base64":
                raise NotSureError(Unsure.TYPE)
        if kind == _XHTML_TYPE:
            return clean_value(self._inner_markup(element))
        if len(element):
            raise NotSureError(Unsure.MARKUP)
        return clean_value((element.text or "").strip())

    def _text(self, element: _Element) -> str:
        if len(element):
            raise NotSureError(Unsure.MARKUP)
        return (element.text or "").strip()

    def _inner_markup(self, element: _Element) -> str:
        if self._root.tag.lower() != ATOM_FEED:
            raise NotSureError(Unsure.MARKUP)
        return inner_markup(element)

    def _attributes(self, element: _Element) -> dict[str, str]:
        found: dict[str, str] = {}
        for key, value in element.items():
            name = key.lower()
            if name[0] == "{":
                if name.rpartition("}")[2] in _READ_ATTRIBUTES and key != XML_BASE:
                    raise NotSureError(Unsure.ATTRIBUTE)
            else:
                found[name] = value.lower() if name in ("rel", "type") else value
        return found

    def _refuse_attributes(self, element: _Element) -> None:
        """Channels and items may carry link and date as attributes, as CDF did; items their id, in any namespace."""
        for key in element.keys():  # noqa: SIM118  (an element iterates over its children)
            name = key.rpartition("}")[2].lower()
            if name in ("href", "lastmod") or (name == "about" and key not in ("about", RDF_ABOUT)):
                raise NotSureError(Unsure.ATTRIBUTE)

    def _resolved(self, link: str, element: _Element) -> str:
        return joined_link(self._bases.get(element, "") if self._bases else "", link)


_Handler = Callable[[_Reader, _Element, _Record, int], None]


def _stored(key: str) -> _Handler:
    """An element that feedparser has no rule for: with attributes it would not be kept as text."""

    def handler(reader: _Reader, element: _Element, record: _Record, depth: int) -> None:
        if len(element) or element.attrib:
            raise NotSureError(Unsure.ELEMENT)
        record.store(key, clean_value((element.text or "").strip()), depth)

    return handler


def _language(reader: _Reader, element: _Element, record: _Record, depth: int) -> None:
    if len(element):
        raise NotSureError(Unsure.MARKUP)
    record.store("language", clean_value((element.text or "").strip()), depth)


def _dated(key: str) -> _Handler:
    def handler(reader: _Reader, element: _Element, record: _Record, depth: int) -> None:
        if len(element):
            raise NotSureError(Unsure.MARKUP)
        value = clean_value((element.text or "").strip())
        record.store(key, value, depth)
        record.dates[key] = value

    return handler


def _unsure(reader: _Reader, element: _Element, record: _Record, depth: int) -> None:
    raise NotSureError(Unsure.ELEMENT)


def _misplaced(reader: _Reader, element: _Element, record: _Record, depth: int) -> None:
    raise NotSureError(Unsure.STRUCTURE)


_RULES: dict[str, _Handler] = {
    "title dc_title": _Reader.title,
    "media_title": _Reader.media_title,
    "link": _Reader.link,
    "guid id": _Reader.guid,
    "description dc_description media_description": _Reader.description,
    "summary itunes_summary": _Reader.summary,
    "content content_encoded fullitem": _Reader.content,
    "author managingeditor dc_author dc_creator itunes_author": _Reader.author,
    "itunes_owner": _Reader.owner,
    "contributor dc_contributor": _Reader.contributor,
    "image": _Reader.image,
    "textinput": _Reader.text_input,
    "source": _Reader.source,
    "published issued pubdate dcterms_issued": _dated("published"),
    "updated modified lastbuilddate dc_date dcterms_modified": _dated("updated"),
    "created dcterms_created": _dated("created"),
    "language dc_language": _language,
    "ttl": _stored("ttl"),
    "sy_updateperiod": _stored("sy_updateperiod"),
    "sy_updatefrequency": _stored("sy_updatefrequency"),
    "feedburner_origlink": _stored("feedburner_origlink"),
    "subtitle tagline itunes_subtitle rights copyright dc_rights info feedburner_browserfriendly": _Reader.passed_text,
    "rss feed channel rdf_rdf item entry": _misplaced,
    # Names that land on keys of feedparser's own, and a text of rules that fit no feed.
    "abstract body xhtml_body date authors links contributors": _unsure,
}
_HANDLERS = {name: handler for names, handler in _RULES.items() for name in names.split()}


def _written_item(record: _Record) -> WrittenItem:
    return WrittenItem(
        guid=record.get("id"),
        link=record.get("link"),
        original_link=record.get("feedburner_origlink"),
        title=record.get("title"),
        summary=record.get("summary"),
        contents=tuple(record.contents),
        authors=tuple(record.author_names),
        author=record.get("author"),
        published_at=_date(record, "published"),
        created_at=_date(record, "created"),
        updated_at=_date(record, "updated"),
    )


def _date(record: _Record, key: str) -> datetime | None:
    if key not in record.dates:
        return None
    written = record.get(key)
    value = parse_date(written)
    if value is None and (may_be_guessed(written) or (not written and record.dates[key])):
        raise NotSureError(Unsure.DATE)
    return usable_date(value, latest=None)
