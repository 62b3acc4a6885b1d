"""Digests as JSON text in the column of notices, and whatever stands there as the message it is."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from monitor.core.model.alert import Digest, DigestLine, Notice, Severity
from monitor.errors import StoreError
from monitor.store.types import storable
from monitor.store.watch_records import notice_of

_VERSION = 1
_LINE_WORDS = ("story", "type", "phase", "title", "who", "where", "source", "url")


def digest_text(digest: Digest) -> str:
    """A digest as JSON; its key "digest" tells it from a notice."""
    record = {
        "v": _VERSION,
        "digest": digest.key,
        "title": digest.title,
        "since": _stamp(digest.since),
        "until": _stamp(digest.until),
        "lines": [_line_record(line) for line in digest.lines],
        "left_off": digest.left_off,
        "created_at": _stamp(digest.created_at),
    }
    return storable(json.dumps(record, ensure_ascii=False, separators=(",", ":")))


def told_of(text: str) -> Notice | Digest:
    """The notice or digest of a row of `notices`. Raises: StoreError."""
    try:
        record = json.loads(text)
    except ValueError as error:
        raise StoreError(f"a stored record is not JSON: {text[:80]!r}") from error
    if not isinstance(record, dict) or "digest" not in record:
        return notice_of(text)
    if record.get("v") != _VERSION:
        raise StoreError(f"a stored record has a version this monitor does not know: {text[:80]!r}")
    try:
        return Digest(
            key=str(record["digest"]),
            title=str(record["title"]),
            since=_instant(record["since"]),
            until=_instant(record["until"]),
            lines=tuple(map(_line_of, record["lines"])),
            left_off=int(record["left_off"]),
            created_at=_instant(record["created_at"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise StoreError(f"a stored digest cannot be read: {error}") from error


def _line_record(line: DigestLine) -> dict[str, object]:
    return {name: getattr(line, name) for name in _LINE_WORDS} | {
        "severity": str(line.severity),
        "steps": list(line.steps),
        "report_count": line.report_count,
        "at": _stamp(line.at),
    }


def _line_of(record: dict[str, Any]) -> DigestLine:
    words: dict[str, Any] = {name: str(record[name]) for name in _LINE_WORDS}
    return DigestLine(
        **words,
        severity=Severity(record["severity"]),
        steps=tuple(map(str, record["steps"])),
        report_count=int(record["report_count"]),
        at=_instant(record["at"]),
    )


def _stamp(at: datetime) -> str:
    return at.astimezone(UTC).isoformat()


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)
