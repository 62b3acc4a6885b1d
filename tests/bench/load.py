"""The real daemon against a local web of thousands of feeds: `python -m tests.bench load`.

Alone, with sizes: `python -m tests.bench.load --feeds 2000 --hosts 400 --interval 120 --quiet 100 --busy 120`.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from tests.bench.load_house import (
    open_feeds,
    open_web,
    poll_at_once,
    put_off,
    running_daemon,
    seed_past,
    stored_counts,
    wait_for_alerts,
    write_config,
)
from tests.bench.load_judge import (
    Judgement,
    alert_delays_s,
    judge,
    median,
    overlaps,
    percentile,
    read_log,
    smallest_gap_s,
)
from tests.bench.load_plan import Manner, Nature, Plan, Served, etag

GAP_S = 1.0
PEER_FEEDS = 1000


@dataclass(frozen=True, kw_only=True)
class Size:
    """The settling time is what it takes to ask every host once, for its robots.txt among others.

    After the end, `patience_s` is the longest wait for the last alerts, `drain_s` lets the slowest requests end.
    """

    feeds: int = 10_000
    hosts: int = 2_000
    interval_s: float = 600.0
    quiet_s: float = 240.0
    busy_s: float = 600.0
    patience_s: float = 60.0
    drain_s: float = 25.0
    slow_s: float = 10.0
    truces: int = 16
    new_per_hour: float = 3600.0
    settings: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def settle_s(self) -> float:
        return self.interval_s * self.hosts / self.feeds

    @property
    def gap_s(self) -> float:
        return float(self.settings.get("network", {}).get("host_gap", GAP_S))


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """CPU in seconds, of the daemon and of its parsers: without news, with, and for a burst of unchanged feeds."""

    plan: Plan
    quiet: Judgement
    busy: Judgement
    quiet_cpu_s: tuple[float, float]
    busy_cpu_s: tuple[float, float]
    burst_cpu_s: tuple[float, float]
    burst_count: int
    start_s: float
    pss_peak_bytes: int
    threads_peak: int
    burst_s: float
    delays_s: list[float]
    after_poll_s: list[float]
    most_at_once: int
    stored: dict[str, int]
    peers: dict[str, dict[str, float]]


def run(size: Size, folder: Path) -> Outcome:
    """One whole run in an empty folder."""
    draft = Plan(
        feeds=size.feeds,
        hosts=size.hosts,
        interval_s=size.interval_s,
        quiet_s=size.settle_s + size.quiet_s,
        busy_s=size.busy_s,
        slow_s=size.slow_s,
        truces=size.truces,
        new_per_hour=size.new_per_hour,
    )
    web_log = folder / "web.jsonl"
    with open_web(draft, web_log) as (plan, web):
        assert web.stdin is not None
        config = write_config(folder, plan, interval_s=size.interval_s, settings=size.settings)
        seed_past(config, plan, interval_s=size.interval_s)
        began = time.monotonic()
        with running_daemon(config) as (_, usage):
            start_s = time.monotonic() - began
            plan = _open(config, plan, web)
            usage.watch(2.0)
            opened = plan.opened_at.timestamp()
            marks = [size.settle_s, plan.quiet_s, plan.quiet_s + plan.busy_s]
            spent = [_cpu_at(opened + mark, usage.cpu_s) for mark in marks]
            wait_for_alerts(config, plan.planted_count, most_s=size.patience_s)
            alike = _alike(plan)
            put_off(config)
            time.sleep(size.drain_s)
            before_burst = usage.cpu_s()
            burst_s = poll_at_once(config, [plan.url(feed) for feed in alike])
            burst_cpu_s = _less(usage.cpu_s(), before_burst)
        peers = _peers(plan, alike, pace_s=size.interval_s / size.feeds)
    log = read_log(web_log)
    delays_s, after_poll_s = alert_delays_s(web_log.with_suffix(".hooks"), log, plan)
    quiet, busy = (
        judge(
            log,
            plan,
            interval_s=size.interval_s,
            gap_s=size.gap_s,
            since=opened + since,
            until=opened + until,
        )
        for since, until in (marks[:2], marks[1:])
    )
    return Outcome(
        plan=plan,
        quiet=quiet,
        busy=busy,
        quiet_cpu_s=_less(spent[1], spent[0]),
        busy_cpu_s=_less(spent[2], spent[1]),
        burst_cpu_s=burst_cpu_s,
        burst_count=len(alike),
        start_s=start_s,
        pss_peak_bytes=usage.pss_peak_bytes,
        threads_peak=usage.threads_peak,
        burst_s=burst_s,
        delays_s=delays_s,
        after_poll_s=after_poll_s,
        most_at_once=overlaps(log),
        stored=stored_counts(config),
        peers=peers,
    )


def _open(config: Path, plan: Plan, web: subprocess.Popen[str]) -> Plan:
    """The plan with its opening, from which on feeds are due and items come out."""
    assert web.stdin is not None
    opened_at = datetime.now(UTC) + timedelta(seconds=2)
    web.stdin.write(opened_at.isoformat() + "\n")
    web.stdin.flush()
    open_feeds(config, plan, [feed.due_s for feed in plan.served], opened_at)
    return replace(plan, opened_at=opened_at)


def _cpu_at(moment: float, cpu_s: Any) -> tuple[float, float]:
    time.sleep(max(moment - time.time(), 0.0))
    own, below = cpu_s()
    return own, below


def _less(after: tuple[float, float], before: tuple[float, float]) -> tuple[float, float]:
    return after[0] - before[0], after[1] - before[1]


def _alike(plan: Plan) -> list[Served]:
    """Feeds that are unchanged and answer with a 304, each of another host."""
    met: set[int] = set()
    found = []
    for feed in plan.served:
        is_plain = plan.natures[feed.host] is Nature.GOOD and feed.manner is Manner.ETAG and not feed.items
        if is_plain and feed.host not in met:
            met.add(feed.host)
            found.append(feed)
    return found[:PEER_FEEDS]


def _peers(plan: Plan, alike: list[Served], *, pace_s: float) -> dict[str, dict[str, float]]:
    """The libraries on these feeds: as fast as they can, and httpx also at the daemon's pace."""
    feeds = [[plan.url(feed), etag(0)] for feed in alike]
    found = {
        "httpx": _peer(sys.executable, "httpx", feeds),
        "httpx threads": _peer(sys.executable, "threads", feeds),
        "httpx paced": _peer(sys.executable, "httpx", feeds, pace_s=pace_s),
    }
    interpreter = os.environ.get("READER_PYTHON") or (sys.executable if find_spec("reader") else None)
    if interpreter:
        found["reader"] = _peer(interpreter, "reader", feeds)
    return found


