"""Whether a name that was found and a name that a person wrote down mean the same."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

_SHORTEST = 3  # letters of a word that can tell a name
_SHORT_NAMES = frozenset({"xi"})
_MOST_WORDS = 8  # what is longer is a sentence, not a name
# Titles and kinds of state: shared by many names, they tell none apart.
_TITLES = frozenset(
    "the and for new president prime minister foreign secretary state crown prince king pope chief leader leaders "
    "envoy delegation official officials republic democratic".split()
)
# Spellings that newsrooms use side by side.
_SPELLINGS = {
    **dict.fromkeys(("us", "usa", "u.s."), "united states"),
    **dict.fromkeys(("uk", "u.k.", "britain"), "united kingdom"),
    **dict.fromkeys(("un", "u.n."), "united nations"),
    "uae": "united arab emirates",
    "eu": "european union",
    "turkiye": "turkey",
    "zelenskyy": "zelensky",
    "zelenskiy": "zelensky",
    "schroeder": "schroder",
}
# Names whose words mean little one by one: North Korea is not South Korea.
_INDIVISIBLE = re.compile(
    "united (?:states|kingdom|nations|arab emirates)|(?:north|south) korea|south (?:sudan|africa)|west bank"
    "|northern ireland"
)
_WORD = re.compile(r"[^\W_]+(?:\.[^\W_]+\.)?")


@dataclass(frozen=True, kw_only=True)
class Agreement:
    """How many of the names got, and of those wanted, meet at least one of the other."""

    got_count: int
    wanted_count: int


def agreement(wanted: Sequence[str], got: Sequence[str]) -> Agreement:
    """How two lists of names meet; names meet when they share a whole telling word, whatever case and accents."""
    wanted_words, got_words = [telling_words(n) for n in wanted], [telling_words(n) for n in got]
    return Agreement(
        got_count=sum(any(g & w for w in wanted_words) for g in got_words),
        wanted_count=sum(any(w & g for g in got_words) for w in wanted_words),
    )


def telling_words(name: str) -> frozenset[str]:
    """The folded words by which a name is known; a name of titles only keeps them, a whole sentence has none."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c)).casefold()
    plain = _WORD.sub(lambda m: _SPELLINGS.get(m.group(), m.group()), plain)
    plain = _INDIVISIBLE.sub(lambda m: m.group().replace(" ", "_"), plain)
    every = set(re.findall(r"\w+", plain))
    if len(re.findall(r"\w+", plain)) > _MOST_WORDS:
        return frozenset()
    long = frozenset(w for w in every if len(w) >= _SHORTEST or w in _SHORT_NAMES)
    return long - _TITLES or long
