"""The gate to the fast way: an XML document that needs no mending, as a tree."""

from __future__ import annotations

import re
from collections import Counter
from enum import StrEnum
from typing import Any

from lxml import etree

from monitor.core.model.feed import PollReason
from monitor.errors import ParseError


class Unsure(StrEnum):
    """Why a feed is left to feedparser."""

    NOT_WELL_FORMED = "not_well_formed"
    DOCTYPE = "doctype"  # its entities and defaults are feedparser's to replace
    STRUCTURE = "structure"  # items inside items, two channels, elements around the channel …
    NAMESPACE = "namespace"  # a prefix or default namespace that reads two ways
    BASE = "base"  # xml:base that is not absolute, or not the root's own
    MARKUP = "markup"  # elements inside a text that is not declared as XHTML
    TYPE = "type"  # a text type that is neither plain nor HTML nor XHTML
    ATTRIBUTE = "attribute"  # one of another namespace by the name of one that counts
    ELEMENT = "element"  # an element whose meaning depends on what stands around it
    DATE = "date"  # neither RFC 822 nor ISO 8601


class NotSureError(Exception):
    """The fast reader could be wrong about this document. Never leaves the parsers."""

    def __init__(self, reason: Unsure) -> None:
        super().__init__(str(reason))
        self.reason = reason


MOST_DEPTH = 256
"""Elements inside each other, libxml2's own limit; real feeds have a dozen."""
MOST_ATTRIBUTES = 500
"""In one tag. feedparser's time grows with their square: 40,000 take it longer than 20 s."""
MOST_TAGS = 5000
"""Categories and keywords of one item. Each is compared with all before it: 20,000 take 8 s."""
LONGEST_PERSON = 2000
"""Characters of an author, in which feedparser looks for an address in quadratic time: 100,000 take over 20 s."""

_PERSONS = frozenset(["author", "creator", "managingeditor", "webmaster", "publisher", "owner"])
_TAGS = frozenset(["category", "keywords", "subject", "tags"])
_SKIPPED = re.compile(r"\s*(<\?|<!--)?")
_CLOSING = {"<?": "?>", "<!--": "-->"}
_FIRST_ELEMENT = re.compile(r"<[A-Za-z_:]")


def strict_tree(document: str) -> Any:
    """The root element of a well-formed document without a DOCTYPE; comments and instructions are dropped.

    Nothing is fetched and no entity but XML's own five is known. The document's own charset is not
    asked: it is text already.

    Raises:
        NotSureError: NOT_WELL_FORMED or DOCTYPE.
        ParseError: INVALID_XML when it is nested deeper than MOST_DEPTH, which no reader should try.
    """
    if document.startswith("<!DOCTYPE", _prolog_end(document)):
        raise NotSureError(Unsure.DOCTYPE)
    try:
        return etree.fromstring(document.encode("utf-8"), _parser(recover=False))
    except etree.XMLSyntaxError as error:
        if error.code == etree.ErrorTypes.ERR_RESOURCE_LIMIT and "depth" in str(error):
            raise _too_deep() from error
        raise NotSureError(Unsure.NOT_WELL_FORMED) from error
    except (etree.LxmlError, UnicodeEncodeError, ValueError) as error:
        raise NotSureError(Unsure.NOT_WELL_FORMED) from error


def refuse_costly(document: str) -> None:
    """Look at what is to be left to feedparser for that which it would sit over for minutes.

    A look, not a proof: the tree of a broken document need not be the one that feedparser sees.
    What slips through costs a worker its time limit.

    Raises:
        ParseError: INVALID_XML, one of the limits above is passed.
    """
    first = _FIRST_ELEMENT.search(document)
    if first is None:
        return
    parser = _parser(recover=True)
    try:
        # From the first tag on: no DOCTYPE of a stranger is for libxml2 to read.
        root = etree.fromstring(document[first.start() :].encode("utf-8", errors="replace"), parser)
    except (etree.LxmlError, ValueError):
        root = None
    limits = etree.ErrorTypes.ERR_RESOURCE_LIMIT
    if any(entry.type == limits and "depth" in entry.message for entry in parser.error_log):
        raise _too_deep()
    if root is not None:
        _refuse_costly_elements(root)


def _refuse_costly_elements(root: Any) -> None:
    tag_counts: Counter[Any] = Counter()
    for element in root.iter("*"):
        try:
            name, text = element.tag.rpartition("}")[2].rpartition(":")[2].lower(), element.text or ""
        except UnicodeDecodeError:  # libxml2 recovers references to surrogates too, as bytes that are no UTF-8
            continue
        if len(element.attrib) > MOST_ATTRIBUTES:
            raise ParseError(PollReason.INVALID_XML, f"a tag with {len(element.attrib)} attributes")
        if name in _PERSONS and len(text) > LONGEST_PERSON:
            raise ParseError(PollReason.INVALID_XML, f"a person's name of {len(text)} characters")
        if name in _TAGS:
            holder = element.getparent()
            tag_counts[holder] += 1 + text.count(",")
            if tag_counts[holder] > MOST_TAGS:
                raise ParseError(PollReason.INVALID_XML, f"more than {MOST_TAGS} categories of one item")


def _parser(*, recover: bool) -> etree.XMLParser:
    return etree.XMLParser(
        encoding="utf-8",
        recover=recover,
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
        collect_ids=False,
    )


def _prolog_end(document: str) -> int:
    """Where white space, instructions and comments before the DOCTYPE or the root element end."""
    at = 0
    while (match := _SKIPPED.match(document, at)) and match[1]:
        end = document.find(_CLOSING[match[1]], match.end())
        at = end + len(_CLOSING[match[1]]) if end >= 0 else len(document)
    return match.end() if match else at


def _too_deep() -> ParseError:
    return ParseError(PollReason.INVALID_XML, f"nested deeper than {MOST_DEPTH} elements")
