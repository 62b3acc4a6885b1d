"""Rule folders to a ruleset that can be matched."""

from __future__ import annotations

from dataclasses import dataclass

from monitor.core.model.alert import Severity
from monitor.core.model.event import EventType as StoryType
from monitor.core.model.event import Identity, Inhibition, Phase
from monitor.core.rules.encode import Encoder
from monitor.core.rules.gazetteer import Gazetteer, build_gazetteer
from monitor.core.rules.keywords import keyword_words
from monitor.core.rules.lexicon import Lexicon, build_lexicon
from monitor.core.rules.pattern import Alphabet, CompiledPattern, PatternError, compile_pattern, literals_of
from monitor.core.rules.schema import Effect, EventType, Rule, RuleSources
from monitor.core.rules.units import Codes
from monitor.errors import ConfigError, ConfigProblem


@dataclass(frozen=True, kw_only=True)
class CompiledRule:
    rule: Rule
    patterns: tuple[CompiledPattern, ...]
    requires: tuple[CompiledPattern, ...]
    forbids: tuple[CompiledPattern, ...]
    anchors: frozenset[str]


@dataclass(frozen=True, kw_only=True)
class CompiledType:
    """An event type with its rules, vetoes apart; `anchors` are the codes without which no rule can match.

    `subjects` gives, by phase, the codes one of which a headline must hold, `body` those one of which makes a
    sentence of the body worth reading; an empty set asks for nothing.
    """

    type: EventType
    reports: tuple[CompiledRule, ...]
    gates: tuple[CompiledRule, ...]
    details: tuple[CompiledRule, ...]
    subjects: dict[str, frozenset[str]]
    body: frozenset[str]
    anchors: frozenset[str]


@dataclass(frozen=True, kw_only=True)
class Ruleset:
    """Everything the detector needs. `version` is the digest of rules, words and names."""

    version: str
    sources: RuleSources
    types: tuple[CompiledType, ...]
    lexicon: Lexicon
    gazetteer: Gazetteer
    codes: Codes
    encoder: Encoder

    @property
    def alphabet(self) -> Alphabet:
        return self.codes.alphabet

    @property
    def events(self) -> dict[str, StoryType]:
        """The event types as stories and alerts see them, by name."""
        return {compiled.type.name: story_type(compiled.type) for compiled in self.types}


def story_type(event: EventType) -> StoryType:
    """The event type as stories and alerts see it."""
    return StoryType(
        name=event.name,
        phases=tuple(
            Phase(
                name=p.name,
                order=p.order,
                severity=Severity(p.severity),
                after=p.after,
                acted=p.acted,
                needs_actor=p.needs_actor,
                opposes=p.opposes,
                looks_ahead=p.looks_ahead,
                may_repeat=p.may_repeat,
            )
            for p in event.phases
        ),
        agent_roles=event.story.agents,
        place_roles=event.story.places,
        actor_role=event.story.actor or None,
        idle_days=event.story.idle_days,
        ahead_days=event.story.ahead_days,
        identity=Identity(event.story.identity),
        inhibits=tuple(Inhibition(phase=p, phases=lesser, for_s=h * 3600) for p, lesser, h in event.inhibits),
        changes=event.changes,
    )


def compile_rules(sources: RuleSources) -> Ruleset:
    """The ruleset in force.

    Raises:
        ConfigError: every pattern that cannot be compiled, with file and line.
    """
    lexicon = build_lexicon(sources.languages, _literals(sources))
    codes = Codes(lexicon, _name_tags(sources))
    gazetteer = build_gazetteer(sources.entries)
    problems: list[ConfigProblem] = []
    types = tuple(_compile_type(t, sources.rules, codes.alphabet, problems) for t in sources.types)
    if problems:
        raise ConfigError(tuple(problems))
    return Ruleset(
        version=sources.digest,
        sources=sources,
        types=types,
        lexicon=lexicon,
        gazetteer=gazetteer,
        codes=codes,
        encoder=Encoder(lexicon=lexicon, gazetteer=gazetteer, codes=codes),
    )


def _name_tags(sources: RuleSources) -> dict[str, frozenset[str]]:
    tags: dict[str, set[str]] = {}
    for language in sources.languages:
        for concept in language.concepts:
            for name in concept.names:
                tags.setdefault(name, set()).add(concept.name)
    return {name: frozenset(found) for name, found in tags.items()}


