"""Days of schedule on a simulated clock: `python -m tests.bench load_days`.

The real poll step, deciders and database; answers come from a table instead of sockets, and every
request takes its simulated time of one of the step's threads.
"""

from __future__ import annotations

import argparse
import heapq
import json
import random
import sys
import tempfile
import time
from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import structlog

from monitor.core.model.document import ExtractedArticle
from monitor.core.model.entry import Entry, ParsedFeed
from monitor.core.model.feed import Feed, PollReason
from monitor.core.model.fetch import FetchRequest, FetchResponse
from monitor.errors import FetchError
from monitor.ports import ClaimedFeed, HostTurn, PollResult, PollWritten
from monitor.settings.paths import alembic_dir
from monitor.settings.schema import Poll
from monitor.steps.ask import PollLimits
from monitor.steps.poll import PollStep
from monitor.store.database import open_store
from monitor.store.feeds import SqlFeedStore
from monitor.store.migrate import make_ready
from tests.bench.load_judge import median, percentile
from tests.bench.load_plan import Nature, Plan

START = datetime(2026, 3, 2, tzinfo=UTC)  # a Monday
GAP_S, WINDOW = 1.0, 20
_TAKES_S = {Nature.SLOW: 10.0, Nature.BLACK_HOLE: 10.0, Nature.REFUSED: 0.05}
_USUAL_S = 0.3


@dataclass
class SimClock:
    """Seconds since START; `ahead_s` is how long the request under way has taken."""

    at_s: float = 0.0
    ahead_s: float = 0.0

    def now(self) -> datetime:
        return START + timedelta(seconds=self.at_s + self.ahead_s)


@dataclass
class Paper:
    """A feed's publications, in seconds since START."""

    nature: Nature
    published: list[float]


@dataclass
class SimWeb:
    """Fetcher and parser in one: what every feed shows at every time, and who asked when."""

    clock: SimClock
    papers: dict[str, Paper]
    host_starts: dict[str, float] = field(default_factory=dict)
    per_host: Counter[str] = field(default_factory=Counter)
    late_s: list[float] = field(default_factory=list)
    due_s: dict[str, float] = field(default_factory=dict)
    delays_s: list[float] = field(default_factory=list)
    seen: dict[str, int] = field(default_factory=dict)
    missed: int = 0

    def turn(self, url: str) -> HostTurn:
        host = urlsplit(url).hostname or ""
        free_at = self.host_starts.get(host, -GAP_S) + GAP_S
        return HostTurn(host=host, wait_s=max(free_at - self.clock.at_s, 0.0), gap_s=GAP_S)

    def fetch(self, request: FetchRequest) -> FetchResponse:
        host = urlsplit(request.url).hostname or ""
        slot = self.host_starts.get(host, -GAP_S) + GAP_S
        self.late_s.append(self.clock.at_s - max(self.due_s.pop(request.url, self.clock.at_s), slot))
        self.host_starts[host] = self.clock.at_s
        self.per_host[host] += 1
        paper = self.papers[request.url]
        self.clock.ahead_s = _TAKES_S.get(paper.nature, _USUAL_S)
        if paper.nature in (Nature.REFUSED, Nature.BLACK_HOLE):
            reason = PollReason.TIMEOUT if paper.nature is Nature.BLACK_HOLE else PollReason.CONNECTION_FAILED
            raise FetchError(request.url, reason, "simulated")
        count = bisect_right(paper.published, self.clock.at_s)
        at = self.clock.now()
        if request.etag == str(count):
            return FetchResponse(status=304, url=request.url, fetched_at=at)
        self._note(request.url, paper, count)
        shown = json.dumps([request.url, max(count - WINDOW, 0), count]).encode()
        return FetchResponse(status=200, url=request.url, headers=(("etag", str(count)),), body=shown, fetched_at=at)

    def _note(self, url: str, paper: Paper, count: int) -> None:
        before = self.seen.get(url, 0)
        self.seen[url] = count
        self.missed += max(count - WINDOW - before, 0)
        self.delays_s += [self.clock.at_s - at for at in paper.published[max(before, count - WINDOW) : count] if at > 0]

    def parse_feed(self, body: bytes, *, url: str, content_type: str | None) -> ParsedFeed:
        name, first, end = json.loads(body)
        return ParsedFeed(
            entries=tuple(
                Entry(
                    guid=f"{n}",
                    url=f"{name}/{n}",
                    title=f"Item {n}",
                    published_at=START + timedelta(seconds=self.papers[name].published[n]),
                )
                for n in reversed(range(first, end))
            )
            or (Entry(guid="first", url=f"{name}/first", title="The first", published_at=START),)
        )

    def parse_index(self, body: bytes, *, url: str, content_type: str | None, selector: str | None) -> ParsedFeed:
        raise NotImplementedError

    def parse_sitemap(self, body: bytes, *, url: str, content_type: str | None, since: datetime | None) -> ParsedFeed:
        raise NotImplementedError

    def extract_article(self, body: bytes, *, url: str, content_type: str | None) -> ExtractedArticle:
        raise NotImplementedError


class WatchedStore(SqlFeedStore):
    """Remembers when each claimed feed was due, also while it is sent away to wait for its host."""

    web: SimWeb
    claimed: int = 0

    def claim_due(self, *, now: datetime, limit: int, lease_s: float) -> tuple[ClaimedFeed, ...]:
        claims = super().claim_due(now=now, limit=limit, lease_s=lease_s)
        for claim in claims:
            due = claim.state.next_poll_at or START
            self.web.due_s.setdefault(claim.feed.url, (due - START).total_seconds())
        self.claimed += len(claims)
        return claims

    def record_polls(self, polled: Sequence[tuple[ClaimedFeed, PollResult]]) -> tuple[PollWritten | None, ...]:
        return super().record_polls(polled)


