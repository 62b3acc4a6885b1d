"""How firmly a sentence asserts what a rule found in it."""

from __future__ import annotations

from dataclasses import dataclass

from monitor.core.model.report import Modality
from monitor.core.rules.match import RuleMatch, clause_bounds
from monitor.core.rules.pattern import Alphabet
from monitor.core.rules.units import Sentence

_REACH = 4  # units before the trigger that a negation governs; further off another verb stands between
_LEAN = 3  # units before the match where a sign of the future still governs it: "is expected to"


@dataclass(frozen=True, kw_only=True)
class Ladder:
    """The codes of each kind of signal word; the names are concepts of `config/languages`."""

    negation: frozenset[str]
    conditional: frozenset[str]
    speculative: frozenset[str]
    planned: frozenset[str]
    alleged: frozenset[str]
    background: frozenset[str]
    year: frozenset[str]
    question: frozenset[str]
    subordinator: frozenset[str]
    alphabet: Alphabet


def ladder_of(alphabet: Alphabet) -> Ladder:
    """The signal words of the languages in force; a concept nobody defines has none."""

    def codes(tag: str) -> frozenset[str]:
        return alphabet.by_tag.get(tag, frozenset())

    return Ladder(
        negation=codes("negation"),
        conditional=codes("conditional"),
        speculative=codes("speculative"),
        planned=codes("planned"),
        alleged=codes("alleged"),
        background=codes("background"),
        year=codes("year"),
        question=codes("question"),
        subordinator=codes("subordinator"),
        alphabet=alphabet,
    )


def modality_of(match: RuleMatch, ladder: Ladder) -> Modality:
    """The first rung that holds: negated, conditional, speculative, planned, alleged, asserted.

    Each is looked for in the trigger's own clause only: a comma, dash,
    colon or a word such as "as" and "while" ends its scope.
    """
    codes = match.sentence.codes
    start, _ = clause_bounds(codes, *match.trigger, ladder.alphabet)
    for unit in range(match.trigger[0] - 1, start - 1, -1):
        if codes[unit] in ladder.subordinator:
            start = unit
            break
    low = max(start, match.trigger[0] - _REACH)
    near = frozenset(codes[low : max(match.trigger[1], match.last)])
    before = frozenset(
        codes[max(start, min(match.first, match.trigger[0] - _LEAN)) : max(match.trigger[1], match.last)]
    )
    if near & ladder.negation:
        return Modality.NEGATED
    if frozenset(codes[start : match.trigger[1]]) & ladder.conditional:
        return Modality.CONDITIONAL
    if before & ladder.speculative or (codes and codes[-1] in ladder.question):
        return Modality.SPECULATIVE
    if before & ladder.planned:
        return Modality.PLANNED
    if frozenset(codes) & ladder.alleged:
        return Modality.ALLEGED
    return Modality.ASSERTED


def is_background(match: RuleMatch, ladder: Ladder, year: int | None) -> bool:
    """Whether the clause tells of the past: a word of history, or a year before the article's own.

    Without a date a year of the last century, or any after "the" or "in", counts as old.
    """
    sentence = match.sentence
    start, end = clause_bounds(sentence.codes, match.first, match.last, ladder.alphabet)
    clause = sentence.codes[start:end]
    if not ladder.background.isdisjoint(clause):
        return True
    if ladder.year.isdisjoint(clause):
        return False
    return any(_is_old(sentence, unit, year) for unit in range(start, end) if sentence.codes[unit] in ladder.year)


def _is_old(sentence: Sentence, unit: int, year: int | None) -> bool:
    stated = int(sentence.text_of(unit, unit + 1))
    if year is not None:
        return stated < year - 1
    before = sentence.text_of(unit - 1, unit).lower() if unit else ""
    return stated < 2000 or before in ("the", "in", "since")
