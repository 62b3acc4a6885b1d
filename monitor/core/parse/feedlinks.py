"""What links in a feed are relative to, by feedparser's rules."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urljoin

from lxml import etree

from monitor.core.parse.feednames import XML_BASE
from monitor.core.parse.strictxml import NotSureError, Unsure

_HAS_BASE = etree.XPath("boolean(//@xml:base | //@base)")
_SCHEME = re.compile(r"[a-z][a-z0-9+]*")
_SLASHES = re.compile(r"^([A-Za-z][A-Za-z0-9+-.]*://)/+")


def joined_link(base: str, link: str) -> str:
    """The link resolved against `base`, as it is without one; "" when it is no URL at all."""
    if ":///" in link:
        link = _SLASHES.sub(r"\1", link)
    try:
        return urljoin(base, link)
    except ValueError:
        return ""


def link_bases(root: Any, document: str) -> dict[Any, str]:
    """The base of every element of the tree; nothing at all where no element states one.

    feedparser goes back to the base around an element only where there is one: the first base in a
    feed whose root has none holds from there on.

    Raises:
        NotSureError: BASE, when one has another scheme than http(s).
    """
    if "base" not in document or not _HAS_BASE(root):
        return {}
    bases: dict[Any, str] = {}
    around: list[str] = []
    base = settled = ""
    for event, element in etree.iterwalk(root, events=("start", "end")):
        if event == "end":
            around.pop()
            base = (around and around[-1]) or base
            continue
        own = element.get(XML_BASE, element.get("base"))
        if own or base != settled:
            joined = _acceptable(joined_link(base, own or base), base) if base else joined_link("", own)
            settled = joined if joined == base else ""
            base = joined
        around.append(base)
        bases[element] = base
    return bases


def _acceptable(base: str, otherwise: str) -> str:
    """A base that was resolved against another, and the other where that gave no absolute URL."""
    scheme = base.strip().split(":", 1)[0]
    if base.startswith(("http://", "https://")):
        return base
    if _SCHEME.fullmatch(scheme):
        raise NotSureError(Unsure.BASE)
    return otherwise
