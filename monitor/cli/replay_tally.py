"""Counts and differences of a replay, gathered as the outcomes come in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from monitor.cli.replay_pool import Outcome
from monitor.core.detect.compare import Change, ChangeKind, compare
from monitor.core.group.estimate import ToldEstimate
from monitor.core.model.event import EventType
from monitor.core.model.feed import Tier
from monitor.core.model.report import Report
from monitor.core.model.story import FiledReport
from monitor.core.urls import canonical_url

_TIERS = frozenset(Tier)


@dataclass(frozen=True, kw_only=True)
class SeenChange:
    """A change and the item it is of."""

    outcome: Outcome
    change: Change


@dataclass
class Side:
    """One set of rules: how many items reported, alerts by type, and what grouping would tell of them."""

    estimate: ToldEstimate
    types: frozenset[str]
    reported: int = 0
    ungrouped: int = 0
    alerts: Counter[str] = field(default_factory=Counter)

    @property
    def alert_count(self) -> int:
        return self.alerts.total()

    @property
    def told_count(self) -> int:
        """Alerts that grouping would leave, as far as can be told."""
        return self.estimate.told_count + self.ungrouped

    def add(self, outcome: Outcome, reports: tuple[Report, ...], *, number: int) -> None:
        """Count one item's reports. What has no time, or a type no longer known, counts as told by itself."""
        self.reported += bool(reports)
        for report in reports:
            self.alerts[report.type] += report.alert
            if outcome.at is None or report.type not in self.types:
                self.ungrouped += report.alert
            else:
                self.estimate.add(_filed(outcome, report, outcome.at, number))


class Tally:
    """What a replay comes to; keeps at most `limit` changes of each kind."""

    def __init__(self, events: Mapping[str, EventType], *, limit: int | None) -> None:
        types = frozenset(events)
        self.before = Side(estimate=ToldEstimate(events), types=types)
        self.after = Side(estimate=ToldEstimate(events), types=types)
        self.counts: Counter[ChangeKind] = Counter()
        self.changes: dict[ChangeKind, list[SeenChange]] = {kind: [] for kind in ChangeKind}
        self.item_count = 0
        self.first_at: datetime | None = None
        self.last_at: datetime | None = None
        self._limit = limit

    def add(self, outcome: Outcome) -> None:
        """Count one item."""
        self.item_count += 1
        if outcome.at is not None:
            self.first_at = min(outcome.at, self.first_at or outcome.at)
            self.last_at = max(outcome.at, self.last_at or outcome.at)
        self.before.add(outcome, outcome.before, number=self.item_count)
        self.after.add(outcome, outcome.after, number=self.item_count)
        for change in compare(outcome.before, outcome.after):
            self.counts[change.kind] += 1
            kept = self.changes[change.kind]
            if self._limit is None or len(kept) < self._limit:
                kept.append(SeenChange(outcome=outcome, change=change))

    @property
    def days(self) -> float | None:
        """The length of time the items cover, at least a day; None when none has a time."""
        if self.first_at is None or self.last_at is None:
            return None
        return max(1.0, (self.last_at - self.first_at) / timedelta(days=1))

    def a_day(self, count: int) -> float | None:
        """The count for each day covered."""
        return None if self.days is None else count / self.days


def _filed(outcome: Outcome, report: Report, at: datetime, number: int) -> FiledReport:
    return FiledReport(
        id=number,
        document_id=number,
        feed_id=0,
        source=outcome.source,
        tier=outcome.tier if outcome.tier in _TIERS else Tier.ESTABLISHED.value,
        title=outcome.title,
        url=outcome.url,
        canonical_url=canonical_url(outcome.url) if outcome.url else outcome.id,
        published_at=at,
        dated=True,
        seen_at=at,
        backlog=False,
        text_digest="",
        report=report,
    )
