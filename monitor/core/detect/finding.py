"""What the rules find in an article's sentences, after the gates."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from monitor.core.detect.modality import Ladder, is_background, modality_of
from monitor.core.model.mention import EntityKind
from monitor.core.model.report import Modality
from monitor.core.rules.compile import CompiledRule, CompiledType
from monitor.core.rules.match import Miss, RuleMatch, Surroundings, clause_bounds, find_matches
from monitor.core.rules.pattern import Alphabet
from monitor.core.rules.schema import Effect, OnModality, Phase, Place, Scope
from monitor.core.rules.units import Sentence

OFF_SUBJECT = "headline about something else"
_NARROW = (Scope.MATCH, Scope.BEFORE, Scope.AFTER, Scope.CLAUSE, Scope.SENTENCE)
_MOST_BODY_SENTENCES = 8  # with a word of the type in them: enough for the mentions an article makes
CONTEXT_SENTENCES = 4  # of the text: what the article is about stands there


@dataclass(frozen=True, kw_only=True)
class PlacedSentence:
    sentence: Sentence
    place: Place
    present: frozenset[str]


@dataclass(frozen=True, kw_only=True)
class Reading:
    """An article's sentences, encoded, with their codes put together for rules that look around."""

    sentences: tuple[PlacedSentence, ...]
    title_codes: str
    text_codes: str
    article_codes: str
    published_on: date | None

    def around(self, place: Place) -> Surroundings:
        field = self.title_codes if place is Place.TITLE else self.text_codes
        return Surroundings(field=field, article=self.article_codes)


