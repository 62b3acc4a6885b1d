"""HTML bytes to a tree, in one way for index pages and articles."""

from __future__ import annotations

import re
from html import unescape

from lxml import etree, html

from monitor.core.parse.charset import decode_body

_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_DECLARATION = re.compile(r"^\s*<\?xml[^>]{0,200}\?>")
_LOOKS_LIKE_HTML = re.compile(r"<(?:!doctype\s+html|html|head|body|div|p|a|main|article|section|ul|table)\b", re.I)
_ENDLESS_REFERENCE = re.compile(r"&#[0-9]{20,};?")
_SILENT = frozenset(["script", "style", "template", "noscript"])


def parse_html(body: bytes, *, content_type: str | None) -> html.HtmlElement | None:
    """The page's root element, None when the body has no HTML in it. Comments are dropped."""
    text = decode_body(body, content_type=content_type).text
    if not _LOOKS_LIKE_HTML.search(text):
        return None
    return parse_html_text(text)


def parse_html_text(text: str) -> html.HtmlElement | None:
    """The root element of a page given as text; None when nothing can be made of it."""
    text = _ILLEGAL.sub("", _DECLARATION.sub("", text, count=1))
    # As UTF-8 bytes with the charset named: lxml would otherwise follow the page's own meta element.
    parser = html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, collect_ids=False)
    try:
        return html.document_fromstring(text.encode("utf-8"), parser=parser)
    except (etree.LxmlError, ValueError, AssertionError):
        return None


def unescaped(text: str) -> str:
    """The text with its references as characters. Never raises: a number too long for any is dropped."""
    # int() refuses the thousands of digits that html.unescape hands it.
    return unescape(_ENDLESS_REFERENCE.sub("", text))


def inner_text(element: etree._Element) -> str:
    """An element's text on one line, without that of scripts and styles."""
    pieces: list[str] = []
    for event, node in etree.iterwalk(element, events=("start", "end")):
        if event == "start" and node.text and node.tag not in _SILENT:
            pieces.append(node.text)
        elif event == "end" and node is not element and node.tail:
            pieces.append(node.tail)
    return " ".join(" ".join(pieces).split())


def first_text(tree: etree._Element, path: str) -> str:
    """The text of the first element at `path`, "" without one."""
    found = tree.find(path)
    return inner_text(found) if found is not None else ""
