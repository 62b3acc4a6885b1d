"""Which outlets are first with the news, and how far the others are behind."""

from __future__ import annotations

from collections.abc import Iterable
from math import ceil
from statistics import median

from monitor.core.model.lead import OutletLead, OutletReports


def lead_times(told: Iterable[OutletReports]) -> tuple[OutletLead, ...]:
    """Each outlet's lead, those that were first most often first, then by name.

    Outlets that tell a development at the same moment are both first.
    """
    by_development: dict[int, list[OutletReports]] = {}
    for each in told:
        by_development.setdefault(each.development_id, []).append(each)
    tallies: dict[str, _Tally] = {}
    for group in by_development.values():
        first_at = min(each.at for each in group)
        for each in group:
            behind_s = (each.at - first_at).total_seconds()
            tallies.setdefault(each.outlet, _Tally()).count(each, behind_s, is_alone=len(group) == 1)
    leads = (tally.lead(outlet) for outlet, tally in tallies.items())
    return tuple(sorted(leads, key=lambda lead: (-lead.first_count, lead.outlet.casefold())))


class _Tally:
    def __init__(self) -> None:
        self._first = self._alone = self._reports = self._copies = 0
        self._behind_s: list[float] = []

    def count(self, told: OutletReports, behind_s: float, *, is_alone: bool) -> None:
        self._reports += told.report_count
        self._copies += told.copy_count
        self._alone += is_alone
        if behind_s > 0:
            self._behind_s.append(behind_s)
        else:
            self._first += 1

    def lead(self, outlet: str) -> OutletLead:
        behind_s = sorted(self._behind_s)
        return OutletLead(
            outlet=outlet,
            development_count=self._first + len(behind_s),
            first_count=self._first,
            alone_count=self._alone,
            report_count=self._reports,
            copy_count=self._copies,
            median_behind_s=median(behind_s) if behind_s else None,
            p90_behind_s=behind_s[ceil(0.9 * len(behind_s)) - 1] if behind_s else None,  # nearest rank
        )
