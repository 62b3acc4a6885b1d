"""Texts of a feed as feedparser hands them out."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import Any
from xml.sax.saxutils import escape

from monitor.core.parse.feednames import XHTML, XML_BASE
from monitor.core.parse.strictxml import LONGEST_PERSON, NotSureError, Unsure

_Element = Any  # lxml has no types of its own
_EMAIL = re.compile(
    r"(([a-zA-Z0-9_\-.+]+)@((\[[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}\.)|(([a-zA-Z0-9\-]+\.)+))"
    r"([a-zA-Z]{2,4}|[0-9]{1,3})(\]?))(\?subject=\S+)?"
)
# Windows-1252 numbers that people write as if they were Unicode's.
_WINDOWS_1252 = {code: char for code in range(0x80, 0xA0) if (char := bytes([code]).decode("cp1252", "ignore"))}
_C1 = re.compile("[\x80-\x9f]")


def clean_value(text: str) -> str:
    """Text that is UTF-8 read as Latin-1 set right, and windows-1252's own signs put in their place."""
    if text.isascii():
        return text
    with suppress(UnicodeEncodeError, UnicodeDecodeError):
        text = text.encode("iso-8859-1").decode("utf-8")
    return text.translate(_WINDOWS_1252) if _C1.search(text) else text


def without_email(author: str) -> str:
    """The name in "name (address)", "address (name)" and the like; "" when there is only an address."""
    found = _EMAIL.search(author) if "@" in author and len(author) <= LONGEST_PERSON else None
    if not found:
        return author
    for part in (found[0], "()", "<>", "&lt;&gt;"):
        author = author.replace(part, "")
    author = author.strip().removeprefix("(")
    return author.removesuffix(")").strip()


def inner_markup(element: _Element) -> str:
    """An Atom text of type xhtml as HTML, without the <div> around it.

    Raises:
        NotSureError: MARKUP or ATTRIBUTE, for elements and attributes that are not XHTML's.
    """
    pieces: list[str] = []
    _add_markup(element, pieces)
    return "".join(_without_wrapper(pieces)).strip()


def _add_markup(element: _Element, pieces: list[str]) -> None:
    """Add the element's inner XHTML as HTML, in pieces of one tag or text."""
    if element.text:
        pieces.append(escape(element.text))
    for child in element:
        tag = child.tag
        name = tag.removeprefix(XHTML).lower()
        if tag[: len(XHTML)] != XHTML or name in ("body", "svg", "math"):
            raise NotSureError(Unsure.MARKUP)
        pieces.append(f"<{name}{_written_attributes(child)}>")
        _add_markup(child, pieces)
        pieces.append(f"</{name}>")
        if child.tail:
            pieces.append(escape(child.tail))


def _written_attributes(element: _Element) -> str:
    found: dict[str, str] = {}
    for key, value in element.items():
        if key[0] == "{" and not key.startswith(XML_BASE[:-4]):
            raise NotSureError(Unsure.ATTRIBUTE)
        name = key.lower() if key[0] != "{" else f"xml:{key.rpartition('}')[2].lower()}"
        found[name] = value.lower() if name in ("rel", "type") else value
    return "".join(f' {name}="{escape(value, {chr(34): "&quot;"})}"' for name, value in found.items())


def _without_wrapper(pieces: list[str]) -> list[str]:
    """The pieces inside the <div> that Atom's XHTML is wrapped in (RFC 4287, 3.1.1.3)."""
    while len(pieces) > 1 and not pieces[-1].strip():
        pieces = pieces[:-1]
    while len(pieces) > 1 and not pieces[0].strip():
        pieces = pieces[1:]
    if not pieces or not (pieces[0] == "<div>" or pieces[0].startswith("<div ")) or pieces[-1] != "</div>":
        return pieces
    depth = 0
    for piece in pieces[:-1]:
        if piece.startswith("</"):
            depth -= 1
            if depth == 0:
                return pieces
        elif piece.startswith("<"):
            depth += 1
    return pieces[1:-1]
