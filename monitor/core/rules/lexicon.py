"""Words and phrases of a language, inflected, each with the tags that rules name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from monitor.core.rules.schema import Concept, Language
from monitor.core.text.tokens import words_of

_VOWELS = "aeiou"
_HISSES = ("s", "x", "z", "ch", "sh")


@dataclass
class PhraseNode:
    """A state of the phrase trie; `tags` is set where a phrase ends."""

    next: dict[str, PhraseNode] = field(default_factory=dict)
    tags: frozenset[str] | None = None


@dataclass(frozen=True, kw_only=True)
class Lexicon:
    """Folded words and phrases to tags. A tag is a concept's name, or name.form for an inflected form."""

    words: dict[str, frozenset[str]]
    phrases: dict[str, PhraseNode]
    tags: frozenset[str]

    def longest_phrase(self, words: list[str], at: int, end: int) -> tuple[int, frozenset[str]] | None:
        """The end and tags of the longest phrase of two or more words that begins at `at`."""
        node = self.phrases.get(words[at])
        found = None
        position = at + 1
        while node is not None:
            if node.tags is not None:
                found = (position, node.tags)
            if position >= end:
                break
            node = node.next.get(words[position])
            position += 1
        return found

    def all_phrases(self) -> Iterator[tuple[tuple[str, ...], frozenset[str]]]:
        """Every phrase of two or more words, with its tags."""
        waiting: list[tuple[tuple[str, ...], PhraseNode]] = [((word,), node) for word, node in self.phrases.items()]
        while waiting:
            words, node = waiting.pop()
            if node.tags is not None:
                yield words, node.tags
            waiting.extend(((*words, word), following) for word, following in node.next.items())


def verb_forms(base: str, irregular: dict[str, tuple[str, str, str, str]]) -> dict[str, str]:
    """Form name (base, s, past, part, ing) -> word, for one English verb."""
    if base in irregular:
        s, past, part, ing = irregular[base]
        return {"base": base, "s": s, "past": past, "part": part, "ing": ing}
    past = _with_ed(base)
    return {"base": base, "s": _with_s(base), "past": past, "part": past, "ing": _with_ing(base)}


def _with_s(word: str) -> str:
    if word.endswith(_HISSES):
        return word + "es"
    if word.endswith("y") and len(word) > 1 and word[-2] not in _VOWELS:
        return word[:-1] + "ies"
    return word + "s"


def _doubles(word: str) -> bool:
    """Short closed one-vowel verbs double their last letter: halt does not, stop does."""
    return 2 < len(word) <= 4 and word[-1] not in "aeiouwxy" and word[-2] in _VOWELS and word[-3] not in _VOWELS


def _with_ed(word: str) -> str:
    if word.endswith("e"):
        return word + "d"
    if word.endswith("y") and word[-2] not in _VOWELS:
        return word[:-1] + "ied"
    return word + word[-1] + "ed" if _doubles(word) else word + "ed"


def _with_ing(word: str) -> str:
    if word.endswith("e") and not word.endswith(("ee", "oe", "ye")):
        return word[:-1] + "ing"
    return word + word[-1] + "ing" if _doubles(word) else word + "ing"


def inflected(concept: Concept, language: Language) -> Iterable[tuple[tuple[str, ...], frozenset[str]]]:
    """Every (words, tags) of one concept."""
    irregular = dict(language.irregular)
    plurals = dict(language.plurals)
    for phrase in concept.words:
        yield words_of(phrase), frozenset({concept.name})
    for phrase in concept.verbs:
        head, _, rest = phrase.partition(" ")
        for form, word in verb_forms(head, irregular).items():
            yield words_of(f"{word} {rest}"), frozenset({concept.name, f"{concept.name}.{form}"})
    for phrase in concept.nouns:
        rest, _, head = phrase.rpartition(" ")
        plural = plurals.get(head) or _with_s(head)
        yield words_of(phrase), frozenset({concept.name, f"{concept.name}.sg"})
        yield words_of(f"{rest} {plural}"), frozenset({concept.name, f"{concept.name}.pl"})


def build_lexicon(languages: Iterable[Language], literals: Iterable[str]) -> Lexicon:
    """All words of the languages, and each literal word under the tag `"word`.

    A phrase also carries the tags its own entry gives, never those of its parts.
    """
    entries: dict[tuple[str, ...], set[str]] = {}
    for language in languages:
        for concept in language.concepts:
            for words, tags in inflected(concept, language):
                if words:
                    entries.setdefault(words, set()).update(tags)
    for literal in literals:
        entries.setdefault(words_of(literal), set()).add(f'"{literal}')
    single = {words[0]: frozenset(tags) for words, tags in entries.items() if len(words) == 1}
    phrases: dict[str, PhraseNode] = {}
    for words, phrase_tags in entries.items():
        if len(words) > 1:
            _insert(phrases, words, frozenset(phrase_tags))
    every = frozenset(tag for found in entries.values() for tag in found)
    return Lexicon(words=single, phrases=phrases, tags=every)


def _insert(phrases: dict[str, PhraseNode], words: tuple[str, ...], tags: frozenset[str]) -> None:
    node = phrases.setdefault(words[0], PhraseNode())
    for word in words[1:]:
        node = node.next.setdefault(word, PhraseNode())
    node.tags = tags | (node.tags or frozenset())
