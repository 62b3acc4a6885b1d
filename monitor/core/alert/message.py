"""What an alert says, before any channel's markup."""

from __future__ import annotations

import re
from datetime import date

from monitor.core.alert.wording import (
    day_words,
    listed,
    modality_mark,
    ordinal_words,
    stated_day,
    stated_duration,
)
from monitor.core.model.alert import AlertMessage, AlertReason, Severity
from monitor.core.model.report import Report, Roles
from monitor.core.model.span import Field
from monitor.core.model.story import FiledReport
from monitor.core.text.normalise import fold

QUOTE_LENGTH = 400  # code points; about what is read in a few seconds
HEADLINE_LENGTH = 250
_DETAIL_LENGTH = 120
_PLACE_ROLES = ("place", "destination", "stops", "host")
# A headline that shares this much of its telling words with the quote says nothing new.
_SAME_SHARE = 0.8
_STEM_LENGTH = 4  # "lands" and "landed" share a stem; good enough to compare two wordings of one fact
_FORMER = re.compile(r"\b(?:former|ex)\b", re.IGNORECASE)


def alert_message(
    filed: FiledReport,
    *,
    reason: AlertReason,
    severity: Severity,
    story_title: str,
    also_reported_by: tuple[str, ...],
    origin_count: int | None = None,
    changed: tuple[str, ...] = (),
) -> AlertMessage:
    """The alert's content for one filed report.

    `also_reported_by` are the other outlets that tell the same; without any, or when all of them bring
    one wire's text (`origin_count` is 1), the message is marked "single source". `changed` says what a
    later report changed, before all other details. The quote is cut at a word; the headline is empty when
    it says what the quote says. No name stands in both `who` and `where`.
    """
    report = filed.report
    others = tuple(dict.fromkeys(name for name in also_reported_by if name and name != filed.source))
    who, where = _who(report), _where(report)
    quote = _quote(report)
    title = cut_at_word(one_line(filed.title), HEADLINE_LENGTH)
    return AlertMessage(
        type=report.type,
        phase=report.phase,
        severity=severity,
        reason=reason,
        who=listed(who),
        where=where,
        quote=quote,
        headline="" if says_the_same(title, quote) else title,
        details=(*changed, *_details(report, shown=who, published_on=filed.published_at.date())),
        marks=_marks(filed, source_marks(reason, others if origin_count != 1 else ())),
        source=one_line(filed.source),
        url=filed.url or filed.canonical_url,
        published_at=filed.published_at,
        dated=filed.dated,
        story_title=one_line(story_title),
        also_reported_by=others,
    )


def source_marks(reason: AlertReason, others: tuple[str, ...]) -> tuple[str, ...]:
    """What to keep in mind about who says it; `others` are the outlets beside the quoted one."""
    conflicting = ("conflicting reports",) if reason is AlertReason.CONFLICTING else ()
    return conflicting if others else (*conflicting, "single source")


def one_line(text: str) -> str:
    """The text with every run of white space as one blank."""
    return " ".join(text.split())


def cut_at_word(text: str, length: int) -> str:
    """The text within `length` code points; a longer one ends at a word with "…".

    A word that fills more than half of the room is itself cut.
    """
    if len(text) <= length:
        return text
    room = text[: max(length - 1, 0)]
    if not text[len(room)].isspace() and " " in room[len(room) // 2 :]:
        room = room[: room.rindex(" ")]
    return room.rstrip(" ,;:–—-") + "…"


def says_the_same(one: str, other: str) -> bool:
    """Whether one of two wordings adds nothing to the other.

    True when the folded words of either stand together inside the other, or when nearly all
    telling words of the shorter one are in the longer. An empty text adds nothing.
    """
    words, others = _words(one), _words(other)
    short, long = sorted((words, others), key=len)
    if not short:
        return not words or one == other
    if _stands_in(short, long):
        return True
    telling = {word[:_STEM_LENGTH] for word in short if len(word) >= _STEM_LENGTH}
    known = {word[:_STEM_LENGTH] for word in long}
    return len(telling) >= 3 and len(telling & known) >= _SAME_SHARE * len(telling)


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", fold(text))


def _stands_in(short: list[str], long: list[str]) -> bool:
    return any(long[i : i + len(short)] == short for i in range(len(long) - len(short) + 1))


def _who(report: Report) -> tuple[str, ...]:
    """Those who act: visitors, parties; without parties, whoever calls; in any other type, all names but places."""
    roles = report.roles
    if report.type == "visit":
        return roles.named("visitor")
    if report.type == "ceasefire":
        return roles.named("party") or roles.named("caller")
    return tuple(name for name in _all_names(roles) if name not in roles.named(*_PLACE_ROLES))


def _where(report: Report) -> str:
    """Destination and further stops, or the place; none of those who act."""
    roles, acting = report.roles, set(_who(report))
    if report.type != "visit":
        return listed([name for name in roles.named("place", "destination") if name not in acting])
    first = [name for name in roles.named("destination") if name not in acting]
    then = [name for name in roles.named("stops") if name not in acting and name not in first]
    if first and then:
        return f"{listed(first)}, then {listed(then)}"
    return listed(first or then)


def _all_names(roles: Roles) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name.name for name in roles.names))


