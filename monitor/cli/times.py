"""Times as a reader writes them: dates, ages, and words such as "last month"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

import typer

from monitor.settings.schema import duration_s

_AGE = re.compile(r"(\d+(\.\d+)?\s*[smhdw]\s*)+(ago)?")
_YEAR = re.compile(r"\d{4}")
_MONTH = re.compile(r"(\d{4})-(\d{2})")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}|\d{8}")
EXAMPLES = "2024-10-29, '2024-10-29 14:30', 24h, 7d, today, yesterday, 'last week', 'last month', 2024-10"


@dataclass(frozen=True, kw_only=True)
class Period:
    """A stretch of time, half-open, in UTC; an instant has start == end."""

    start: datetime
    end: datetime


def period(text: str, *, now: datetime, zone: tzinfo) -> Period:
    """What the words mean for a reader in `zone`: a day, week (from Monday), month or year, or an instant.

    An age such as "24h" is the instant that long before `now`.

    Raises:
        ValueError: not understood.
    """
    words = " ".join(text.lower().replace("_", " ").split())
    if words == "now":
        return Period(start=now, end=now)
    if _AGE.fullmatch(words):
        instant = now - timedelta(seconds=duration_s(words.removesuffix("ago").strip()))
        return Period(start=instant, end=instant)
    days = _days(words, today=now.astimezone(zone).date())
    if days is not None:
        return Period(start=_midnight(days[0], zone), end=_midnight(days[1], zone))
    stated = datetime.fromisoformat(text.strip())
    aware = stated if stated.tzinfo is not None else stated.replace(tzinfo=zone)
    return Period(start=aware.astimezone(UTC), end=aware.astimezone(UTC))


def _days(words: str, *, today: date) -> tuple[date, date] | None:
    """The first day and the day after the last, None when the words name no days."""
    monday = today - timedelta(days=today.weekday())
    first = today.replace(day=1)
    match words:
        case "today":
            return today, today + timedelta(days=1)
        case "yesterday":
            return today - timedelta(days=1), today
        case "this week":
            return monday, monday + timedelta(days=7)
        case "last week":
            return monday - timedelta(days=7), monday
        case "this month":
            return first, _next_month(first)
        case "last month":
            return (first - timedelta(days=1)).replace(day=1), first
        case "this year":
            return date(today.year, 1, 1), date(today.year + 1, 1, 1)
        case "last year":
            return date(today.year - 1, 1, 1), date(today.year, 1, 1)
    if _DAY.fullmatch(words):
        day = date.fromisoformat(words)
        return day, day + timedelta(days=1)
    if match := _MONTH.fullmatch(words):
        month = date(int(match[1]), int(match[2]), 1)
        return month, _next_month(month)
    if _YEAR.fullmatch(words):
        return date(int(words), 1, 1), date(int(words) + 1, 1, 1)
    return None


def _next_month(first: date) -> date:
    return (first + timedelta(days=31)).replace(day=1)


def _midnight(day: date, zone: tzinfo) -> datetime:
    # Where clocks skip midnight (Beirut, Cairo), fold=0 gives the instant they skip at: the day's first.
    return datetime.combine(day, time.min, tzinfo=zone).astimezone(UTC)


def since_and_until(
    since: str | None, until: str | None, *, now: datetime, zone: tzinfo
) -> tuple[datetime | None, datetime | None]:
    """The bounds two options mean: `since` from the start of its period, `until` to the end of its own.

    "--since 'last month'" alone goes on to now; both ends of October are "--since 2024-10 --until 2024-10".

    Raises:
        typer.BadParameter: one is not understood, or they are the wrong way round.
    """
    start = _read(since, "--since", now, zone).start if since else None
    end = _read(until, "--until", now, zone).end if until else None
    if start is not None and end is not None and start > end:
        raise typer.BadParameter(f"--since {since} is later than --until {until}")
    return start, end


def _read(text: str, option: str, now: datetime, zone: tzinfo) -> Period:
    try:
        return period(text, now=now, zone=zone)
    except (ValueError, OverflowError) as error:
        raise typer.BadParameter(f"{option} {text!r} is not understood: write {EXAMPLES}") from error
