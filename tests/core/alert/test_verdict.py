"""What many people say of one alert, taken together."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from monitor.core.alert.verdict import VerdictReason, verdict_of
from monitor.core.model.feedback import Label, Saying, Verdict, Via

YES, NO = Verdict.RELEVANT, Verdict.NOT_RELEVANT


def label(verdict: Verdict, by: int) -> Label:
    saying = Saying(by=f"reader {by}", via=Via.SLACK, at=datetime(2026, 3, 1, tzinfo=UTC))
    return Label(alert_id=1, verdict=verdict, saying=saying)


@pytest.mark.parametrize(
    ("said", "verdict", "reason"),
    [
        ([], None, VerdictReason.UNLABELLED),
        ([YES], YES, VerdictReason.UNANIMOUS),
        ([NO, NO], NO, VerdictReason.UNANIMOUS),
        ([YES, NO], None, VerdictReason.DISPUTED),
        ([YES, NO, NO], NO, VerdictReason.MAJORITY),
        ([YES, YES, NO], YES, VerdictReason.MAJORITY),
    ],
)
def test_the_majority_decides_and_a_tie_decides_nothing(said, verdict, reason):
    judged = verdict_of(label(each, by) for by, each in enumerate(said))
    assert (judged.verdict, judged.reason) == (verdict, reason)
