"""How strongly a finding calls for an alert."""

from __future__ import annotations

from dataclasses import dataclass

from monitor.core.detect.finding import Finding
from monitor.core.rules.schema import Place, Weights

_TIERS = 20  # rule weights within 0.05 of each other count as equally specific; then the phase's rank decides

_ASIDE = 0.93  # what a clause with "as" or "while" says ranks one tier below what the main clause says


@dataclass(frozen=True, kw_only=True)
class ScorePart:
    """One named factor or summand of a score."""

    name: str
    value: float
    why: str


def parts_of(finding: Finding, *, role_count: int, tier: str, weights: Weights) -> tuple[ScorePart, ...]:
    """The factors of a finding's score: rule, place, firmness, news or mention, tier; last the roles' bonus."""
    place = {Place.TITLE: weights.title, Place.LEAD: weights.lead, Place.BODY: weights.body}[finding.place]
    firmness = dict(weights.firmness).get(finding.modality.value, 1.0)
    parts = [
        ScorePart(name="rule", value=finding.weight, why=finding.match.rule.rule.id),
        ScorePart(name="place", value=place, why=finding.place.value),
        ScorePart(name="firmness", value=firmness, why=finding.modality.value),
    ]
    if finding.place is not Place.TITLE and finding.weight < weights.bare_below:
        parts.append(ScorePart(name="bare", value=weights.bare, why="named only, below the headline"))
    if finding.demoted_by:
        parts.append(ScorePart(name="demoted", value=weights.demoted, why=finding.demoted_by))
    if tier:
        parts.append(ScorePart(name="tier", value=dict(weights.tier).get(tier, 1.0), why=tier))
    parts.append(ScorePart(name="roles", value=weights.role * min(role_count, 3), why=f"{role_count} filled"))
    return tuple(parts)


def total(parts: tuple[ScorePart, ...]) -> float:
    """The product of the factors plus the roles' bonus scaled by it, at most 1."""
    product = 1.0
    bonus = 0.0
    for part in parts:
        if part.name == "roles":
            bonus = part.value
        else:
            product *= part.value
    return round(min(1.0, product * (1 + bonus)), 4)


def precedence(finding: Finding, weights: Weights) -> tuple[float, int, int]:
    """The order in which findings speak for their article: the larger, the more it says."""
    place = {Place.TITLE: weights.title, Place.LEAD: weights.lead, Place.BODY: weights.body}[finding.place]
    demoted = weights.demoted if finding.demoted_by else 1.0
    aside = _ASIDE if finding.is_subordinate else 1.0
    strength = round(finding.weight * place * demoted * aside * _TIERS) / _TIERS
    return strength, finding.phase.rank, -finding.match.sentence.index
