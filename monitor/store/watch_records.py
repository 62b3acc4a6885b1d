"""Notices and norms as JSON text in a column, as strict as `monitor.store.records`."""

from __future__ import annotations

import json
from dataclasses import fields
from datetime import UTC, datetime
from typing import Any

from monitor.core.model.alert import Notice, NoticeState, Severity
from monitor.core.model.condition import ConditionKind, SourceNorm
from monitor.errors import StoreError
from monitor.store.types import storable

_VERSION = 1
_NORM_NUMBERS = tuple(each.name for each in fields(SourceNorm) if each.name not in ("made_at", "watched_since", "week"))


def notice_text(notice: Notice) -> str:
    """A notice as JSON."""
    return _dumped(
        {
            "key": notice.key,
            "kind": None if notice.kind is None else str(notice.kind),
            "state": str(notice.state),
            "severity": str(notice.severity),
            "title": notice.title,
            "lines": list(notice.lines),
            "url": notice.url,
            "since": _stamp(notice.since),
            "created_at": _stamp(notice.created_at),
            "channel": notice.channel,
        }
    )


def notice_of(text: str) -> Notice:
    """Raises: StoreError."""
    record = _loaded(text)
    try:
        return Notice(
            key=str(record["key"]),
            kind=None if record["kind"] is None else ConditionKind(record["kind"]),
            state=NoticeState(record["state"]),
            severity=Severity(record["severity"]),
            title=str(record["title"]),
            lines=tuple(map(str, record["lines"])),
            url=str(record["url"]),
            since=_instant(record["since"]),
            created_at=_instant(record["created_at"]),
            channel=record["channel"],
        )
    except (KeyError, TypeError, ValueError) as error:
        raise StoreError(f"a stored notice cannot be read: {error}") from error


def norm_text(norm: SourceNorm) -> str:
    """A norm as JSON, without `made_at`, which has a column of its own."""
    numbers = {name: getattr(norm, name) for name in _NORM_NUMBERS}
    return _dumped({"watched_since": _stamp(norm.watched_since), "week": list(norm.week)} | numbers)


def norm_of(text: str, *, made_at: datetime) -> SourceNorm:
    """Raises: StoreError."""
    record = _loaded(text)
    try:
        return SourceNorm(
            made_at=made_at,
            watched_since=_instant(record["watched_since"]),
            week=tuple(map(float, record["week"])),
            **{name: record[name] for name in _NORM_NUMBERS},
        )
    except (KeyError, TypeError, ValueError) as error:
        raise StoreError(f"a stored norm cannot be read: {error}") from error


def _stamp(at: datetime) -> str:
    return at.astimezone(UTC).isoformat()


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def _dumped(record: dict[str, object]) -> str:
    return storable(json.dumps({"v": _VERSION} | record, ensure_ascii=False, separators=(",", ":")))


def _loaded(text: str) -> dict[str, Any]:
    try:
        record = json.loads(text)
    except ValueError as error:
        raise StoreError(f"a stored record is not JSON: {text[:80]!r}") from error
    if not isinstance(record, dict) or record.get("v") != _VERSION:
        raise StoreError(f"a stored record has a version this monitor does not know: {text[:80]!r}")
    return record
