"""Bytes to text: which charset a body is really in."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16 LE, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# XML 1.0 appendix F: a document without a mark still starts with "<" (or, for JSON, "{").
_UNMARKED = ((b"<\0", "utf-16-le"), (b"\0<", "utf-16-be"), (b"{\0", "utf-16-le"), (b"\0{", "utf-16-be"))

_DECLARED = re.compile(rb"""<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._:-]{1,40})["']""")
_META = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([A-Za-z0-9._:-]{1,40})""", re.IGNORECASE)
_HTTP = re.compile(r"""charset\s*=\s*["']?\s*([A-Za-z0-9._:-]{1,40})""", re.IGNORECASE)
_HEAD_BYTES = 4096  # HTML asks for the declaration within 1024; templates overrun it

# What Python calls the charsets that the WHATWG Encoding Standard lets a page declare; the many
# other codecs (zlib, rot13, idna, utf-7 …) must not be reachable by a name in a document.
_KNOWN = frozenset(
    ["utf-8", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be", "ascii"]
    + ["gb2312", "gbk", "gb18030", "big5", "big5hkscs", "euc_jp", "shift_jis", "cp932", "iso2022_jp"]
    + ["euc_kr", "cp949", "koi8-r", "koi8-u", "mac-roman", "mac-cyrillic", "cp866", "cp874", "tis-620"]
    + [f"iso8859-{part}" for part in (*range(1, 12), *range(13, 17))]
    + [f"cp125{page}" for page in range(9)]
)
# Supersets that browsers decode instead of what is declared (WHATWG Encoding Standard, "names and labels").
_WIDER = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "euc_kr": "cp949",
    "shift_jis": "cp932",
    "big5": "big5hkscs",
}
# Charsets a web server sends for every file it serves, so the document's own word is better.
_SERVER_DEFAULTS = frozenset(["utf-8", "cp1252"])
_MOSTLY_VALID = 10  # valid multi-byte characters for each broken byte of text that is still UTF-8


@dataclass(frozen=True, kw_only=True)
class Decoded:
    """`replaced_count` characters were not decodable and are U+FFFD in `text`."""

    text: str
    charset: str
    replaced_count: int = 0


def decode_body(body: bytes, *, content_type: str | None) -> Decoded:
    """The body's text, without a byte order mark. Never raises.

    Valid UTF-8 beats every declaration: text of another charset is hardly ever valid UTF-8 by
    accident, while servers and templates often declare the wrong one. Then the document's own
    declaration, then the HTTP charset, then windows-1252.
    """
    for mark, charset in _BOMS:
        if body.startswith(mark):
            return _lenient(body[len(mark) :], charset)
    for start, charset in _UNMARKED:
        if body.startswith(start):
            return _lenient(body, charset)
    wanted = _declared_charset(body, content_type)
    if wanted == "iso2022_jp" and b"\x1b" in body:  # seven-bit, so it would pass as UTF-8
        return _lenient(body, wanted)
    try:
        return Decoded(text=body.decode("utf-8"), charset="utf-8")
    except UnicodeDecodeError:
        pass
    if wanted in (None, "utf-8"):
        as_utf8 = _lenient(body, "utf-8")
        wide_count = sum(1 for char in as_utf8.text if char > "\x7f") - as_utf8.replaced_count
        if wide_count > _MOSTLY_VALID * as_utf8.replaced_count:
            return as_utf8
        return _lenient(body, "cp1252")
    return _lenient(body, wanted or "cp1252")


def _lenient(body: bytes, charset: str) -> Decoded:
    text = body.decode(charset, errors="replace")
    return Decoded(text=text, charset=charset, replaced_count=text.count("\ufffd"))


def _declared_charset(body: bytes, content_type: str | None) -> str | None:
    head = body[:_HEAD_BYTES]
    match = _DECLARED.search(head) or _META.search(head)
    in_document = _known_charset(match[1].decode("ascii")) if match else None
    http = _HTTP.search(content_type or "")
    in_header = _known_charset(http[1]) if http else None
    if in_header and (in_header not in _SERVER_DEFAULTS or not in_document):
        return in_header
    return in_document


def _known_charset(label: str) -> str | None:
    try:
        name = codecs.lookup(label).name
    except (LookupError, ValueError):
        return None
    return _WIDER.get(name, name) if name in _KNOWN else None
