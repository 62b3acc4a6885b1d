"""The long run: `make chaos ALERTS=1000 SEED=1`, or `python -m tests.chaos --alerts 1000 --seed 1`."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from tests.chaos.harness import Plan, run


def main() -> None:
    """Run it and print the figures; exit code 1 when anything was lost, doubled, out of order or too fast."""
    parser = argparse.ArgumentParser(prog="tests.chaos")
    parser.add_argument("--alerts", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kills", type=int, default=30)
    parser.add_argument("--channels", type=int, default=6)
    parser.add_argument("--database", help="a PostgreSQL URL of an empty database; else an SQLite file of its own")
    given = parser.parse_args()
    plan = Plan(
        alerts=given.alerts,
        kills=given.kills,
        seed=given.seed,
        channels=given.channels,
        feed_s=given.alerts / 10,
        life_s=(0.5, 8.0),
        whole=True,
    )
    with tempfile.TemporaryDirectory(prefix="monitor-chaos-") as folder:
        outcome = run(plan, Path(folder), database_url=given.database)
    verdict = outcome.verdict
    print(f"seed {plan.seed}, {plan.alerts} alerts, {plan.channels} channels, {outcome.kills} kills")
    print(f"took {outcome.took_s:.0f} s, one call a channel every {plan.gap_s} s, {plan.burst} at once")
    print(f"wanted {verdict.wanted} posts, accepted {verdict.accepted}: {verdict.parents} parents, ", end="")
    print(f"{verdict.replies} replies ({verdict.broadcasts} broadcast), {verdict.edits} edits")
    print("faults: " + ", ".join(f"{count} {name}" for name, count in sorted(verdict.faults.items())))
    for name in ("lost", "doubled", "out_of_order", "too_fast", "refused", "stale"):
        print(f"{name.replace('_', ' ')}: {len(getattr(verdict, name))}")
    for complaint in verdict.complaints[:50]:
        print(complaint)
    sys.exit(bool(verdict.complaints))


if __name__ == "__main__":
    main()
