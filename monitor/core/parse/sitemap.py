"""Sitemaps: those for news, plain ones, and indexes of them (sitemaps.org/protocol.html, Google's news extension)."""

from __future__ import annotations

import re
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from urllib.parse import urlsplit

from lxml import etree

from monitor.core.model.entry import Entry, ParsedFeed, SitemapLink
from monitor.core.model.feed import PollReason
from monitor.core.parse.charset import decode_body
from monitor.core.parse.dates import parse_date, parse_stated, usable_date
from monitor.core.parse.entries import absolute_link, identified, plain_title
from monitor.core.parse.formats import Format, tell_format
from monitor.core.parse.mending import escaped_ampersands, legal_text
from monitor.errors import ParseError

MOST_URLS = 50_000
"""Addresses in one sitemap, by the protocol."""
MOST_BYTES = 50 * 2**20
"""Uncompressed size of one sitemap, by the protocol; a gzip file is opened no further."""
RECENT = timedelta(days=3)
"""How far back a sitemap is read: the two days that one for news is meant to cover (Google's rule), and one
more for dates without time or zone. Beyond it a plain sitemap is the site's archive."""

_MOST_DATED = 2_000  # the largest publishers bring out 500 to 1,500 articles a day
_MOST_AT_AN_END = 1_000  # of addresses without date: new ones are appended at one end or the other
# A date that most addresses share is when the file was written, not when an article changed. So few or so
# many of them may come together honestly: in one second, on one day.
_SHARED_SECOND, _SHARED_DAY = 20, 1_000

_CHUNK = 64 * 1024
_GZIP_MAGIC = b"\x1f\x8b"
_ROOT = re.compile(r"<(?:[\w.-]{1,40}:)?(urlset|sitemapindex)(?=[\s/>])")
_END = re.compile(r"</(?:[\w.-]{1,40}:)?(?:urlset|sitemapindex)\s*>")
_EMPTY = re.compile(r"<[\w.:-]{1,60}(?:\s[^<>]{0,2000})?/>\s*$")
_ROOTS = frozenset(["urlset", "sitemapindex"])
_ROOT_WITHIN = 64 * 1024
_DAY = re.compile(r"\d{4}-\d{1,2}-\d{1,2}")
_DAY_IN_URL = re.compile(r"/((?:19|20)\d\d)[/-]([01]?\d)[/-]([0-3]?\d)(?=[/_-]|$)")
_PERIOD_IN_NAME = re.compile(r"(?<!\d)(20\d\d)[-_/.]?(0[1-9]|1[0-2])(?:[-_/.]?(0[1-9]|[12]\d|3[01]))?(?!\d)")
_TEXT_SITEMAP = re.compile(r"(?:https?://\S+\s+)*https?://\S+\s*")

# What a child's address says of it. Most of these are written by Yoast, Rank Math and the large news systems.
_NEWS = re.compile(r"news|latest|(?<![a-z])today|48h", re.IGNORECASE)
_NO_ARTICLES = re.compile(
    r"video|image|photo|galler|picture|(?<![a-z])tags?(?![a-z])|keyword|categor|topic|taxonom|author|people|(?<![a-z])pages?[-_.]"
    r"|static|product|profile|section|attachment|event|podcast|audio|(?<![a-z])jobs?(?![a-z])|recipe|glossar",
    re.IGNORECASE,
)


@dataclass(frozen=True, kw_only=True)
class _Listed:
    """One `url` or `sitemap` element. `changed_at` is its lastmod, a bare day its end."""

    url: str
    title: str = ""
    published_at: datetime | None = None
    changed_at: datetime | None = None
    lastmod: str = ""
    publication: str = ""
    language: str = ""

    @property
    def at(self) -> datetime | None:
        return self.published_at or self.changed_at


