"""Settings as the limits that steps take: the one place where the two vocabularies meet."""

from __future__ import annotations

from datetime import timedelta

from monitor.settings.schema import Settings
from monitor.steps.ask import PollLimits
from monitor.steps.read import ReadLimits


def poll_limits(settings: Settings) -> PollLimits:
    """The `poll` section."""
    poll = settings.poll
    return PollLimits(
        floor_s=poll.floor,
        cap_s=poll.cap,
        default_s=poll.interval,
        threads=poll.concurrency,
        patience_s=poll.patience,
        burst_s=poll.burst,
        unconditional_share=poll.unconditional_share,
    )


def read_limits(settings: Settings) -> ReadLimits:
    """The `read` section."""
    read = settings.read
    return ReadLimits(
        fetch_pages=read.fetch_pages,
        min_length=read.min_text,
        page_attempts=read.page_attempts,
        threads=read.concurrency,
        recheck_s=read.recheck,
    )


def max_age(settings: Settings) -> timedelta | None:
    """How old news may be and still be told; None for any age."""
    return None if settings.alerts.max_age is None else timedelta(seconds=settings.alerts.max_age)
