"""Until when an alert is news."""

from __future__ import annotations

from datetime import timedelta

import pytest

from monitor.core.alert.expiry import Shelf
from monitor.core.model.alert import AlertReason, Severity
from tests.builders import NOON

SHELF = Shelf(high=timedelta(hours=1), normal=timedelta(hours=2), low=timedelta(hours=3), correction=timedelta(hours=9))


@pytest.mark.parametrize(("severity", "hours"), [(Severity.HIGH, 1), (Severity.NORMAL, 2), (Severity.LOW, 3)])
def test_news_keep_by_their_severity(severity: Severity, hours: int) -> None:
    assert SHELF.until(AlertReason.PHASE_CHANGED, severity, NOON) == NOON + timedelta(hours=hours)


@pytest.mark.parametrize("reason", [AlertReason.CORRECTED, AlertReason.RETRACTED])
def test_what_amends_an_alert_keeps_longer_whatever_its_severity(reason: AlertReason) -> None:
    assert {SHELF.until(reason, severity, NOON) for severity in Severity} == {NOON + timedelta(hours=9)}
