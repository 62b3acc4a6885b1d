"""Whether two names mean the same person, group or place."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

# Words that say what somebody is, not who: they never tell two names apart.
_COMMON = frozenset(
    "the of and a an delegation officials official envoy envoys president minister prime foreign secretary state "
    "government leader leaders army military forces force rebels group movement city strip province region".split()
)
# Words that make another place of a name: Sudan and South Sudan, Guinea and New Guinea.
_OTHER = frozenset("north south east west northern southern eastern western new equatorial democratic".split())
_WORD = re.compile(r"\w+")
_REMEMBERED = 2**16  # the same few names are compared over and over


@lru_cache(maxsize=_REMEMBERED)
def folded(name: str) -> str:
    """`name` without accents and case, words apart by one space."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c))
    return " ".join(_WORD.findall(plain.casefold()))


@lru_cache(maxsize=_REMEMBERED)
def key_words(name: str) -> frozenset[str]:
    """The words that tell who or where; all of them when none does."""
    words = frozenset(folded(name).split())
    return words - _COMMON or words


def is_same_name(one: str, other: str) -> bool:
    """Equal, or one a shorter form of the other ("Blinken", "Antony Blinken")."""
    a, b = key_words(one), key_words(other)
    return bool(a and b) and (a <= b or b <= a) and not (a ^ b) & _OTHER


def shared_count(ones: Iterable[str], others: Iterable[str]) -> int:
    """How many of `ones` have the same name among `others`."""
    pool = tuple(others)
    return sum(any(is_same_name(one, other) for other in pool) for one in ones)


def united(ones: Iterable[str], others: Iterable[str]) -> tuple[str, ...]:
    """Both, each name once, in its longer form, in the order they came."""
    result: list[str] = []
    for name in (*ones, *others):
        at = next((i for i, known in enumerate(result) if is_same_name(name, known)), None)
        if at is None:
            result.append(name)
        elif len(key_words(name)) > len(key_words(result[at])):
            result[at] = name
    return tuple(result)
