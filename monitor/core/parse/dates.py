"""Date strings of feeds and pages, as aware UTC datetimes."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone
from email.utils import parsedate_tz

EARLIEST = datetime(1995, 1, 1, tzinfo=UTC)
"""No news feed is older; earlier dates are zero values (0001-01-01, 1970-01-01) or slips of a template."""

_LONGEST = 100
_ISO_DATE = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_ISO = re.compile(
    r"(\d{4})-?(\d{2})-?(\d{2})[T\s_]+(\d{1,2}):?(\d{2})(?::?(\d{2})(?:[.,]\d+)?)?"
    r"\s*(Z|UTC|GMT|[+-]\d{2}:?\d{0,2})?",
    re.IGNORECASE,
)
# RFC 822 as nearly every feed writes it; what is not just so is left to the standard library.
_USUAL_RFC822 = re.compile(
    r"(?:[A-Z][a-z]{2}, )?(\d{1,2}) ([A-Z][a-z]{2}) ([12]\d{3}) (\d{2}):(\d{2}):(\d{2}) "
    r"(?:GMT|UTC|([+-])(\d{2})(\d{2}))",
    re.ASCII,
)
_MONTHS = {name: number for number, name in enumerate("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(), 1)}
_YEAR_OF_NOTHING = re.compile(r"\b00\d\d\b(?!:)(?=\s\d+:)")  # .NET's zero date, which RFC 822 would read as 2001
_GMT_OFFSET = re.compile(r"\b(?:GMT|UTC)\s?([+-])(\d{1,2}):?(\d{2})?$", re.IGNORECASE)
_COLON_OFFSET = re.compile(r"([+-]\d{2}):(\d{2})$")
_ZONE = re.compile(r"\s\(?([A-Z]{2,5})\)?$")
# Zone abbreviations seen in feeds that RFC 5322 does not name, in minutes east of Greenwich (tz
# database). IST is read as India's: Indian papers write it, Israeli and Irish ones write offsets.
_ZONES_MIN = {
    "BST": 60, "CET": 60, "CEST": 120, "MET": 60, "MEST": 120, "WEST": 60, "WET": 0, "WAT": 60, "CAT": 120,
    "SAST": 120, "EET": 120, "EEST": 180, "EAT": 180, "MSK": 180, "TRT": 180, "AST": -240, "ADT": -180,
    "GST": 240, "PKT": 300, "IST": 330, "NPT": 345, "WIB": 420, "ICT": 420, "HKT": 480, "SGT": 480,
    "PHT": 480, "MYT": 480, "AWST": 480, "JST": 540, "KST": 540, "AEST": 600, "AEDT": 660, "NZST": 720,
    "NZDT": 780, "AKST": -540, "AKDT": -480, "HST": -600, "BRT": -180, "ART": -180, "CLT": -240,
}  # fmt: skip


def parse_date(text: str) -> datetime | None:
    """The instant that an RFC 822 or ISO 8601 string names, in UTC; None when it is neither.

    A time without a zone is taken as UTC, a date without a time as its midnight UTC.
    """
    text = " ".join(text[:_LONGEST].split())
    if not text:
        return None
    return _parse_iso(text) if text[:4].isdigit() else _parse_rfc822(text)


def parse_stated(text: str) -> tuple[datetime | None, date | None]:
    """What a page's own structured data states: an instant if a zone is given, else the day alone."""
    text = " ".join(text[:_LONGEST].split())
    when = parse_date(text)
    if when is None:
        return None, None
    iso = _ISO.match(text)
    if (iso and iso[7]) or (iso is None and not _ISO_DATE.match(text)):
        return when, when.date()
    return None, when.date()


def usable_date(value: datetime | None, *, latest: datetime | None) -> datetime | None:
    """The date itself when it can be a publication date, else None.

    Outside [EARLIEST, latest] nothing is known: a date moved to the border would look like a real
    one. `latest` is the caller's now plus its tolerance (two days cover every zone mistake); None
    leaves that end open.
    """
    if value is None or value < EARLIEST or (latest is not None and value > latest):
        return None
    return value


def is_zero_date(text: str) -> bool:
    """Whether it is the date that templates write for none, in RFC 822's form: 1 January of the year 1."""
    return _YEAR_OF_NOTHING.search(text[:_LONGEST]) is not None


def _parse_iso(text: str) -> datetime | None:
    match = _ISO.match(text)
    if match is None:
        day = _ISO_DATE.match(text)
        return _utc(*(int(part) for part in day.groups())) if day else None
    year, month, day_, hour, minute = (int(match[i]) for i in range(1, 6))
    return _utc(year, month, day_, hour, minute, int(match[6] or 0), offset_min=_iso_offset_min(match[7] or "Z"))


def _iso_offset_min(zone: str) -> int:
    if zone[0] not in "+-":
        return 0
    digits = zone[1:].replace(":", "").ljust(4, "0")
    minutes = int(digits[:2]) * 60 + int(digits[2:4])
    return -minutes if zone[0] == "-" else minutes


def _parse_rfc822(text: str) -> datetime | None:
    usual = _USUAL_RFC822.fullmatch(text)
    if usual and usual[2] in _MONTHS:
        day, month, year, hour, minute, second, sign, hours, minutes = usual.groups()
        offset_min = int(hours) * 60 + int(minutes) if sign else 0
        clock = int(hour), int(minute), int(second)
        return _utc(int(year), _MONTHS[month], int(day), *clock, offset_min=-offset_min if sign == "-" else offset_min)
    if _YEAR_OF_NOTHING.search(text):
        return None
    text = text.replace(",", ", ", 1)
    text = _COLON_OFFSET.sub(r"\1\2", text)
    offset = _GMT_OFFSET.search(text)
    if offset:
        text = f"{text[: offset.start()]}{offset[1]}{int(offset[2]):02d}{offset[3] or '00'}"
    zone = _ZONE.search(text)
    named_min = _ZONES_MIN.get(zone[1]) if zone else None
    try:
        fields = parsedate_tz(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    if fields is None:
        return None
    seconds = named_min * 60 if named_min is not None else (fields[9] or 0)
    return _utc(*fields[:6], offset_min=seconds // 60)


def _utc(
    year: int, month: int, day: int, hour: int = 0, minute: int = 0, second: int = 0, *, offset_min: int = 0
) -> datetime | None:
    try:
        zone = timezone(timedelta(minutes=offset_min))
        return datetime(year, month, day, hour, minute, min(second, 59), tzinfo=zone).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
