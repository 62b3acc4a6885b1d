"""What was decided about alerts: dispatches written with the alert, read for its page and for the next decision."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, func, insert, select

from monitor.core.model.route import Dispatch, DispatchReason, Outcome
from monitor.store.chunks import chunks
from monitor.store.engine import insert_into
from monitor.store.routing_tables import digest_items, dispatches
from monitor.store.tables import alerts


def write_dispatches(connection: Connection, alert_id: int, decided: Iterable[Dispatch], *, at: datetime) -> None:
    """Keep what was decided, and queue what waits for a digest."""
    every = tuple(decided)
    if not every:
        return
    connection.execute(insert(dispatches), [_values(alert_id, each, at) for each in every])
    for each in every:
        if each.due_at is not None:
            queue(connection, alert_id, each.route, each.channel, each.reason, due_at=each.due_at)


def queue(
    connection: Connection, alert_id: int, route: str, channel: str, reason: DispatchReason, *, due_at: datetime
) -> None:
    """Have the channel's digest at `due_at` tell the alert, unless one did or will."""
    values = {"alert_id": alert_id, "route": route, "channel": channel, "reason": str(reason), "due_at": due_at}
    statement = insert_into(connection)(digest_items).values(values)
    connection.execute(statement.on_conflict_do_nothing(index_elements=["alert_id", "channel"]))


def told_in(story_id: int) -> Select[Any]:
    """Channel and route of every alert of the story that was told at once, the newest last."""
    return (
        select(dispatches.c.channel, dispatches.c.route)
        .join(alerts, alerts.c.id == dispatches.c.alert_id)
        .where(alerts.c.story_id == story_id, dispatches.c.outcome == str(Outcome.NOW))
        .order_by(dispatches.c.id)
    )


def opened_since(moment: datetime) -> Select[Any]:
    """By route and channel, how many stories were opened there since the moment."""
    return (
        select(dispatches.c.route, dispatches.c.channel, func.count().label("stories"))
        .where(dispatches.c.opened_at >= moment)
        .group_by(dispatches.c.route, dispatches.c.channel)
    )


def dispatches_of(connection: Connection, alert_ids: Sequence[int]) -> dict[int, tuple[Dispatch, ...]]:
    """By alert, what was decided about it."""
    found: dict[int, list[Dispatch]] = {}
    for part in chunks(alert_ids):
        wanted = select(dispatches).where(dispatches.c.alert_id.in_(part)).order_by(dispatches.c.id)
        for row in connection.execute(wanted):
            found.setdefault(row.alert_id, []).append(dispatch_of(row))
    return {alert_id: tuple(each) for alert_id, each in found.items()}


def dispatch_of(row: Row[Any]) -> Dispatch:
    """The dispatch of a row; one that was settled by an acknowledgement or an escalation says so in its detail."""
    return Dispatch(
        channel=row.channel,
        route=row.route,
        outcome=Outcome(row.outcome),
        reason=DispatchReason(row.reason),
        detail="; ".join(filter(None, (row.detail, row.escalation))),
        opens=row.opened_at is not None,
        due_at=row.due_at,
        escalates_at=row.escalates_at,
    )


def _values(alert_id: int, decided: Dispatch, at: datetime) -> dict[str, Any]:
    return {
        "alert_id": alert_id,
        "route": decided.route,
        "channel": decided.channel,
        "outcome": str(decided.outcome),
        "reason": str(decided.reason),
        "detail": decided.detail,
        "at": at,
        "opened_at": at if decided.opens else None,
        "due_at": decided.due_at,
        "escalates_at": decided.escalates_at,
    }
