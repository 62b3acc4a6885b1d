"""Watched pages: the links a CSS selector picks, or those that look like articles, as entries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from cssselect import SelectorError
from lxml import etree
from lxml.cssselect import CSSSelector

from monitor.core.model.entry import Entry, ParsedFeed
from monitor.core.model.feed import PollReason
from monitor.core.parse.article_links import find_article_links
from monitor.core.parse.dates import parse_date, usable_date
from monitor.core.parse.entries import absolute_link, identified, plain_title
from monitor.core.parse.markup import first_text, inner_text, parse_html
from monitor.core.parse.stated_list import STATED_LIST, stated_list
from monitor.core.urls import same_site
from monitor.errors import ParseError

_DATE_LEVELS = 4  # how far above the link a card's <time> may stand
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")


def selector_fault(selector: str) -> str | None:
    """What is wrong with a CSS selector, None when it can be used."""
    try:
        CSSSelector(selector, translator="html")
    except (SelectorError, etree.XPathError, ValueError) as error:
        return str(error) or type(error).__name__
    return None


def parse_index(body: bytes, *, url: str, content_type: str | None, selector: str | None) -> ParsedFeed:
    """One entry for each link that `selector` picks, in page order, a URL once.

    Without a selector the links that look like articles are taken, else what a JSON-LD ItemList
    names; `pattern` says by which selector they would be found, or where they come from.

    A picked element gives the link it is, or its first descendant or nearest ancestor link; the
    title is the link's own text, else its heading's, its image's alternative text or its title
    attribute. The date is that of a `time[datetime]` in the same card.

    Raises:
        ParseError: EMPTY_BODY, NOT_A_FEED when it is no HTML, SELECTOR_MATCHED_NOTHING or, without
            a selector, NO_ARTICLE_LINKS.
    """
    if not body.strip():
        raise ParseError(PollReason.EMPTY_BODY, f"{len(body)} bytes without any text")
    fault = selector_fault(selector) if selector else None
    if fault is not None:
        raise ParseError(PollReason.SELECTOR_MATCHED_NOTHING, f"{selector!r} is not a CSS selector: {fault}")
    tree = parse_html(body, content_type=content_type)
    if tree is None:
        raise ParseError(PollReason.NOT_A_FEED, "no HTML where an index page was promised")
    base = _base_url(tree, url)
    if selector:
        found, pattern = _selected(tree, base, selector), selector
    else:
        found, pattern = _recognised(tree, url, base)
    entries, warnings = identified(found)
    untitled = sum(1 for entry in entries if not entry.title)
    return ParsedFeed(
        title=plain_title(first_text(tree, ".//title")),
        language=(tree.get("lang") or "").strip()[:35] or None,
        homepage=url,
        entries=entries,
        warnings=(*warnings, *([f"{untitled} links have no text"] if untitled else [])),
        pattern=pattern,
    )


def _selected(tree: etree._Element, base: str, selector: str) -> list[Entry]:
    picked = CSSSelector(selector, translator="html")(tree)
    if not picked:
        raise ParseError(PollReason.SELECTOR_MATCHED_NOTHING, f"nothing on the page matches {selector!r}")
    found = _entries(picked, base)
    if not found:
        detail = f"{len(picked)} elements match {selector!r}, but none has a link to follow"
        raise ParseError(PollReason.SELECTOR_MATCHED_NOTHING, detail)
    return found


def _recognised(tree: etree._Element, url: str, base: str) -> tuple[list[Entry], str]:
    """The articles that the page links to or lists, and how they were told."""
    articles = find_article_links(tree, url=url, base=base)
    if articles.links:
        entries = _entries([element for element, _ in articles.links], base, titles=dict(articles.links))
        return entries, articles.pattern
    listed = [entry for entry in stated_list(tree, base=base) if same_site(entry.url or "", url)]
    if listed:
        return listed, STATED_LIST
    if articles.seen_count:
        detail = f"none of the page's {articles.seen_count} links looks like an article's"
    elif next(tree.iter("script"), None) is not None:
        detail = "the page has no links: a script builds it, which is never run here"
    else:
        detail = "the page has no links"
    raise ParseError(PollReason.NO_ARTICLE_LINKS, detail)


def _entries(
    picked: Sequence[etree._Element], base: str, *, titles: Mapping[etree._Element, str] | None = None
) -> list[Entry]:
    """What the picked elements lead to, each address once with the first title it is given."""
    cards = frozenset(picked)
    found: dict[str, Entry] = {}
    for element in picked:
        entry = _entry(element, base, cards, title=titles[element] if titles else None)
        known = found.get(entry.guid) if entry else None
        if entry and (known is None or (not known.title and entry.title)):
            found[entry.guid] = entry
    return list(found.values())


def _entry(element: etree._Element, base: str, picked: frozenset[etree._Element], *, title: str | None) -> Entry | None:
    link = _link(element)
    target = absolute_link(link.get("href") or "", base=base) if link is not None else None
    if link is None or target is None:
        return None
    target = target.partition("#")[0]  # anchors within one page are one article
    return Entry(
        guid=target,
        url=target,
        title=_title(element, link) if title is None else title,
        published_at=_date(element, picked),
    )


def _link(element: etree._Element) -> etree._Element | None:
    if element.tag == "a" and element.get("href"):
        return element
    inside: etree._Element | None = next((a for a in element.iter("a") if a.get("href")), None)
    if inside is not None:
        return inside
    return next((a for a in element.iterancestors("a") if a.get("href")), None)


def _title(element: etree._Element, link: etree._Element) -> str:
    heading = next(link.iter(*_HEADINGS), None)
    if heading is None and element is not link:
        heading = next((h for h in element.iter(*_HEADINGS) if inner_text(h)), None)
    picture = next((img for img in link.iter("img") if img.get("alt")), None)
    offered = (
        inner_text(heading) if heading is not None else "",
        inner_text(link),
        link.get("aria-label") or "",
        link.get("title") or "",
        (picture.get("alt") or "") if picture is not None else "",
        inner_text(element),
    )
    return next((title for text in offered if (title := " ".join(text.split())[:2000])), "")


def _date(element: etree._Element, picked: frozenset[etree._Element]) -> datetime | None:
    """The date of the time element in the picked element or in the card around it alone."""
    scope: etree._Element | None = element
    for _ in range(_DATE_LEVELS):
        if scope is None or any(other in picked for other in scope.iter() if other is not element):
            return None
        times = [time for time in scope.iter("time") if time.get("datetime")]
        if times:
            return usable_date(parse_date(times[0].get("datetime") or ""), latest=None)
        scope = scope.getparent()
    return None


def _base_url(tree: etree._Element, url: str) -> str:
    base = tree.find(".//base[@href]")
    return (absolute_link(base.get("href") or "", base=url) or url) if base is not None else url
