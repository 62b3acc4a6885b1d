"""The articles that a page lists in its structured data (schema.org ItemList as JSON-LD)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime

from lxml import etree

from monitor.core.model.entry import Entry
from monitor.core.parse.dates import parse_stated, usable_date
from monitor.core.parse.entries import absolute_link, plain_title

STATED_LIST = "JSON-LD ItemList"
"""What is named instead of a selector."""

_LONGEST_SCRIPT = 2 * 1024 * 1024
_DEEPEST = 8
_MOST_OBJECTS = 5_000


def stated_list(tree: etree._Element, *, base: str) -> list[Entry]:
    """What the page's ItemLists name, in order, each address once; menus and trails of crumbs are none."""
    found: dict[str, Entry] = {}
    for item in _listed_items(tree):
        entry = _entry(item, base)
        if entry is not None:
            found.setdefault(entry.guid, entry)
    return list(found.values())


def _listed_items(tree: etree._Element) -> Iterator[object]:
    budget = [_MOST_OBJECTS]
    for script in tree.iter("script"):
        if "ld+json" not in (script.get("type") or "").lower():
            continue
        try:
            # strict=False: real pages have line breaks inside their strings.
            data = json.loads((script.text or "").strip()[:_LONGEST_SCRIPT].removesuffix(";"), strict=False)
        except (ValueError, RecursionError):
            continue
        for each in _objects(data, 0, budget):
            listed = each.get("itemListElement")
            if "itemlist" in _kinds(each) and isinstance(listed, list):
                yield from listed


def _objects(data: object, depth: int, budget: list[int]) -> Iterator[Mapping[str, object]]:
    if depth > _DEEPEST or budget[0] <= 0:
        return
    if isinstance(data, list):
        for each in data:
            yield from _objects(each, depth + 1, budget)
    elif isinstance(data, dict):
        budget[0] -= 1
        yield data
        for key in ("@graph", "mainEntity", "mainEntityOfPage", "hasPart"):
            yield from _objects(data.get(key), depth + 1, budget)


def _kinds(data: Mapping[str, object]) -> set[str]:
    kind = data.get("@type")
    return {name.lower() for name in (kind if isinstance(kind, list) else [kind]) if isinstance(name, str)}


def _entry(listed: object, base: str) -> Entry | None:
    """One ListItem, whose `item` may be the article itself, its address, or absent."""
    outer: Mapping[str, object] = listed if isinstance(listed, dict) else {"url": listed}
    item = outer.get("item")
    inner: Mapping[str, object] = item if isinstance(item, dict) else {"url": item}
    if "sitenavigationelement" in _kinds(outer) | _kinds(inner):
        return None
    link = absolute_link(_text(inner, "url", "@id") or _text(outer, "url"), base=base)
    if link is None:
        return None
    target = link.partition("#")[0]
    return Entry(
        guid=target,
        url=target,
        title=plain_title(_text(inner, "headline", "name") or _text(outer, "name")),
        published_at=_instant(_text(inner, "datePublished")),
    )


def _instant(text: str) -> datetime | None:
    return usable_date(parse_stated(text)[0], latest=None)


def _text(data: Mapping[str, object], *keys: str) -> str:
    return next((value for key in keys if isinstance(value := data.get(key), str) and value), "")
