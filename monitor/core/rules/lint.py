"""What is wrong with rules that compile: dead, untested or costly ones."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from monitor.core.rules.compile import CompiledType, Ruleset
from monitor.core.rules.lexicon import Lexicon
from monitor.core.rules.schema import Effect, Rule
from monitor.errors import ConfigProblem

_COSTLIEST = 40_000  # steps a pattern may try from one starting word: the product of its gaps
_GAP = re.compile(r"(?:\.\.|~)(\d+)")


def lint(ruleset: Ruleset) -> tuple[ConfigProblem, ...]:
    """Every problem, in file order: unreachable phases, shadowed rules, missing tests, patterns that could be slow."""
    problems: list[ConfigProblem] = []
    for event in ruleset.types:
        problems.extend(_unreachable(event))
        rules = [r.rule for r in (*event.reports, *event.gates, *event.details)]
        problems.extend(_shadowed(rules))
        for rule in rules:
            problems.extend(_swallowed(rule, ruleset.lexicon))
            problems.extend(_untested(rule))
            problems.extend(_astray(rule, event))
            problems.extend(_costly(rule))
    return tuple(sorted(problems, key=lambda p: (p.file, p.line, p.message)))


def _problem(at: str, message: str) -> ConfigProblem:
    file, _, line = at.rpartition(":")
    return ConfigProblem(file=file, line=int(line), message=message)


def _unreachable(event: CompiledType) -> Iterator[ConfigProblem]:
    reached: set[str] = set()
    for compiled in event.reports:
        m = compiled.rule.modalities
        reached |= {compiled.rule.phase, m.negated, m.conditional, m.speculative, m.planned, m.alleged, m.background}
    for phase in event.type.phases:
        if phase.name not in reached:
            yield _problem(event.type.at, f"no rule of {event.type.name} ever reaches the phase '{phase.name}'")
        for before in phase.after:
            if before not in {p.name for p in event.type.phases}:
                yield _problem(event.type.at, f"'{phase.name}' follows '{before}', which is not a phase")


def _shadowed(rules: list[Rule]) -> Iterator[ConfigProblem]:
    seen: dict[tuple[str, str], Rule] = {}
    for rule in rules:
        for pattern in rule.patterns:
            key = (rule.effect, " ".join(pattern.split()))
            first = seen.setdefault(key, rule)
            if first is rule or set(rule.places) - set(first.places):
                continue
            if rule.effect is not Effect.REPORT or first.weight >= rule.weight:
                yield _problem(rule.at, f"rule {rule.id}: {pattern!r} is shadowed by {first.id} ({first.at})")


def _swallowed(rule: Rule, lexicon: Lexicon) -> Iterator[ConfigProblem]:
    """Exact words in a row that the vocabulary reads as one phrase: the pattern can never see them apart."""
    for pattern in (*rule.patterns, *rule.requires, *rule.forbids):
        for words in _word_runs(pattern):
            found = lexicon.longest_phrase(words, 0, len(words)) if words[0] in lexicon.phrases else None
            if found:
                tags = "/".join(sorted(found[1]))
                phrase = " ".join(words[: found[0]])
                yield _problem(rule.at, f"rule {rule.id}: {phrase!r} is one phrase ({tags}): name that in {pattern!r}")


def _word_runs(pattern: str) -> Iterator[list[str]]:
    sets = [re.findall(r'"([^"\s]+)"', element) for element in pattern.split()]
    for left, right in pairwise(sets):
        yield from ([a, b] for a in left for b in right)


def _untested(rule: Rule) -> Iterator[ConfigProblem]:
    for expected, kind in ((True, "positive"), (False, "negative")):
        if not any(t.expected is expected for t in rule.tests):
            yield _problem(rule.at, f"rule {rule.id} has no {kind} test")


def _astray(rule: Rule, event: CompiledType) -> Iterator[ConfigProblem]:
    """Phases a gate is said to reach that the type does not have."""
    for name in rule.reaches:
        if event.type.phase(name) is None:
            yield _problem(rule.at, f"rule {rule.id} reaches '{name}', which is no phase of {event.type.name}")


def _costly(rule: Rule) -> Iterator[ConfigProblem]:
    for pattern in (*rule.patterns, *rule.requires, *rule.forbids):
        steps = 1
        for size in _GAP.findall(pattern):
            steps *= int(size) + 1
        if steps > _COSTLIEST:
            yield _problem(rule.at, f"rule {rule.id}: {pattern!r} may try {steps} ways from one word: shorten its gaps")
