"""Sayings and grouping decisions as JSON text in a column."""

from __future__ import annotations

from collections.abc import Iterable

from monitor.core.group.decision import ComparedDevelopment, ComparedStory, Decision
from monitor.core.model.story import Saying
from monitor.errors import StoreError
from monitor.store.records import dumped, record_of


def sayings_text(sayings: Iterable[Saying]) -> str:
    """Empty when there are none: developments stored by earlier versions."""
    items = [[s.words, s.phase, list(s.lead)] for s in sayings]
    return dumped({"v": 1, "items": items}) if items else ""


def sayings_of(text: str) -> tuple[Saying, ...]:
    """Raises: StoreError."""
    if not text:
        return ()
    try:
        items = record_of(text, {"items"})["items"]
        return tuple(Saying(words=words, phase=phase, lead=tuple(lead)) for words, phase, lead in items)
    except (TypeError, ValueError) as error:
        raise StoreError(f"stored sayings cannot be read: {error}") from error


def decision_text(decision: Decision) -> str:
    return dumped(
        {
            "v": 1,
            "step": decision.step,
            "reason": decision.reason,
            "follows": decision.follows,
            "copy_of": decision.copy_of,
            "developments": [[c.development, c.probability, c.against, c.features] for c in decision.developments],
            "stories": [[c.story, c.reason, c.is_open] for c in decision.stories],
        }
    )


def decision_of_text(text: str) -> Decision | None:
    """None for a report filed by an earlier version. Raises: StoreError."""
    if not text:
        return None
    record = record_of(text, {"step", "reason", "follows", "copy_of", "developments", "stories"})
    try:
        return Decision(
            step=record["step"],
            reason=record["reason"],
            follows=record["follows"],
            copy_of=record["copy_of"],
            developments=tuple(
                ComparedDevelopment(development=slug, probability=p, against=against, features=dict(features))
                for slug, p, against, features in record["developments"]
            ),
            stories=tuple(ComparedStory(story=s, reason=r, is_open=o) for s, r, o in record["stories"]),
        )
    except (TypeError, ValueError) as error:
        raise StoreError(f"a stored grouping decision cannot be read: {error}") from error
