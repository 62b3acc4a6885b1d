"""What changed between two wordings of a text, sentence by sentence."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from monitor.core.model.span import Span
from monitor.core.text.normalise import fold
from monitor.core.text.sentences import split_sentences

SIMILAR = 0.5
"""Share of common words from which a sentence counts as another's new wording."""
_MOST_CELLS = 1_000_000  # sentences times sentences compared for order: 0.2 s; articles have 40 x 40
_MOST_PAIRS = 10_000  # of removed and added sentences compared by their words

_WORD = re.compile(r"\w+|[%$€£¥]")
# What stamps, counters and buttons are made of: "Updated 3 min ago", "12 comments", "29 Oct 2024, 14:03 GMT".
_EPHEMERAL = frozenset(
    "updated update last modified published posted first edited created on at by the of and a an in to h hr hrs hour "
    "hours m min mins minute minutes sec second seconds day days week weeks ago just now today yesterday read reading "
    "time comment comments share shares view views like likes reply replies follow followers save listen print "
    "advertisement ad ads sponsored loading am pm gmt utc bst cet cest est edt et pst pdt pt ist msk local p a s k "
    "jan january feb february mar march apr april may jun june jul july aug august sep sept september oct october nov "
    "november dec december mon monday tue tues tuesday wed wednesday thu thur thurs thursday fri friday sat saturday "
    "sun sunday".split()
)
_DIGITS = re.compile(r"\d+(?:st|nd|rd|th|k|m|h|s|am|pm)?")


class ChangeKind(StrEnum):
    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"  # reworded: enough words stayed


@dataclass(frozen=True, kw_only=True)
class Sentence:
    """One sentence where it stands: `index` among its text's sentences, `span` in the text."""

    index: int
    span: Span
    text: str


@dataclass(frozen=True, kw_only=True)
class Change:
    """One difference; `was` is None for what was added, `now` for what was removed.

    `similarity` (0-1) is the share of words that a changed sentence kept, else 0.
    """

    kind: ChangeKind
    was: Sentence | None = None
    now: Sentence | None = None
    similarity: float = 0.0

    def swapped(self) -> Change:
        """The same difference seen from the other text."""
        kind = {ChangeKind.ADDED: ChangeKind.REMOVED, ChangeKind.REMOVED: ChangeKind.ADDED}.get(self.kind, self.kind)
        return Change(kind=kind, was=self.now, now=self.was, similarity=self.similarity)


def sentence_diff(before: str, after: str) -> tuple[Change, ...]:
    """The changes that make `after` of `before`, in reading order of both; empty for the same sentences.

    Sentences are compared by their words, without case, accents and punctuation. Order matters: a
    sentence that moved is removed and added. Of texts too long to compare, all that stands between
    the same beginning and the same end counts as replaced. An article takes 2 ms, the most hostile
    200,000 code points a second.
    """
    old, new = _sentences(before), _sentences(after)
    old_keys, new_keys = [_key(s.text) for s in old], [_key(s.text) for s in new]
    if old_keys == new_keys:
        return ()
    # Several alignments may be equally good: one is chosen for the pair, whichever text comes first.
    if (old_keys, before) <= (new_keys, after):
        return _differences(old, new, old_keys, new_keys)
    turned = _differences(new, old, new_keys, old_keys)
    return tuple(sorted((change.swapped() for change in turned), key=_place))


def apply_changes(before: str, changes: Sequence[Change]) -> tuple[str, ...]:
    """The sentences of the text that `changes` make of `before`; those that stay as worded in `before`."""
    gone = {change.was.index for change in changes if change.was is not None}
    come = {change.now.index: change.now.text for change in changes if change.now is not None}
    staying = [sentence.text for sentence in _sentences(before) if sentence.index not in gone]
    result: list[str] = []
    stay = iter(staying)
    for index in range(len(staying) + len(come)):
        result.append(come[index] if index in come else next(stay))
    return tuple(result)


def is_same_wording(before: str, after: str) -> bool:
    """Whether nothing a reader would call a change lies between the texts.

    The order of sentences, and those made of nothing but times, counters and buttons, do not count.
    """
    return _said(before) == _said(after)


def kept_share(before: str, after: str) -> float:
    """Share (0-1) of the sentences of `before` that stand in `after` too, in any order; 0 when it has none."""
    said = _said(before)
    return (said & _said(after)).total() / said.total() if said else 0.0


def is_ephemeral(sentence: str) -> bool:
    """Whether it is a time stamp, a counter or a button's label ("Updated 3 minutes ago", "12 comments")."""
    return _is_ephemeral(_key(sentence))


