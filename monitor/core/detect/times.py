"""Durations, dates and ordinals as stated, and resolved against the article's date."""

from __future__ import annotations

import re
from dataclasses import dataclass
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
    rf"|(?P<next>next |this |last )?(?P<day>{'|'.join(_DAYS)})|(?P<rel>today|tonight|tomorrow|yesterday)"
    r"|(?P<vague>(?:early |late |later )?(?:next|this) (?:week(?:end)?|month|year)))\b",
    re.IGNORECASE,
)
# "3-6 May", "May 3 to 6": the first day has no month of its own, or the last one has none.
_DAYS_OF_MONTH = re.compile(
    rf"\b(?:(?P<d1>\d{{1,2}}) ?(?:-|–|to|until) ?(?P<e1>\d{{1,2}}) (?P<m1>{_MONTH})"
    rf"|(?P<m2>{_MONTH}) (?P<d2>\d{{1,2}}) ?(?:-|–|to|until) ?(?P<e2>\d{{1,2}}))\b(?:,? (?P<year>(?:19|20)\d\d))?",
    re.IGNORECASE,
)
# What stands right before a day that ends something, and before one on which something was said.
_UNTIL = re.compile(
    rf"(?:\b(?:until|till|through|expires?|expired|expiring|ends?|ended|ending|lasts?|lasting|extended"
    rf"|runs?(?: out| through)?|running(?: out)?)|(?:day|\d|{_MONTH}) to)"
    r"(?: at)?(?: midnight| noon| dawn)?(?: on)?(?: the)?\s*\Z",
    re.IGNORECASE,
)
_SAYING = re.compile(
    r"\b(?:said|says|told(?: \w+)?|announced|confirmed|reported|reports?|added|interview|according to [\w. ]{1,40})"
    r"(?: (?:late|early))?(?: in a statement)?(?: on)?\s*\Z",
    re.IGNORECASE,
)
_REACH = 60  # characters before a day in which its preposition and the verb of saying are looked for


@dataclass(frozen=True, kw_only=True)
class StatedDay:
    """A day as the text states it, with its date when that can be told; `is_end`: something lasts until then."""

    span: Span
    on: date | None
    is_end: bool = False


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


def find_days(text: str, published_on: date | None) -> list[StatedDay]:
    """Every day or week `text` states for what happens, in order; days on which something was only said are left out.

    A weekday means the nearest one that has not passed by more than two days: "on Tuesday" in a
    Wednesday paper is yesterday. A day without a year lies within half a year of the article.
    """
    found: list[StatedDay] = []
    ranges = list(_DAYS_OF_MONTH.finditer(text))
    for match in ranges:
        year = match["year"]
        month = match["m1"] or match["m2"]
        for group, is_end in (("d", False), ("e", True)):
            name = f"{group}1" if match["m1"] else f"{group}2"
            on = _near(int(match[name]), _MONTHS[month[:3].lower()], int(year) if year else None, published_on)
            found.append(StatedDay(span=Span(start=match.start(name), end=match.end(name)), on=on, is_end=is_end))
    for match in _DATE.finditer(text):
        if any(r.start() <= match.start() < r.end() for r in ranges):
            continue
        before = text[max(0, match.start() - _REACH) : match.start()]
        if _SAYING.search(before):
            continue
        span = Span(start=match.start(), end=match.end())
        found.append(StatedDay(span=span, on=_resolved(match, published_on), is_end=_UNTIL.search(before) is not None))
    return sorted(found, key=lambda day: day.span.start)


def _resolved(match: re.Match[str], published_on: date | None) -> date | None:
    if match["vague"]:
        return None
    if match["day"] or match["rel"]:
        return _relative(match, published_on)
    year = match["y1"] or match["y2"]
    number, month = int(match["d1"] or match["d2"]), _MONTHS[(match["m1"] or match["m2"])[:3].lower()]
    return _near(number, month, int(year) if year else None, published_on)


def _near(day: int, month: int, year: int | None, published_on: date | None) -> date | None:
    """The date of that year, or without one the nearest to the article's; None for a day that does not exist."""
    if year is None and published_on is None:
        return None
    years = [year] if year is not None else [published_on.year + shift for shift in (-1, 0, 1)] if published_on else []
    try:
        dates = [date(y, month, day) for y in years]
    except ValueError:
        return None
    return min(dates, key=lambda d: abs((d - published_on).days) if published_on else 0)


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
