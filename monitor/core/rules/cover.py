"""What a sentence must contain for a pattern to have any chance: a cheap test before the regular expression."""

from __future__ import annotations

import re
from collections.abc import Callable

CodesOf = Callable[[str], frozenset[str]]
BodyOf = Callable[[str], str | None]

_PIECE = re.compile(r"(?P<open>\()|(?P<close>\))|(?P<bar>\|)|(?P<quant>[?+])|(?P<term>[^\s()|?+]+)")
_DEEPEST = 6


def required_codes(pattern: str, codes_of: CodesOf, body_of: BodyOf) -> tuple[frozenset[str], ...]:
    """Sets of codes each of which has a member in every sentence the pattern matches.

    `codes_of` gives the codes of a set of terms, `body_of` the body of a macro that is a sequence,
    None for everything else. Optional parts and gaps require nothing; of alternatives, one of each.
    """
    found = _alternatives(_PIECE.findall(pattern), codes_of, body_of, depth=0)
    return tuple(found)


_Piece = tuple[str, str, str, str, str]


def _alternatives(pieces: list[_Piece], codes_of: CodesOf, body_of: BodyOf, *, depth: int) -> list[frozenset[str]]:
    parts = _split(pieces)
    sets = [_sequence(part, codes_of, body_of, depth=depth) for part in parts]
    if len(sets) == 1:
        return sets[0]
    if not all(sets):
        return []
    return [frozenset[str]().union(*(min(each, key=len) for each in sets))]


def _split(pieces: list[_Piece]) -> list[list[_Piece]]:
    """The alternatives of a sequence: cut at bars outside of brackets."""
    parts: list[list[_Piece]] = [[]]
    level = 0
    for piece in pieces:
        level += bool(piece[0]) - bool(piece[1])
        if piece[2] and level == 0:
            parts.append([])
        else:
            parts[-1].append(piece)
    return parts


def _sequence(pieces: list[_Piece], codes_of: CodesOf, body_of: BodyOf, *, depth: int) -> list[frozenset[str]]:
    found: list[frozenset[str]] = []
    position = 0
    while position < len(pieces):
        end = _group_end(pieces, position) if pieces[position][0] else position
        is_optional = end + 1 < len(pieces) and pieces[end + 1][3] == "?"
        if not is_optional:
            if pieces[position][0]:
                found.extend(_alternatives(pieces[position + 1 : end], codes_of, body_of, depth=depth))
            elif pieces[position][4]:
                found.extend(_term(pieces[position][4], codes_of, body_of, depth=depth))
        position = end + 1
    return found


def _group_end(pieces: list[_Piece], start: int) -> int:
    level = 0
    for index in range(start, len(pieces)):
        level += bool(pieces[index][0]) - bool(pieces[index][1])
        if level == 0:
            return index
    return len(pieces) - 1


def _term(term: str, codes_of: CodesOf, body_of: BodyOf, *, depth: int) -> list[frozenset[str]]:
    bare = re.sub(r"^(?:[a-z_]+=)?\*?", "", term)
    if bare.startswith(("..", "~", "^", "$ ", "!")) or bare in ("$", "^") or depth > _DEEPEST:
        return []
    body = body_of(bare)
    if body is not None:
        return _alternatives(_PIECE.findall(body), codes_of, body_of, depth=depth + 1)
    return [codes_of(bare)]