def papers_of(plan: Plan, days: float) -> dict[str, Paper]:
    """Publications by URL: some feeds bring an item a day, some hundreds, most by day and on working days."""
    draw = random.Random(f"{plan.seed} papers")
    made = {}
    for feed in plan.served:
        a_day = min(draw.lognormvariate(2.0, 1.2), 300.0)
        morning = draw.uniform(4, 10) * 3600
        published = []
        for day in range(int(days) + 1):
            share = 0.4 if (START + timedelta(days=day)).weekday() >= 5 else 1.0
            for _ in range(round(a_day * share * draw.uniform(0.7, 1.3))):
                by_day = draw.random() < 0.85
                within = morning + draw.random() * 50_400 if by_day else draw.random() * 86_400
                published.append(day * 86_400 + within)
        made[plan.url(feed)] = Paper(plan.natures[feed.host], sorted(at for at in published if at < days * 86_400))
    return made


def simulate(plan: Plan, *, days: float, threads: int, folder: Path) -> None:
    """Run and print."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    clock = SimClock()
    web = SimWeb(clock, papers_of(plan, days))
    url = f"sqlite:///{folder / 'days.db'}"
    make_ready(url, alembic_dir())
    whole = open_store(url)
    store = WatchedStore(whole.database)
    store.web = web
    store.sync([Feed(name=url, url=url) for url in web.papers], now=START)
    empty_bytes = (folder / "days.db").stat().st_size
    given = Poll()
    step = PollStep(
        store=store,
        fetcher=web,
        workers=web,
        clock=clock,
        limits=PollLimits(
            floor_s=given.floor, cap_s=given.cap, default_s=given.interval, threads=threads, unconditional_share=0.01
        ),
        seed="days",
        monotonic=lambda: clock.at_s,
    )
    spent, began = time.process_time(), time.perf_counter()
    hours, most_in_work = _run(step, clock, web, until_s=days * 86_400)
    spent, took_s = time.process_time() - spent, time.perf_counter() - began
    polls = sum(web.per_host.values())
    whole.close()
    size_bytes = (folder / "days.db").stat().st_size - empty_bytes
    # The first polls, all due at once, are the start's and not the schedule's.
    late = web.late_s[len(web.papers) :]
    within = sum(each <= 30 for each in late) / max(len(late), 1)
    print(
        f"days: {plan.feeds:,} feeds on {plan.hosts:,} hosts for {days:g} simulated days, {threads} threads, the "
        f"schedule's own intervals; {took_s:.0f} s, {spent / max(polls, 1) * 1000:.2f} ms CPU a poll with its entries"
    )
    print(
        f"  polls      {polls:,}, {polls / days / plan.feeds:.1f} a feed and day; busiest host "
        f"{max(web.per_host.values()) / days:,.0f} a day; by hour {min(hours):,} to {max(hours):,}"
    )
    print(
        f"  lateness   {within:.2%} within 30 s of the later of due time and the host's slot; median "
        f"{median(late):.2f} s, p99 {percentile(late, 0.99):.2f} s, most {max(late, default=0.0):.1f} s; at most "
        f"{most_in_work} polls at once"
    )
    print(
        f"  items      {len(web.delays_s):,} found, {web.missed:,} missed; publication to poll median "
        f"{median(web.delays_s) / 60:.1f} min, p95 {percentile(web.delays_s, 0.95) / 60:.1f} min"
    )
    print(f"  database   {size_bytes / days / 1e6:.1f} MB a day, {size_bytes / max(polls, 1):.0f} bytes a poll")


def _run(step: PollStep, clock: SimClock, web: SimWeb, *, until_s: float) -> tuple[list[int], int]:
    """Tick once a simulated second, as the daemon does; polls by hour, and the most under way at once."""
    hours = [0] * (int(until_s // 3600) or 1)
    ends: list[float] = []
    most = 0
    while clock.at_s < until_s:
        while ends and ends[0] <= clock.at_s:
            heapq.heappop(ends)
        step.refresh()
        for work in step.claim(step.threads - len(ends)) if len(ends) < step.threads else ():
            work()
            heapq.heappush(ends, clock.at_s + clock.ahead_s)
            clock.ahead_s = 0.0
            hours[min(int(clock.at_s // 3600), len(hours) - 1)] += 1
        most = max(most, len(ends))
        while (write := step.settle(at_once=True)) is not None:
            write()
        clock.at_s += 1.0
    return hours, most


def main(arguments: list[str] | None = None) -> None:
    """A day of 1,000 feeds, or what the command line says."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--feeds", type=int, default=1000)
    parser.add_argument("--hosts", type=int, default=200)
    parser.add_argument("--days", type=float, default=1.0)
    parser.add_argument("--threads", type=int, default=Poll().concurrency)
    given = parser.parse_args(arguments or [])
    plan = Plan(feeds=given.feeds, hosts=given.hosts, port=80)
    # In memory where that is to be had: a simulated day commits 200,000 times.
    with tempfile.TemporaryDirectory(dir="/dev/shm" if Path("/dev/shm").is_dir() else None) as folder:
        simulate(plan, days=given.days, threads=given.threads, folder=Path(folder))


if __name__ == "__main__":
    main(sys.argv[1:])
