"""Nothing lost, nothing doubled, order kept, never too fast: the real daemon, killed while Slack misbehaves."""

from __future__ import annotations

from pathlib import Path

from tests.chaos.harness import Plan, run
from tests.databases import NewDatabase


def test_kills_and_faults_lose_and_double_nothing_and_keep_order_and_pace(tmp_path: Path) -> None:
    outcome = run(Plan(alerts=40, kills=3, seed=20241029), tmp_path)
    verdict = outcome.verdict
    assert verdict.complaints == []
    assert verdict.accepted == verdict.wanted > 40
    assert verdict.faults


def test_the_same_holds_on_postgresql(tmp_path: Path, new_database: NewDatabase) -> None:
    with new_database("postgresql") as url:
        outcome = run(Plan(alerts=20, kills=2, seed=7, feed_s=6.0), tmp_path, database_url=url)
    assert outcome.verdict.complaints == []
    assert outcome.verdict.accepted == outcome.verdict.wanted