def _peer(interpreter: str, name: str, feeds: list[list[str]], *, pace_s: float = 0.0) -> dict[str, float]:
    done = subprocess.run(
        [interpreter, "-m", "tests.bench.load_peers", name, str(pace_s)],
        input=json.dumps(feeds),
        capture_output=True,
        text=True,
        check=True,
    )
    answer: dict[str, float] = json.loads(done.stdout)
    return answer


def report(size: Size, outcome: Outcome) -> None:
    """Print the figures, each beside what the issue wants or what a library needs."""
    plan, quiet, busy = outcome.plan, outcome.quiet, outcome.busy
    print(
        f"load: {plan.feeds:,} feeds on {plan.hosts:,} hosts, every {size.interval_s:g} s; settled for "
        f"{size.settle_s:.0f} s, then {size.quiet_s:.0f} s without news and {size.busy_s:.0f} s with; start took "
        f"{outcome.start_s:.1f} s"
    )
    late = quiet.late_s + busy.late_s
    for name, part, spent_s in (("quiet", quiet, outcome.quiet_cpu_s), ("with news", busy, outcome.busy_cpu_s)):
        length_s = size.quiet_s if part is quiet else size.busy_s
        print(
            f"  {name:<10} {part.polls / length_s:6.1f} polls/s, {part.requests / length_s:6.1f} requests/s, "
            f"{part.size_bytes / length_s / 1000:7.1f} kB/s; CPU {sum(spent_s) / length_s:6.1%} of a core "
            f"(main {spent_s[0] / length_s:.1%}, parsers {spent_s[1] / length_s:.1%}); "
            f"{sum(spent_s) / max(part.polls, 1) * 1000:.2f} ms a poll; answers {dict(sorted(part.by_status.items()))}"
        )
    within = sum(each <= 30 for each in late) / max(len(late), 1)
    print(
        f"  lateness   {within:.2%} of {len(late):,} polls within 30 s (wanted > 99 %); "
        f"median {median(late):.2f} s, p99 {percentile(late, 0.99):.2f} s, most {max(late, default=0):.1f} s"
    )
    print(
        f"  manners    at most {max(quiet.most_at_once, busy.most_at_once)} at once on a host, "
        f"{outcome.most_at_once} in all; smallest gap {min(smallest_gap_s(quiet), smallest_gap_s(busy)):.3f} s"
    )
    print(
        f"  memory     {outcome.pss_peak_bytes / 1e6:.0f} MB at most, all processes (wanted < 600); "
        f"{outcome.threads_peak} threads"
    )
    print(
        f"  alerts     {len(outcome.delays_s)} of {plan.planted_count} planted; publication to alert median "
        f"{median(outcome.delays_s):.1f} s, most {max(outcome.delays_s, default=float('nan')):.1f} s "
        f"(wanted: median at most {size.interval_s / 2 + 5:.0f}); from the poll that found it to the alert median "
        f"{median(outcome.after_poll_s):.1f} s"
    )
    print(f"  stored     {outcome.stored}")
    _report_peers(quiet, outcome)


