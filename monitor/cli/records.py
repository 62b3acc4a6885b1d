"""Alerts and counts as JSON and CSV records. The keys are documented in docs/cli.md and stay."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime

from monitor.core.alert.verdict import VerdictReason, verdict_of
from monitor.core.model.alert import DeliveryStatus
from monitor.core.model.feedback import Saying
from monitor.core.model.history import AlertView, DeliveryView
from monitor.core.model.report import Evidence, RoleName, Roles

Record = dict[str, object]

CSV_COLUMNS = (
    "id", "created_at", "published_at", "type", "phase", "reason", "severity", "modality", "status", "who", "where",
    "quote", "headline", "source", "url", "marks", "details", "also_reported_by", "story", "development", "occurs_on",
    "score", "dated", "document", "key", "verdict",
)  # fmt: skip

# An alert with several deliveries stands as its worst one.
_WORST_FIRST = (
    DeliveryStatus.DEAD,
    DeliveryStatus.PARKED,
    DeliveryStatus.PENDING,
    DeliveryStatus.SENDING,
    DeliveryStatus.SENT,
)
# What spreadsheets take for the beginning of a formula (OWASP, "CSV Injection").
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


def delivery_standing(view: AlertView) -> str:
    """The worst status of an alert's deliveries: dead, parked, pending, sending or sent; "none" without any."""
    found = {each.status for each in view.deliveries}
    return next((status.value for status in _WORST_FIRST if status in found), "none")


def alert_record(view: AlertView) -> Record:
    """One alert with everything known of it."""
    alert, message, report = view.alert, view.alert.message, view.report
    return {
        "id": alert.id,
        "key": alert.key,
        "type": report.type,
        "phase": report.phase,
        "reason": alert.reason.value,
        "severity": alert.severity.value,
        "modality": report.modality.value,
        "score": round(report.score, 4),
        "created_at": utc(alert.created_at),
        "published_at": utc(message.published_at),
        "dated": message.dated,
        "occurs_on": report.occurs_on.isoformat() if report.occurs_on else None,
        "story": view.story_slug,
        "development": view.development_slug,
        "document": view.document_id,
        "who": message.who,
        "where": message.where,
        "roles": roles_record(report.roles),
        "quote": message.quote,
        "headline": message.headline,
        "details": list(message.details),
        "marks": list(message.marks),
        "source": message.source,
        "also_reported_by": list(message.also_reported_by),
        "url": message.url,
        "status": delivery_standing(view),
        "deliveries": [_delivery_record(each) for each in view.deliveries],
        "evidence": [_evidence_record(each) for each in report.evidence],
        "acks": [_saying_record(ack.saying) for ack in view.acks],
        "labels": [{"verdict": label.verdict.value} | _saying_record(label.saying) for label in view.labels],
        "verdict": people_verdict(view) or None,
    }


def people_verdict(view: AlertView) -> str:
    """What people say of the alert: relevant, not_relevant or disputed; empty when nobody says anything."""
    judged = verdict_of(view.labels)
    if judged.reason is VerdictReason.UNLABELLED:
        return ""
    return judged.verdict.value if judged.verdict is not None else judged.reason.value


def people_words(view: AlertView) -> str:
    """What people say of it in a few words: "seen, not relevant"; empty when nobody has said anything."""
    told = ("seen" if view.acks else "", people_verdict(view).replace("_", " "))
    return ", ".join(filter(None, told))


def _saying_record(saying: Saying) -> Record:
    return {"by": saying.by, "via": saying.via.value, "at": utc(saying.at)}


def roles_record(roles: Roles) -> Record:
    """The filled roles by name: names as lists of {"name"}, with the text's "surface" where it says another word;
    words as lists, times as {"stated","resolved"}."""
    record: Record = {}
    for role in dict.fromkeys(each.role for each in roles.names):
        record[role] = [_name_record(n) for n in roles.names if n.role == role]
    for role in dict.fromkeys(each.role for each in roles.texts):
        record[role] = list(roles.texts_of(role))
    for time in roles.times:
        record.setdefault(time.role, {"stated": time.stated, "resolved": time.resolved})
    if roles.ordinal is not None:
        record["ordinal"] = roles.ordinal
    return record


def _name_record(name: RoleName) -> dict[str, str]:
    return {"name": name.name} | ({"surface": name.surface} if name.surface != name.name else {})


def _delivery_record(delivery: DeliveryView) -> Record:
    return {
        "channel": delivery.channel,
        "status": delivery.status,
        "attempts": delivery.attempts,
        "sent_at": utc(delivery.sent_at),
        "reference": delivery.reference,
        "last_fault": delivery.last_fault,
        "detail": delivery.detail,
    }


def _evidence_record(evidence: Evidence) -> Record:
    return {
        "rule": evidence.rule,
        "at": evidence.at,
        "role": evidence.role,
        "field": evidence.field.value,
        "start": evidence.span.start,
        "end": evidence.span.end,
        "quote": evidence.quote,
    }


def utc(at: datetime | None) -> str | None:
    """ "2024-10-29T14:05:00Z", with a fraction only where there is one; None stays None."""
    return None if at is None else at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def json_line(record: Record) -> str:
    """The record on one line. Line separators inside are escaped, so that one line stays one line."""
    text = json.dumps(record, ensure_ascii=False, separators=(",", ":"))
    for character in "\u0085\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text.encode("utf-8", "backslashreplace").decode()


def csv_row(record: Record) -> list[str]:
    """The record's cells in the order of CSV_COLUMNS, safe to open in a spreadsheet."""
    return [_cell(record[column]) for column in CSV_COLUMNS]


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    text = "; ".join(map(str, value)) if isinstance(value, Iterable) and not isinstance(value, str) else str(value)
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text
