"""What is told of changed conditions: one notice each, or one for many at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from monitor.core.alert.message import cut_at_word, one_line
from monitor.core.model.alert import Notice, NoticeState, Severity
from monitor.core.model.condition import Condition, ConditionKind
from monitor.core.watch.judge import Change
from monitor.core.watch.words import advice, kind_name, lasted_words

MOST_NOTICES = 20
"""Notices of one kind of change in one look; more are told as one."""

_MOST_NAMES = 10
_NAME_LENGTH = 80
_SHORT_NAME_LENGTH = 28
_SEVERITIES = {
    ConditionKind.NETWORK_DOWN: Severity.HIGH,
    ConditionKind.CHANNEL_FAILING: Severity.HIGH,
    ConditionKind.MOVED: Severity.LOW,
}

Names = Mapping[int, tuple[str, str]]
"""Name and URL of feeds, by their id."""


def notices_of(changes: Iterable[Change], *, names: Names, now: datetime) -> tuple[Notice, ...]:
    """One notice for each start and each end, sources by name; `names` gives a feed's name and URL.

    More than MOST_NOTICES starts (or ends) of sources become one summary.
    """
    found = list(changes)
    notices: list[Notice] = []
    for state, conditions in (
        (NoticeState.STARTED, [c.after for c in found if c.starts and c.after is not None]),
        (NoticeState.ENDED, [c.after for c in found if c.ends and c.after is not None]),
    ):
        of_sources = [condition for condition in conditions if condition.feed_id is not None]
        others = [condition for condition in conditions if condition.feed_id is None]
        notices += [_notice(condition, state, names, now) for condition in others]
        if len(of_sources) > MOST_NOTICES:
            notices.append(_summary(of_sources, state, names, now))
        else:
            notices += [_notice(condition, state, names, now) for condition in of_sources]
    return tuple(notices)


def told_through(notice: Notice, admin: Sequence[str], others: Sequence[str]) -> tuple[str, ...]:
    """The channels of a notice: those for notices but the one it is about.

    Where that is the only one, any other is better than silence. Without channels for notices
    nothing is sent at all.
    """
    fit = tuple(channel for channel in dict.fromkeys(admin) if channel != notice.channel)
    if fit or not admin:
        return fit
    return tuple(channel for channel in dict.fromkeys(others) if channel != notice.channel)


def subject_name(condition: Condition, names: Names) -> str:
    """Whom a condition is about, as people call it."""
    if condition.feed_id is not None:
        return names.get(condition.feed_id, (f"feed {condition.feed_id}", ""))[0]
    kind, _, name = condition.subject.partition(":")
    return f"{kind} {name}" if name else kind


def _notice(condition: Condition, state: NoticeState, names: Names, now: datetime) -> Notice:
    has_started = state is NoticeState.STARTED
    return Notice(
        key=f"{condition.subject}/{condition.kind}/{condition.suspected_at.isoformat()}/{state}",
        kind=condition.kind,
        state=state,
        severity=_SEVERITIES.get(condition.kind, Severity.NORMAL) if has_started else Severity.LOW,
        title=_title(condition, names) if has_started else f"Over: {_title(condition, names)}",
        lines=_start_lines(condition) if has_started else _end_lines(condition, now),
        url="" if condition.feed_id is None else names.get(condition.feed_id, ("", ""))[1],
        since=condition.since,
        created_at=now,
        channel=condition.subject.partition(":")[2] if condition.kind is ConditionKind.CHANNEL_FAILING else None,
    )


def _title(condition: Condition, names: Names) -> str:
    if condition.kind is ConditionKind.NETWORK_DOWN:
        return f"{condition.detail}: is this machine's network down?"
    if condition.kind is ConditionKind.CHANNEL_FAILING:
        return f"{subject_name(condition, names).capitalize()} does not deliver"
    name = cut_at_word(one_line(subject_name(condition, names)), _NAME_LENGTH)  # what is wrong must stay in sight
    return f"{name}: {kind_name(condition.kind)}"


def _start_lines(condition: Condition) -> tuple[str, ...]:
    said = () if condition.kind is ConditionKind.NETWORK_DOWN else (_sentence(condition.detail),)
    return (*said, advice(condition.kind))


def _end_lines(condition: Condition, now: datetime) -> tuple[str, ...]:
    lasted = f"It lasted {lasted_words(now - condition.since)}."
    return (lasted, "It is no longer watched.") if condition.detail == "no longer watched" else (lasted,)


def _summary(conditions: Sequence[Condition], state: NoticeState, names: Names, now: datetime) -> Notice:
    kinds = Counter(kind_name(condition.kind) for condition in conditions)
    counted = "; ".join(f"{name}: {count}" for name, count in kinds.most_common())
    called = [
        cut_at_word(one_line(subject_name(condition, names)), _SHORT_NAME_LENGTH)
        for condition in conditions[:_MOST_NAMES]
    ]
    rest = len(conditions) - len(called)
    sources = len({condition.feed_id for condition in conditions})
    has_started = state is NoticeState.STARTED
    return Notice(
        key=f"summary/{now.isoformat()}/{state}",
        kind=None,
        state=state,
        severity=Severity.HIGH if has_started else Severity.LOW,
        title=f"{sources} sources are in trouble" if has_started else f"Over: {len(conditions)} troubles of sources",
        lines=(
            _sentence(counted),
            _sentence(", ".join(called) + (f" and {rest} more" if rest else "")),
            "All of them: `monitor sources health`.",
        ),
        since=min(condition.since for condition in conditions),
        created_at=now,
    )


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}{'' if text.endswith('.') else '.'}"