def _said(text: str) -> Counter[str]:
    keys = (_key(sentence.text) for sentence in _sentences(text))
    return Counter(key for key in keys if not _is_ephemeral(key))


def _is_ephemeral(key: str) -> bool:
    return all(word in _EPHEMERAL or _DIGITS.fullmatch(word) for word in key.split())


def _sentences(text: str) -> list[Sentence]:
    spans = split_sentences(text)
    return [Sentence(index=n, span=span, text=text[span.start : span.end]) for n, span in enumerate(spans)]


def _key(sentence: str) -> str:
    return " ".join(_WORD.findall(fold(sentence)))


def _differences(
    old: Sequence[Sentence], new: Sequence[Sentence], old_keys: list[str], new_keys: list[str]
) -> tuple[Change, ...]:
    changes: list[Change] = []
    old_at = new_at = 0
    for i, j in [*_same(old_keys, new_keys), (len(old), len(new))]:
        changes += _replaced(old[old_at:i], new[new_at:j], old_keys, new_keys)
        old_at, new_at = i + 1, j + 1
    return tuple(sorted(changes, key=_place))


def _place(change: Change) -> tuple[int, int, int]:
    """By where it stands in the new text; what is gone before what came after the same old sentence."""
    now = change.now.index if change.now is not None else -1
    was = change.was.index if change.was is not None else -1
    return (was if now < 0 else now, 0 if now < 0 else 1, was)


def _same(old: list[str], new: list[str]) -> list[tuple[int, int]]:
    """Index pairs of a longest common subsequence."""
    start = 0
    while start < min(len(old), len(new)) and old[start] == new[start]:
        start += 1
    end = 0
    while end < min(len(old), len(new)) - start and old[-1 - end] == new[-1 - end]:
        end += 1
    pairs = [(n, n) for n in range(start)]
    middle_old, middle_new = old[start : len(old) - end], new[start : len(new) - end]
    if len(middle_old) * len(middle_new) <= _MOST_CELLS:
        pairs += [(start + i, start + j) for i, j in _longest_common(middle_old, middle_new)]
    return pairs + [(len(old) - n, len(new) - n) for n in range(end, 0, -1)]


def _longest_common(old: list[str], new: list[str]) -> list[tuple[int, int]]:
    length = [[0] * (len(new) + 1) for _ in range(len(old) + 1)]
    for i in range(len(old) - 1, -1, -1):
        row, below, key = length[i], length[i + 1], old[i]
        for j in range(len(new) - 1, -1, -1):
            row[j] = below[j + 1] + 1 if key == new[j] else max(below[j], row[j + 1])
    pairs = []
    i = j = 0
    while i < len(old) and j < len(new):
        if old[i] == new[j]:
            pairs.append((i, j))
            i, j = i + 1, j + 1
        elif length[i + 1][j] >= length[i][j + 1]:
            i += 1
        else:
            j += 1
    return pairs


def _replaced(
    old: Sequence[Sentence], new: Sequence[Sentence], old_keys: list[str], new_keys: list[str]
) -> list[Change]:
    """The sentences between two that stayed: the most alike are paired, each once."""
    pairs: list[tuple[float, Sentence, Sentence]] = []
    if len(old) * len(new) <= _MOST_PAIRS:
        old_words = {s.index: Counter(old_keys[s.index].split()) for s in old}
        new_words = {s.index: Counter(new_keys[s.index].split()) for s in new}
        alike = ((_similarity(old_words[a.index], new_words[b.index]), a, b) for a in old for b in new)
        pairs = [found for found in alike if found[0] >= SIMILAR]
    changes: list[Change] = []
    paired_old: set[int] = set()
    paired_new: set[int] = set()
    for similarity, was, now in sorted(pairs, key=lambda found: (-found[0], found[1].index, found[2].index)):
        if was.index not in paired_old and now.index not in paired_new:
            paired_old.add(was.index)
            paired_new.add(now.index)
            changes.append(Change(kind=ChangeKind.CHANGED, was=was, now=now, similarity=similarity))
    changes += [Change(kind=ChangeKind.REMOVED, was=s) for s in old if s.index not in paired_old]
    changes += [Change(kind=ChangeKind.ADDED, now=s) for s in new if s.index not in paired_new]
    return changes


def _similarity(a: Counter[str], b: Counter[str]) -> float:
    total = a.total() + b.total()
    return 2 * (a & b).total() / total if total else 0.0
