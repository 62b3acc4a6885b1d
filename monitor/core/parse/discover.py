"""The feeds behind a home page: those it names, those it links to, and the usual places; and its sitemaps."""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import urlsplit, urlunsplit

from lxml import etree

from monitor.core.parse.entries import absolute_link
from monitor.core.parse.markup import inner_text, parse_html
from monitor.core.parse.sitemap import names_news

_FEED_TYPES = frozenset(
    [
        "application/rss+xml",
        "application/atom+xml",
        "application/rdf+xml",
        "application/feed+json",
        "application/rss",
        "application/atom",
        "text/rss+xml",
        "text/rss",
    ]
)
# Also what oEmbed and WordPress's REST interface are announced with: believed only with a telling address.
_VAGUE_TYPES = frozenset(["application/json", "application/xml", "text/xml"])

_FEED_PATH = re.compile(
    r"(?:\.(?:rss|atom|rdf)|/(?:rss|atom|feeds?)(?:[-_.]?[a-z0-9]{1,20})?(?:\.(?:xml|json|php|aspx?))?"
    r"|(?:rss|feed|atom)[^/]{0,80}\.(?:xml|json))/?$",
    re.IGNORECASE,
)
_FEED_HOST = re.compile(r"^(?:feeds?|rss)\d{0,2}\.", re.IGNORECASE)
_FEED_QUERY = re.compile(
    r"(?:^|&)(?:feed=(?:rss2?|atom|rdf)|format=(?:rss|atom|feed)|output=(?:rss|atom)|rss=1)(?:&|$)", re.IGNORECASE
)
_FEED_WORDS = re.compile(r"\b(?:rss|atom feed|xml feed|news ?feed)\b", re.IGNORECASE)
_COMMENTS = re.compile(r"comment|oembed|wp-json", re.IGNORECASE)
# Readers' "add to" buttons carry a feed's address but are none.
_NO_FEED_HOST = re.compile(
    r"(?:^|\.)(?:feedly|inoreader|newsblur|netvibes|bloglines|theoldreader|facebook|twitter|x|linkedin|t|reddit"
    r"|whatsapp)\.(?:com|me)$"
)
_MOST_LINKS = 50

# In the order of how often they are right: WordPress and its kin first, then what news systems use.
_COMMON_PATHS = (
    "/feed/",
    "/rss.xml",
    "/rss",
    "/feed.xml",
    "/atom.xml",
    "/feeds",
    "/index.xml",
    "/rss/",
    "/feed.json",
    "/?feed=rss2",
)

_NEWS_SITEMAPS = ("/sitemap-news.xml", "/news-sitemap.xml", "/sitemap_news.xml")
_SITEMAPS = ("/sitemap.xml",)


def feed_links(body: bytes, *, url: str) -> tuple[str, ...]:
    """The absolute URLs of the feeds a page names, likeliest first, each once, 50 at most.

    First what it declares (`link rel=alternate` with a feed's media type), then links that look
    like feeds, by address or by what they are called; feeds of comments come last. Empty when the
    body is no HTML.
    """
    tree = parse_html(body, content_type=None)
    if tree is None:
        return ()
    base_element = tree.find(".//base[@href]")
    base = url if base_element is None else absolute_link(base_element.get("href") or "", base=url) or url
    found: dict[str, bool] = {}
    for element in (*tree.iter("link"), *tree.iter("a")):
        link = _declared(element, base) if element.tag == "link" else _linked(element, base)
        if link is not None and link != url:
            found.setdefault(link, bool(_COMMENTS.search(f"{link} {element.get('title') or ''}")))
    return tuple(sorted(found, key=found.__getitem__))[:_MOST_LINKS]


def common_feed_paths(url: str) -> tuple[str, ...]:
    """Where feeds usually are: beneath the page's own path, if it has one, then at the site's root."""
    parts = urlsplit(url)
    section = parts.path.rstrip("/")
    stems = (section, "") if section and "." not in section.rpartition("/")[2] else ("",)
    found = [urlunsplit((parts.scheme, parts.netloc, stem, "", "")) + path for stem in stems for path in _COMMON_PATHS]
    return tuple(dict.fromkeys(link for link in found if link != url))


def sitemap_places(url: str, *, named: Sequence[str] = ()) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Where a site's sitemaps may be: those for news, then the plain ones; what robots.txt `named` comes first."""
    parts = urlsplit(url)
    root = urlunsplit((parts.scheme, parts.netloc, "", "", ""))
    news = [*(each for each in named if names_news(each)), *(root + path for path in _NEWS_SITEMAPS)]
    plain = [*(each for each in named if not names_news(each)), *(root + path for path in _SITEMAPS)]
    return tuple(dict.fromkeys(news)), tuple(dict.fromkeys(plain))


def _declared(element: etree._Element, base: str) -> str | None:
    relations = (element.get("rel") or "").lower().split()
    media_type = (element.get("type") or "").partition(";")[0].strip().lower()
    link = _absolute(element, base)
    if link is None or not {"alternate", "feed"} & set(relations):
        return None
    telling = media_type in _FEED_TYPES or (not media_type and "feed" in relations)
    if telling or (media_type in _VAGUE_TYPES and _looks_like_feed(link)):
        return link
    return None


def _linked(element: etree._Element, base: str) -> str | None:
    link = _absolute(element, base)
    if link is None or _NO_FEED_HOST.search(urlsplit(link).hostname or ""):
        return None
    media_type = (element.get("type") or "").partition(";")[0].strip().lower()
    if media_type in _FEED_TYPES or _looks_like_feed(link):
        return link
    if not urlsplit(link).path.endswith((".xml", ".json")):
        return None  # words alone also name pages about feeds
    said = " ".join((inner_text(element)[:200], element.get("title") or "", element.get("aria-label") or ""))
    return link if _FEED_WORDS.search(said) else None


def _looks_like_feed(link: str) -> bool:
    parts = urlsplit(link)
    host = parts.hostname or ""
    return bool(_FEED_PATH.search(parts.path) or _FEED_HOST.search(host) or _FEED_QUERY.search(parts.query))


def _absolute(element: etree._Element, base: str) -> str | None:
    link = absolute_link(element.get("href") or "", base=base)
    return None if link is None else link.partition("#")[0]
