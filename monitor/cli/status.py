"""`monitor status`: what is stored and sent, and whether silence means no news."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Annotated

import typer
from rich.text import Text

from monitor.cli.context import context_of
from monitor.cli.health import Health, Verdict, judge, verdict_words
from monitor.cli.reasons import reason_words
from monitor.cli.records import Record, utc
from monitor.cli.screen import out, show_grid
from monitor.cli.source_health_page import kind_counts, kinds_in_words
from monitor.core.model.condition import Condition
from monitor.core.model.feed import PollReason
from monitor.core.model.history import Counts
from monitor.deliver.layout import age_words
from monitor.settings.sources import configured_feeds

_GOOD = {Verdict.WATCHING}


def status(
    ctx: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="JSON, times in UTC.")] = False,
) -> None:
    """Say what is stored and sent, and whether silence means no news.

    \b
    Examples:
      monitor status
      monitor status --json
    """
    context = context_of(ctx)
    history, now = context.store.history, context.now()
    counts = history.counts()
    configured = sum(feed.enabled for feed in configured_feeds(context.loaded))
    conditions = context.store.watch.conditions()
    health = judge(history.feeds(), counts, configured=configured, now=now, conditions=conditions)
    if as_json:
        print(json.dumps(_record(counts, health, conditions), ensure_ascii=False, indent=2))
    else:
        _show(counts, health, conditions, now=now)


def _record(counts: Counts, health: Health, conditions: Sequence[Condition]) -> Record:
    return {
        "verdict": health.verdict.value,
        "silence_means_no_news": health.verdict in _GOOD,
        "entries": counts.entries,
        "documents": counts.documents,
        "documents_by_status": dict(counts.documents_by_status),
        "language_unsupported": counts.language_unsupported,
        "reports": counts.reports,
        "developments": counts.developments,
        "stories": counts.stories,
        "alerts": counts.alerts,
        "deliveries": dict(counts.deliveries_by_status),
        "polls": dict(counts.polls_by_reason),
        "feeds": {
            "enabled": counts.feeds_enabled,
            "failing": counts.feeds_failing,
            "answering": health.answering,
            "answered_last_hour": health.lately,
            "overdue": health.overdue,
        },
        "conditions": {kind.value: count for kind, count in kind_counts(conditions).items()},
        "last_poll_at": utc(counts.last_poll_at),
    }


def _show(counts: Counts, health: Health, conditions: Sequence[Condition], *, now: datetime) -> None:
    console = out()
    style = "bold green" if health.verdict in _GOOD else "bold red"
    console.print(Text(verdict_words(health), style=style), soft_wrap=not console.is_terminal)
    show_grid(_lines(counts, health, conditions, now=now))


def _lines(
    counts: Counts, health: Health, conditions: Sequence[Condition], *, now: datetime
) -> Iterator[tuple[str, str]]:
    last = age_words(health.last_poll_at, now) if health.last_poll_at else "never"
    yield (
        "Polling",
        f"{health.lately} of {health.enabled} feeds answered within the last hour; last poll {last}",
    )
    if counts.feeds_failing:
        yield "", f"{counts.feeds_failing} failing: see `monitor sources list --failing`"
    if conditions:
        yield "Coverage", f"{kinds_in_words(conditions)} (see `monitor sources health`)"
    yield "Polls", _told([(_words(label), count) for label, count in counts.polls_by_reason]) or "none"
    yield "Entries", f"{counts.entries:,}"
    yield "Documents", _told(counts.documents_by_status) or "none"
    if counts.language_unsupported:
        yield "", f"{counts.language_unsupported:,} stored but not searched: not in English"
    yield "Reports", f"{counts.reports:,} in {counts.developments:,} developments of {counts.stories:,} stories"
    yield "Alerts", f"{counts.alerts:,}"
    yield "Deliveries", _told(counts.deliveries_by_status) or "none"


def _told(pairs: object) -> str:
    found = sorted(pairs, key=lambda pair: (-pair[1], pair[0])) if isinstance(pairs, list | tuple) else []
    return ", ".join(f"{count:,} {label}" for label, count in found)


def _words(label: str) -> str:
    return reason_words(PollReason(label)) if label in set(PollReason) else label