def _literals(sources: RuleSources) -> list[str]:
    found: set[str] = set()
    for event in sources.types:
        for _, body in event.macros:
            found.update(literals_of(body))
    for rule in sources.rules:
        for pattern in (*rule.patterns, *rule.requires, *rule.forbids):
            found.update(literals_of(pattern))
        if rule.keywords:
            found.update(keyword_words(rule.keywords))
    return sorted(found)


def _compile_type(
    event: EventType, rules: tuple[Rule, ...], alphabet: Alphabet, problems: list[ConfigProblem]
) -> CompiledType:
    macros = dict(event.macros)
    if not _macros_compile(event, alphabet, problems):
        return CompiledType(
            type=event, reports=(), gates=(), details=(), subjects={}, body=frozenset(), anchors=frozenset()
        )
    compiled = [_compile_rule(r, alphabet, macros, problems) for r in rules if r.type == event.name]
    reports = tuple(r for r in compiled if r.rule.phase)
    gates = tuple(r for r in compiled if r.rule.effect in (Effect.VETO, Effect.DEMOTE))
    details = tuple(r for r in compiled if r.rule.effect is Effect.DETAIL)
    anchors = frozenset[str]().union(*(r.anchors for r in reports))
    return CompiledType(
        type=event,
        reports=reports,
        gates=gates,
        details=details,
        subjects=_subjects(event, alphabet, macros, problems),
        body=_words_codes(event.body, "body", event, alphabet, macros, problems),
        anchors=anchors,
    )


def _subjects(
    event: EventType, alphabet: Alphabet, macros: dict[str, str], problems: list[ConfigProblem]
) -> dict[str, frozenset[str]]:
    own = dict(event.phase_subjects)
    found: dict[str, frozenset[str]] = {}
    for phase in event.phases:
        words = own.pop(phase.name, event.subject)
        found[phase.name] = _words_codes(words, f"subject of {phase.name}", event, alphabet, macros, problems)
    file, _, line = event.at.rpartition(":")
    for name in own:
        problems.append(ConfigProblem(file=file, line=int(line), message=f"subject of {name}: no such phase"))
    return found


def _words_codes(
    words: str, what: str, event: EventType, alphabet: Alphabet, macros: dict[str, str], problems: list[ConfigProblem]
) -> frozenset[str]:
    """The codes of a set of words that stands in `event.yaml`; none when it is empty or cannot be read."""
    try:
        return compile_pattern(f"*{words}", alphabet, macros).anchors if words else frozenset()
    except PatternError as error:
        file, _, line = event.at.rpartition(":")
        problems.append(ConfigProblem(file=file, line=int(line), message=f"{what}: {error}"))
        return frozenset()


def _macros_compile(event: EventType, alphabet: Alphabet, problems: list[ConfigProblem]) -> bool:
    """Whether all macros are sound; a broken one is told once, not again with every rule that uses it."""
    macros = dict(event.macros)
    count = len(problems)
    for name, body in event.macros:
        try:
            compile_pattern(body, alphabet, macros, needs_trigger=False)
        except PatternError as error:
            file, _, line = event.at.rpartition(":")
            problems.append(ConfigProblem(file=file, line=int(line), message=f"macro ${name}: {error}"))
    return len(problems) == count


def _compile_rule(
    rule: Rule, alphabet: Alphabet, macros: dict[str, str], problems: list[ConfigProblem]
) -> CompiledRule:
    def compiled(patterns: tuple[str, ...], *, context: bool) -> tuple[CompiledPattern, ...]:
        done: list[CompiledPattern] = []
        for pattern in patterns:
            try:
                done.append(compile_pattern(pattern, alphabet, macros, needs_trigger=not context))
            except PatternError as error:
                file, _, line = rule.at.rpartition(":")
                problems.append(
                    ConfigProblem(file=file, line=int(line), message=f"rule {rule.id}: pattern {pattern!r}: {error}")
                )
        return tuple(done)

    patterns = compiled(rule.patterns, context=False)
    anchors = frozenset[str]().union(*(p.anchors for p in patterns))
    if rule.keywords:
        anchors |= frozenset[str]().union(*(alphabet.codes(f'"{w}') for w in keyword_words(rule.keywords)))
    return CompiledRule(
        rule=rule,
        patterns=patterns,
        requires=compiled(rule.requires, context=True),
        forbids=compiled(rule.forbids, context=True),
        anchors=anchors,
    )
