"""Durations, dates and ordinals as stated, and resolved against the article's date."""

from __future__ import annotations

import re
from datetime import date, timedelta

from monitor.core.model.span import Span

_NUMBERS = {
    w: n
    for n, w in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
        "seventeen eighteen nineteen twenty".split()
    )
} | {"a": 1, "an": 1, "thirty": 30, "forty": 40, "sixty": 60, "ninety": 90}
_ORDINALS = {
    w: n + 1
    for n, w in enumerate(
        "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth "
        "fifteenth sixteenth seventeenth eighteenth nineteenth twentieth".split()
    )
}
_UNITS = {"minute": "PT{}M", "hour": "PT{}H", "day": "P{}D", "week": "P{}W", "month": "P{}M", "year": "P{}Y"}
_MONTHS = {m: n + 1 for n, m in enumerate("jan feb mar apr may jun jul aug sep oct nov dec".split())}
_DAYS = {d: n for n, d in enumerate("monday tuesday wednesday thursday friday saturday sunday".split())}
_NUMBER = r"(?:\d{1,4}|" + "|".join(sorted(_NUMBERS, key=len, reverse=True)) + r")"
_MONTH = (
    r"(?:jan(?:uary|\.)?|feb(?:ruary|\.)?|mar(?:ch|\.)?|apr(?:il|\.)?|may|june?|july?|aug(?:ust|\.)?"
    r"|sept?(?:ember|\.)?|oct(?:ober|\.)?|nov(?:ember|\.)?|dec(?:ember|\.)?)"
)
_DURATION = re.compile(rf"\b({_NUMBER})[- ](minute|hour|day|week|month|year)s?\b", re.IGNORECASE)
_ORDINAL = re.compile(
    rf"\b(?:({'|'.join(_ORDINALS)})|(\d{{1,3}})(?:st|nd|rd|th))\b[- ](?:[\w-]+ ){{0,2}}?(?:visit|trip|tour|journey)\b",
    re.IGNORECASE,
)
_DATE = re.compile(
    rf"\b(?:(?P<d1>\d{{1,2}})(?:st|nd|rd|th)? (?P<m1>{_MONTH})(?:,? (?P<y1>(?:19|20)\d\d))?"
    rf"|(?P<m2>{_MONTH}) (?P<d2>\d{{1,2}})(?:st|nd|rd|th)?\b(?:,? (?P<y2>(?:19|20)\d\d))?"
    rf"|(?P<next>next |this |last )?(?P<day>{'|'.join(_DAYS)})|(?P<rel>today|tonight|tomorrow|yesterday))\b",
    re.IGNORECASE,
)


def find_duration(text: str) -> tuple[Span, str] | None:
    """Where the first duration of `text` stands, and its ISO 8601 form ("60-day": P60D)."""
    match = _DURATION.search(text)
    if match is None:
        return None
    amount = _NUMBERS.get(match[1].lower()) or int(match[1]) if match[1].isdigit() else _NUMBERS[match[1].lower()]
    return Span(start=match.start(), end=match.end()), _UNITS[match[2].lower()].format(amount)


def find_ordinal(text: str) -> tuple[Span, int] | None:
    """Where the first "eleventh visit" of `text` stands, and its number."""
    match = _ORDINAL.search(text)
    if match is None:
        return None
    number = _ORDINALS[match[1].lower()] if match[1] else int(match[2])
    return Span(start=match.start(), end=match.end()), number


def find_dates(text: str, published_on: date | None) -> list[tuple[Span, str | None, bool]]:
    """Every day stated in `text`: where, as ISO date when it can be resolved, and whether it is the past.

    A weekday means the nearest one that has not passed by more than two days: "on Tuesday" in a
    Wednesday paper is yesterday. A day without a year lies within half a year of the article.
    """
    found: list[tuple[Span, str | None, bool]] = []
    for match in _DATE.finditer(text):
        day = _resolved(match, published_on)
        past = day is not None and published_on is not None and day < published_on
        found.append((Span(start=match.start(), end=match.end()), day.isoformat() if day else None, past))
    return found


def _resolved(match: re.Match[str], published_on: date | None) -> date | None:
    if match["day"] or match["rel"]:
        return _relative(match, published_on)
    number = int(match["d1"] or match["d2"])
    month = _MONTHS[(match["m1"] or match["m2"])[:3].lower()]
    year = match["y1"] or match["y2"]
    try:
        if year:
            return date(int(year), month, number)
        if published_on is None:
            return None
        near = [date(published_on.year + shift, month, number) for shift in (-1, 0, 1)]
    except ValueError:
        return None
    return min(near, key=lambda d: abs((d - published_on).days))


def _relative(match: re.Match[str], published_on: date | None) -> date | None:
    if published_on is None:
        return None
    if match["rel"]:
        shift = {"yesterday": -1, "tomorrow": 1}.get(match["rel"].lower(), 0)
        return published_on + timedelta(days=shift)
    ahead = (_DAYS[match["day"].lower()] - published_on.weekday()) % 7
    if (match["next"] and match["next"].strip().lower() == "last") or (ahead > 4 and not match["next"]):
        ahead -= 7
    return published_on + timedelta(days=ahead)
