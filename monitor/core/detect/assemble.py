"""Findings put together: one main report a type, with roles, score and evidence."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from monitor.core.detect.conflict import settle_sides
from monitor.core.detect.filled import Filled, RoleSource, fill_from_units, roles_of
from monitor.core.detect.finding import Finding, Findings, Reading
from monitor.core.detect.roles import captured, fill
from monitor.core.detect.score import ScorePart, parts_of, precedence, total
from monitor.core.detect.travel import is_journey, settle_guests, with_names, with_senders
from monitor.core.detect.venue import peers_travel, venues
from monitor.core.model.report import Evidence, Report, Roles
from monitor.core.model.span import Field, Span
from monitor.core.rules.compile import CompiledType
from monitor.core.rules.gazetteer import Gazetteer
from monitor.core.rules.match import find_matches
from monitor.core.rules.pattern import Alphabet
from monitor.core.rules.schema import Place
from monitor.core.rules.units import Sentence

_MOST_BESIDES = 3  # further reports of one type: an overview tells more, but alerts for none of it
_FIRM = 0.72  # weight of a rule that finds something said, not only a noun


@dataclass(frozen=True, kw_only=True)
class Assembled:
    """A report and how its score came about."""

    report: Report
    finding: Finding
    parts: tuple[ScorePart, ...]


def assemble(
    event: CompiledType, findings: Findings, reading: Reading, *, gazetteer: Gazetteer, alphabet: Alphabet, tier: str
) -> list[Assembled]:
    """The type's reports of one article, strongest first."""
    if not findings.found:
        return []
    weights = event.type.weights
    possible = [f for f in findings.found if is_possible(event, f, gazetteer)]
    if not possible:
        return []
    ranked = sorted(possible, key=lambda f: (*precedence(f, weights), len(f.match.roles)), reverse=True)
    main = ranked[0]
    source = RoleSource(
        event=event,
        gazetteer=gazetteer,
        main=main.match.sentence,
        others=_context(main, reading),
        published_on=reading.published_on,
    )
    details = _details(event, reading, gazetteer, alphabet)
    filled = [f for f in fill(main, source, details) if f.role in event.type.roles]
    filled = _enriched(event, main, findings, filled, gazetteer)
    rest = _besides(event, ranked, filled, reading, gazetteer)
    taken = {f.name.name for _, others in rest for f in others if f.name}
    filled += [f for f in _unsaid(details, filled) if not f.name or f.name.name not in taken]
    if "party" in event.type.roles:
        filled = settle_sides(filled)
    if "visitor" in event.type.roles:
        sentences = (main.match.sentence, *source.others)
        filled = with_names(with_senders(filled, sentences), sentences, gazetteer)
        found = venues(filled, sentences, gazetteer)
        filled = [f for f in filled if not found or f.role != "destination"] + found
        filled = settle_guests(peers_travel(filled, gazetteer))
    made = [_report(event, main, filled, reading, tier)]
    made.extend(_report(event, other, roles, reading, tier) for other, roles in rest)
    return made


def _besides(
    event: CompiledType, ranked: list[Finding], filled: list[Filled], reading: Reading, gazetteer: Gazetteer
) -> list[tuple[Finding, list[Filled]]]:
    """Further journeys or truces that headline or lead tell as firmly: of other people to other places.

    Only what shares no name at all with the reports before it, and stands in a sentence of its own or
    names its own traveller, is another one; anything else is the same story told again.
    """
    key, where = ("visitor", "destination") if "visitor" in event.type.roles else ("place", "place")
    taken = {f.name.name for f in filled if f.name} | {f.home for f in filled if f.home}
    needed = {key, where}
    if key == "place" and any(f.role == "party" for f in filled):
        needed.add("party")  # another town without sides of its own is where the same truce reaches
    sentences = {id(ranked[0].match.sentence)}
    found: list[tuple[Finding, list[Filled]]] = []
    for other in ranked[1:]:
        if len(found) == _MOST_BESIDES:
            break
        if other.demoted_by or other.place is Place.BODY or other.weight < _FIRM:
            continue
        if key == "place" and id(other.match.sentence) in sentences:
            continue
        source = RoleSource(
            event=event, gazetteer=gazetteer, main=other.match.sentence, others=(), published_on=reading.published_on
        )
        own = captured(other, gazetteer) if key == "visitor" else fill(other, source)
        own = [f for f in own if f.role in event.type.roles]
        names = {f.name.name for f in own if f.name}
        known = {f.role for f in own if f.name and (f.name.entity_id or key == where)}
        if needed <= known and not names & taken:
            taken |= names | {f.home for f in own if f.home}
            sentences.add(id(other.match.sentence))
            found.append((other, own))
    return found


