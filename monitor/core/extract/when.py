"""When a page says that its article appeared and was last changed, as exactly as it says it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from email.utils import parsedate_tz

from lxml import etree

from monitor.core.model.document import StatedDate
from monitor.core.parse.dates import parse_stated, usable_date

_PUBLISHED_META = (
    "article:published_time", "og:article:published_time", "og:published_time", "datepublished", "parsely-pub-date",
    "dc.date.issued", "dcterms.issued", "dc.date", "dcterms.created", "dc.date.created", "pubdate", "publishdate",
    "publish-date", "publish_date", "sailthru.date", "cxenseparse:recs:publishtime", "article.published",
    "published-date", "originalpublicationdate", "date", "ptime", "iso-8601-publish-date", "bt:pubdate",
)  # fmt: skip
_MODIFIED_META = (
    "article:modified_time", "og:article:modified_time", "og:updated_time", "article:updated_time", "datemodified",
    "dc.date.modified", "dcterms.modified", "lastmod", "last-modified", "last_updated_date", "lastmodified",
    "cxenseparse:recs:modifiedtime", "revision_date", "moddate", "bt:moddate", "article.updated", "updated-date",
)  # fmt: skip
_EARLIEST_YEAR = 1995
_OFFSET = re.compile(r"([+-])(\d{2}):?(\d{2})?$")
_TIME = re.compile(r"\d:\d{2}|T\d{4}")
_FURTHEST_OFFSET_MIN = 14 * 60  # Kiribati; beyond it the number was no zone


def published(
    tree: etree._Element, articles: Sequence[Mapping[str, object]], metas: Mapping[str, str]
) -> StatedDate | None:
    """The first instant stated in JSON-LD, meta elements or a marked time element, else the first day."""
    written = [*_values(articles, "datePublished"), *_listed(metas, _PUBLISHED_META), *_marked_times(tree)]
    return _best(written)


def modified(
    tree: etree._Element, articles: Sequence[Mapping[str, object]], metas: Mapping[str, str]
) -> StatedDate | None:
    """The same for the last change; None also where a page repeats its date of publication."""
    times = [
        time.get("datetime") or "" for time in tree.iter("time") if _property(time) in ("datemodified", "dateupdated")
    ]
    return _best([*_values(articles, "dateModified"), *_listed(metas, _MODIFIED_META), *times])


def stated_date(text: str) -> StatedDate | None:
    """What one date string says: an instant with its offset, or a day; None when it is no usable date.

    A time without a zone states its day alone: the site's own zone is not known.
    """
    at, on = parse_stated(text)
    if at is not None and usable_date(at, latest=None) is not None:
        return StatedDate(at=at, on=at.date(), utc_offset_min=_offset_min(text))
    if at is None and on is not None and on.year >= _EARLIEST_YEAR:
        return StatedDate(on=on)
    return None


def _best(written: Iterable[str]) -> StatedDate | None:
    found = [date for text in written if (date := stated_date(text)) is not None]
    return next((date for date in found if date.at is not None), found[0] if found else None)


def _offset_min(text: str) -> int:
    """Minutes east of Greenwich; 0 for Z, GMT and named zones of no offset."""
    text = text.strip()
    iso = _OFFSET.search(text)
    if iso and _TIME.search(text):
        minutes = int(iso[2]) * 60 + int(iso[3] or 0)
        minutes = -minutes if iso[1] == "-" else minutes
    else:
        try:
            fields = parsedate_tz(text)
        except (ValueError, TypeError, IndexError, OverflowError):
            return 0
        minutes = ((fields[9] if fields else None) or 0) // 60
    return minutes if abs(minutes) <= _FURTHEST_OFFSET_MIN else 0


def _values(articles: Iterable[Mapping[str, object]], key: str) -> list[str]:
    return [value for found in articles if isinstance(value := found.get(key), str)]


def _listed(metas: Mapping[str, str], names: Iterable[str]) -> list[str]:
    return [metas[name] for name in names if name in metas]


def _property(element: etree._Element) -> str:
    return (element.get("itemprop") or "").lower()


def _marked_times(tree: etree._Element) -> list[str]:
    """Times marked as the publication's, then the first inside the article's own parts."""
    marked: list[str] = []
    inside: list[str] = []
    for time in tree.iter("time"):
        written = time.get("datetime")
        if not written or _property(time) in ("datemodified", "dateupdated"):
            continue
        if _property(time) == "datepublished" or time.get("pubdate") is not None:
            marked.append(written)
        elif not inside and next(time.iterancestors("header", "article", "main"), None) is not None:
            inside.append(written)
    return marked + inside
