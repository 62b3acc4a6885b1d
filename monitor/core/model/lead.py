"""How early outlets are with the news."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class OutletReports:
    """What one outlet reported of one development: `at` is its first report, `copy_count` of them are reprints."""

    development_id: int
    outlet: str
    at: datetime
    report_count: int
    copy_count: int


@dataclass(frozen=True, kw_only=True)
class OutletLead:
    """One outlet over many developments.

    `first_count` of its developments no other outlet told before it, `alone_count` of these no other
    told at all. `median_behind_s` and `p90_behind_s` are over those that another told first, None
    where there is none.
    """

    outlet: str
    development_count: int
    first_count: int
    alone_count: int
    report_count: int
    copy_count: int
    median_behind_s: float | None
    p90_behind_s: float | None
