"""What the policy reads inside the grouping transaction: what was told, what is held."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, select, update

from monitor.core.alert.told import Told
from monitor.core.model.alert import AlertReason, Severity
from monitor.core.model.route import StandingSilence
from monitor.core.model.story import Development, FiledReport, Story
from monitor.store.dispatches import opened_since, told_in
from monitor.store.filed import development_of, filed_of, filed_reports, story_of
from monitor.store.records import list_of, roles_of
from monitor.store.silences import in_force, silence_of
from monitor.store.tables import alerts, developments, feeds, reports, stories


class TellReads:
    """The reading part of `monitor.ports.TellSession`, on one open transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def told_of(self, story_id: int) -> tuple[Told, ...]:
        return tuple(
            Told(
                development_id=row.development_id,
                reason=AlertReason(row.reason),
                phase=row.phase,
                severity=Severity(row.severity),
                at=row.created_at,
                roles=roles_of(row.roles),
            )
            for row in self._connection.execute(told_alerts(story_id))
        )

    def development_reports(self, development_id: int) -> tuple[FiledReport, ...]:
        return tuple(filed_of(row) for row in self._connection.execute(originals(development_id)))

    def held_developments(
        self, *, now: datetime, types: Sequence[str], limit: int
    ) -> tuple[tuple[Story, Development], ...]:
        rows = self._connection.execute(released(now, types, limit)).all()
        wanted = select(stories).where(stories.c.id.in_({row.story_id for row in rows}))
        chains = {row.id: story_of(row) for row in self._connection.execute(wanted)} if rows else {}
        return tuple((chains[row.story_id], development_of(row)) for row in rows)

    def told_alert(self, alert_id: int) -> tuple[Story, Development, FiledReport]:
        row = self._connection.execute(select(alerts).where(alerts.c.id == alert_id)).one()
        story = self._connection.execute(select(stories).where(stories.c.id == row.story_id)).one()
        change = self._connection.execute(select(developments).where(developments.c.id == row.development_id)).one()
        filed = self._connection.execute(filed_reports().where(reports.c.id == row.report_id)).one()
        return story_of(story), development_of(change), filed_of(filed)

    def note_compared(self, alert_id: int, *, revision: int) -> None:
        mine = update(alerts).where(alerts.c.id == alert_id)
        self._connection.execute(mine.values(compared_revision=revision))

    def told_in(self, story_id: int) -> dict[str, str]:
        return {row.channel: row.route for row in self._connection.execute(told_in(story_id))}

    def opened_since(self, moment: datetime) -> dict[tuple[str, str], int]:
        rows = self._connection.execute(opened_since(moment))
        return {(row.route, row.channel): row.stories for row in rows}

    def silences_in_force(self, now: datetime) -> tuple[StandingSilence, ...]:
        return tuple(silence_of(row) for row in self._connection.execute(in_force(now)))

    def source_tags(self, feed_id: int) -> tuple[str, ...]:
        return list_of(self._connection.execute(select(feeds.c.tags).where(feeds.c.id == feed_id)).scalar_one())


def told_alerts(story_id: int) -> Select[Any]:
    """The story's alerts with the roles of what they quote, oldest first."""
    told = (alerts.c.development_id, alerts.c.reason, alerts.c.phase, alerts.c.severity, alerts.c.created_at)
    return (
        select(*told, reports.c.roles)
        .join(reports, reports.c.id == alerts.c.report_id)
        .where(alerts.c.story_id == story_id)
        .order_by(alerts.c.id)
    )


def originals(development_id: int) -> Select[Any]:
    """The development's reports less reprints, oldest first."""
    mine = reports.c.development_id == development_id
    return filed_reports().where(mine, reports.c.copy_of.is_(None)).order_by(reports.c.id)


def released(now: datetime, types: Sequence[str], limit: int) -> Select[Any]:
    """Held developments whose time is over, the longest over first."""
    return (
        select(developments)
        .where(developments.c.held_until <= now, developments.c.type.in_(types))
        .order_by(developments.c.held_until, developments.c.id)
        .limit(limit)
    )
