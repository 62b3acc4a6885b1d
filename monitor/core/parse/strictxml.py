"""The gate to the fast way: an XML document that needs no mending, as a tree."""

from __future__ import annotations

import re
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

_FIRST_ELEMENT = re.compile(r"<[A-Za-z_:]")


def strict_tree(document: str) -> Any:
    """The root element of a well-formed document without a DOCTYPE; comments and instructions are dropped.

    Nothing is fetched and no entity but XML's own five is known. The document's own charset is not
    asked: it is text already.

    Raises:
        NotSureError: NOT_WELL_FORMED or DOCTYPE.
        ParseError: INVALID_XML when it is nested deeper than MOST_DEPTH, which no reader should try.
    """
    first = _FIRST_ELEMENT.search(document)
    if first is None or document.find("<!DOCTYPE", 0, first.start()) >= 0:
        raise NotSureError(Unsure.DOCTYPE if first else Unsure.NOT_WELL_FORMED)
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
        collect_ids=False,
    )
    try:
        root = etree.fromstring(document.encode("utf-8"), parser)
    except etree.XMLSyntaxError as error:
        if error.code == etree.ErrorTypes.ERR_RESOURCE_LIMIT and "depth" in str(error):
            raise ParseError(PollReason.INVALID_XML, f"nested deeper than {MOST_DEPTH} elements") from error
        raise NotSureError(Unsure.NOT_WELL_FORMED) from error
    except (etree.LxmlError, UnicodeEncodeError, ValueError) as error:
        raise NotSureError(Unsure.NOT_WELL_FORMED) from error
    if root.getroottree().docinfo.doctype:  # one behind a comment that holds a tag
        raise NotSureError(Unsure.DOCTYPE)
    return root
