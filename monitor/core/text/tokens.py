"""Words and signs of a text, with code-point offsets."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import accumulate

from monitor.core.text.normalise import fold

# Left-overs of HTML entities ("#39;", "quot;") are common in archived news wires: read as the sign they stand for.
# "U.S." and "a.m." stay whole; "O'Brien", "Sana'a", "don't" too; "Israel's" is cut before its possessive.
# Signs that only steer how text is shown (zero width, direction, soft hyphen) are no tokens.
_TOKEN = re.compile(
    r"("
    r"(?=[&#q'’ʼ])(?:&?\#39;s\b|&?\#39;|&?quot;|['’ʼ]s\b)"
    r"|(?<![^\W_])(?:[^\W\d_]\.){2,}"
    r"|\d+(?:[.,:]\d+)*(?![^\W_])"
    r"|[^\W_]+(?:['’ʼ](?!s\b)[^\W_]+)*"
    r"|[^\w\s\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]|_"
    r")"
)

POSSESSIVE = "'s"
_SIGNS = {"#39;s": POSSESSIVE, "&#39;s": POSSESSIVE, "#39;": "'", "&#39;": "'", "quot;": '"', "&quot;": '"'}


@dataclass(frozen=True, kw_only=True)
class Tokens:
    """The tokens of one text in order, as parallel lists; `words` are folded for comparison.

    `has_case` is False where all letters are small or all are capitals, as in some archives and old
    wires: there a capital says nothing about names.
    """

    text: str
    starts: list[int]
    ends: list[int]
    words: list[str]
    has_case: bool = True

    def __len__(self) -> int:
        return len(self.starts)

    def surface(self, first: int, last: int) -> str:
        """The text from token `first` up to but not including token `last`."""
        return self.text[self.starts[first] : self.ends[last - 1]] if last > first else ""


def tokenise(text: str) -> Tokens:
    """Every word, number and sign of `text`; whitespace lies between them.

    Takes time linear in the text's length.
    """
    parts = _TOKEN.split(text)  # what lies between and the tokens, in turn: the quickest way to their places
    ends = list(accumulate(map(len, parts)))
    return Tokens(
        text=text,
        starts=ends[0:-1:2],
        ends=ends[1::2],
        words=_folded(parts[1::2], is_ascii=text.isascii()),
        has_case=not (text.islower() or text.isupper()),
    )


def _folded(surfaces: list[str], *, is_ascii: bool) -> list[str]:
    if not surfaces:
        return []
    words = "\n".join(surfaces).lower().split("\n")  # no token holds a line end
    if not is_ascii:
        words = [word if word.isascii() else fold(surface) for word, surface in zip(words, surfaces, strict=True)]
    return words if _SIGNS.keys().isdisjoint(words) else [_SIGNS.get(word, word) for word in words]


def words_of(text: str) -> tuple[str, ...]:
    """The folded words of a phrase, cut exactly as running text is."""
    return tuple(_folded(_TOKEN.findall(text), is_ascii=text.isascii()))
