"""Roles, evidence, messages and lists as JSON text in a column: explicit, versioned, strict.

A stored record that is not exactly what this version writes (or a version it knows) is refused
rather than half understood.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from monitor.core.model.alert import AlertMessage, AlertReason, Severity
from monitor.core.model.report import Evidence, RoleName, Roles, RoleText, RoleTime
from monitor.core.model.rhythm import DAYS, HOURS, UNKNOWN_RHYTHM, Rhythm
from monitor.core.model.span import Field, Span
from monitor.errors import StoreError
from monitor.store.types import storable

_VERSION = 1


def list_text(items: Iterable[str]) -> str:
    """A JSON list of strings."""
    return dumped(list(items))


def list_of(text: str) -> tuple[str, ...]:
    """The strings of `list_text`. Raises: StoreError."""
    items = _loaded(text)
    if not isinstance(items, list) or not all(isinstance(item, str) for item in items):
        raise StoreError(f"a stored list is not a list of strings: {text[:80]!r}")
    return tuple(items)


def rhythm_text(rhythm: Rhythm) -> str:
    """Empty while nothing is known: most feeds of a new database."""
    if rhythm == UNKNOWN_RHYTHM:
        return ""
    numbers = (rhythm.count, rhythm.observed_s, rhythm.lately_count, rhythm.lately_s)
    return dumped({"v": _VERSION, "hours": rhythm.by_hour, "days": rhythm.by_day, "pace": numbers})


def rhythm_of(text: str) -> Rhythm:
    """Raises: StoreError."""
    if not text:
        return UNKNOWN_RHYTHM
    record = record_of(text, {"hours", "days", "pace"})
    try:
        by_hour, by_day = (tuple(map(float, record[name])) for name in ("hours", "days"))
        count, observed_s, lately_count, lately_s = map(float, record["pace"])
    except (TypeError, ValueError) as error:
        raise StoreError(f"a stored rhythm cannot be read: {error}") from error
    if (len(by_hour), len(by_day)) != (HOURS, DAYS):
        raise StoreError(f"a stored rhythm has {len(by_hour)} hours and {len(by_day)} days")
    return Rhythm(
        by_hour=by_hour,
        by_day=by_day,
        count=count,
        observed_s=observed_s,
        lately_count=lately_count,
        lately_s=lately_s,
    )


def roles_text(roles: Roles) -> str:
    return dumped(
        {
            "v": _VERSION,
            "names": [[n.role, n.name, n.surface, n.entity_id, n.home] for n in roles.names],
            "texts": [[t.role, t.text] for t in roles.texts],
            "times": [[t.role, t.stated, t.resolved] for t in roles.times],
            "ordinal": roles.ordinal,
        }
    )


def roles_of(text: str) -> Roles:
    """Raises: StoreError."""
    record = record_of(text, {"names", "texts", "times", "ordinal"})
    try:
        return Roles(
            names=tuple(RoleName(role=r, name=n, surface=s, entity_id=i, home=h) for r, n, s, i, h in record["names"]),
            texts=tuple(RoleText(role=r, text=t) for r, t in record["texts"]),
            times=tuple(RoleTime(role=r, stated=s, resolved=d) for r, s, d in record["times"]),
            ordinal=record["ordinal"],
        )
    except (TypeError, ValueError) as error:
        raise StoreError(f"stored roles cannot be read: {error}") from error


def evidence_text(evidence: Iterable[Evidence]) -> str:
    items = [[e.rule, e.at, e.role, str(e.field), e.span.start, e.span.end, e.quote] for e in evidence]
    return dumped({"v": _VERSION, "items": items})


def evidence_of(text: str) -> tuple[Evidence, ...]:
    """Raises: StoreError."""
    record = record_of(text, {"items"})
    try:
        return tuple(
            Evidence(rule=rule, at=at, role=role, field=Field(field), span=Span(start=start, end=end), quote=quote)
            for rule, at, role, field, start, end, quote in record["items"]
        )
    except (TypeError, ValueError) as error:
        raise StoreError(f"stored evidence cannot be read: {error}") from error


_MESSAGE_WORDS = ("type", "phase", "who", "where", "quote", "headline", "source", "url", "story_title")
_MESSAGE_LISTS = ("details", "marks", "also_reported_by")


def message_text(message: AlertMessage) -> str:
    record: dict[str, object] = {"v": _VERSION}
    record |= {name: getattr(message, name) for name in _MESSAGE_WORDS}
    record |= {name: list(getattr(message, name)) for name in _MESSAGE_LISTS}
    record["severity"] = str(message.severity)
    record["reason"] = str(message.reason)
    record["published_at"] = message.published_at.astimezone(UTC).isoformat()
    record["dated"] = message.dated
    return dumped(record)


def message_of(text: str) -> AlertMessage:
    """Raises: StoreError."""
    record = record_of(text, {*_MESSAGE_WORDS, *_MESSAGE_LISTS, "severity", "reason", "published_at", "dated"})
    try:
        words: dict[str, Any] = {name: str(record[name]) for name in _MESSAGE_WORDS}
        lists: dict[str, Any] = {name: tuple(record[name]) for name in _MESSAGE_LISTS}
        return AlertMessage(
            **words,
            **lists,
            severity=Severity(record["severity"]),
            reason=AlertReason(record["reason"]),
            published_at=datetime.fromisoformat(record["published_at"]).astimezone(UTC),
            dated=bool(record["dated"]),
        )
    except (TypeError, ValueError) as error:
        raise StoreError(f"a stored message cannot be read: {error}") from error


def dumped(record: object) -> str:
    """The record as compact JSON that every database stores."""
    return storable(json.dumps(record, ensure_ascii=False, separators=(",", ":")))


def _loaded(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise StoreError(f"a stored record is not JSON: {text[:80]!r}") from error


def record_of(text: str, keys: set[str]) -> dict[str, Any]:
    """The stored object with exactly these keys beside its version. Raises: StoreError."""
    record = _loaded(text)
    if not isinstance(record, dict) or record.get("v") != _VERSION:
        raise StoreError(f"a stored record has a version this monitor does not know: {text[:80]!r}")
    if record.keys() - {"v"} != keys:
        raise StoreError(f"a stored record has other fields than expected: {sorted(record.keys() ^ (keys | {'v'}))}")
    return record
