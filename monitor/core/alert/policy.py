"""Whether a change of a story is told, and as what."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from monitor.core.group.assign import Step
from monitor.core.model.alert import AlertReason
from monitor.core.model.story import Development, FiledReport


class Silence(StrEnum):
    """Why a report brought no alert; stored beside it."""

    SIDE_MENTION = "side_mention"
    LOW_SCORE = "low_score"
    TOO_OLD = "too_old"
    UNDATED_BACKLOG = "undated_backlog"
    ALREADY_TOLD = "already_told"
    EARLIER_PHASE = "earlier_phase"
    UNNAMED_ACTOR = "unnamed_actor"
    CONFLICTING = "conflicting"


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """Either a reason to tell or a reason to keep silent."""

    tell: AlertReason | None
    silence: Silence | None


def judge(
    filed: FiledReport, development: Development, *, now: datetime, max_age: timedelta | None, min_score: float = 0.0
) -> Verdict:
    """Whether this report makes its development news for the desk.

    A development is told once, on the first of its reports that carries it as news and is fresh;
    one that was already old when its first report was published stays untold. max_age None means
    that nothing is too old.
    """
    if development.alerted:
        return _silent(Silence.ALREADY_TOLD)
    if not filed.report.alert:
        return _silent(Silence.SIDE_MENTION)
    if filed.report.score < min_score:
        return _silent(Silence.LOW_SCORE)
    if development.change == Step.EARLIER_PHASE:
        return _silent(Silence.EARLIER_PHASE)
    if development.change == Step.UNNAMED_ACTOR:
        return _silent(Silence.UNNAMED_ACTOR)
    if development.change == Step.CONFLICTING and development.origin_count < 2:
        return _silent(Silence.CONFLICTING)
    if max_age is not None:
        if filed.backlog:
            return _silent(Silence.UNDATED_BACKLOG)
        if now - min(filed.published_at, development.first_seen_at) > max_age:
            return _silent(Silence.TOO_OLD)
    return Verdict(tell=AlertReason(development.change), silence=None)


def alert_key(development: Development, reason: AlertReason) -> str:
    """Unique for ever: the slug of the development, which begins with that of its story, and the reason."""
    return f"{development.slug}/{reason.value}"


def _silent(why: Silence) -> Verdict:
    return Verdict(tell=None, silence=why)