def _quote(report: Report) -> str:
    proof = report.sentence or next((e for e in report.evidence if e.field is Field.TEXT), None)
    return cut_at_word(one_line(proof.quote), QUOTE_LENGTH) if proof else ""


def _details(report: Report, *, shown: tuple[str, ...], published_on: date) -> tuple[str, ...]:
    roles = report.roles
    seen = {*shown, *roles.named("place", "destination", "stops")}
    lines = [
        _counted(report),
        _others("with ", roles, "host", seen),
        _others("mediated by ", roles, "mediator", seen),
        _others("called for by ", roles, "caller", seen),
        *(f"for {purpose}" for purpose in _texts(roles, "purpose")),
        *(_scope(scope) for scope in _texts(roles, "scope")),
        _when(report, published_on),
        "; ".join(_texts(roles, "terms")),
    ]
    kept: list[str] = []
    for line in (cut_at_word(line, _DETAIL_LENGTH) for line in lines):
        if line and line not in kept:
            kept.append(line)
    return tuple(kept)


def _counted(report: Report) -> str:
    if report.roles.ordinal is None:
        return ""
    return f"{ordinal_words(report.roles.ordinal)} {'visit' if report.type == 'visit' else 'of its kind'}"


def _others(lead: str, roles: Roles, role: str, seen: set[str]) -> str:
    names = [name for name in roles.named(role) if name not in seen]
    return lead + listed(names) if names else ""


def _texts(roles: Roles, role: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(filter(None, map(one_line, roles.texts_of(role)))))


def _scope(scope: str) -> str:
    return scope if " " in scope else f"{scope} truce"


def _when(report: Report, published_on: date) -> str:
    roles = report.roles
    starts, ends, duration = roles.time_of("starts_on"), roles.time_of("ends_on"), roles.time_of("duration")
    first = stated_day(starts) if starts else ""
    last = stated_day(ends) if ends else ""
    # A trip's first day alone stands bare: "next week" and "Tuesday" want different prepositions.
    is_bare = first == last or (report.type == "visit" and not last)
    parts = [
        f"for {stated_duration(duration)}" if duration else "",
        f"{'' if is_bare else 'from '}{first}" if first else "",
        f"until {last}" if last and first != last else "",
    ]
    said = " ".join(filter(None, parts))
    if said or report.occurs_on is None or report.occurs_on == published_on:
        return said
    return f"on {day_words(report.occurs_on)}"


def _marks(filed: FiledReport, of_source: tuple[str, ...]) -> tuple[str, ...]:
    report = filed.report
    marks = (
        modality_mark(report.phase, report.modality),
        "former official" if _is_former(report) else "",
        *of_source,
        "" if filed.dated else "undated",
    )
    return tuple(filter(None, marks))


def _is_former(report: Report) -> bool:
    """Whether every visitor is said to be out of office: his name, as found, carries "former" or "ex-"."""
    visitors = [name for name in report.roles.names if name.role == "visitor"]
    return bool(visitors) and all(_FORMER.search(name.surface) for name in visitors)
