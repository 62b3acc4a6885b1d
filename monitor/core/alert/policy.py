"""Whether a change of a story is told, and as what."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from monitor.core.group.assign import Step
from monitor.core.model.alert import AlertReason
from monitor.core.model.feed import Tier
from monitor.core.model.story import Development, FiledReport

ENOUGH_ORIGINS = 2


class Silence(StrEnum):
    """Why a report brought no alert; stored beside it."""

    SIDE_MENTION = "side_mention"
    LOW_SCORE = "low_score"
    TOO_OLD = "too_old"
    UNDATED_BACKLOG = "undated_backlog"
    ALREADY_TOLD = "already_told"
    EARLIER_PHASE = "earlier_phase"
    UNNAMED_ACTOR = "unnamed_actor"
    CONFLICTING_ALONE = "conflicting_alone"  # a step back that one origin reports
    INHIBITED = "inhibited"  # fresh news of the story outdoes it
    HELD = "held"  # one unknown outlet's word waits for another's
    CHANGE_UNVOUCHED = "change_unvouched"  # a new stop or date that one origin names


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """Either a reason to tell or a reason to keep silent; `held_until` is set when it is only for a while."""

    tell: AlertReason | None
    silence: Silence | None
    held_until: datetime | None = None


def judge(
    filed: FiledReport,
    development: Development,
    *,
    now: datetime,
    max_age: timedelta | None,
    min_score: float = 0.0,
    hold: timedelta | None = None,
    is_inhibited: bool = False,
) -> Verdict:
    """Whether this report makes its development news for the desk.

    A development is told once, on the first of its reports that carries it as news and is fresh;
    one that was already old when its first report was published stays untold. max_age None means
    that nothing is too old. With `hold`, what only one outlet of the lowest tier says waits for so
    long; a step back waits for a second independent origin for as long as it takes.
    """
    if development.alerted:
        return silent(Silence.ALREADY_TOLD)
    if (why := staleness(filed, development.first_seen_at, now=now, max_age=max_age, min_score=min_score)) is not None:
        return silent(why)
    if development.change == Step.EARLIER_PHASE:
        return silent(Silence.EARLIER_PHASE)
    if development.change == Step.UNNAMED_ACTOR:
        return silent(Silence.UNNAMED_ACTOR)
    reason = AlertReason(development.change)
    is_alone = development.origin_count < ENOUGH_ORIGINS
    if reason is AlertReason.CONFLICTING and is_alone:
        return silent(Silence.CONFLICTING_ALONE)
    if is_inhibited:
        return silent(Silence.INHIBITED)
    if is_alone and hold is not None and Tier(filed.tier) is Tier.UNKNOWN:
        until = development.held_until or now + hold
        if now < until:
            return Verdict(tell=None, silence=Silence.HELD, held_until=until)
    return Verdict(tell=reason, silence=None)


def staleness(
    filed: FiledReport, first_seen_at: datetime, *, now: datetime, max_age: timedelta | None, min_score: float
) -> Silence | None:
    """Why the report is no fresh news whatever it says; None when it is."""
    if not filed.report.alert:
        return Silence.SIDE_MENTION
    if filed.report.score < min_score:
        return Silence.LOW_SCORE
    if max_age is not None:
        if filed.backlog:
            return Silence.UNDATED_BACKLOG
        if now - min(filed.published_at, first_seen_at) > max_age:
            return Silence.TOO_OLD
    return None


def alert_key(development: Development, reason: AlertReason, detail: str = "") -> str:
    """Unique for ever: the slug of the development, which begins with that of its story, the reason, and a detail."""
    return "/".join(filter(None, (development.slug, reason.value, detail)))


def silent(why: Silence) -> Verdict:
    """Not told, for this reason."""
    return Verdict(tell=None, silence=why)
