"""Conditions as they are written on the command line: type=ceasefire place=Gaza."""

from __future__ import annotations

from collections.abc import Sequence

import typer

from monitor.core.alert.match import AlertFacts
from monitor.core.model.alert import AlertReason, Severity
from monitor.core.model.route import Match
from monitor.settings.yaml_lines import did_you_mean

KEYS = ("type", "phase", "person", "place", "source", "tag", "story", "reason", "severity")


def parse_matchers(words: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """The values by key; of a key given twice, both. Raises: typer.BadParameter."""
    found: dict[str, tuple[str, ...]] = {}
    for word in words:
        key, equals, value = word.partition("=")
        if not equals or not value.strip():
            raise typer.BadParameter(f"{word!r} is no condition: write key=value, such as place=Gaza")
        if key not in KEYS:
            raise typer.BadParameter(f"there is no {key!r}{did_you_mean(key, KEYS)}; keys are {', '.join(KEYS)}")
        allowed = {"reason": tuple(AlertReason), "severity": tuple(Severity)}.get(key, ())
        if allowed and value not in allowed:
            raise typer.BadParameter(f"{key} is one of {', '.join(allowed)}")
        found[key] = (*found.get(key, ()), value.strip())
    return found


def match_of(given: dict[str, tuple[str, ...]]) -> Match:
    """The conditions as a silence keeps them."""
    return Match(
        types=given.get("type", ()),
        phases=given.get("phase", ()),
        persons=given.get("person", ()),
        places=given.get("place", ()),
        sources=given.get("source", ()),
        tags=given.get("tag", ()),
        stories=given.get("story", ()),
        reasons=given.get("reason", ()),
        severities=tuple(map(Severity, given.get("severity", ()))),
    )


def match_words(match: Match) -> str:
    """The conditions as they were written."""
    pairs = (
        ("type", match.types),
        ("phase", match.phases),
        ("person", match.persons),
        ("place", match.places),
        ("source", match.sources),
        ("tag", match.tags),
        ("story", match.stories),
        ("reason", match.reasons),
        ("severity", tuple(each.value for each in match.severities)),
        ("severity>", (match.least.value,) if match.least else ()),
    )
    return " ".join(f"{key}={value}" for key, values in pairs for value in values)


def facts_of(given: dict[str, tuple[str, ...]], *, severity: Severity) -> AlertFacts:
    """An alert with these attributes; `severity` is that of its phase, unless another one is given."""

    def first(key: str, default: str = "") -> str:
        return given.get(key, (default,))[0]

    return AlertFacts(
        type=first("type"),
        phase=first("phase"),
        severity=Severity(first("severity", severity.value)),
        reason=AlertReason(first("reason", AlertReason.NEW_STORY.value)),
        story=first("story"),
        source=first("source"),
        persons=given.get("person", ()),
        places=given.get("place", ()),
        tags=given.get("tag", ()),
    )
