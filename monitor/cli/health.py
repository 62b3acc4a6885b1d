"""Whether silence means no news: what feeds, queue and deliveries say, judged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from monitor.core.model.condition import Condition
from monitor.core.model.feed import FeedKind, PollReason
from monitor.core.model.history import Counts, FeedView

# A running monitor asks a due feed within seconds, and a slow pass over thousands of feeds within minutes.
STALLED_AFTER = timedelta(minutes=15)
# Below this share of answering feeds, the big outlets themselves may be out of reach.
FEW_ANSWER = 0.8


class Verdict(StrEnum):
    NOTHING_CONFIGURED = "nothing_configured"
    NEVER_POLLED = "never_polled"
    STALLED = "stalled"  # feeds are due and nobody asks them
    UNDELIVERED = "undelivered"  # alerts did not get out
    GAPS = "gaps"  # many feeds do not answer
    WATCHING = "watching"


@dataclass(frozen=True, kw_only=True)
class Health:
    """`answering` of `enabled` feeds answered when last asked and bring news, `lately` answered within the last hour.

    `overdue` feeds have been due for longer than a running monitor leaves them.
    """

    verdict: Verdict
    enabled: int
    answering: int
    lately: int
    overdue: int
    undelivered: int
    last_poll_at: datetime | None


def judge(
    feeds: Sequence[FeedView],
    counts: Counts,
    *,
    configured: int,
    now: datetime,
    conditions: Sequence[Condition] = (),
) -> Health:
    """How far silence can be trusted; the worst finding gives the verdict.

    `configured` sources are enabled in the configuration; the store learns of them at the next start.
    A source with an open condition that hides its news counts as one that does not answer.
    """
    enabled = [view for view in feeds if view.feed.enabled and view.feed.kind is not FeedKind.INGEST]
    hidden = {each.feed_id for each in conditions if each.kind.hides_news}
    working = [view for view in enabled if view.state.last_success_at is not None and view.state.failures == 0]
    answering = [view for view in working if view.feed.id not in hidden]
    hour_ago = now - timedelta(hours=1)
    lately = sum(1 for view in enabled if view.state.last_success_at and view.state.last_success_at >= hour_ago)
    overdue = sum(1 for view in enabled if view.state.next_poll_at and view.state.next_poll_at < now - STALLED_AFTER)
    deliveries = dict(counts.deliveries_by_status)
    undelivered = deliveries.get("parked", 0) + deliveries.get("dead", 0)
    polled = [view for view in enabled if view.state.last_reason is not PollReason.NEVER_POLLED]
    if not enabled and not configured:
        verdict = Verdict.NOTHING_CONFIGURED
    elif not polled:
        verdict = Verdict.NEVER_POLLED
    elif overdue * 2 > len(enabled) or counts.last_poll_at is None:
        verdict = Verdict.STALLED
    elif undelivered:
        verdict = Verdict.UNDELIVERED
    elif len(answering) < FEW_ANSWER * len(enabled):
        verdict = Verdict.GAPS
    else:
        verdict = Verdict.WATCHING
    return Health(
        verdict=verdict,
        enabled=len(enabled) or configured,
        answering=len(answering),
        lately=lately,
        overdue=overdue,
        undelivered=undelivered,
        last_poll_at=counts.last_poll_at,
    )


def verdict_words(health: Health) -> str:
    """The judgement as one sentence or two, saying whether silence means no news."""
    missing = health.enabled - health.answering
    match health.verdict:
        case Verdict.NOTHING_CONFIGURED:
            return "No source is enabled: nothing is watched. Add one with `monitor sources add URL`."
        case Verdict.NEVER_POLLED:
            return "Nothing has been polled yet: start `monitor run`."
        case Verdict.STALLED:
            return (
                f"Silence does not mean no news: {health.overdue} of {health.enabled} feeds are overdue. "
                "Is `monitor run` running?"
            )
        case Verdict.UNDELIVERED:
            count = "1 alert was" if health.undelivered == 1 else f"{health.undelivered} alerts were"
            hint = "See `monitor alerts list --status parked` and `--status dead`."
            return f"Silence does not mean no news: {count} not delivered. {hint}"
        case Verdict.GAPS:
            return (
                f"Silence may hide news: {missing} of {health.enabled} feeds do not answer or have fallen silent. "
                "See `monitor sources health`."
            )
        case Verdict.WATCHING:
            return "All is watched: silence means no news" + (f", but for {missing} feeds." if missing else ".")
