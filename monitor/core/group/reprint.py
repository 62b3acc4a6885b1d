"""Reprints: one wire's report under several outlets' names is one origin."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable
from typing import Protocol

from monitor.core.group.names import folded
from monitor.core.group.terms import headline

ORIGINALS = 60  # reports of a development with which a new one is compared
SHINGLE = 5  # words; measured: containment of 0.3 finds 95-100 % of reprints with 0.7 % false hits
SAME_TEXT = 0.3
_KEPT_OF = 8  # one shingle in so many is kept: about sixty of an article, and the share found stays the same
_FEWEST = 6  # kept shingles; fewer say nothing: some 50 words of text
_FEWEST_WORDS = 6  # of a headline; shorter ones are alike by chance
_LONGEST_TEXT = 20_000  # code points
_WORD = re.compile(r"\w+")


def sketch_of(text: str) -> frozenset[int]:
    """Hashes of a fixed share of the text's 5-word shingles; empty for a text too short to compare."""
    words = _WORD.findall(text[:_LONGEST_TEXT].casefold())
    hashes = (
        zlib.crc32(" ".join(words[at : at + SHINGLE]).encode("utf-8", "replace"))
        for at in range(len(words) - SHINGLE + 1)
    )
    kept = frozenset(value for value in hashes if value % _KEPT_OF == 0)
    return kept if len(kept) >= _FEWEST else frozenset()


class Printed(Protocol):
    """A report as far as reprints are looked for."""

    @property
    def id(self) -> int: ...
    @property
    def source(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def sketch(self) -> frozenset[int]: ...


def original_of(report: Printed, known: Iterable[Printed]) -> int | None:
    """The id of the first known report, of another outlet, of which this one is a reprint; None without one."""
    others = (each for each in known if each.source != report.source)
    return next(
        (o.id for o in others if is_reprint(report.sketch, o.sketch, title=report.title, other_title=o.title)), None
    )


def is_reprint(one: frozenset[int], other: frozenset[int], *, title: str, other_title: str) -> bool:
    """Whether two outlets bring one text: much of the shorter stands in the longer.

    Where a text is too short to tell, the same headline, word for word, decides.
    """
    if one and other:
        return len(one & other) >= SAME_TEXT * min(len(one), len(other))
    words = folded(headline(title))
    return len(words.split()) >= _FEWEST_WORDS and words == folded(headline(other_title))