def parse_sitemap(body: bytes, *, url: str, content_type: str | None, since: datetime | None = None) -> ParsedFeed:
    """The sitemap's articles, newest first, then those without date in document order; or an index's sitemaps.

    What is dated before `since`, by itself or by its address, is left out and counted in a warning.
    A plain sitemap's lastmod tells no publication date: it stands in `updated_at`, and neither
    title nor `published_at` is known before the page is read. A gzip file is opened whatever it is
    called. Entities are never resolved; a document type is passed over.

    Raises:
        ParseError: the body is empty, no sitemap, too large, or broken beyond use; nothing else on any bytes.
    """
    text = decode_body(_opened(body), content_type=content_type).text
    root, start = _root(text, len(body))
    listed, warnings = _all_listed(text[start:], root, url)
    if root == "sitemapindex":
        sitemaps = _in_order(listed, since)
        if listed and not sitemaps and since:
            warnings.append(f"none of its {len(listed)} sitemaps has changed since {since:%Y-%m-%d}")
        return ParsedFeed(sitemaps=sitemaps, warnings=tuple(warnings))
    chosen, left_out = _chosen(listed, since)
    entries, twice = identified([_entry(each) for each in chosen])
    names = Counter(each.publication for each in listed if each.publication)
    languages = {each.language for each in listed if each.language}
    return ParsedFeed(
        title=names.most_common(1)[0][0] if names else "",
        language=languages.pop() if len(languages) == 1 else None,
        entries=entries,
        warnings=(*warnings, *left_out, *twice),
    )


def is_sitemap(body: bytes, *, content_type: str | None) -> bool:
    """Whether the body, a gzip file or not, is a sitemap or an index of them. Never raises."""
    try:
        _root(decode_body(_opened(body), content_type=content_type).text, len(body))
    except ParseError:
        return False
    return True


def sitemap_lines(robots: bytes, *, url: str) -> tuple[str, ...]:
    """The sitemaps that a robots.txt names, likeliest to hold news first, each once."""
    lines = robots[: 512 * 1024].decode("utf-8-sig", errors="replace").splitlines()  # RFC 9309, 2.5: 500 KiB count
    named = [line.partition(":")[2].partition("#")[0] for line in lines if re.match(r"\s*sitemap\s*:", line, re.I)]
    links = dict.fromkeys(link for each in named if (link := absolute_link(each, base=url)))
    return tuple(sorted(links, key=_rank))


def names_news(url: str) -> bool:
    """Whether a sitemap's address says that it holds news."""
    return bool(_NEWS.search(_told_name(url)))


def _told_name(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}"


def _rank(url: str) -> int:
    name = _told_name(url)
    return 2 if _NO_ARTICLES.search(name) else 0 if _NEWS.search(name) else 1


def _opened(body: bytes) -> bytes:
    if not body.startswith(_GZIP_MAGIC):
        return body
    pieces: list[bytes] = []
    room = MOST_BYTES
    while body.startswith(_GZIP_MAGIC):  # a file may have several members; padding after the last is ignored
        stream = zlib.decompressobj(zlib.MAX_WBITS | 16)
        try:
            piece = stream.decompress(body, room + 1)
        except zlib.error as error:
            raise ParseError(PollReason.BAD_ENCODING, f"a broken gzip file: {error}") from error
        if len(piece) > room:
            raise ParseError(PollReason.TOO_LARGE, f"a gzip file of more than {MOST_BYTES >> 20} MiB when opened")
        if not stream.eof:
            raise ParseError(PollReason.TRUNCATED, "a gzip file that ends in the middle")
        pieces.append(piece)
        room -= len(piece)
        body = stream.unused_data
    return b"".join(pieces)


def _root(text: str, body_bytes: int) -> tuple[str, int]:
    """The root element's local name and where it begins."""
    told = tell_format(text)
    if told.format is Format.NOTHING:
        raise ParseError(PollReason.EMPTY_BODY, f"{body_bytes} bytes without any text")
    match = _ROOT.search(text, told.start, told.start + _ROOT_WITHIN)
    is_one = told.root.rpartition(":")[2] in _ROOTS or told.format is Format.OTHER
    if match and is_one:
        return match[1], match.start()
    raise ParseError(PollReason.NOT_A_FEED, _instead(text, told.format, told.root))


def _instead(text: str, format: Format, root: str) -> str:
    if format is Format.XML_FEED:
        return "a feed where a sitemap was promised: set kind: feed"
    if format is Format.HTML:
        return "an HTML page where a sitemap was promised"
    if format is Format.OTHER_XML:
        return f"XML with the root element <{root[:60]}>, which is no sitemap"
    if _TEXT_SITEMAP.fullmatch(text[:4096].rpartition("\n")[0] or text[:4096]):
        return "a sitemap in plain text, which has no dates: name an XML one"
    return "no XML where a sitemap was promised"