def is_possible(event: CompiledType, finding: Finding, gazetteer: Gazetteer) -> bool:
    """Whether the finding can be what its type means: journeys must lead abroad."""
    if "visitor" not in event.type.roles:
        return True
    return is_journey(captured(finding, gazetteer), finding.match.sentence)


def _context(main: Finding, reading: Reading) -> tuple[Sentence, ...]:
    near = [p.sentence for p in reading.sentences if p.place in (Place.TITLE, Place.LEAD)]
    return tuple(s for s in near if s is not main.match.sentence)[:6]


def _enriched(
    event: CompiledType, main: Finding, findings: Findings, filled: list[Filled], gazetteer: Gazetteer
) -> list[Filled]:
    """Roles the main sentence leaves open, taken from other findings about the same people."""
    if "visitor" not in event.type.roles:
        return filled
    have = {f.role for f in filled}
    visitors = _names(filled, "visitor")
    extra: list[Filled] = []
    for finding in findings.found:
        if finding is main or finding.place is Place.BODY:
            continue
        others = [
            f
            for role, first, last in finding.match.roles
            for f in fill_from_units(role, finding.match.sentence, first, last, gazetteer)
        ]
        same = visitors & _names(others, "visitor") or not visitors or not _names(others, "visitor")
        if same:
            extra.extend(f for f in others if f.role not in have)
            have |= {f.role for f in others}
    return filled + extra


def _names(filled: list[Filled], role: str) -> set[str]:
    return {f.name.name for f in filled if f.role == role and f.name}


def _details(event: CompiledType, reading: Reading, gazetteer: Gazetteer, alphabet: Alphabet) -> list[Filled]:
    """What rules that only fill roles find in the article."""
    found: list[Filled] = []
    for placed in reading.sentences:
        for rule in event.details:
            if placed.place not in rule.rule.places or rule.anchors.isdisjoint(placed.present):
                continue
            for match in find_matches(rule, placed.sentence, placed.present, reading.around(placed.place), alphabet):
                for role, first, last in match.roles:
                    found.extend(fill_from_units(role, placed.sentence, first, last, gazetteer))
    return found


def _unsaid(details: list[Filled], filled: list[Filled]) -> list[Filled]:
    """The details whose names no role but the theatre has yet; where that is has been decided before."""
    taken = {f.name.name for f in filled if f.name and f.role != "place"}
    kept: list[Filled] = []
    for item in details:
        if item.role != "place" and (item.name is None or item.name.name not in taken):
            kept.append(item)
            if item.name:
                taken.add(item.name.name)
    return kept


def _report(event: CompiledType, main: Finding, filled: list[Filled], reading: Reading, tier: str) -> Assembled:
    roles = roles_of(filled)
    kinds = {f.role for f in filled}
    parts = parts_of(main, role_count=len(kinds), tier=tier, weights=event.type.weights)
    score = total(parts)
    report = Report(
        type=event.type.name,
        phase=main.phase.name,
        modality=main.modality,
        score=score,
        alert=score >= event.type.threshold,
        roles=roles,
        evidence=_evidence(main, filled, reading),
        occurs_on=_occurs_on(roles),
        phase_stated=main.match.rule.rule.weight >= event.type.weights.bare_below,
    )
    return Assembled(report=report, finding=main, parts=parts)


def _occurs_on(roles: Roles) -> date | None:
    start = roles.time_of("starts_on")
    return date.fromisoformat(start.resolved) if start and start.resolved else None


def _evidence(main: Finding, filled: list[Filled], reading: Reading) -> tuple[Evidence, ...]:
    rule = main.match.rule.rule
    sentence = main.match.sentence
    texts = {placed.sentence.field: placed.sentence.tokens.text for placed in reading.sentences}

    def evidence(role: str, field: Field, span: Span) -> Evidence:
        return Evidence(rule=rule.id, at=rule.at, role=role, field=field, span=span, quote=span.slice(texts[field]))

    found = [
        evidence("sentence", sentence.field, sentence.span),
        evidence("trigger", sentence.field, sentence.span_of(*main.match.trigger)),
    ]
    found.extend(evidence(f.role, f.field, f.span) for f in filled)
    return tuple(found)
