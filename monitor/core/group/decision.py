"""Why a report was filed where it stands, as it is stored with it and shown later."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from monitor.core.group.assign import Placement


@dataclass(frozen=True, kw_only=True)
class ComparedDevelopment:
    """A development the report was compared with; `against` names what forbade the match."""

    development: str
    probability: float
    against: str
    features: Mapping[str, float]


@dataclass(frozen=True, kw_only=True)
class ComparedStory:
    """A story whose names or words fit the report, with the reason."""

    story: str
    reason: str
    is_open: bool


@dataclass(frozen=True, kw_only=True)
class Decision:
    """One grouping decision: what the report did to its story, why, and what else was considered.

    `follows` is the slug of the closed story that a new one continues, `copy_of` the id of the
    report of which this one is a reprint.
    """

    step: str
    reason: str
    follows: str | None = None
    copy_of: int | None = None
    developments: tuple[ComparedDevelopment, ...] = ()
    stories: tuple[ComparedStory, ...] = ()


def decision_of(placement: Placement) -> Decision:
    """The decision behind a placement."""
    return Decision(
        step=placement.step.value,
        reason=placement.reason.value,
        follows=placement.follows.slug if placement.follows else None,
        copy_of=placement.copy_of,
        developments=tuple(
            ComparedDevelopment(
                development=candidate.development,
                probability=round(candidate.probability, 3),
                against=candidate.against,
                features={name: round(value, 3) for name, value in candidate.features.items() if value},
            )
            for candidate in placement.candidates
        ),
        stories=tuple(
            ComparedStory(story=each.story, reason=each.reason.value, is_open=each.is_open)
            for each in placement.stories
        ),
    )
