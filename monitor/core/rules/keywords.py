"""Plain keyword rules: words with all, any, none and near, no grammar."""

from __future__ import annotations

from itertools import pairwise

from monitor.core.rules.pattern import Alphabet
from monitor.core.rules.schema import Keywords


def keyword_words(keywords: Keywords) -> tuple[str, ...]:
    """Every word and phrase a keyword rule names."""
    return (*keywords.all, *keywords.any, *keywords.none, *keywords.near)


def keyword_match(keywords: Keywords, codes: str, alphabet: Alphabet) -> tuple[int, int] | None:
    """The units from the first to past the last keyword met in a sentence; None when the rule does not hold."""

    def places(words: tuple[str, ...]) -> list[list[int]]:
        return [[i for i, code in enumerate(codes) if code in alphabet.codes(f'"{word}')] for word in words]

    every, some, near = places(keywords.all), places(keywords.any), places(keywords.near)
    if any(places(keywords.none)[i] for i in range(len(keywords.none))):
        return None
    if not all(every) or (some and not any(some)) or not all(near):
        return None
    met = [p for group in (*every, *some) for p in group]
    if near:
        window = _nearest(near, keywords.within)
        if window is None:
            return None
        met.extend(window)
    return (min(met), max(met) + 1) if met else None


def _nearest(places: list[list[int]], within: int) -> tuple[int, int] | None:
    """The first window with one of each list in which neighbours lie at most `within` units apart."""
    for start in places[0]:
        chosen = [min(group, key=lambda p: abs(p - start)) for group in places]
        chosen.sort()
        if all(b - a <= within for a, b in pairwise(chosen)):
            return chosen[0], chosen[-1]
    return None