def _all_listed(document: str, root: str, url: str) -> tuple[list[_Listed], list[str]]:
    """What the document lists, each address once, and warnings."""
    warnings = []
    found: dict[str, _Listed] = {}
    count = 0
    element_name = "url" if root == "urlset" else "sitemap"
    for element in _elements(escaped_ampersands(legal_text(document)), element_name):
        count += 1
        if count > MOST_URLS:
            warnings.append(f"more than {MOST_URLS} addresses: the rest is left out")
            break
        listed = _listed(element, url)
        known = found.get(listed.url) if listed else None
        if listed and (known is None or (listed.title and not known.title)):
            found[listed.url] = listed
    is_whole = bool(_END.search(document[-_CHUNK:]) or _EMPTY.match(document))
    if not is_whole:
        if found and count <= MOST_URLS:
            found.popitem()  # its address may be cut off: the next whole body brings it
            warnings.append("the sitemap is cut off: its last address was left out")
        if not found:
            raise ParseError(PollReason.INVALID_XML, f"no whole address in a broken <{root}>")
    unusable = min(count, MOST_URLS) - len(found) - (not is_whole)
    if unusable > 0:
        warnings.append(f"{_addresses(unusable)} repeated or unusable")
    return list(found.values()), warnings


def _elements(document: str, name: str) -> Iterator[etree._Element]:
    """The root's children called `name`, each emptied once the next one is asked for."""
    parser = etree.XMLPullParser(
        events=("end",),
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        recover=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
        collect_ids=False,
    )
    data = document.encode("utf-8", errors="replace")
    for at in range(0, len(data) + _CHUNK, _CHUNK):
        try:
            parser.feed(data[at : at + _CHUNK]) if at < len(data) else parser.close()
        except (etree.LxmlError, ValueError, AssertionError):
            at = len(data)  # what was read before the fault counts
        for _, element in parser.read_events():
            parent = element.getparent()
            if parent is None or parent.getparent() is not None:
                continue
            if _local(element) == name:
                yield element
            element.clear()
            while element.getprevious() is not None:
                del parent[0]
        if at >= len(data):
            return


def _local(element: etree._Element) -> str:
    """The element's name without namespace and without a prefix that nobody declared."""
    tag = element.tag
    return tag.rpartition("}")[2].rpartition(":")[2].lower() if isinstance(tag, str) else ""


def _listed(element: etree._Element, url: str) -> _Listed | None:
    fields = {_local(child): child for child in reversed(element)}
    link = absolute_link(_text(fields.get("loc")), base=url)
    if link is None:
        return None
    lastmod = _text(fields.get("lastmod"))
    listed = _Listed(url=link.partition("#")[0], changed_at=_last_instant(lastmod), lastmod=lastmod)
    return _with_news(listed, fields["news"]) if "news" in fields else listed


def _with_news(listed: _Listed, news: etree._Element) -> _Listed:
    fields = {_local(child): child for child in reversed(news)}
    stated = _text(fields.get("publication_date"))
    published_at, published_on = parse_stated(stated)
    publication = {_local(child): child for child in reversed(fields["publication"])} if "publication" in fields else {}
    return replace(
        listed,
        title=plain_title(_text(fields.get("title"))),  # meant to be plain, but often escaped twice
        published_at=usable_date(published_at, latest=None),
        # Of a bare day the page may know the hour; until then it counts to its end.
        changed_at=listed.changed_at or (_day_end(published_on) if published_on and not published_at else None),
        publication=plain_title(_text(publication.get("name"))),
        language=_text(publication.get("language"))[:35].lower(),
    )


def _text(element: etree._Element | None) -> str:
    # Elements inside are somebody's unescaped markup in a title: their words count.
    return "" if element is None else " ".join("".join(element.itertext()).split())


def _last_instant(text: str) -> datetime | None:
    at = usable_date(parse_date(text), latest=None)
    return _day_end(at.date()) if at and _DAY.fullmatch(text) else at


