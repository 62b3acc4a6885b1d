"""What headlines have in common: their telling words, weighted by how rare they are, and their quantities."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping

from monitor.core.group.names import folded

_STOP_WORDS = frozenset(
    "a an the of in on at to for and or as by with from after before over amid into says said say is are was were be "
    "been has have will its his her their new us it that this than but not no what how why who when out up off about "
    "news live update updates latest".split()
)
# One thing under several words; empty: says nothing of its own.
_SAME_WORD = {
    "ceasefire": "truce", "cease": "truce", "fire": "", "truces": "truce", "pause": "truce", "lull": "truce",
    "agreement": "deal", "accord": "deal", "pact": "deal", "captive": "hostage", "captives": "hostage",
    "hostages": "hostage", "unsc": "un", "american": "us", "israeli": "israel", "israelis": "israel",
}  # fmt: skip
_ENDINGS = ("ing", "ies", "ed", "es", "s")
_SHORTEST_STEM = 4
_INITIALS = (("U.N.", "UN"), ("U.S.", "US"), ("U.K.", "UK"), ("E.U.", "EU"))
_POSSESSIVE = re.compile(r"['’]s\b")
# "Israel-Hamas war live updates: …", "Exclusive: …"
_LABEL = re.compile(r"^[^:]{0,60}\b(?:updates?|live|latest|war|exclusive|report|video|watch)\s*:\s*", re.IGNORECASE)
_OUTLET = re.compile(r"\s+[|–-]\s+[^|]{2,40}$")
_SHORTEST_HEADLINE = 20  # code points; what is left of a headline must still be one

_NUMBERS = {
    word: number
    for number, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve".split()
    )
} | {"a": 1, "an": 1, "another": 1}  # fmt: skip
_ORDINALS = {
    word: number
    for number, word in enumerate(
        "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth".split(), start=1
    )
}
ORDINAL = "ordinal"
_UNITS = frozenset({"hour", "day", "week", "month", "year"})
_MORE = frozenset({"more", "extra", "further"})
_QUANTITY_WORD = re.compile(r"[a-z]+|\d+(?:st|nd|rd|th)?")

# A word never met counts as rare, a word of half the headlines as common, however few headlines there were yet.
_PRIOR_COUNT, _PRIOR_TITLES = 1.0, 30.0
_STALE = 1.05  # weights are worked out anew when so many times as many headlines are known


def headline(title: str) -> str:
    """The title without the label of a live page before it and the outlet's name after it."""
    bare = _OUTLET.sub("", title[label_length(title) :])
    return bare if len(bare) > _SHORTEST_HEADLINE else title


def label_length(title: str) -> int:
    """How many code points the label before a headline has ("Live updates: "); 0 without one."""
    label = _LABEL.match(title)
    return label.end() if label else 0


def title_terms(title: str) -> frozenset[str]:
    """The headline's telling words, folded, without endings, one word for one thing."""
    text = headline(title)
    for initials, name in _INITIALS:
        text = text.replace(initials, name)
    words = (_SAME_WORD.get(word, word) for word in folded(_POSSESSIVE.sub("", text)).split())
    return frozenset(_stem(word) for word in words if len(word) > 1 and word not in _STOP_WORDS)


def quantities(title: str) -> Mapping[str, frozenset[int]]:
    """The numbers a headline gives, by unit ("day": {2}); those of "12th", "second" under "ordinal"."""
    found: dict[str, set[int]] = {}
    words = _QUANTITY_WORD.findall(title.lower().replace("-", " "))
    for at, word in enumerate(words):
        if word[0].isdigit() and not word.isdigit():
            found.setdefault(ORDINAL, set()).add(int(word[:-2]))
        elif word in _ORDINALS:
            found.setdefault(ORDINAL, set()).add(_ORDINALS[word])
        elif word in _NUMBERS or word.isdigit():
            unit = next((w.removesuffix("s") for w in words[at + 1 : at + 3] if w not in _MORE), "")
            if unit in _UNITS:
                found.setdefault(unit, set()).add(_NUMBERS[word] if word in _NUMBERS else int(word))
    return {unit: frozenset(numbers) for unit, numbers in found.items()}


def _stem(word: str) -> str:
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST_STEM:
            return word[: -len(ending)]
    return word


class Vocabulary:
    """How rare each term is among the headlines counted so far."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._title_count = 0
        self._weights: dict[str, float] = {}
        self._fresh_until = 0.0

    @property
    def title_count(self) -> int:
        """How many headlines were counted."""
        return self._title_count

    def count_in(self, terms: Iterable[str]) -> None:
        """Count one more headline."""
        self._title_count += 1
        for term in terms:
            self._counts[term] += 1
            self._weights.pop(term, None)
        if self._title_count > self._fresh_until:
            self._weights.clear()
            self._fresh_until = self._title_count * _STALE

    def squared(self, term: str) -> float:
        """The square of the term's weight, its inverse document frequency."""
        known = self._weights.get(term)
        if known is None:
            known = math.log(1 + (self._title_count + _PRIOR_TITLES) / (self._counts[term] + _PRIOR_COUNT)) ** 2
            self._weights[term] = known
        return known

    def length(self, terms: Iterable[str]) -> float:
        """The length of the terms' weight vector."""
        return math.sqrt(sum(map(self.squared, terms)))
