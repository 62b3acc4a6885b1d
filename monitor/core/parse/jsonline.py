"""One line of JSON from another tool as an entry and the source it is of."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from monitor.core.model.entry import Entry
from monitor.core.parse.dates import parse_date, usable_date
from monitor.core.parse.entries import absolute_link, clean_text, identified, plain_title

LONGEST_LINE = 2 * 1024 * 1024
"""Bytes. As much markup as is ever searched of one item; the longest features stay below a tenth of it."""
LONGEST_SOURCE = 100  # code points; a longer name is text in the wrong field


class LineFault(StrEnum):
    """Why a line is refused."""

    TOO_LONG = "too_long"
    NOT_UTF8 = "not_utf8"
    NOT_JSON = "not_json"
    NOT_AN_OBJECT = "not_an_object"
    WRONG_TYPE = "wrong_type"
    BAD_URL = "bad_url"
    BAD_DATE = "bad_date"
    NOTHING_TO_STORE = "nothing_to_store"  # neither url nor title
    NO_SOURCE = "no_source"


@dataclass(frozen=True, kw_only=True)
class BadLine:
    """A refused line: why, and in words for the one who made it."""

    fault: LineFault
    detail: str


@dataclass(frozen=True, kw_only=True)
class GoodLine:
    """A line's entry; `source` is None when the line names none."""

    entry: Entry
    source: str | None


# By field, the keys it is known under, the first that holds something wins. Case, "_" and "-" do not count.
# Seen in JSON Feed, NewsAPI, GDELT, Media Cloud, news-please, Scrapy items and the WordPress API.
ALIASES: dict[str, tuple[str, ...]] = {
    "url": ("url", "link", "externalurl", "href", "canonicalurl"),
    "title": ("title", "headline"),
    "text": ("text", "contenttext", "maintext", "bodytext", "articletext", "plaintext"),
    "html": ("html", "contenthtml", "bodyhtml", "content", "body"),
    "summary": ("summary", "description", "abstract", "excerpt", "snippet"),
    "published": (
        "published", "publishedat", "publishdate", "publisheddate", "datepublished", "datepublish", "pubdate",
        "date", "seendate", "timestamp", "seenat",
    ),
    "updated": ("updated", "updatedat", "datemodified", "modified"),
    "source": ("source", "outlet", "sourcename", "publisher", "medianame", "domain"),
    "language": ("language", "lang"),
    "authors": ("authors", "author", "byline"),
    "guid": ("guid", "uuid"),
    "id": ("id",),
}  # fmt: skip
_INNER = ("name", "title", "rendered", "content", "value", "html", "text", "id")  # of {"name": …} where text belongs
_EPOCH_S = re.compile(r"\d{9,10}(?:\.\d{1,9})?")
_EPOCH_MS = re.compile(r"\d{12,13}")
_DIGITS = re.compile(r"(\d{8})(\d{6})?")


class _Refused(Exception):
    def __init__(self, fault: LineFault, detail: str) -> None:
        self.bad = BadLine(fault=fault, detail=detail)


def parse_line(data: bytes) -> GoodLine | BadLine:
    """The line's entry, or why it has none; never raises, whatever the bytes.

    The entry's guid is the line's own, else its URL, else its id, else a digest of title and
    text: an id beside a URL is often no more than the line's number.
    """
    try:
        record = {_key(name): value for name, value in _object(data).items()}
        return GoodLine(entry=_entry(record), source=source_name(_text(record, "source")))
    except _Refused as refused:
        return refused.bad


def source_name(text: str) -> str | None:
    """The name on one line, without what cannot be seen; None when nothing is left. Cut at LONGEST_SOURCE."""
    printable = "".join(c if c.isprintable() else " " for c in plain_title(text))
    return " ".join(printable.split())[:LONGEST_SOURCE].strip() or None


