"""Rules met in encoded sentences."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from monitor.core.rules.compile import CompiledRule
from monitor.core.rules.keywords import keyword_match
from monitor.core.rules.pattern import TRIGGER, Alphabet, CompiledPattern
from monitor.core.rules.schema import Scope
from monitor.core.rules.units import Sentence

_MOST_MATCHES = 4  # of one pattern in one sentence; more say nothing new


@dataclass(frozen=True, kw_only=True)
class RuleMatch:
    """One rule met in one sentence; all positions are units, half-open. `roles` are (role, first, last)."""

    rule: CompiledRule
    sentence: Sentence
    first: int
    last: int
    trigger: tuple[int, int]
    roles: tuple[tuple[str, int, int], ...]


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """The codes of the whole field and of the article's beginning, for rules that look beyond the sentence."""

    field: str
    article: str


Miss = Callable[[RuleMatch, str], None]
"""Told of a match that came to nothing, and why: "forbids …", "requires …" or "only in …"."""


def find_matches(
    rule: CompiledRule,
    sentence: Sentence,
    present: frozenset[str],
    around: Surroundings,
    alphabet: Alphabet,
    miss: Miss | None = None,
) -> list[RuleMatch]:
    """The places where the rule's patterns hold and its required and forbidden context allows it.

    `present` are the codes the sentence contains; `miss` hears of what the context ended.
    """
    found: list[RuleMatch] = []
    for match in _raw_matches(rule, sentence, present, alphabet):
        context = _scope(rule.rule.scope, match, sentence, around, alphabet)
        forbidden = next((p for p in rule.forbids if p.regex.search(context)), None)
        if forbidden is not None:
            if miss:
                miss(match, f"forbids {forbidden.source} in its {rule.rule.scope}")
            continue
        if rule.requires and not any(p.regex.search(context) for p in rule.requires):
            if miss:
                wanted = " or ".join(p.source for p in rule.requires)
                miss(match, f"requires {wanted} in its {rule.rule.scope}")
            continue
        found.append(match)
    return found


def _raw_matches(
    rule: CompiledRule, sentence: Sentence, present: frozenset[str], alphabet: Alphabet
) -> Iterator[RuleMatch]:
    for pattern in rule.patterns:
        for codes in pattern.required:  # the dearest loop of all: a generator here would double its cost
            if codes.isdisjoint(present):
                break
        else:
            yield from _pattern_matches(rule, pattern, sentence)
    if rule.rule.keywords is not None:
        window = keyword_match(rule.rule.keywords, sentence.codes, alphabet)
        if window is not None:
            first, last = window
            yield RuleMatch(rule=rule, sentence=sentence, first=first, last=last, trigger=window, roles=())


def _pattern_matches(rule: CompiledRule, pattern: CompiledPattern, sentence: Sentence) -> Iterator[RuleMatch]:
    for count, match in enumerate(pattern.regex.finditer(sentence.codes)):
        if count == _MOST_MATCHES:
            return
        if match.end() > match.start():
            trigger, roles = _groups(match)
            yield RuleMatch(
                rule=rule, sentence=sentence, first=match.start(), last=match.end(), trigger=trigger, roles=roles
            )


def _groups(match: re.Match[str]) -> tuple[tuple[int, int], tuple[tuple[str, int, int], ...]]:
    trigger = match.span()
    roles: list[tuple[str, int, int]] = []
    for name in match.re.groupindex:
        first, last = match.span(name)
        if first < 0:
            continue
        role = name.partition("__")[0]
        if role == TRIGGER:
            trigger = (first, last)
        elif last > first:
            roles.append((role, first, last))
    roles.sort(key=lambda r: r[1:])
    return trigger, tuple(roles)


def clause_bounds(codes: str, first: int, last: int, alphabet: Alphabet) -> tuple[int, int]:
    """The units of the clause around [first, last): from after the boundary before it to the one after it."""
    start, end = first, last
    while start > 0 and codes[start - 1] not in alphabet.boundaries:
        start -= 1
    while end < len(codes) and codes[end] not in alphabet.boundaries:
        end += 1
    return start, end


def _scope(scope: Scope, match: RuleMatch, sentence: Sentence, around: Surroundings, alphabet: Alphabet) -> str:
    match scope:
        case Scope.MATCH | Scope.BEFORE | Scope.AFTER:  # what the clauses beside them say decides
            return sentence.codes[match.first : match.last]
        case Scope.CLAUSE:
            start, end = clause_bounds(sentence.codes, match.first, match.last, alphabet)
            return sentence.codes[start:end]
        case Scope.SENTENCE:
            return sentence.codes
        case Scope.FIELD:
            return around.field
        case Scope.ARTICLE:
            return around.article
