"""What one answer, and the newest entries, say for or against each condition of a source."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from monitor.core.model.condition import ConditionKind
from monitor.core.model.feed import PollReason
from monitor.core.watch.facts import Answer, SourceFacts
from monitor.core.watch.norm import is_silent
from monitor.core.watch.words import rate_words, span_words


class Seen(StrEnum):
    PRESENT = "present"
    ABSENT = "absent"
    UNKNOWN = "unknown"  # nothing that speaks for or against


@dataclass(frozen=True, kw_only=True)
class Sign:
    """What a look found. `since` is when the trouble began, None when the look itself is all that is known."""

    seen: Seen
    detail: str = ""
    since: datetime | None = None


ABSENT = Sign(seen=Seen.ABSENT)
UNKNOWN = Sign(seen=Seen.UNKNOWN)

ANSWERED = frozenset(
    {
        PollReason.NEW_ENTRIES,
        PollReason.NO_NEW_ENTRIES,
        PollReason.NOT_MODIFIED,
        PollReason.SAME_BODY,
        PollReason.INGESTED,
    }
)
"""Answers of a feed that works; an empty feed is judged for itself."""

OF_THE_NETWORK = frozenset(
    {
        PollReason.TIMEOUT,
        PollReason.DNS_FAILURE,
        PollReason.CONNECTION_FAILED,
        PollReason.TLS_FAILURE,
        PollReason.HOST_DOWN,
    }
)
"""Failures that this machine's own network causes as well as the source's."""

PARSED = frozenset({PollReason.NEW_ENTRIES, PollReason.NO_NEW_ENTRIES, PollReason.EMPTY_FEED})
"""Answers whose body was read and remembered: what an unchanged one after them still holds."""

_UNCHANGED = frozenset({PollReason.NOT_MODIFIED, PollReason.SAME_BODY})
_EMPTY = frozenset(
    {
        PollReason.EMPTY_FEED,
        PollReason.EMPTY_BODY,
        PollReason.SELECTOR_MATCHED_NOTHING,
        PollReason.NO_ARTICLE_LINKS,
    }
)
_REFUSING = frozenset({401, 403, 429, 451})  # says who asks is not wanted, or not so often
_BY_REASON = {
    PollReason.GONE: ConditionKind.GONE,
    PollReason.NOT_A_FEED: ConditionKind.NOT_A_FEED,
    PollReason.REFUSED_BY_ROBOTS: ConditionKind.REFUSED_BY_ROBOTS,
    PollReason.RATE_LIMITED: ConditionKind.BLOCKED,
    PollReason.BOT_WALL: ConditionKind.BLOCKED,
    PollReason.CONSENT_PAGE: ConditionKind.BLOCKED,
    PollReason.LOGIN_WALL: ConditionKind.BLOCKED,
}
OF_ANSWERS = (
    ConditionKind.FAILING,
    ConditionKind.GONE,
    ConditionKind.BLOCKED,
    ConditionKind.NOT_A_FEED,
    ConditionKind.REFUSED_BY_ROBOTS,
    ConditionKind.SILENT_ZERO,
)
"""The conditions that every single answer speaks for or against."""


def signs_of_answer(answer: Answer, facts: SourceFacts, *, last_parsed: PollReason | None) -> dict[ConditionKind, Sign]:
    """What one answer says, by condition; `last_parsed` is how the last body before it was read.

    A working answer speaks against every kind of failure. A failure speaks for its own kind and
    says nothing of the others. An unchanged body holds what it held before: an empty feed that
    answers 304 is as empty as it was.
    """
    if answer.reason is PollReason.RATE_LIMITED and answer.status is None:
        return {}  # the host's queue held the feed back: it was not asked
    was_empty = answer.reason in _UNCHANGED and last_parsed is PollReason.EMPTY_FEED
    is_empty = answer.reason in _EMPTY or was_empty
    if is_empty and _used_to_bring(facts):
        failure, detail = ConditionKind.SILENT_ZERO, _empty_words(facts)
    elif answer.reason in ANSWERED or answer.reason is PollReason.EMPTY_FEED:
        return dict.fromkeys(OF_ANSWERS, ABSENT)
    else:
        failure, detail = _failure(answer), _failure_words(answer)
    signs = {failure: Sign(seen=Seen.PRESENT, detail=detail, since=_began(failure, facts))}
    if failure is ConditionKind.SILENT_ZERO:
        signs = dict.fromkeys(OF_ANSWERS, ABSENT) | signs
    return signs


def stale_sign(facts: SourceFacts, *, suspected: frozenset[ConditionKind]) -> Sign:
    """Whether a source that answers has been silent for longer than its rhythm explains.

    Unknown while the source does not answer or is empty, which is told for itself, and while its
    rhythm is being learned.
    """
    last = facts.answers[-1]
    if any(answer.new_count for answer in facts.answers):
        return ABSENT
    norm = facts.norm
    if norm is None or facts.last_entry_at is None:
        return UNKNOWN
    if last.reason not in ANSWERED or ConditionKind.SILENT_ZERO in suspected:
        return UNKNOWN
    silent = is_silent(norm, since=facts.last_entry_at, now=last.at)
    if not silent:
        return UNKNOWN if silent is None else ABSENT
    longest = span_words(norm.longest_gap_s or 0.0)
    detail = f"nothing new, where {rate_words(norm.entries_per_day)} came and never {longest} passed without any"
    return Sign(seen=Seen.PRESENT, detail=detail, since=facts.last_entry_at)


def moved_sign(facts: SourceFacts) -> Sign:
    """Whether the feed lives elsewhere; unknown while it does not answer.

    The same address over https is no move that anybody must know of.
    """
    if facts.answers[-1].reason not in ANSWERED:
        return UNKNOWN
    if facts.moved_to is not None and facts.moved_to.removeprefix("https") != facts.url.removeprefix("http"):
        return Sign(seen=Seen.PRESENT, detail=f"moved for good to {facts.moved_to}, where it is asked now")
    if facts.redirect_url is not None:
        detail = f"redirects for good to {facts.redirect_url}"
        return Sign(seen=Seen.PRESENT, detail=detail, since=facts.redirect_since)
    return ABSENT


def _used_to_bring(facts: SourceFacts) -> bool:
    return facts.last_entry_at is not None


def _failure(answer: Answer) -> ConditionKind:
    if answer.reason is PollReason.HTTP_ERROR and answer.status in _REFUSING:
        return ConditionKind.BLOCKED
    return _BY_REASON.get(answer.reason, ConditionKind.FAILING)


def _failure_words(answer: Answer) -> str:
    words = answer.reason.value.replace("_", " ")
    detail = answer.detail.strip()
    if answer.reason is PollReason.HTTP_ERROR:
        return detail or f"HTTP {answer.status}"
    return f"{words}: {detail}" if detail and detail != words else words


def _began(failure: ConditionKind, facts: SourceFacts) -> datetime | None:
    """A feed that fails has failed since its last good answer; an empty one answers well all the time."""
    return None if failure is ConditionKind.SILENT_ZERO else facts.last_success_at


def _empty_words(facts: SourceFacts) -> str:
    norm = facts.norm
    if norm is None or norm.quiet_s is None:
        return "answers without any entry, where it used to bring some"
    return f"answers without any entry, where {rate_words(norm.entries_per_day)} came"
