"""What was asked of each host on each day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, case, delete, func, select

from monitor.core.model.traffic import HostTraffic
from monitor.ports import TrafficSpan
from monitor.store.engine import Database, insert_into
from monitor.store.tables import host_traffic

_SUMMED = (
    "requests",
    "for_feeds",
    "for_pages",
    "for_robots",
    "conditional",
    "not_modified",
    "refused",
    "unanswered",
    "robots_refused",
    "body_bytes",
)


class SqlTrafficStore:
    """`monitor.ports.TrafficStore` on a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, traffic: Sequence[HostTraffic], *, since: datetime, until: datetime) -> None:
        if traffic:
            self._database.write(lambda connection: _add(connection, traffic, since, until))

    def spans(self, *, since: date) -> tuple[TrafficSpan, ...]:
        wanted = select(host_traffic).where(host_traffic.c.day >= since).order_by(host_traffic.c.host)
        with self._database.reading() as connection:
            return tuple(_span_of(row) for row in connection.execute(wanted))

    def drop(self, *, before: date) -> int:
        return self._database.write(
            lambda connection: connection.execute(delete(host_traffic).where(host_traffic.c.day < before)).rowcount
        )


def _add(connection: Connection, traffic: Sequence[HostTraffic], since: datetime, until: datetime) -> None:
    rows = [
        {name: getattr(each, name) for name in (*_SUMMED, "host", "least_gap_s", "most_at_once")}
        | {"day": until.date(), "first_at": since, "last_at": until}
        for each in traffic
    ]
    statement = insert_into(connection)(host_traffic)
    old, new = host_traffic.c, statement.excluded
    changes: dict[str, Any] = {name: old[name] + new[name] for name in _SUMMED}
    changes |= {
        "last_at": new.last_at,
        "most_at_once": case((new.most_at_once > old.most_at_once, new.most_at_once), else_=old.most_at_once),
        "least_gap_s": case(
            (func.coalesce(new.least_gap_s < old.least_gap_s, old.least_gap_s.is_(None)), new.least_gap_s),
            else_=old.least_gap_s,
        ),
    }
    connection.execute(statement.on_conflict_do_update(index_elements=["host", "day"], set_=changes), rows)


def _span_of(row: Row[Any]) -> TrafficSpan:
    counts = {name: getattr(row, name) for name in (*_SUMMED, "host", "least_gap_s", "most_at_once")}
    return TrafficSpan(traffic=HostTraffic(**counts), since=row.first_at, until=row.last_at)
