"""`monitor sources politeness`: what is asked of each publisher, as counted where requests start."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Annotated

import typer
from rich import box
from rich.table import Table
from rich.text import Text

from monitor.cli.alert_page import WIDE
from monitor.cli.context import context_of
from monitor.cli.screen import complain, out, say, show_table
from monitor.core.model.traffic import HostTraffic, together
from monitor.core.urls import registrable_domain
from monitor.ports import TrafficSpan

_TITLES = (
    "publisher",
    "requests_a_day",
    "feeds",
    "pages",
    "robots",
    "304_share",
    "least_gap_s",
    "at_once",
    "refused",
    "unanswered",
)
_SHORTEST_SPAN = timedelta(hours=1)  # a minute's counts say nothing of a day


@dataclass(frozen=True, kw_only=True)
class PublisherTraffic:
    """All hosts of one registrable domain; `requests_a_day` over the time the monitor ran."""

    traffic: HostTraffic
    hosts: int
    requests_a_day: float

    @property
    def not_modified_share(self) -> float | None:
        """The share of conditional requests that were answered 304; None without any."""
        return self.traffic.not_modified / self.traffic.conditional if self.traffic.conditional else None


def by_publisher(spans: Sequence[TrafficSpan]) -> tuple[PublisherTraffic, ...]:
    """The publishers, those asked most first."""
    if not spans:
        return ()
    days = _running_time(spans) / timedelta(days=1)
    groups: dict[str, list[HostTraffic]] = defaultdict(list)
    for span in spans:
        groups[registrable_domain(_without_port(span.traffic.host))].append(span.traffic)
    found = [
        PublisherTraffic(
            traffic=(summed := together(name, tuple(parts))),
            hosts=len({part.host for part in parts}),
            requests_a_day=summed.requests / days,
        )
        for name, parts in groups.items()
    ]
    return tuple(sorted(found, key=lambda each: (-each.traffic.requests, each.traffic.host)))


def _without_port(host: str) -> str:
    return re.sub(r":\d+$", "", host)


def _running_time(spans: Sequence[TrafficSpan]) -> timedelta:
    """From the first count of each day to its last, over all days."""
    days: dict[object, tuple[TrafficSpan, TrafficSpan]] = {}
    for span in spans:
        day = span.until.date()
        first, last = days.get(day, (span, span))
        days[day] = (min(first, span, key=lambda each: each.since), max(last, span, key=lambda each: each.until))
    return max(sum((last.until - first.since for first, last in days.values()), timedelta()), _SHORTEST_SPAN)


def politeness(
    ctx: typer.Context,
    days: Annotated[int, typer.Option(min=1, max=90, metavar="N", help="Over the last N days.")] = 7,
    host: Annotated[str | None, typer.Option(metavar="TEXT", help="Only publishers whose name contains this.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="JSON, with counts by kind.")] = False,
) -> None:
    """Show what is asked of each publisher: requests a day, 304 share, gaps, refusals.

    Counted where requests start: feeds, article pages, robots.txt and redirects alike. A 304 share
    is of the requests that carried validators. `refused` were answered 401, 403, 429, 451 or 503.
    """
    context = context_of(ctx)
    store = context.store_if_any
    spans = store.traffic.spans(since=(context.now() - timedelta(days=days - 1)).date()) if store else ()
    shown = [each for each in by_publisher(spans) if host is None or host.lower() in each.traffic.host]
    if as_json:
        print(json.dumps([_record(each) for each in shown], ensure_ascii=False, indent=1))
        return
    if not shown:
        complain("Nothing has been asked yet: start `monitor run`." if not spans else "No such publisher.")
        return
    _show(shown)
    if out().is_terminal:
        total = together("", tuple(each.traffic for each in shown))
        hours = _running_time(spans) / timedelta(hours=1)
        publishers = "1 publisher" if len(shown) == 1 else f"{len(shown):,} publishers"
        say(f"\n{total.requests:,} requests to {publishers} while running for {hours:,.1f} h")


def _record(each: PublisherTraffic) -> dict[str, object]:
    counts = asdict(each.traffic)
    share = each.not_modified_share
    return {
        "publisher": counts.pop("host"),
        "hosts": each.hosts,
        "requests_a_day": round(each.requests_a_day, 1),
        "not_modified_share": None if share is None else round(share, 3),
        **counts,
    }


def _show(publishers: Sequence[PublisherTraffic]) -> None:
    is_wide = out().width >= WIDE
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, padding=(0, 1, 0, 0))
    table.add_column("Publisher", overflow="fold", min_width=16)
    for title in (
        "A day",
        *(("Feeds", "Pages", "robots") if is_wide else ()),
        "304",
        "Gap",
        "At once",
        "Refused",
        "Silent",
    ):
        table.add_column(title, justify="right", no_wrap=True)
    rows = []
    for each in publishers:
        row = _row(each)
        rows.append(row)
        shown = row if is_wide else (*row[:2], *row[5:])
        table.add_row(*shown[:-2], Text(shown[-2], style="bold red"), Text(shown[-1], style="yellow"))
    show_table(table, rows, titles=_TITLES)


def _row(each: PublisherTraffic) -> tuple[str, ...]:
    traffic, share = each.traffic, each.not_modified_share
    return (
        traffic.host,
        f"{each.requests_a_day:,.0f}",
        f"{traffic.for_feeds:,}",
        f"{traffic.for_pages:,}",
        f"{traffic.for_robots:,}",
        "" if share is None else f"{share:.0%}",
        "" if traffic.least_gap_s is None else f"{traffic.least_gap_s:.1f} s",
        str(traffic.most_at_once),
        f"{traffic.refused:,}" if traffic.refused else "",
        f"{traffic.unanswered:,}" if traffic.unanswered else "",
    )
