"""Nothing lost, nothing doubled, order kept, never too fast: the real daemon, killed while Slack misbehaves."""

from __future__ import annotations

from pathlib import Path

from tests.chaos.harness import Plan, run


def test_kills_and_faults_lose_and_double_nothing_and_keep_order_and_pace(tmp_path: Path) -> None:
    outcome = run(Plan(alerts=40, kills=3, seed=20241029), tmp_path)
    verdict = outcome.verdict
    assert verdict.complaints == []
    assert verdict.accepted == verdict.wanted > 40
    assert verdict.faults
