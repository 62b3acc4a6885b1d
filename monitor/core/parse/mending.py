"""XML that is nearly well-formed, put in order: what most broken feeds need is a stray ampersand escaped."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape
from html.entities import html5
from xml.parsers import expat

# Illegal in XML 1.0 (production 2): one of them costs the strict parser, and with it correct entities.
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
# So do references to what is no character; one to a surrogate makes feedparser itself fail.
_REFERENCE = re.compile(r"&#(?:[xX]([0-9A-Fa-f]{1,8})|([0-9]{1,10}));")
_AMPERSAND = re.compile(r"&(#[0-9]{1,10};|#[xX][0-9A-Fa-f]{1,8};|[A-Za-z][A-Za-z0-9]{1,30};)?")
_XML_ENTITIES = frozenset(["amp;", "lt;", "gt;", "quot;", "apos;"])
_DOCTYPE_WITHIN = 64 * 1024


REMOVED = "characters that XML does not allow were removed"


def malformed(fault: str) -> str:
    """The warning about a document that a strict parser gave up."""
    return f"not well-formed: {fault}"


def legal_text(document: str) -> str:
    """The document without characters, and references to characters, that XML does not allow."""
    return _REFERENCE.sub(_legal_reference, _ILLEGAL.sub("", document))


def escaped_ampersands(document: str) -> str:
    """The document with stray ampersands escaped and entities of HTML as characters, outside of CDATA.

    These are most of what keeps real feeds from being well-formed, and feedparser's lenient parser
    makes "AT&T;" of "AT&T".
    """
    own_entities = "<!ENTITY" in document[:_DOCTYPE_WITHIN]

    def entity(match: re.Match[str]) -> str:
        name = match[1]
        if name is None:
            return "&amp;"
        if name[0] == "#" or name in _XML_ENTITIES or own_entities:
            return match[0]
        return escape(html5[name]) if name in html5 else f"&amp;{name}"

    return "".join(part if is_cdata else _AMPERSAND.sub(entity, part) for part, is_cdata in _parts(document))


def xml_fault(document: str) -> str:
    """Why the document is not well-formed, in expat's words; "" when it is."""
    parser = expat.ParserCreate(encoding="utf-8", namespace_separator=" ")
    try:
        parser.Parse(document.encode("utf-8", errors="replace"), True)
    except expat.ExpatError as error:
        return expat.ErrorString(error.code) or "not well-formed"
    return ""


def _parts(document: str) -> Iterator[tuple[str, bool]]:
    """The document's pieces in order, each with whether it is a CDATA section."""
    at = 0
    while (start := document.find("<![CDATA[", at)) >= 0:
        end = document.find("]]>", start)
        if end < 0:
            break
        yield document[at:start], False
        yield document[start : end + 3], True
        at = end + 3
    yield document[at:], False


def _legal_reference(match: re.Match[str]) -> str:
    code = int(match[1], 16) if match[1] else int(match[2])
    legal = code in (9, 10, 13) or 0x20 <= code < 0xD800 or 0xE000 <= code < 0xFFFE or 0x10000 <= code <= 0x10FFFF
    return match[0] if legal else ""