def _report_peers(quiet: Judgement, outcome: Outcome) -> None:
    own_ms = sum(outcome.quiet_cpu_s) / max(quiet.polls, 1) * 1000
    costs = {name: peer["cpu_s"] / max(peer["asked"], 1) * 1000 for name, peer in outcome.peers.items()}
    burst_ms = sum(outcome.burst_cpu_s) / max(outcome.burst_count, 1) * 1000
    print(
        f"  CPU        {own_ms:.2f} ms a poll without news, all that the daemon does in that time and failed polls "
        f"included; httpx.Client().get at the same pace {costs['httpx paced']:.2f} ms: "
        f"{own_ms / costs['httpx paced']:.2f} x (wanted at most 2)"
    )
    print(
        f"             {burst_ms:.2f} ms a feed for {outcome.burst_count} unchanged feeds at once (in "
        f"{outcome.burst_s:.0f} s); httpx one after another without a pause {costs['httpx']:.2f} ms: "
        f"{burst_ms / costs['httpx']:.2f} x (wanted at most 2); httpx in as many threads as the daemon "
        f"{costs['httpx threads']:.2f} ms: {burst_ms / costs['httpx threads']:.2f} x"
    )
    if reader := outcome.peers.get("reader"):
        print(
            f"             reader {reader['version']} {costs['reader']:.2f} ms a feed for the same at once: "
            f"{costs['reader'] / costs['httpx']:.2f} x httpx; ours {burst_ms / costs['reader']:.2f} x reader"
        )
    else:
        print("             reader left out: it is not installed here, and READER_PYTHON names no interpreter with it")


def main(arguments: list[str] | None = None) -> None:
    """Run and report; sizes from the command line when the bench is run alone."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--feeds", type=int, default=10_000)
    parser.add_argument("--hosts", type=int, default=2_000)
    parser.add_argument("--interval", type=float, default=600.0)
    parser.add_argument("--quiet", type=float, default=240.0)
    parser.add_argument("--busy", type=float, default=600.0)
    parser.add_argument("--threads", type=int)
    parser.add_argument("--folder", type=Path)
    given = parser.parse_args(arguments or [])
    settings = {"poll": {"concurrency": given.threads}} if given.threads else {}
    size = Size(
        feeds=given.feeds,
        hosts=given.hosts,
        interval_s=given.interval,
        quiet_s=given.quiet,
        busy_s=given.busy,
        settings=settings,
    )
    with tempfile.TemporaryDirectory() as temporary:
        folder = given.folder or Path(temporary)
        report(size, run(size, folder))


if __name__ == "__main__":
    main(sys.argv[1:])