def _object(data: bytes) -> Mapping[str, object]:
    if len(data) > LONGEST_LINE:
        raise _Refused(LineFault.TOO_LONG, f"longer than {LONGEST_LINE // 2**20} MiB")
    try:
        text = data.removeprefix(b"\xef\xbb\xbf").decode("utf-8")
    except UnicodeDecodeError as error:
        raise _Refused(LineFault.NOT_UTF8, f"not UTF-8 at byte {error.start + 1}") from error
    try:
        # Numbers stay text: an id of 300 digits is an id. NaN is how data frames write "nothing".
        record = json.loads(text, parse_int=str, parse_float=str, parse_constant=lambda name: None)
    except json.JSONDecodeError as error:
        array = ": a list over several lines? One object a line is needed" if text.lstrip()[:1] == "[" else ""
        raise _Refused(LineFault.NOT_JSON, f"not JSON: {error.msg} at column {error.colno}{array}") from error
    except (ValueError, RecursionError) as error:
        raise _Refused(LineFault.NOT_JSON, f"not JSON that can be read: {str(error)[:100]}") from error
    if not isinstance(record, dict):
        raise _Refused(LineFault.NOT_AN_OBJECT, "not a JSON object: one object a line is needed")
    return record


def _entry(record: Mapping[str, object]) -> Entry:
    title = plain_title(_text(record, "title"))
    link = _text(record, "url").strip()
    url = absolute_link(link, base="") if link else None
    if link and url is None:
        raise _Refused(LineFault.BAD_URL, f"{_shown(link)} is not an http or https URL")
    if url is None and not title:
        raise _Refused(LineFault.NOTHING_TO_STORE, "neither url nor title")
    plain = _text(record, "text")
    marked_up = _text(record, "html")
    published, updated = _moment(record, "published"), _moment(record, "updated")
    entry = Entry(
        guid=clean_text(_text(record, "guid")).strip() or ("" if url else clean_text(_text(record, "id")).strip()),
        url=url,
        title=title,
        summary=clean_text(_text(record, "summary")),
        content=clean_text(html.escape(plain, quote=False) if len(plain) >= len(marked_up) else marked_up),
        authors=_authors(record),
        published_at=published or updated,
        updated_at=updated,
        language=clean_text(_text(record, "language")).strip()[:35] or None,
    )
    (entry,), _ = identified([entry])
    return entry


def _key(name: str) -> str:
    return name.casefold().replace("_", "").replace("-", "")


def _first(record: Mapping[str, object], field: str) -> tuple[str, object]:
    """The first of the field's keys that holds something, and what it holds."""
    empty: tuple[object, ...] = (None, "", [], {})
    return next(((key, record[key]) for key in ALIASES[field] if record.get(key) not in empty), (field, None))


def _text(record: Mapping[str, object], field: str) -> str:
    key, value = _first(record, field)
    return _plain(value, key)


def _plain(value: object, key: str) -> str:
    if isinstance(value, dict):  # {"id": null, "name": "Harbour Post"}, {"rendered": "<p>…"}
        value = next((value[inner] for inner in _INNER if isinstance(value.get(inner), str) and value[inner]), value)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise _Refused(LineFault.WRONG_TYPE, f"{key} is not text")
    return value


def _authors(record: Mapping[str, object]) -> tuple[str, ...]:
    key, value = _first(record, "authors")
    names = [plain_title(_plain(each, key)) for each in (value if isinstance(value, list) else [value])]
    return tuple(dict.fromkeys(name for name in names if name))


def _moment(record: Mapping[str, object], field: str) -> datetime | None:
    """The instant, None when none is stated or it is a zero value.

    What is there and cannot be read is a fault: an old article taken for undated would be told as news.
    """
    written = _text(record, field).strip()
    if not written:
        return None
    moment = _parsed_moment(written)
    if moment is None:
        raise _Refused(LineFault.BAD_DATE, f"{_shown(written)} is not a date: write 2024-10-29T14:30:00Z")
    return usable_date(moment, latest=None)


def _parsed_moment(written: str) -> datetime | None:
    if _EPOCH_S.fullmatch(written):
        return datetime.fromtimestamp(float(written), UTC)
    if _EPOCH_MS.fullmatch(written):
        return datetime.fromtimestamp(int(written) / 1000, UTC)
    if digits := _DIGITS.fullmatch(written):
        day, time = digits[1], digits[2] or "000000"
        written = f"{day}T{time}Z"
    return parse_date(written)


def _shown(text: str) -> str:
    return repr(clean_text(text)[:80])
