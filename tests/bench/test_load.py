"""The load bench in small: what it counts and how the daemon behaves, never how long anything takes."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.bench.load import Size, report, run

SMALL = Size(
    feeds=60,
    hosts=20,
    interval_s=4.0,
    quiet_s=2.0,
    busy_s=4.0,
    drain_s=2.0,
    slow_s=0.5,
    truces=3,
    new_per_hour=3600.0,
    settings={
        "network": {"allow_private": True, "host_gap": 0.2, "connect_timeout": 0.5},
        "poll": {"concurrency": 8},
        "workers": {"count": 1},
    },
)


def test_the_load_bench_in_small(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Every planted headline is told once, hosts see good manners, and each kind of trouble is named."""
    outcome = run(SMALL, tmp_path)
    assert len(outcome.delays_s) == 3
    assert outcome.stored["alerts"] == 3
    assert outcome.stored["polls not_modified"] > 0
    assert outcome.stored["polls timeout"] + outcome.stored["polls connection_failed"] > 0
    assert outcome.quiet.polls + outcome.busy.polls > 0
    assert max(outcome.quiet.most_at_once, outcome.busy.most_at_once) <= 2
    assert outcome.peers["httpx"]["unchanged"] == outcome.peers["httpx"]["asked"] > 0
    report(SMALL, outcome)
    assert "wanted" in capsys.readouterr().out
