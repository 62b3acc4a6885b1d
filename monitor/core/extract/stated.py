"""What a page's structured data states about its article: title, dates, authors, access."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from lxml import etree

from monitor.core.parse.dates import parse_stated, usable_date
from monitor.core.parse.entries import plain_title
from monitor.core.parse.markup import first_text, inner_text

_LONGEST_SCRIPT = 2 * 1024 * 1024
_DEEPEST = 6
_MOST_OBJECTS = 5000
_ARTICLE_TYPES = ("article", "blogposting", "report", "liveblogposting", "reportagenewsarticle")
_PUBLISHED_META = (
    "article:published_time", "og:article:published_time", "og:published_time", "datepublished", "parsely-pub-date",
    "dc.date.issued", "dcterms.issued", "dc.date", "dcterms.created", "dc.date.created", "pubdate", "publishdate",
    "publish-date", "publish_date", "sailthru.date", "cxenseparse:recs:publishtime", "article.published",
    "published-date", "originalpublicationdate", "date", "ptime", "iso-8601-publish-date", "bt:pubdate",
)  # fmt: skip
_SITE_SEPARATORS = (" | ", " - ", " – ", " — ", " :: ", " • ", " · ", " » ")


@dataclass(frozen=True, kw_only=True)
class Stated:
    """Empty or None where the page says nothing. `free` is schema.org's isAccessibleForFree."""

    title: str = ""
    published_at: datetime | None = None
    published_on: date | None = None
    authors: tuple[str, ...] = ()
    free: bool | None = None
    canonical: str = ""
    language: str = ""


def stated_facts(tree: etree._Element) -> Stated:
    """The page's own word on its article, from JSON-LD, meta elements and the time element."""
    articles = [found for found in _json_ld(tree) if _is_article(found)]
    metas = _metas(tree)
    published_at, published_on = _published(tree, articles, metas)
    access = [_as_bool(found.get("isAccessibleForFree")) for found in articles]
    canonical = tree.find(".//link[@rel='canonical']")
    return Stated(
        title=_title(tree, articles, metas),
        published_at=published_at,
        published_on=published_on,
        authors=_authors(articles, metas),
        free=next((free for free in access if free is not None), None),
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


def _published(
    tree: etree._Element, articles: list[Mapping[str, object]], metas: Mapping[str, str]
) -> tuple[datetime | None, date | None]:
    """The first usable of: JSON-LD, meta elements, a time element marked as the publication's."""
    written = [value for found in articles if isinstance(value := found.get("datePublished"), str)]
    written += [metas[key] for key in _PUBLISHED_META if key in metas]
    written += _marked_times(tree)
    days: list[date] = []
    for text in written:
        at, on = parse_stated(text)
        if at is not None and usable_date(at, latest=None) is not None:
            return at, at.date()
        if on is not None and on.year >= 1995:
            days.append(on)
    return None, days[0] if days else None


def _marked_times(tree: etree._Element) -> list[str]:
    marked, inside = [], []
    for time in tree.iter("time"):
        written = time.get("datetime")
        if not written:
            continue
        if (time.get("itemprop") or "").lower() == "datepublished" or time.get("pubdate") is not None:
            marked.append(written)
        elif next(time.iterancestors("header", "article", "main"), None) is not None:
            inside.append(written)
    return marked + inside[:1]


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


def _without_site(title: str, site: str) -> str:
    for separator in _SITE_SEPARATORS:
        head, found, tail = title.rpartition(separator)
        if found and site and tail.casefold() == site.casefold():
            return head.strip()
    return title


def _authors(articles: list[Mapping[str, object]], metas: Mapping[str, str]) -> tuple[str, ...]:
    names: list[str] = []
    for found in articles:
        listed = found.get("author")
        for author in listed if isinstance(listed, list) else [listed]:
            name = author.get("name") if isinstance(author, dict) else author
            names += [str(part) for part in (name if isinstance(name, list) else [name]) if isinstance(part, str)]
    if not names:
        names = [metas[key] for key in ("author", "article:author", "parsely-author", "byl") if key in metas]
    cleaned = [plain_title(name).removeprefix("By ") for name in names if not name.strip().startswith("http")]
    return tuple(dict.fromkeys(name for name in cleaned if 0 < len(name) <= 100))


def _language(tree: etree._Element, metas: Mapping[str, str]) -> str:
    root = tree.getroottree().getroot()
    written = root.get("lang") or root.get("{http://www.w3.org/XML/1998/namespace}lang") or root.get("xml:lang")
    return (written or metas.get("og:locale") or metas.get("language") or "").strip()


def _as_bool(value: object) -> bool | None:
    if isinstance(value, bool):
        return value
    word = value.strip().lower().rpartition("/")[2] if isinstance(value, str) else ""
    return {"true": True, "false": False}.get(word)
