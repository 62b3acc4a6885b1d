"""The words an alert is written in: phases, counts, dates, durations, lists of names."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from monitor.core.model.alert import AlertReason
from monitor.core.model.report import Modality, RoleTime

_PHRASES = {
    ("ceasefire", "called_for"): "Ceasefire called for",
    ("ceasefire", "proposed"): "Ceasefire proposed",
    ("ceasefire", "talks"): "Ceasefire talks",
    ("ceasefire", "near"): "Ceasefire near",
    ("ceasefire", "agreed"): "Ceasefire agreed",
    ("ceasefire", "in_effect"): "Ceasefire in effect",
    ("ceasefire", "extended"): "Ceasefire extended",
    ("ceasefire", "violated"): "Ceasefire violated",
    ("ceasefire", "collapsed"): "Ceasefire collapsed",
    ("ceasefire", "rejected"): "Ceasefire rejected",
    ("visit", "planned"): "Visit planned",
    ("visit", "under_way"): "Visit under way",
    ("visit", "concluded"): "Visit concluded",
    ("visit", "postponed"): "Visit postponed",
    ("visit", "cancelled"): "Visit cancelled",
}

# Phases whose own words already say how firm the news is.
_SAID_BY_PHASE = {
    "planned": Modality.PLANNED,
    "proposed": Modality.CONDITIONAL,
    "called_for": Modality.CONDITIONAL,
}

MODALITY_MARKS = {
    Modality.PLANNED: "planned",
    Modality.ALLEGED: "alleged",
    Modality.CONDITIONAL: "conditional",
    Modality.SPECULATIVE: "speculative",
    Modality.NEGATED: "negated",
}

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

REASON_MARKS = {
    AlertReason.ROLE_CHANGED: "changed",
    AlertReason.CONFLICTING: "conflicting reports",
    AlertReason.CORRECTED: "corrected",
    AlertReason.RETRACTED: "retracted",
}
"""What an alert's reason adds to its phase, where it is no plain news."""

SINGLE_SOURCE = "single source"
"""The mark of what only one outlet tells."""

_UNITS = {"Y": "year", "M": "month", "W": "week", "D": "day"}
_TIME_UNITS = {"H": "hour", "M": "minute"}
_ISO_DURATION = re.compile(r"P((?:\d+[YMWD])*)(?:T((?:\d+[HM])+))?")
_LEADING_PREPOSITION = re.compile(
    r"(?:(?:starting|beginning|from|until|till|since|through|for|on|by|at|as of|as early as)\s+)+", re.IGNORECASE
)
_MOST_NAMES = 4  # more do not read in two seconds


def phase_phrase(type: str, phase: str) -> str:
    """Type and phase in words ("Visit under way"); an unlisted pair is spelled out from its own names."""
    spelled = f"{type} {phase}".replace("_", " ").strip()
    return _PHRASES.get((type, phase), spelled[:1].upper() + spelled[1:])


def modality_mark(phase: str, modality: Modality) -> str:
    """The qualifier that the modality adds to the phase; empty when asserted or said by the phase already."""
    return "" if _SAID_BY_PHASE.get(phase) == modality else MODALITY_MARKS.get(modality, "")


def listed(names: Sequence[str], *, most: int = _MOST_NAMES) -> str:
    """The names as a sentence lists them: "A", "A and B", "A, B and C", "A, B, C and 2 others"."""
    if len(names) > most:
        hidden = len(names) - most + 1
        return f"{', '.join(names[: most - 1])} and {hidden} others"
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"


def ordinal_words(number: int) -> str:
    """An English ordinal in figures: "1st", "11th", "22nd"."""
    suffix = "th" if 10 <= number % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{suffix}"


def day_words(day: date) -> str:
    """A date as "29 Oct 2024"; never in the machine's locale."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def stated_day(time: RoleTime) -> str:
    """A date as stated, with the resolved day behind it unless the statement names that day itself."""
    stated = _LEADING_PREPOSITION.sub("", " ".join(time.stated.split()), count=1)
    day = _date_of(time.resolved)
    if day is None:
        return stated
    words = day_words(day)
    if not stated:
        return words
    return stated if _names_the_day(stated, day) else f"{stated} ({words})"


def stated_duration(time: RoleTime) -> str:
    """A duration in words ("60 days"): as stated, or from the resolved one where the statement is an adjective."""
    stated = _LEADING_PREPOSITION.sub("", " ".join(time.stated.split()), count=1)
    return duration_words(time.resolved or "") or stated if "-" in stated or not stated else stated


def duration_words(iso: str) -> str:
    """An ISO 8601 duration in words ("P60D": "60 days"); empty when it is none."""
    match = _ISO_DURATION.fullmatch(iso)
    if match is None:
        return ""
    parts = [*_counted(match[1] or "", _UNITS), *_counted(match[2] or "", _TIME_UNITS)]
    return " ".join(parts)


def _counted(text: str, units: dict[str, str]) -> list[str]:
    pairs = [(int(count), units[unit]) for count, unit in re.findall(r"(\d+)([A-Z])", text)]
    return [f"{count} {unit}{'' if count == 1 else 's'}" for count, unit in pairs]


def _date_of(iso: str | None) -> date | None:
    try:
        return date.fromisoformat(iso or "")
    except ValueError:
        return None


def _names_the_day(stated: str, day: date) -> bool:
    words = re.findall(r"\w+", stated.lower())
    if day.isoformat() in stated:
        return True
    has_day = any(re.fullmatch(rf"0?{day.day}(?:st|nd|rd|th)?", word) for word in words)
    return has_day and any(word[:3] == MONTHS[day.month - 1].lower() for word in words)
