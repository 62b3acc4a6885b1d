"""Sentences as strings of codes: one character a word, phrase, sign or name.

A code stands for a set of tags. Rules are regular expressions over these strings, which makes
matching as fast as the expression engine and its cost linear.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from monitor.core.model.mention import Mention
from monitor.core.model.span import Field, Span
from monitor.core.rules.gazetteer import NameSense
from monitor.core.rules.lexicon import Lexicon
from monitor.core.rules.pattern import Alphabet
from monitor.core.text.tokens import POSSESSIVE, Tokens

_FIRST_CODE = 0xF0000  # a private plane: never met in a text, room for 65,534 tag sets
_SIGN_TAGS = {
    ",": "comma", ":": "colon", ";": "semicolon", "?": "question", "!": "exclamation", "-": "hyphen", "/": "slash",
    "–": "dash", "—": "dash", "―": "dash", "|": "dash", "(": "paren", ")": "paren", "[": "paren", "]": "paren",
    '"': "quote", "“": "quote", "”": "quote", "„": "quote", "«": "quote", "»": "quote", "'": "quote", "‘": "quote",
    "’": "quote", "…": "dash", POSSESSIVE: "poss", ".": "stop", "&": "amp",
}  # fmt: skip
BOUNDARY_TAGS = ("comma", "colon", "semicolon", "question", "dash", "paren", "stop", "exclamation")
NAME_TAGS = tuple(
    f"@{kind}{form}"
    for kind in ("person", "country", "place", "group", "body")
    for form in ("", ".demonym", ".metonym", ".capital")
)
_FIXED_TAGS = (
    {"word"}, {"word", "capitalised"}, {"number"}, {"number", "year"},
    *({tag} for tag in sorted(set(_SIGN_TAGS.values()))),
)  # fmt: skip


class Codes:
    """Tag sets to code characters, closed once built."""

    def __init__(self, lexicon: Lexicon, name_tags: Mapping[str, frozenset[str]]) -> None:
        sets = {frozenset(tags) for tags in _FIXED_TAGS}
        sets |= {frozenset(s) for s in lexicon.words.values()}
        sets |= set(_phrase_sets(lexicon))
        for tag in NAME_TAGS:
            kind = tag.split(".", 1)[0]
            for extra in {frozenset[str](), *name_tags.values()}:
                sets |= {extra | {"@name", kind, tag}, extra | {"@name", kind, tag, "@former"}}
        self.name_tags = name_tags
        self._code = {tags: chr(_FIRST_CODE + n) for n, tags in enumerate(sorted(sets, key=sorted))}
        self.words = {word: self._code[tags] for word, tags in lexicon.words.items()}
        self.signs = {sign: self._code[frozenset({tag})] for sign, tag in _SIGN_TAGS.items()}
        self.alphabet = self._alphabet(lexicon.tags)

    def code(self, *tags: str) -> str:
        """The character of exactly these tags."""
        return self._code[frozenset(tags)]

    def of(self, tags: frozenset[str]) -> str:
        """The character of a lexicon phrase's tags."""
        return self._code[tags]

    def _alphabet(self, lexicon_tags: frozenset[str]) -> Alphabet:
        by_tag: dict[str, set[str]] = {tag: set() for tag in lexicon_tags}
        for tags, code in self._code.items():
            for tag in tags:
                by_tag.setdefault(tag, set()).add(code)
        boundaries = frozenset[str]().union(*(by_tag[tag] for tag in BOUNDARY_TAGS))
        return Alphabet(by_tag={tag: frozenset(codes) for tag, codes in by_tag.items()}, boundaries=boundaries)


def _phrase_sets(lexicon: Lexicon) -> list[frozenset[str]]:
    found: list[frozenset[str]] = []
    nodes = list(lexicon.phrases.values())
    while nodes:
        node = nodes.pop()
        if node.tags is not None:
            found.append(node.tags)
        nodes.extend(node.next.values())
    return found


@dataclass(frozen=True, kw_only=True)
class Sentence:
    """One sentence, encoded. `starts[i]` and `ends[i]` are the tokens of unit i; `names` the units that are names."""

    tokens: Tokens
    field: Field
    index: int
    span: Span
    codes: str
    starts: list[int]
    ends: list[int]
    names: dict[int, Mention]

    def text_of(self, first: int, last: int) -> str:
        """The words from unit `first` up to but not including unit `last`."""
        return self.tokens.surface(self.starts[first], self.ends[last - 1]) if last > first else ""

    def span_of(self, first: int, last: int) -> Span:
        """Where these units stand in the field."""
        return Span(start=self.tokens.starts[self.starts[first]], end=self.tokens.ends[self.ends[last - 1] - 1])


def sense_tags(sense: NameSense) -> tuple[str, ...]:
    """The tags of a name in this reading."""
    kind = f"@{sense.entry.kind}"
    return ("@name", kind) if sense.form == "name" else ("@name", kind, f"{kind}.{sense.form}")
