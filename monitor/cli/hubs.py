"""`monitor sources hubs`: which feeds name a hub, and how the subscriptions there stand."""

from __future__ import annotations

import json
from datetime import datetime, tzinfo
from typing import Annotated

import typer
from rich import box
from rich.table import Table

from monitor.cli.context import context_of
from monitor.cli.records import Record, utc
from monitor.cli.screen import complain, out, plain_cell, show_table
from monitor.cli.stored import configured_store
from monitor.core.model.subscription import HubFeed, Subscription
from monitor.deliver.layout import age_words

_TITLES = ("name", "state", "reason", "lease_until", "pushes", "last_push", "hub")
_NONE = "not subscribed"


def hubs(
    ctx: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="JSON, times in UTC.")] = False,
) -> None:
    """List the feeds that name a WebSub hub, and their subscriptions there."""
    context = context_of(ctx)
    store = configured_store(context.loaded.settings.database.url)
    try:
        names = {view.feed.id: view.feed.name for view in store.history.feeds()}
        subscriptions = store.subscriptions.all()
        subscribed = {each.feed_id for each in subscriptions}
        others = [feed for feed in store.subscriptions.hub_feeds() if feed.feed_id not in subscribed]
    finally:
        store.close()
    rows: list[Subscription | HubFeed] = [*subscriptions, *others]
    rows.sort(key=lambda each: names[each.feed_id].casefold())
    if as_json:
        print(json.dumps([_record(each, names[each.feed_id]) for each in rows], ensure_ascii=False, indent=1))
        return
    if not rows:
        complain("No feed names a hub, as far as it has been polled.")
        return
    _show([_row(each, names[each.feed_id], now=context.now(), zone=context.zone) for each in rows])
    if not context.loaded.settings.websub.enabled:
        complain("websub is switched off in the configuration: hubs are not asked")


def _record(each: Subscription | HubFeed, name: str) -> Record:
    """The row as JSON; neither callback nor secret, which nobody else may know."""
    record: Record = {"name": name, "hub": each.hub, "topic": each.topic, "state": None}
    if isinstance(each, HubFeed):
        return record
    return record | {
        "state": each.state.value,
        "reason": each.reason.value,
        "detail": each.detail,
        "attempts": each.attempts,
        "lease_until": utc(each.lease_until),
        "pushes": each.push_count,
        "last_push_at": utc(each.pushed_at),
    }


def _row(each: Subscription | HubFeed, name: str, *, now: datetime, zone: tzinfo) -> tuple[str, ...]:
    if isinstance(each, HubFeed):
        return name, _NONE, "", "", "", "", each.hub
    lease = each.lease_until.astimezone(zone).isoformat(timespec="minutes") if each.lease_until else ""
    pushed = age_words(each.pushed_at, now) if each.pushed_at else ""
    if each.pushed_at and not out().is_terminal:
        pushed = each.pushed_at.astimezone(zone).isoformat(timespec="seconds")
    return name, each.state.value, each.reason.value.replace("_", " "), lease, str(each.push_count), pushed, each.hub


def _show(rows: list[tuple[str, ...]]) -> None:
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, padding=(0, 1, 0, 0))
    for title in _TITLES:
        table.add_column(title.replace("_", " ").capitalize(), overflow="fold")
    for row in rows:
        table.add_row(*map(plain_cell, row))
    show_table(table, rows, titles=_TITLES)
