"""What people say of an alert, taken together."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from monitor.core.model.feedback import Label, Verdict


class VerdictReason(StrEnum):
    UNLABELLED = "unlabelled"
    UNANIMOUS = "unanimous"
    MAJORITY = "majority"
    DISPUTED = "disputed"  # as many say the one as the other


@dataclass(frozen=True, kw_only=True)
class Judged:
    """`verdict` is None where nobody, or nobody's majority, has decided."""

    verdict: Verdict | None
    reason: VerdictReason


def verdict_of(labels: Iterable[Label]) -> Judged:
    """The verdict of one alert's labels, one a person at most."""
    said = [label.verdict for label in labels]
    if not said:
        return Judged(verdict=None, reason=VerdictReason.UNLABELLED)
    relevant = said.count(Verdict.RELEVANT)
    if relevant in (0, len(said)):
        return Judged(verdict=said[0], reason=VerdictReason.UNANIMOUS)
    if 2 * relevant == len(said):
        return Judged(verdict=None, reason=VerdictReason.DISPUTED)
    verdict = Verdict.RELEVANT if 2 * relevant > len(said) else Verdict.NOT_RELEVANT
    return Judged(verdict=verdict, reason=VerdictReason.MAJORITY)
