"""From sights to conditions: what must hold how long before it is said, and before it is taken back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from monitor.core.model.condition import Condition, ConditionKind, feed_subject
from monitor.core.watch.facts import SourceFacts
from monitor.core.watch.newest import date_sign, page_signs
from monitor.core.watch.signs import PARSED, Seen, Sign, moved_sign, signs_of_answer, stale_sign

NEVER = timedelta(0)
_HOUR = timedelta(hours=1)


@dataclass(frozen=True, kw_only=True)
class Hold:
    """How often and how long something must be seen: to start, and to be over."""

    looks: int
    lasting: timedelta
    clear_looks: int
    clear_lasting: timedelta


# Failures pass by themselves within hours more often than not; a 410 and a robots.txt are meant.
# What is read from the newest ten entries or pages already spans several polls.
HOLDS: Mapping[ConditionKind, Hold] = {
    ConditionKind.FAILING: Hold(looks=3, lasting=6 * _HOUR, clear_looks=2, clear_lasting=NEVER),
    ConditionKind.GONE: Hold(looks=1, lasting=NEVER, clear_looks=1, clear_lasting=NEVER),
    ConditionKind.BLOCKED: Hold(looks=3, lasting=2 * _HOUR, clear_looks=2, clear_lasting=_HOUR),
    ConditionKind.NOT_A_FEED: Hold(looks=3, lasting=2 * _HOUR, clear_looks=2, clear_lasting=NEVER),
    ConditionKind.REFUSED_BY_ROBOTS: Hold(looks=2, lasting=_HOUR, clear_looks=1, clear_lasting=NEVER),
    ConditionKind.SILENT_ZERO: Hold(looks=3, lasting=3 * _HOUR, clear_looks=2, clear_lasting=NEVER),
    ConditionKind.STALE: Hold(looks=2, lasting=_HOUR, clear_looks=1, clear_lasting=NEVER),
    ConditionKind.MOVED: Hold(looks=3, lasting=24 * _HOUR, clear_looks=3, clear_lasting=24 * _HOUR),
    ConditionKind.DATE_DRIFT: Hold(looks=2, lasting=3 * _HOUR, clear_looks=2, clear_lasting=3 * _HOUR),
    ConditionKind.TEMPLATE_CHANGE: Hold(looks=2, lasting=3 * _HOUR, clear_looks=2, clear_lasting=3 * _HOUR),
    ConditionKind.PAYWALL: Hold(looks=2, lasting=6 * _HOUR, clear_looks=2, clear_lasting=6 * _HOUR),
    ConditionKind.PAGES_REFUSED_BY_ROBOTS: Hold(looks=2, lasting=3 * _HOUR, clear_looks=2, clear_lasting=3 * _HOUR),
    ConditionKind.PAGES_FAILING: Hold(looks=2, lasting=3 * _HOUR, clear_looks=2, clear_lasting=3 * _HOUR),
    ConditionKind.CHANNEL_FAILING: Hold(looks=1, lasting=NEVER, clear_looks=1, clear_lasting=NEVER),
    ConditionKind.NETWORK_DOWN: Hold(looks=2, lasting=_HOUR / 12, clear_looks=2, clear_lasting=NEVER),
}

MOST_PATIENCE = 8
"""How many times longer a condition that keeps coming back must hold; doubles with each recent end."""


@dataclass(frozen=True, kw_only=True)
class Change:
    """What became of one condition: none before it is a first suspicion, none after it a dropped one."""

    before: Condition | None
    after: Condition | None

    @property
    def starts(self) -> bool:
        """Whether it is open now and was not."""
        was_open = self.before is not None and self.before.is_open
        return self.after is not None and self.after.is_open and not was_open

    @property
    def ends(self) -> bool:
        """Whether it was open and has ended."""
        was_open = self.before is not None and self.before.is_open
        return was_open and self.after is not None and self.after.ended_at is not None


def judge_source(
    facts: SourceFacts,
    before: Iterable[Condition],
    *,
    now: datetime,
    recent_ends: Mapping[ConditionKind, int] | None = None,
) -> tuple[Change, ...]:
    """What one look at a source changes about its conditions, `before` being all its unended ones.

    Nothing changes without new sights: a source that was not asked is as it was.
    """
    subject, ends = feed_subject(facts.feed_id), recent_ends or {}
    earlier = {condition.kind: condition for condition in before}
    course = _Course(subject=subject, feed_id=facts.feed_id, standing=dict(earlier), ends=ends)
    parsed = facts.last_parsed
    for answer in facts.answers:
        course.look(signs_of_answer(answer, facts, last_parsed=parsed), at=answer.at)
        parsed = answer.reason if answer.reason in PARSED else parsed
    if facts.answers:
        stale = stale_sign(facts, suspected=frozenset(course.standing))
        course.look({ConditionKind.STALE: stale, ConditionKind.MOVED: moved_sign(facts)}, at=now)
    if facts.entries:
        course.look({ConditionKind.DATE_DRIFT: date_sign(facts)}, at=now)
    if facts.pages:
        course.look(page_signs(facts), at=now)
    return course.changes(earlier)


def judge_one(
    kind: ConditionKind, subject: str, sign: Sign, before: Condition | None, *, now: datetime
) -> tuple[Change, ...]:
    """The same for a single condition of something that is no source."""
    earlier = {kind: before} if before is not None else {}
    course = _Course(subject=subject, feed_id=None, standing=dict(earlier), ends={})
    course.look({kind: sign}, at=now)
    return course.changes(earlier)


@dataclass
class _Course:
    """A subject's unended conditions while sights come in, and those that ended meanwhile."""

    subject: str
    feed_id: int | None
    standing: dict[ConditionKind, Condition]
    ends: Mapping[ConditionKind, int]

    def __post_init__(self) -> None:
        self._ended: dict[ConditionKind, Condition] = {}

    def look(self, signs: Mapping[ConditionKind, Sign], *, at: datetime) -> None:
        for kind, sign in signs.items():
            after = self._after(kind, sign, at)
            if after is None:
                self.standing.pop(kind, None)
            elif after.ended_at is not None:
                del self.standing[kind]
                self._ended.setdefault(kind, after)
            else:
                self.standing[kind] = after

    def changes(self, earlier: Mapping[ConditionKind, Condition]) -> tuple[Change, ...]:
        """What differs now; what both began and ended meanwhile is not told."""
        found = []
        for kind in dict.fromkeys((*earlier, *self.standing)):
            before = earlier.get(kind)
            ended = self._ended.get(kind) if before is not None and before.is_open else None
            after = ended or self.standing.get(kind)
            if after != before:
                found.append(Change(before=before, after=after))
        return tuple(found)

    def _after(self, kind: ConditionKind, sign: Sign, at: datetime) -> Condition | None:
        current = self.standing.get(kind)
        match sign.seen:
            case Seen.PRESENT:
                return self._confirmed(kind, sign, current, at)
            case Seen.ABSENT:
                return _refuted(current, HOLDS[kind], at)
            case Seen.UNKNOWN:
                return current

    def _confirmed(self, kind: ConditionKind, sign: Sign, current: Condition | None, at: datetime) -> Condition:
        if current is not None and current.is_open:
            return replace(current, detail=sign.detail, clear_since=None, clear_looks=0)
        if current is None:
            condition = Condition(
                subject=self.subject,
                kind=kind,
                feed_id=self.feed_id,
                detail=sign.detail,
                since=min(sign.since or at, at),
                suspected_at=at,
            )
        else:
            condition = replace(current, detail=sign.detail, looks=current.looks + 1)
        hold = HOLDS[kind]
        patience = min(2 ** self.ends.get(kind, 0), MOST_PATIENCE)
        has_held = condition.looks >= hold.looks and at - condition.suspected_at >= patience * hold.lasting
        return replace(condition, started_at=at) if has_held else condition


def _refuted(current: Condition | None, hold: Hold, at: datetime) -> Condition | None:
    """A suspicion is dropped at once; what was told is taken back only when it is clearly over."""
    if current is None or not current.is_open:
        return None
    since, looks = current.clear_since or at, current.clear_looks + 1
    clear = replace(current, clear_since=since, clear_looks=looks)
    return replace(clear, ended_at=at) if looks >= hold.clear_looks and at - since >= hold.clear_lasting else clear
