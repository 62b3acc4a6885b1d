"""Quiet hours and digest times on a zone's clock, across its changes."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, tzinfo

from monitor.core.model.route import DigestTimes, Every, Quiet

_DAY = timedelta(days=1)
_HOUR = timedelta(hours=1)
_MOST_LINKED = 8  # quiet spans that follow each other; a week of them has no end


def quiet_until(quiet: Quiet, now: datetime) -> datetime | None:
    """When the quiet hours that hold at `now` end, spans that follow at once included; None outside of them."""
    until = _span_end(quiet, now)
    for _ in range(_MOST_LINKED):
        later = None if until is None else _span_end(quiet, until)
        if later is None:
            break
        until = later
    return until


def next_digest_at(times: DigestTimes, now: datetime) -> datetime:
    """The first moment after `now` at which a digest is made."""
    local = now.astimezone(times.zone)
    if times.every is Every.HOUR:
        gone = timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)
        return now.astimezone(UTC) + _HOUR - gone
    for ahead in range(15):  # a week, and one more where the zone's clock leaves a day out
        day = local.date() + ahead * _DAY
        at = _instant(day, times.at, times.zone, is_end=True)
        if at > now and (times.every is Every.DAY or day.weekday() == times.day):
            return at
    raise AssertionError("every week has each of its days")


def next_hour(now: datetime) -> datetime:
    """The full hour after `now`."""
    return now.astimezone(UTC).replace(minute=0, second=0, microsecond=0) + _HOUR


def _span_end(quiet: Quiet, now: datetime) -> datetime | None:
    today = now.astimezone(quiet.zone).date()
    ends = [end for day in (today - _DAY, today) if (end := _end_of(quiet, day, now)) is not None]
    return max(ends, default=None)


def _end_of(quiet: Quiet, day: date, now: datetime) -> datetime | None:
    """The end of the span that begins on `day`, when it holds at `now`."""
    if day.weekday() not in quiet.days:
        return None
    end_time = quiet.end or time(0)
    last = day + _DAY if quiet.end is None or end_time <= quiet.start else day
    start = _instant(day, quiet.start, quiet.zone, is_end=False)
    end = _instant(last, end_time, quiet.zone, is_end=True)
    return end if start <= now < end else None


def _instant(day: date, at: time, zone: tzinfo, *, is_end: bool) -> datetime:
    """The wall time as an instant: of one that comes twice a span begins at the first and ends at the second.

    One that a change of the clock leaves out counts as that much later (PEP 495).
    """
    local = datetime.combine(day, at, tzinfo=zone)
    first = local.replace(fold=0).astimezone(UTC)
    return max(first, local.replace(fold=1).astimezone(UTC)) if is_end else first
