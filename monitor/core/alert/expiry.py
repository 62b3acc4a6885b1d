"""Until when an alert that could not be sent is still news."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.core.model.alert import AlertReason, Severity

_AMENDS = (AlertReason.CORRECTED, AlertReason.RETRACTED)


@dataclass(frozen=True, kw_only=True)
class Shelf:
    """How long alerts keep, by severity; corrections and retractions by their own measure, since they amend."""

    high: timedelta = timedelta(hours=6)
    normal: timedelta = timedelta(hours=6)
    low: timedelta = timedelta(hours=6)
    correction: timedelta = timedelta(hours=24)

    def until(self, reason: AlertReason, severity: Severity, made_at: datetime) -> datetime:
        """When such an alert stops being news and belongs into a digest."""
        if reason in _AMENDS:
            return made_at + self.correction
        by_severity = {Severity.HIGH: self.high, Severity.NORMAL: self.normal, Severity.LOW: self.low}
        return made_at + by_severity[severity]