def _day_end(day: date) -> datetime | None:
    return usable_date(datetime.combine(day, time(23, 59, 59), tzinfo=UTC), latest=None)


def _chosen(listed: Sequence[_Listed], since: datetime | None) -> tuple[list[_Listed], list[str]]:
    """What is worth an entry, and what was left out."""
    listed, warnings = _without_shared_dates(listed, since)
    recent = [each for each in listed if since is None or not _is_before(each, since)]
    if len(recent) < len(listed) and since is not None:
        warnings.append(f"{_addresses(len(listed) - len(recent))} from before {since:%Y-%m-%d} left out")
    dated = [(each.at, each) for each in recent if each.at is not None]
    undated = [each for each in recent if each.at is None]
    dated.sort(key=lambda pair: pair[0], reverse=True)
    if len(dated) > _MOST_DATED:
        warnings.append(f"{len(dated) - _MOST_DATED} dated addresses were left out: the newest {_MOST_DATED} count")
    if len(undated) > 2 * _MOST_AT_AN_END:
        count = len(undated) - 2 * _MOST_AT_AN_END
        warnings.append(f"{count} addresses without date were left out: the first and last {_MOST_AT_AN_END} count")
        undated = [*undated[:_MOST_AT_AN_END], *undated[-_MOST_AT_AN_END:]]
    return [each for _, each in dated[:_MOST_DATED]] + undated, warnings


def _is_before(each: _Listed, since: datetime) -> bool:
    if each.at is not None:
        return each.at < since
    found = _DAY_IN_URL.search(each.url)
    day = parse_date("-".join(found.groups())) if found else None
    return day is not None and day + timedelta(days=1) < since


def _without_shared_dates(listed: Sequence[_Listed], since: datetime | None) -> tuple[Sequence[_Listed], list[str]]:
    plain = [each for each in listed if each.changed_at is not None and each.published_at is None and not each.title]
    if not plain:
        return listed, []
    shared, count = Counter(each.lastmod for each in plain).most_common(1)[0]
    least = _SHARED_DAY if _DAY.fullmatch(shared) else _SHARED_SECOND
    at = _last_instant(shared)
    if count < least or 2 * count <= len(plain) or at is None or (since is not None and at < since):
        return listed, []
    kept = [replace(e, changed_at=None) if e.lastmod == shared and e.published_at is None else e for e in listed]
    return kept, [f"{count} addresses share one date of change, which is the file's own: they count as undated"]


def _addresses(count: int) -> str:
    return f"{count} address{'' if count == 1 else 'es'}"


def _entry(each: _Listed) -> Entry:
    return Entry(
        guid=each.url, url=each.url, title=each.title, published_at=each.published_at, updated_at=each.changed_at
    )


def _in_order(listed: Sequence[_Listed], since: datetime | None) -> tuple[SitemapLink, ...]:
    """The sitemaps that may hold news: by name, then the last changed first, then in document order.

    Those of pictures, tags, authors and the like are left out, unless there are no others.
    """
    articles = [each for each in listed if _rank(each.url) < 2] or listed
    dated = [replace(each, changed_at=_earlier(each.changed_at, _named_until(each.url))) for each in articles]
    kept = [each for each in dated if since is None or each.changed_at is None or each.changed_at >= since]
    never = datetime.min.replace(tzinfo=UTC)
    kept.sort(key=lambda each: each.changed_at or never, reverse=True)  # stable, like the next one
    kept.sort(key=lambda each: not names_news(each.url))
    return tuple(SitemapLink(url=each.url, changed_at=each.changed_at) for each in kept)


def _named_until(url: str) -> datetime | None:
    """The end of the day or month that a sitemap is called after."""
    found = _PERIOD_IN_NAME.search(urlsplit(url).path)
    if found is None:
        return None
    year, month, day = int(found[1]), int(found[2]), found[3]
    if day is not None:
        start = parse_date(f"{year}-{month}-{day}")
        return start + timedelta(days=1) if start else None
    return datetime(year + month // 12, month % 12 + 1, 1, tzinfo=UTC)


def _earlier(a: datetime | None, b: datetime | None) -> datetime | None:
    return min(a, b) if a and b else a or b
