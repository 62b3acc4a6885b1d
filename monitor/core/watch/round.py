"""One look at everything: what changes about the conditions of sources, channels and the network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from monitor.core.model.alert import Notice
from monitor.core.model.condition import (
    NETWORK,
    Condition,
    ConditionKind,
    SourceNorm,
    channel_subject,
    feed_subject,
)
from monitor.core.model.feed import PollReason
from monitor.core.watch.facts import Answer, ChannelFacts, Round, SourceFacts
from monitor.core.watch.judge import Change, judge_one, judge_source
from monitor.core.watch.norm import norm_of
from monitor.core.watch.notices import notices_of
from monitor.core.watch.signs import ABSENT, OF_THE_NETWORK, UNKNOWN, Seen, Sign

# Fewer sources than this, or all on one or two hosts, say nothing about the network between.
_FEWEST_SOURCES = 5
_FEWEST_HOSTS = 3
_LOST = 0.6
_BACK = 0.3


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What one look comes to: norms by feed id, changed conditions, and what is told of them.

    `bugs` name the sources that could not be judged, with the error: one must not blind the watch.
    """

    norms: Mapping[int, SourceNorm]
    changes: tuple[Change, ...]
    notices: tuple[Notice, ...]
    bugs: tuple[str, ...] = ()


def judge_round(facts: Round, *, now: datetime) -> Outcome:
    """The changes since the last look.

    While most sources are lost at once, that is told of the machine, and no source is blamed for
    what the network does.
    """
    bugs: list[str] = []
    norms = _norms(facts, now, bugs)
    standing, ends = _by_subject(facts.before), _ends_by_subject(facts.recent_ends)
    network = _network_changes(facts, standing.get(NETWORK, ()), now)
    is_lost = _is_suspected(network, standing.get(NETWORK, ()))
    changes = list(network)
    for source in facts.sources:
        known = replace(source, norm=norms.get(source.feed_id, source.norm))
        if is_lost:
            known = replace(known, answers=tuple(a for a in known.answers if a.reason not in OF_THE_NETWORK))
        subject = feed_subject(source.feed_id)
        try:
            changes += judge_source(known, standing.get(subject, ()), now=now, recent_ends=ends.get(subject))
        except Exception as error:
            bugs.append(f"{source.name}: {error!r}")
    changes += _channel_changes(facts.channels, standing, now)
    changes += _unwatched(facts, now)
    return Outcome(
        norms=norms,
        changes=tuple(changes),
        notices=notices_of(changes, names=facts.names, now=now),
        bugs=tuple(bugs),
    )


def _norms(facts: Round, now: datetime, bugs: list[str]) -> dict[int, SourceNorm]:
    norms = {}
    for history in facts.histories:
        try:
            norms[history.feed_id] = norm_of(history, now=now)
        except Exception as error:
            bugs.append(f"feed {history.feed_id}: {error!r}")
    return norms


def network_sign(sources: Sequence[SourceFacts], standing: Sequence[Condition] = ()) -> Sign:
    """Whether most sources that used to answer are lost at once; `standing` are the sources' own conditions.

    A source that is known to fail says nothing of the network, nor does one that never answered.
    """
    failing = {each.feed_id for each in standing if each.kind is ConditionKind.FAILING and each.is_open}
    last = [
        (source, answer)
        for source in sources
        if source.feed_id not in failing and source.first_success_at is not None
        if (answer := _last_real(source.answers)) is not None
    ]
    lost = [(source, answer) for source, answer in last if answer.reason in OF_THE_NETWORK]
    if last and len(lost) <= _BACK * len(last):
        return ABSENT
    hosts = {source.host for source, _ in lost}
    if len(last) < _FEWEST_SOURCES or len(hosts) < _FEWEST_HOSTS or len(lost) < _LOST * len(last):
        return UNKNOWN
    since = min(answer.at for _, answer in lost)
    return Sign(seen=Seen.PRESENT, detail=f"{len(lost)} of {len(last)} sources do not answer", since=since)


def _last_real(answers: Sequence[Answer]) -> Answer | None:
    real = (a for a in reversed(answers) if not (a.reason is PollReason.RATE_LIMITED and a.status is None))
    return next(real, None)


def _network_changes(facts: Round, before: Sequence[Condition], now: datetime) -> tuple[Change, ...]:
    sign = network_sign(facts.sources, facts.before)
    return judge_one(ConditionKind.NETWORK_DOWN, NETWORK, sign, next(iter(before), None), now=now)


def _is_suspected(changes: Sequence[Change], before: Sequence[Condition]) -> bool:
    after = changes[-1].after if changes else next(iter(before), None)
    return after is not None and after.ended_at is None


def _channel_changes(
    channels: Sequence[ChannelFacts], standing: Mapping[str, Sequence[Condition]], now: datetime
) -> list[Change]:
    changes: list[Change] = []
    known = {channel_subject(channel.name): channel for channel in channels}
    for subject, channel in known.items():
        before = next(iter(standing.get(subject, ())), None)
        changes += judge_one(ConditionKind.CHANNEL_FAILING, subject, _channel_sign(channel), before, now=now)
    for subject, conditions in standing.items():
        if subject.startswith("channel:") and subject not in known:
            changes += [_ended(condition, now) for condition in conditions]
    return changes


def _channel_sign(channel: ChannelFacts) -> Sign:
    counted = (
        (channel.parked_count, "parked"),
        (channel.dead_count, "given up"),
        (channel.waiting_count, "tried again and again"),
    )
    stuck = ", ".join(f"{count} {what}" for count, what in counted if count)
    if not stuck:
        return ABSENT
    why = f": {channel.detail}" if channel.detail else ""
    return Sign(seen=Seen.PRESENT, detail=f"messages not delivered: {stuck}{why}", since=channel.since)


def _unwatched(facts: Round, now: datetime) -> list[Change]:
    return [_ended(condition, now) for condition in facts.before if condition.feed_id in facts.disabled]


def _ended(condition: Condition, now: datetime) -> Change:
    """The end of what is no longer watched; a suspicion is dropped."""
    after = replace(condition, detail="no longer watched", ended_at=now) if condition.is_open else None
    return Change(before=condition, after=after)


def _by_subject(conditions: Sequence[Condition]) -> dict[str, tuple[Condition, ...]]:
    found: dict[str, tuple[Condition, ...]] = {}
    for condition in conditions:
        found[condition.subject] = (*found.get(condition.subject, ()), condition)
    return found


def _ends_by_subject(ends: Mapping[tuple[str, ConditionKind], int]) -> dict[str, dict[ConditionKind, int]]:
    found: dict[str, dict[ConditionKind, int]] = {}
    for (subject, kind), count in ends.items():
        found.setdefault(subject, {})[kind] = count
    return found
