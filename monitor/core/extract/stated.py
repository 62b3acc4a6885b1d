"""What a page's structured data states about its article: title, dates, authors, access."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from cssselect import SelectorError
from lxml import etree, html

from monitor.core.extract.authors import clean_authors
from monitor.core.extract.when import modified, published
from monitor.core.model.document import StatedDate
from monitor.core.parse.entries import plain_title
from monitor.core.parse.markup import first_text, inner_text

_LONGEST_SCRIPT = 2 * 1024 * 1024
_DEEPEST = 6
_MOST_OBJECTS = 5000
_ARTICLE_TYPES = ("article", "blogposting", "report", "liveblogposting", "reportagenewsarticle")
_MOST_SELECTORS = 5
_LONGEST_SELECTOR = 200
_SITE_SEPARATORS = (" | ", " - ", " – ", " — ", " :: ", " • ", " · ", " » ")


@dataclass(frozen=True, kw_only=True)
class Stated:
    """Empty or None where the page says nothing. `free` is schema.org's isAccessibleForFree.

    `paid_selectors` are the CSS selectors of the parts it calls paid (schema.org hasPart).
    `headings` are all wordings of its headline: structured data, meta elements and h1.
    """

    title: str = ""
    headings: frozenset[str] = frozenset()
    published: StatedDate | None = None
    modified: StatedDate | None = None
    authors: tuple[str, ...] = ()
    free: bool | None = None
    paid_selectors: tuple[str, ...] = ()
    canonical: str = ""
    language: str = ""


def stated_facts(tree: etree._Element) -> Stated:
    """The page's own word on its article, from JSON-LD, meta elements and the time element."""
    articles = [found for found in _json_ld(tree) if _is_article(found)]
    metas = _metas(tree)
    metas_site = plain_title(metas.get("og:site_name", ""))
    access = [_as_bool(found.get("isAccessibleForFree")) for found in articles]
    canonical = tree.find(".//link[@rel='canonical']")
    return Stated(
        title=_title(tree, articles, metas),
        headings=_headings(tree, articles, metas),
        published=published(tree, articles, metas),
        modified=modified(tree, articles, metas),
        authors=_authors(articles, metas, metas_site),
        free=next((free for free in access if free is not None), None),
        paid_selectors=_paid_selectors(articles),
        canonical=(canonical.get("href") or "").strip() if canonical is not None else "",
        language=_language(tree, metas),
    )


def _json_ld(tree: etree._Element) -> Iterator[Mapping[str, object]]:
    budget = [_MOST_OBJECTS]
    for script in tree.iter("script"):
        if "ld+json" not in (script.get("type") or "").lower():
            continue
        text = (script.text or "").strip()[:_LONGEST_SCRIPT]
        try:
            # strict=False: real pages have line breaks inside their strings.
            data = json.loads(text.removesuffix(";"), strict=False)
        except (ValueError, RecursionError):
            continue
        yield from _objects(data, 0, budget)


def _objects(data: object, depth: int, budget: list[int]) -> Iterator[Mapping[str, object]]:
    if depth > _DEEPEST or budget[0] <= 0:
        return
    if isinstance(data, list):
        for item in data:
            yield from _objects(item, depth + 1, budget)
    elif isinstance(data, dict):
        budget[0] -= 1
        yield data
        for key in ("@graph", "mainEntity", "mainEntityOfPage", "itemListElement", "item"):
            yield from _objects(data.get(key), depth + 1, budget)


def _is_article(data: Mapping[str, object]) -> bool:
    kind = data.get("@type")
    kinds = kind if isinstance(kind, list) else [kind]
    return any(isinstance(name, str) and name.lower().endswith(_ARTICLE_TYPES) for name in kinds)


def _metas(tree: etree._Element) -> dict[str, str]:
    """First content of each meta element by its lower-case property, name or itemprop."""
    found: dict[str, str] = {}
    for meta in tree.iter("meta"):
        content = (meta.get("content") or "").strip()
        for attribute in ("property", "name", "itemprop"):
            key = (meta.get(attribute) or "").strip().lower()
            if key and content:
                found.setdefault(key, content)
    return found