@dataclass(frozen=True, kw_only=True)
class Blocked:
    """Why a match is no finding: the gate's rule id, or the rung of the modality ladder."""

    match: RuleMatch
    by: str


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One match that says something: its phase after modality, and whether it is a mention only."""

    match: RuleMatch
    phase: Phase
    modality: Modality
    place: Place
    demoted_by: str = ""
    is_subordinate: bool = False  # stands after "as", "while", "but" …: the sentence asserts something else first

    @property
    def weight(self) -> float:
        return self.match.rule.rule.weight


@dataclass(frozen=True, kw_only=True)
class Findings:
    """`gates` are the vetoes and demotions met, whether or not they reached anything."""

    found: tuple[Finding, ...]
    blocked: tuple[Blocked, ...]
    gates: tuple[RuleMatch, ...] = ()


@dataclass(frozen=True, kw_only=True)
class _Gate:
    match: RuleMatch
    place: Place


def find_all(
    event: CompiledType, reading: Reading, alphabet: Alphabet, ladder: Ladder, miss: Miss | None = None
) -> Findings:
    """Everything the type's rules say about the article, and what was stopped and by what.

    `miss` hears of rules that nearly held; listening costs time and changes nothing.
    """
    told = [p for p in reading.sentences if p.place is not Place.BODY]
    first = _find(event, told, reading, alphabet, ladder, miss)
    if first.found:  # what the body adds is a mention of the same
        return first
    body = [p for p in reading.sentences if p.place is Place.BODY]
    second = _find(event, body, reading, alphabet, ladder, miss)
    return Findings(found=second.found, blocked=first.blocked + second.blocked, gates=first.gates + second.gates)


def _find(
    event: CompiledType,
    sentences: list[PlacedSentence],
    reading: Reading,
    alphabet: Alphabet,
    ladder: Ladder,
    miss: Miss | None,
) -> Findings:
    found: list[Finding] = []
    blocked: list[Blocked] = []
    matches: list[tuple[RuleMatch, Place]] = []
    body_count = 0
    for placed in sentences:
        if event.anchors.isdisjoint(placed.present):
            continue
        if placed.place is Place.BODY:
            if event.body and event.body.isdisjoint(placed.present):
                continue
            body_count += 1
            if body_count > _MOST_BODY_SENTENCES:
                break
        matches.extend((m, placed.place) for m in _matches(event.reports, placed, reading, alphabet, miss))
    if not matches:
        return Findings(found=(), blocked=())
    gates = _gates(event, reading, alphabet, miss, matched={id(match.sentence) for match, _ in matches})
    for match, place in matches:
        stop = _stopped_by(Effect.VETO, match, place, gates, alphabet)
        if stop:
            blocked.append(Blocked(match=match, by=stop))
            continue
        demoted = _stopped_by(Effect.DEMOTE, match, place, gates, alphabet)
        demoted = demoted or _off_subject(event, match, place, reading)
        outcome = _judge(event, match, place, demoted, ladder, reading.published_on)
        if isinstance(outcome, Finding):
            found.append(outcome)
        else:
            blocked.append(outcome)
    return Findings(found=tuple(found), blocked=tuple(blocked), gates=tuple(gate.match for gate in gates))


def _off_subject(event: CompiledType, match: RuleMatch, place: Place, reading: Reading) -> str:
    """The text of an article whose headline is about something else makes mentions only."""
    subject = event.subjects.get(match.rule.rule.phase)
    if place is Place.TITLE or not subject or not reading.title_codes or _is_about_agent(event, match, reading):
        return ""
    return OFF_SUBJECT if subject.isdisjoint(reading.title_codes) else ""


def _is_about_agent(event: CompiledType, match: RuleMatch, reading: Reading) -> bool:
    """Whether the headline names somebody who acts in the match, by name or as "the German leader": what he does
    there is its subject."""
    agents = event.type.story.agents
    names = match.sentence.names
    acting = [names[u].entity for role, a, b in match.roles if role in agents for u in range(a, b) if u in names]
    ids = {entity.id for entity in acting}
    homes = {entity.name for entity in acting if entity.kind is EntityKind.COUNTRY}
    titles = (p.sentence for p in reading.sentences if p.place is Place.TITLE)
    people = [m.entity for s in titles for m in s.names.values() if m.entity.kind is EntityKind.PERSON]
    return any(person.id in ids or person.country in homes for person in people)


def _matches(
    rules: tuple[CompiledRule, ...], placed: PlacedSentence, reading: Reading, alphabet: Alphabet, miss: Miss | None
) -> list[RuleMatch]:
    around = reading.around(placed.place)
    found: list[RuleMatch] = []
    for rule in rules:
        if rule.anchors.isdisjoint(placed.present):
            continue
        if placed.place in rule.rule.places:
            found.extend(find_matches(rule, placed.sentence, placed.present, around, alphabet, miss))
        elif miss:
            for match in find_matches(rule, placed.sentence, placed.present, around, alphabet, miss):
                miss(match, f"only in {', '.join(rule.rule.places)}")
    return found


def _gates(
    event: CompiledType, reading: Reading, alphabet: Alphabet, miss: Miss | None, *, matched: set[int]
) -> list[_Gate]:
    """The gates that are met: narrow ones in sentences where something matched, wide ones where the article begins."""
    narrow = tuple(r for r in event.gates if r.rule.scope in _NARROW)
    wide = tuple(r for r in event.gates if r.rule.scope not in _NARROW)
    gates: list[_Gate] = []
    context = 0
    for placed in reading.sentences:
        context += placed.place is not Place.TITLE
        rules = (narrow if id(placed.sentence) in matched else ()) + (wide if context <= CONTEXT_SENTENCES else ())
        gates.extend(_Gate(match=m, place=placed.place) for m in _matches(rules, placed, reading, alphabet, miss))
    return gates


def _stopped_by(effect: Effect, match: RuleMatch, place: Place, gates: list[_Gate], alphabet: Alphabet) -> str:
    for gate in gates:
        rule = gate.match.rule.rule
        if rule.effect is not effect or match.rule.rule.weight >= rule.below:
            continue
        if rule.reaches and match.rule.rule.phase not in rule.reaches:
            continue
        if _reaches(rule.scope, gate, match, place, alphabet):
            return rule.id
    return ""


def _reaches(scope: Scope, gate: _Gate, match: RuleMatch, place: Place, alphabet: Alphabet) -> bool:
    if scope is Scope.ARTICLE:
        return True
    if scope is Scope.FIELD:
        return (gate.place is Place.TITLE) == (place is Place.TITLE)
    if gate.match.sentence is not match.sentence:
        return False
    if scope is Scope.SENTENCE:
        return True
    if scope is Scope.BEFORE:
        return match.trigger[0] < gate.match.trigger[0]
    if scope is Scope.AFTER:
        return match.trigger[0] >= gate.match.trigger[0]  # "ahead of" may be both
    first, last = gate.match.first, gate.match.last
    if scope is Scope.CLAUSE:
        first, last = clause_bounds(match.sentence.codes, first, last, alphabet)
    return first < match.trigger[1] and match.trigger[0] < last


def _judge(
    event: CompiledType, match: RuleMatch, place: Place, demoted: str, ladder: Ladder, published_on: date | None
) -> Finding | Blocked:
    rule = match.rule.rule
    modality = modality_of(match, ladder)
    outcome: str = getattr(rule.modalities, modality.value, OnModality.KEEP)
    if outcome != OnModality.DROP and is_background(match, ladder, published_on.year if published_on else None):
        background = rule.modalities.background
        outcome = background if background != OnModality.KEEP else outcome
        if background == OnModality.DROP:
            return Blocked(match=match, by="background")
    if outcome == OnModality.DROP:
        return Blocked(match=match, by=modality.value)
    if outcome == OnModality.DEMOTE:
        demoted = demoted or modality.value
    named = rule.phase if outcome in (OnModality.KEEP, OnModality.DEMOTE) else outcome
    phase = event.type.phase(named)
    if phase is None:
        return Blocked(match=match, by=f"unknown phase {named}")
    if modality is Modality.NEGATED:  # the denial is part of what the rule says: "refuses a truce" is a plain refusal
        modality = Modality.ASSERTED
    return Finding(
        match=match,
        phase=phase,
        modality=modality,
        place=place,
        demoted_by=demoted,
        is_subordinate=not ladder.subordinator.isdisjoint(match.sentence.codes[1 : match.trigger[0]]),
    )
