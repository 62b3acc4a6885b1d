"""Conditions, norms and notices: what one look of the watchdog writes, in one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from monitor.core.model.alert import DeliveryStatus, Notice
from monitor.core.model.condition import Condition, SourceNorm
from monitor.core.watch.facts import Round
from monitor.core.watch.judge import Change
from monitor.core.watch.notices import told_through
from monitor.core.watch.round import Outcome
from monitor.errors import LeaseLost
from monitor.store.engine import Database, insert_into
from monitor.store.tables import conditions, deliveries, notices, source_norms, watch_rounds
from monitor.store.watch_facts import condition_of, norms_by_feed, read_round, unended
from monitor.store.watch_records import norm_text, notice_text

_THE_ROW = 1


class SqlWatchStore:
    """`monitor.ports.WatchStore` on a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def last_round_at(self) -> datetime | None:
        with self._database.reading() as connection:
            row = _last_round(connection)
        return None if row is None else row.ran_at

    def read_round(self, *, channels: Sequence[str], now: datetime) -> Round:
        with self._database.reading() as connection:
            row = _last_round(connection)
            return read_round(
                connection,
                last_poll_id=None if row is None else row.last_poll_id,
                last_ran_at=None if row is None else row.ran_at,
                channels=channels,
                now=now,
            )

    def record_round(
        self, facts: Round, outcome: Outcome, *, channels: Sequence[str], others: Sequence[str] = (), now: datetime
    ) -> None:
        def work(connection: Connection) -> None:
            _take_turn(connection, facts, now)
            _write_norms(connection, outcome.norms)
            for change in outcome.changes:
                _write_change(connection, change)
            for notice in outcome.notices:
                _write_notice(connection, notice, told_through(notice, channels, others))

        self._database.write(work)

    def conditions(self) -> tuple[Condition, ...]:
        with self._database.reading() as connection:
            rows = connection.execute(unended().where(conditions.c.started_at.is_not(None)))
            return tuple(condition_of(row) for row in sorted(rows, key=lambda row: row.id))

    def norms(self) -> dict[int, SourceNorm]:
        with self._database.reading() as connection:
            ids = connection.execute(select(source_norms.c.feed_id)).scalars().all()
            return norms_by_feed(connection, ids)


def _last_round(connection: Connection) -> Any:
    return connection.execute(select(watch_rounds).where(watch_rounds.c.id == _THE_ROW)).one_or_none()


def _take_turn(connection: Connection, facts: Round, now: datetime) -> None:
    """Put this look in the place of the last one it knew of; two daemons that look at once must not both tell."""
    values = {"last_poll_id": facts.last_poll_id, "ran_at": now}
    statement: Any
    if facts.last_ran_at is None:
        statement = insert_into(connection)(watch_rounds).values(id=_THE_ROW, **values).on_conflict_do_nothing()
    else:
        known = (watch_rounds.c.id == _THE_ROW) & (watch_rounds.c.ran_at == facts.last_ran_at)
        statement = update(watch_rounds).where(known).values(values)
    if connection.execute(statement.returning(watch_rounds.c.id)).first() is None:
        raise LeaseLost("another process has looked meanwhile")


def _write_norms(connection: Connection, norms: Mapping[int, SourceNorm]) -> None:
    if not norms:
        return
    rows = [{"feed_id": key, "made_at": norm.made_at, "norm": norm_text(norm)} for key, norm in norms.items()]
    statement = insert_into(connection)(source_norms)
    new = {"made_at": statement.excluded.made_at, "norm": statement.excluded.norm}
    connection.execute(statement.on_conflict_do_update(index_elements=["feed_id"], set_=new), rows)


def _write_change(connection: Connection, change: Change) -> None:
    if change.after is None:
        if change.before is not None:
            connection.execute(delete(conditions).where(conditions.c.id == change.before.id))
    elif change.before is None:
        connection.execute(insert(conditions).values(_values(change.after)))
    else:
        connection.execute(update(conditions).where(conditions.c.id == change.before.id).values(_values(change.after)))


def _values(condition: Condition) -> dict[str, Any]:
    return {
        "subject": condition.subject,
        "kind": str(condition.kind),
        "feed_id": condition.feed_id,
        "detail": condition.detail,
        "since": condition.since,
        "suspected_at": condition.suspected_at,
        "looks": condition.looks,
        "started_at": condition.started_at,
        "clear_since": condition.clear_since,
        "clear_looks": condition.clear_looks,
        "ended_at": condition.ended_at,
    }


def _write_notice(connection: Connection, notice: Notice, channels: Sequence[str]) -> None:
    values = {"key": notice.key, "created_at": notice.created_at, "message": notice_text(notice)}
    statement = insert_into(connection)(notices).values(values).on_conflict_do_nothing(index_elements=["key"])
    notice_id = connection.execute(statement.returning(notices.c.id)).scalar_one_or_none()
    if notice_id is None:
        return
    rows = [
        {
            "notice_id": notice_id,
            "channel": channel,
            "key": f"{notice.key}@{channel}",
            "status": str(DeliveryStatus.PENDING),
            "attempts": 0,
            "created_at": notice.created_at,
            "due_at": notice.created_at,
            "fence": 0,
        }
        for channel in channels
    ]
    if rows:
        connection.execute(insert(deliveries), rows)
