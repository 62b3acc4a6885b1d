"""Officials who are in no list: a title followed by a name."""

from __future__ import annotations

from collections.abc import Mapping

from monitor.core.model.mention import Entity, EntityKind
from monitor.core.text.tokens import Tokens

_PARTICLES = frozenset("al el bin ben ibn abu umm de da das dos di du la le van von der den ould bint".split())
_MOST_TOKENS = 7
_MOST_NAMES = 3
_VERBAL = ("ing", "ed", "ly", "ts", "ks", "ps", "ls", "es")  # ends of verbs: where no capital marks a name, they end it


def name_end(tokens: Tokens, at: int, end: int, ordinary: Mapping[str, object]) -> int:
    """The token after the personal name that begins at `at`; `at` itself when none does.

    A name is one to three capitalised words outside the vocabulary `ordinary`, with particles
    and hyphens between ("bin Salman", "al-Sudani", "Kim Jong-un"); in text without case any word outside it.
    """
    position, last, names = at, at, 0
    while position < min(end, at + _MOST_TOKENS) and names < _MOST_NAMES:
        word = tokens.words[position]
        joined = position > at and tokens.words[position - 1] == "-"
        if word in _PARTICLES and word not in ("-",):
            position += 1
            continue
        if word == "-" and _adjoins(tokens, position, end):
            position += 1
            continue
        if not _is_name(tokens, position) or (word in ordinary and not joined):
            break
        names += not joined
        position += 1
        last = position
    return last


def _adjoins(tokens: Tokens, hyphen: int, end: int) -> bool:
    return (
        0 < hyphen < end - 1
        and tokens.ends[hyphen - 1] == tokens.starts[hyphen]
        and tokens.ends[hyphen] == tokens.starts[hyphen + 1]
    )


def _is_name(tokens: Tokens, position: int) -> bool:
    surface = tokens.text[tokens.starts[position] : tokens.ends[position]]
    if not tokens.has_case:
        return len(surface) > 2 and surface.isalpha() and not surface.lower().endswith(_VERBAL)
    return len(surface) > 1 and surface[0].isupper() and any(c.isalpha() for c in surface[1:]) and surface[-1] != "."


def unlisted(title: str, name: str, country: str | None) -> Entity:
    """The entity of a person known only from the text."""
    return Entity(id=f"unlisted: {title}, {name}", kind=EntityKind.PERSON, name=name, country=country, office=title)
