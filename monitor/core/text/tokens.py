"""Words and signs of a text, with code-point offsets."""

from __future__ import annotations

import re
from dataclasses import dataclass

from monitor.core.text.normalise import fold

# Left-overs of HTML entities ("#39;", "quot;") are common in archived news wires: read as the sign they stand for.
# "U.S." and "a.m." stay whole; "O'Brien", "Sana'a", "don't" too; "Israel's" is cut before its possessive.
_TOKEN = re.compile(
    r"&?\#39;s\b|&?\#39;|&?quot;|['’ʼ]s\b"
    r"|(?<![^\W_])(?:[^\W\d_]\.){2,}"
    r"|\d+(?:[.,:]\d+)*(?![^\W_])"
    r"|[^\W_]+(?:['’ʼ](?!s\b)[^\W_]+)*"
    r"|[^\w\s]|_"
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
    spans = [match.span() for match in _TOKEN.finditer(text)]
    return Tokens(
        text=text,
        starts=[start for start, _ in spans],
        ends=[end for _, end in spans],
        words=_folded(text, spans),
        has_case=not (text.islower() or text.isupper()),
    )


def _folded(text: str, spans: list[tuple[int, int]]) -> list[str]:
    if text.isascii():
        flat = text.lower()
        words = [flat[start:end] for start, end in spans]
    else:
        surfaces = [text[start:end] for start, end in spans]
        words = [surface.lower() if surface.isascii() else fold(surface) for surface in surfaces]
    return [_SIGNS.get(word, word) for word in words] if ";" in text else words


def words_of(text: str) -> tuple[str, ...]:
    """The folded words of a phrase, cut exactly as running text is."""
    return tuple(tokenise(text).words)
