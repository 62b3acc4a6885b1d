"""What is fuzzed: each parser with its seeds, its words, and what must hold of its results."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from urllib.parse import urlsplit

from protego import Protego

from monitor.core.extract.article import ExtractedArticle, extract_article
from monitor.core.extract.walls import wall_of
from monitor.core.model.entry import ParsedFeed
from monitor.core.parse.charset import decode_body
from monitor.core.parse.discover import feed_links
from monitor.core.parse.feed import parse_feed
from monitor.core.parse.formats import tell_format
from monitor.core.parse.html_index import parse_index
from monitor.core.parse.hub import advertised_by, hub_in_json, hub_in_xml
from monitor.core.parse.jsonline import LONGEST_SOURCE, BadLine, parse_line
from monitor.core.parse.loosefeed import read_loosely
from monitor.core.parse.mending import legal_text, xml_fault
from monitor.core.parse.strictxml import NotSureError
from monitor.core.parse.xmlfeed import read_mended, read_strictly
from monitor.core.poll.hints import cache_hints
from monitor.errors import ConfigError, ParseError
from monitor.settings.opml import parse_opml
from tests.fuzz.mutations import LONGEST_BYTES

_SAMPLES = Path(__file__).parents[1] / "samples"
_CORPUS = Path(__file__).parents[3] / "shared" / "corpus"
_URL = "https://feeds.example/world/rss"
_NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
_TYPES = (
    None,
    "text/html; charset=utf-8",
    "application/json",
    "text/xml; charset=koi8-r",
    "text/xml; charset=zlib",
    "",
)
_SELECTORS = (None, "a", "article a", "li", "time", "*")

_XML_WORDS = rb"""
<item> </item> <entry> </channel> </rss> <![CDATA[ ]]> <!-- --> <? ?> <!DOCTYPE <!ENTITY &a; &nbsp; &amp;lt; &#xD800;
&#0; & < > " ' xml:base="/x/" xmlns="urn:x" xmlns:dc="urn:y" type="xhtml" type="html" rel="alternate" href="http://["
isPermaLink="false" <guid> <title> <link> <media:group> <content:encoded> <author> <name> a@b.example 0001-01-01 ://
""".split()
_HTML_WORDS = rb"""
<a href="http://["> <base href="//"> <time datetime="2025-13-40"> <script type="application/ld+json"> </script> {"@type"
"NewsArticle"} <p> </p> <div <table> <svg> <math> <style> <template> <plaintext> <noscript> <meta charset="x"> <link
rel="alternate" type="application/rss+xml" href= &nbsp; &#x110000; <!-- --> <![CDATA[ <frameset> <select> <h1> <time>
""".split()
_JSON_WORDS = rb"""
{ } [ ] , : " \ null true 1e999 -0 "\ud800" "id": "items": "version": "date_published": "url": "authors": \u0000
"content_html": NaN 9999999999999999999 [[[[ {"a":
""".split()
_ROBOTS_WORDS = (
    rb"User-agent: * Disallow: / Allow: $ * # Crawl-delay: 1e9 Request-rate: 1/0 Sitemap: http://[ %zz \xff".split()
)
_HINT_WORDS = rb"""
max-age= s-maxage no-cache "," = ; Thu, 01 Jan 1970 00:00:00 GMT +9999 -9999 9999999999999999 expires age date
retry-after
""".split()


MAY_BE_ABSENT = frozenset(["sitemap"])
"""Names of parsers that not every state of the project has."""


@dataclass(frozen=True, kw_only=True)
class Target:
    """`run` reads a body and returns what came out, in a few words; it may raise `refusals` and nothing else."""

    run: Callable[[bytes, random.Random], str]
    seeds: Sequence[bytes]
    words: Sequence[bytes]
    refusals: tuple[type[Exception], ...] = (ParseError,)


def targets() -> dict[str, Target]:
    """By name; those whose parser or seeds are not here are left out."""
    pages = [
        *_files(_SAMPLES / "pages"),
        *_files(_SAMPLES / "pages" / "index"),
        *_files(_CORPUS / "pages", ".html"),
        _read(_SAMPLES / "feeds" / "page.html"),
    ]
    feeds = [
        *_files(_SAMPLES / "feeds"),
        *(body for part in ("real", "samples") for body in _files(_CORPUS / "feeds" / part)),
    ]
    json_feeds = [body for body in feeds if body.lstrip()[:1] in (b"{", b"[")]
    xml_feeds = [body for body in feeds if body not in json_feeds]
    found = {
        "feed": Target(run=_feed, seeds=xml_feeds, words=_XML_WORDS),
        "both_ways": Target(run=_both_ways, seeds=xml_feeds, words=_XML_WORDS),
        "jsonfeed": Target(run=_feed, seeds=json_feeds, words=_JSON_WORDS),
        "index": Target(run=_index, seeds=pages, words=_HTML_WORDS),
        "article": Target(run=_article, seeds=pages, words=_HTML_WORDS),
        "wall": Target(run=_wall, seeds=[*pages, *_files(_SAMPLES / "pages" / "walls", ".html")], words=_HTML_WORDS),
        "discover": Target(run=_discover, seeds=pages, words=_HTML_WORDS),
        "robots": Target(run=_robots, seeds=_ROBOTS, words=_ROBOTS_WORDS),
        "hub": Target(run=_hub, seeds=[*_HUBS, *json_feeds], words=[*_XML_WORDS, *_HUB_WORDS]),
        "line": Target(run=_line, seeds=_LINES, words=_JSON_WORDS, refusals=()),
        "hints": Target(run=_hints, seeds=_HINTS, words=_HINT_WORDS),
        "opml": Target(run=_opml, seeds=[_OPML, *_files(_CORPUS / "opml")], words=_XML_WORDS, refusals=(ConfigError,)),
    }
    try:
        sitemap = import_module("monitor.core.parse.sitemap").parse_sitemap
    except ImportError:
        return found

    def run(body: bytes, rng: random.Random) -> str:
        return _checked(sitemap(body, url=_URL, content_type=rng.choice(_TYPES)))

    return found | {
        "sitemap": Target(
            run=run, seeds=[*_SITEMAPS, *_files(_SAMPLES / "sitemaps")], words=[*_XML_WORDS, *_SITEMAP_WORDS]
        )
    }


def _feed(body: bytes, rng: random.Random) -> str:
    return _checked(parse_feed(body, url=_URL, content_type=rng.choice(_TYPES)))


def _both_ways(body: bytes, rng: random.Random) -> str:
    """Whatever the fast way reads, feedparser must read the same (but for references to nothing inside CDATA)."""
    text = decode_body(body, content_type=None).text
    told = tell_format(text)
    document = legal_text(text[told.start :])
    for read in (read_strictly, read_mended):
        try:
            fast = read(document)
        except NotSureError:
            continue
        if any(len(item.author) > 2000 for item in fast.items):
            return "an author too long for feedparser"
        if not fast.warnings and xml_fault(document):
            return "names that only the newer edition of XML allows"
        slow = read_loosely(document, root=told.root)
        assert fast == slow, "the two ways disagree"
        return f"{read.__name__}: {min(len(fast.items), 3)} items"
    return "not sure"


def _index(body: bytes, rng: random.Random) -> str:
    return _checked(parse_index(body, url=_URL, content_type=rng.choice(_TYPES), selector=rng.choice(_SELECTORS)))


def _article(body: bytes, rng: random.Random) -> str:
    article: ExtractedArticle = extract_article(body, url=_URL, content_type=rng.choice(_TYPES))
    _check_storable(article.title, article.text)
    _check_storable("", "\n".join(article.authors))
    return f"an article of 10^{len(str(len(article.text)))} characters"


def _wall(body: bytes, rng: random.Random) -> str:
    """The poll step asks this in its own process, of bodies no worker has seen."""
    headers = [("server", rng.choice(("nginx", "cloudflare", "\udcff"))), ("x-iinfo", "1")][: rng.randrange(3)]
    status = rng.choice((200, 200, 401, 403, 429, 503))
    return str(wall_of(body, url=rng.choice((_URL, "http://[", "")), status=status, headers=headers))


def _discover(body: bytes, rng: random.Random) -> str:
    links = feed_links(body, url=_URL)
    assert all(link.startswith(("http://", "https://")) for link in links)
    return f"{min(len(links), 3)} links"


def _robots(body: bytes, rng: random.Random) -> str:
    rules = Protego.parse(body.decode("utf-8-sig", errors="replace"))
    delay = rules.crawl_delay("monitor")
    return f"{rules.can_fetch('https://x.example/a/b?c=d', 'monitor')}, delay {delay is not None}"


def _hub(body: bytes, rng: random.Random) -> str:
    """In a document's head, in JSON and in a Link header alike: an address that can be asked, or none."""
    text = body.decode("utf-8", errors="replace")
    header = [("link", body.decode("latin-1"))]
    named = (
        hub_in_xml(text, url=_URL),
        hub_in_json(text, url=_URL),
        advertised_by(ParsedFeed(), header, url=_URL),
    )
    for address in (each for one in named for each in (one.hub, one.topic) if each):
        assert address.lower().startswith(("http://", "https://")), address
        assert "@" not in urlsplit(address).netloc, "credentials for a hub"
        _check_storable(address)
    return "".join(str(int(one.hub is not None)) for one in named)


def _line(body: bytes, rng: random.Random) -> str:
    read = parse_line(body)
    if isinstance(read, BadLine):
        _check_storable(read.detail)
        return read.fault
    entry = read.entry
    assert read.source is None or (read.source.isprintable() and len(read.source) <= LONGEST_SOURCE)
    _check_storable(entry.language or "", read.source or "")
    return _checked(ParsedFeed(entries=(entry,)))


def _hints(body: bytes, rng: random.Random) -> str:
    lines = [line.partition(b":") for line in body.split(b"\n")]
    hints = cache_hints([(name.decode("latin-1"), value.decode("latin-1").strip()) for name, _, value in lines], _NOW)
    found = {name: getattr(hints, name) for name in ("retry_after_s", "max_age_s", "expires_s")}
    assert all(seconds is None or seconds >= 0 for seconds in found.values())
    return "".join(name[0] for name, seconds in found.items() if seconds is not None)


def _opml(body: bytes, rng: random.Random) -> str:
    found = parse_opml(body, path=Path("list.opml"))
    _check_storable(*(feed.name for feed in found.feeds), *(feed.url for feed in found.feeds))
    return f"{min(len(found.feeds), 3)} feeds"


def _checked(feed: ParsedFeed) -> str:
    guids = [entry.guid for entry in feed.entries]
    assert all(guids), "an entry without a guid"
    assert len(set(guids)) == len(guids), "a guid twice"
    for entry in feed.entries:
        assert entry.url is None or entry.url.lower().startswith(("http://", "https://")), entry.url
        assert all(date is None or date.utcoffset() is not None for date in (entry.published_at, entry.updated_at))
        _check_storable(entry.guid, entry.url or "", entry.title, entry.summary, entry.content, *entry.authors)
    _check_storable(feed.title, feed.language or "", feed.homepage or "", *feed.warnings)
    warned = sorted({warning.lstrip("0123456789 ")[:20] for warning in feed.warnings})
    return f"{min(len(feed.entries), 3)} entries; {'; '.join(warned)}"


def _check_storable(*texts: str) -> None:
    """Neither a database nor a message takes lone surrogates and NUL."""
    for text in texts:
        text.encode("utf-8")
        assert "\0" not in text, "a NUL in a text"


def _files(folder: Path, ending: str = "") -> list[bytes]:
    if not folder.is_dir():
        return []
    return [_read(path) for path in sorted(folder.iterdir()) if path.is_file() and path.name.endswith(ending)]


def _read(path: Path) -> bytes:
    """The file, without the middle of a long one: mutations find the interesting parts sooner."""
    body = path.read_bytes()
    most = LONGEST_BYTES // 4
    return body if len(body) <= most else body[: most // 2] + body[-most // 2 :]


_ROBOTS = [
    b"User-agent: *\nDisallow: /private/\nAllow: /private/open$\nCrawl-delay: 5\n\nSitemap: https://x.example/s.xml\n",
    b"User-agent: monitor\nUser-agent: other\nDisallow: /*?page=\nRequest-rate: 1/10s\n# a remark\nDisallow:\n",
    b"<html><body>Not found</body></html>",
]
_HUBS = [
    b"""<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel><title>T</title>
<atom:link rel="hub" href="https://hub.example/"/><atom:link rel="self" href="?full=1"/>
<item><title>One</title></item></channel></rss>""",
    b"""<?xml version="1.0"?><!DOCTYPE feed [<!ENTITY a "b">]><feed xmlns="http://www.w3.org/2005/Atom"><entry><id>1</id>
</entry><link rel='hub self' href='https://hub.example/'/></feed>""",
    b"""{"version": "https://jsonfeed.org/version/1.1", "feed_url": "https://x.example/f", "items": [],
"hubs": [{"type": "WebSub", "url": "https://hub.example/"}]}""",
    b"""<https://hub.example/>; rel="hub", <https://x.example/f>; rel=self; title="a, b" """,
]
_HUB_WORDS = rb"""
rel="hub" rel='self' <link <atom:link "hubs": <https://a@b/>;rel=hub ;rel= <!DOCTYPE href="javascript:"
""".split()
_LINES = [
    b"""{"url": "https://x.example/1", "title": "Truce", "text": "Envoys met.", "published": "2024-10-29T12:00:00Z",
"source": {"id": null, "name": "Post"}, "authors": ["A", {"name": "B"}], "guid": 17, "language": "en"}""",
    b"""{"link": "https://x.example/2", "headline": "Truce &amp; <b>talks</b>", "content": {"rendered": "<p>x</p>"},
"pubDate": "Tue, 29 Oct 2024 12:00:00 GMT", "timestamp": 1730203200000, "outlet": "Post", "id": 1}""",
]
_HINTS = [
    b"cache-control: public, max-age=300, s-maxage=600\nage: 12\nexpires: Fri, 02 Jan 2026 04:04:05 GMT",
    b"date: Fri, 02 Jan 2026 03:04:05 GMT\nexpires: 0\nretry-after: 120\ncache-control: no-cache",
    b'retry-after: Fri, 02 Jan 2026 05:04:05 GMT\ncache-control: max-age="60"',
]
_OPML = b"""<?xml version="1.0"?><opml version="2.0"><head><title>Desk</title></head><body><outline text="World">
<outline text="A" xmlUrl="https://a.example/rss" htmlUrl="https://a.example/"/><outline title="B" xmlUrl="b.example"/>
</outline></body></opml>"""
_SITEMAPS = [
    b"""<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"
 xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"><url><loc>https://x.example/a</loc><news:news>
<news:publication><news:name>X</news:name><news:language>en</news:language></news:publication>
<news:publication_date>2025-08-10T04:30:00Z</news:publication_date><news:title>Truce holds</news:title></news:news>
</url>
<url><loc>https://x.example/b</loc><lastmod>2025-08-10</lastmod></url></urlset>""",
    b"""<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><sitemap><loc>https://x.example/s.xml</loc>
<lastmod>2025-08-10</lastmod></sitemap></sitemapindex>""",
]
_SITEMAP_WORDS = rb"<urlset> <url> <loc> </loc> <news:news> <news:title> <lastmod> <sitemapindex> <sitemap>".split()
