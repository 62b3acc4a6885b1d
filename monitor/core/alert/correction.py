"""Whether a new wording of an article takes back, or puts right, what it made an alert of."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from monitor.core.group.slots import Likeness, likeness, place_likeness, slots_of
from monitor.core.model.alert import AlertReason
from monitor.core.model.document import Wording
from monitor.core.model.event import EventType
from monitor.core.model.report import Report
from monitor.core.text.diff import kept_share, sentence_diff
from monitor.core.text.normalise import fold
from monitor.core.text.sentences import split_sentences

SAME_ARTICLE = 0.5
"""Share of sentences that must stay for a report's absence to be meant: else the page tells other news now."""

_TAKEN_BACK = re.compile(r"\b(?:retract(?:ed|s|ion|ing)|withdrawn by (?:the )?(?:editor|publisher)|has been removed)\b")
_PUT_RIGHT = re.compile(
    r"\b(?:corrects|corrected|correction|clarification|clarifies)\b|\b(?:an )?earlier version of this"
)


class Unchanged(StrEnum):
    """Why an edit is not told."""

    SAME = "says_the_same"
    MOVED_ON = "moved_on"  # a later phase is the story's next development, which grouping tells
    REWRITTEN = "rewritten"
    NEVER_THERE = "never_there"  # by the rules of today the first wording did not say it either


@dataclass(frozen=True, kw_only=True)
class Revised:
    """What an edit means: a reason to tell or one not to. `sentence` is the changed one, `was` its old wording."""

    tell: AlertReason | None
    unchanged: Unchanged | None
    why: str = ""
    sentence: str = ""
    was: str = ""


def judge_revision(
    told: Report,
    before: Wording,
    after: Wording,
    *,
    then: Sequence[Report],
    now: Sequence[Report],
    event: EventType,
) -> Revised:
    """What the edit from `before`, which made the alert, to `after` means for what was told.

    `then` and `now` are the reports of both wordings by the same rules: so that new rules take
    nothing back. A word of correction or retraction in the new title or first sentence is taken at
    its word. Without one, a report that is gone counts as taken back where most of the article
    stayed, and one with another place, other people or an earlier phase as put right.
    """
    was, sentence = _changed(told, before, after)
    said = _said_so(before, after)
    if said is not None:
        reason, words = said
        return Revised(tell=reason, unchanged=None, why="the article says so", sentence=words, was=was)
    mine = [report for report in then if report.type == told.type]
    if not any(report.phase == told.phase for report in mine):
        return _untold(Unchanged.NEVER_THERE)
    others = [report for report in now if report.type == told.type]
    if any(report.phase == told.phase and not _differs(told, report, event) for report in others):
        return _untold(Unchanged.SAME)
    if not others:
        if _kept(before, after) < SAME_ARTICLE:
            return _untold(Unchanged.REWRITTEN)
        return Revised(
            tell=AlertReason.RETRACTED,
            unchanged=None,
            why="the article no longer says it",
            sentence=sentence,
            was=was or _quote(told),
        )
    best = others[0]
    if best.phase != told.phase and event.phase(best.phase).order > event.phase(told.phase).order:
        return _untold(Unchanged.MOVED_ON)
    if _kept(before, after) < SAME_ARTICLE:
        return _untold(Unchanged.REWRITTEN)
    return Revised(
        tell=AlertReason.CORRECTED,
        unchanged=None,
        why=_what_differs(told, best),
        sentence=_quote(best) or sentence,
        was=was or _quote(told),
    )


def _untold(why: Unchanged) -> Revised:
    return Revised(tell=None, unchanged=why)


def _said_so(before: Wording, after: Wording) -> tuple[AlertReason, str] | None:
    """What the new wording calls itself, and in which words; None when it does not, or did before."""
    old = " ".join((before.title, *_first_sentences(before.text, 1)))
    for words in (after.title, *_first_sentences(after.text, 1)):
        for pattern, reason in ((_TAKEN_BACK, AlertReason.RETRACTED), (_PUT_RIGHT, AlertReason.CORRECTED)):
            if pattern.search(fold(words)) and not pattern.search(fold(old)):
                return reason, words
    return None


def _first_sentences(text: str, count: int) -> tuple[str, ...]:
    return tuple(text[span.start : span.end] for span in split_sentences(text[:2_000])[:count])


def _changed(told: Report, before: Wording, after: Wording) -> tuple[str, str]:
    """The sentence that was quoted and is another one now: old and new wording, each empty when there is none."""
    quote = fold(_quote(told))
    changes = sentence_diff(before.text, after.text)
    mine = next((c for c in changes if c.was is not None and quote and fold(c.was.text) == quote), None)
    if mine is None and fold(before.title) == quote and before.title != after.title:
        return before.title, after.title
    if mine is None or mine.was is None:
        return "", ""
    return mine.was.text, mine.now.text if mine.now else ""


def _kept(before: Wording, after: Wording) -> float:
    if not before.text:
        return kept_share(before.title, after.title)
    return kept_share(before.text, after.text)


def _differs(told: Report, report: Report, event: EventType) -> bool:
    """Whether both name people, or both name places, and none of them is the same."""
    one, other = slots_of([told.roles], event), slots_of([report.roles], event)
    return Likeness.OTHER in (likeness(one.agents, other.agents), place_likeness(one, other))


def _what_differs(told: Report, report: Report) -> str:
    if report.phase != told.phase:
        return f"{told.phase.replace('_', ' ')} is now {report.phase.replace('_', ' ')}"
    return "it names others now"


def _quote(report: Report) -> str:
    return report.sentence.quote if report.sentence is not None else ""
