"""Who is first with the news."""

from __future__ import annotations

from datetime import timedelta

from monitor.core.group.lead import lead_times
from monitor.core.model.lead import OutletReports
from tests.builders import NOON


def told(development_id: int, outlet: str, minutes: float, *, reports: int = 1, copies: int = 0) -> OutletReports:
    at = NOON + timedelta(minutes=minutes)
    return OutletReports(development_id=development_id, outlet=outlet, at=at, report_count=reports, copy_count=copies)


def test_the_first_to_report_leads_and_the_others_are_behind() -> None:
    """Median and 90th percentile are over what others told first."""
    wire, post = lead_times(
        [
            told(1, "Wire", 0, reports=2), told(1, "Post", 10, copies=1),
            told(2, "Wire", 0), told(2, "Post", 30),
            told(3, "Post", 0), told(3, "Wire", 5),
            told(4, "Wire", 0),
        ]
    )  # fmt: skip
    assert (wire.outlet, wire.development_count, wire.first_count, wire.alone_count) == ("Wire", 4, 3, 1)
    assert (wire.median_behind_s, wire.report_count) == (300, 5)
    assert (post.first_count, post.median_behind_s, post.p90_behind_s, post.copy_count) == (1, 1200, 1800, 1)


def test_at_the_same_moment_both_are_first() -> None:
    """And neither is behind; order by name then."""
    leads = lead_times([told(1, "Wire", 0), told(1, "post", 0)])
    assert [(each.outlet, each.first_count, each.median_behind_s) for each in leads] == [
        ("post", 1, None), ("Wire", 1, None),
    ]  # fmt: skip


def test_nine_of_ten_are_not_farther_behind_than_the_90th_percentile() -> None:
    """Nearest rank: the ninth of ten."""
    rows = [row for n in range(1, 11) for row in (told(n, "Wire", 0), told(n, "Post", n))]
    post = lead_times(rows)[1]
    assert (post.p90_behind_s, post.median_behind_s) == (540, 330)


def test_nothing_told_is_nobody() -> None:
    assert lead_times([]) == ()