def _title(tree: etree._Element, articles: list[Mapping[str, object]], metas: Mapping[str, str]) -> str:
    site = plain_title(metas.get("og:site_name", ""))
    headlines = [value for found in articles if isinstance(value := found.get("headline"), str)]
    headings = [inner_text(h1) for h1 in tree.iter("h1")]
    offered = [*headlines, metas.get("og:title", ""), *(headings if len(headings) == 1 else []), metas.get("title", "")]
    for text in offered:
        title = _without_site(plain_title(text), site)
        if title:
            return title
    return _without_site(plain_title(first_text(tree, ".//title")), site)


def _headings(tree: etree._Element, articles: list[Mapping[str, object]], metas: Mapping[str, str]) -> frozenset[str]:
    """Every wording of the headline, which an extractor may take for the first paragraph."""
    named = [
        value
        for found in articles
        for key in ("headline", "alternativeHeadline")
        if isinstance(value := found.get(key), str)
    ]
    named += [metas[key] for key in ("og:title", "twitter:title", "title") if key in metas]
    return frozenset(map(plain_title, named)) | {inner_text(h1) for h1 in tree.iter("h1")}


def _without_site(title: str, site: str) -> str:
    for separator in _SITE_SEPARATORS:
        head, found, tail = title.rpartition(separator)
        if found and site and tail.casefold() == site.casefold():
            return head.strip()
    return title


def _authors(articles: list[Mapping[str, object]], metas: Mapping[str, str], site: str) -> tuple[str, ...]:
    """By JSON-LD, or by meta elements where nothing usable stands there."""
    names: list[str] = []
    houses = {site}
    for found in articles:
        houses |= set(_names(found.get("publisher")))
        names += _names(found.get("author"))
    listed = [metas[key] for key in ("author", "article:author", "parsely-author", "byl", "dc.creator") if key in metas]
    return _without(houses, clean_authors(names, site=site)) or _without(houses, clean_authors(listed, site=site))


def _without(houses: set[str], names: tuple[str, ...]) -> tuple[str, ...]:
    folded = {house.casefold() for house in houses}
    return tuple(name for name in names if name.casefold() not in folded)


def _names(value: object) -> list[str]:
    """The names of a schema.org person or organisation, of several, or plain text."""
    found: list[str] = []
    for each in value if isinstance(value, list) else [value]:
        name = each.get("name") if isinstance(each, dict) else each
        found += [part for part in (name if isinstance(name, list) else [name]) if isinstance(part, str)]
    return found


def _language(tree: etree._Element, metas: Mapping[str, str]) -> str:
    root = tree.getroottree().getroot()
    written = root.get("lang") or root.get("{http://www.w3.org/XML/1998/namespace}lang") or root.get("xml:lang")
    return (written or metas.get("og:locale") or metas.get("language") or "").strip()


def _paid_selectors(articles: list[Mapping[str, object]]) -> tuple[str, ...]:
    selectors: list[str] = []
    for found in articles:
        parts = found.get("hasPart")
        for part in parts if isinstance(parts, list) else [parts]:
            if isinstance(part, dict) and _as_bool(part.get("isAccessibleForFree")) is False:
                named = part.get("cssSelector")
                selectors += [each for each in (named if isinstance(named, list) else [named]) if isinstance(each, str)]
    return tuple(selectors[:_MOST_SELECTORS])


def text_length_at(tree: html.HtmlElement, selectors: Iterable[str]) -> int | None:
    """Code points of text in the elements that the selectors match; None without a usable selector."""
    length: int | None = None
    for selector in selectors:
        try:
            matched = tree.cssselect(selector[:_LONGEST_SELECTOR])
        except (etree.XPathError, SelectorError, ValueError):
            continue
        length = (length or 0) + sum(len(inner_text(element)) for element in matched)
    return length


def _as_bool(value: object) -> bool | None:
    if isinstance(value, bool):
        return value
    word = value.strip().lower().rpartition("/")[2] if isinstance(value, str) else ""
    return {"true": True, "false": False}.get(word)
