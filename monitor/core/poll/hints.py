"""What a server says about when to come back."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

_SECONDS = re.compile(r"\d{1,12}")
_DIRECTIVE = re.compile(r'([a-z-]+)\s*(?:=\s*"?([^",;]*)"?)?')


@dataclass(frozen=True, kw_only=True)
class CacheHints:
    """Seconds from now, each 0 or more; None where the server says nothing usable.

    `retry_after_s` is Retry-After, `max_age_s` what is left of Cache-Control max-age after Age,
    `expires_s` the time to Expires by the server's own Date.
    """

    retry_after_s: float | None = None
    max_age_s: float | None = None
    expires_s: float | None = None


NO_HINTS = CacheHints()


def cache_hints(headers: Sequence[tuple[str, str]], now: datetime) -> CacheHints:
    """The hints in a response's headers (lower-case names); unreadable ones count as absent.

    `no-cache` and `no-store` void max-age and Expires (RFC 9111, 5.2.2), and max-age overrules
    Expires (RFC 9111, 5.3).
    """
    first = dict(reversed(headers))
    retry_after_s = _seconds_or_date(first.get("retry-after"), now)
    directives = _directives(",".join(value for name, value in headers if name == "cache-control"))
    if "no-cache" in directives or "no-store" in directives:
        return CacheHints(retry_after_s=retry_after_s)
    max_age_s = _seconds(directives.get("max-age"))
    if max_age_s is not None:
        age_s = _seconds(first.get("age")) or 0.0
        return CacheHints(retry_after_s=retry_after_s, max_age_s=max(0.0, max_age_s - age_s))
    expires_at, dated_at = http_date(first.get("expires")), http_date(first.get("date"))
    expires_s = None if expires_at is None else max(0.0, (expires_at - (dated_at or now)).total_seconds())
    return CacheHints(retry_after_s=retry_after_s, expires_s=expires_s)


def http_date(value: str | None) -> datetime | None:
    """The instant an HTTP date names, in UTC; None when there is none or it cannot be read."""
    if not value:
        return None
    try:
        parsed = parsedate_to_datetime(value)
        return parsed.replace(tzinfo=UTC) if parsed.tzinfo is None else parsed.astimezone(UTC)
    except (ValueError, TypeError, OverflowError, IndexError):
        # The standard parser raises all of these on broken dates, whatever its documentation says.
        return None


def _seconds_or_date(value: str | None, now: datetime) -> float | None:
    seconds = _seconds(value)
    if seconds is not None:
        return seconds
    at = http_date(value)
    return None if at is None else max(0.0, (at - now).total_seconds())


def _seconds(value: str | None) -> float | None:
    text = (value or "").strip()
    return float(text) if _SECONDS.fullmatch(text) and text.isascii() else None


def _directives(value: str) -> dict[str, str]:
    return {name: argument.strip() for name, argument in _DIRECTIVE.findall(value.lower())}
