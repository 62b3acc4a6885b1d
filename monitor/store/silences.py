"""Silences: who wants to hear nothing of what, and until when; expired ones stay for the history."""

from __future__ import annotations

import json
from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, insert, select, update

from monitor.core.model.alert import Severity
from monitor.core.model.route import Match, StandingSilence
from monitor.errors import StoreError
from monitor.store.engine import Database
from monitor.store.routing_tables import silences
from monitor.store.tables import stories
from monitor.store.thread_changes import show_change
from monitor.store.types import storable

_LISTS = tuple(each.name for each in fields(Match) if each.name not in ("severities", "least"))


class SqlSilenceStore:
    """`monitor.ports.SilenceStore` on a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, silence: StandingSilence) -> int:
        values = {
            "owner": storable(silence.owner),
            "reason": storable(silence.reason),
            "matchers": match_text(silence.match),
            "created_at": silence.created_at,
            "expires_at": silence.expires_at,
        }
        statement = insert(silences).values(values).returning(silences.c.id)
        return self._database.write(lambda connection: int(connection.execute(statement).scalar_one()))

    def mute_story(self, slug: str, *, owner: str, reason: str, at: datetime, until: datetime) -> datetime:
        """See the port. A silence of the same person for the same story is prolonged, never shortened."""
        matchers = match_text(Match(stories=(slug,)))

        def work(connection: Connection) -> datetime:
            mine = in_force(at).where(silences.c.owner == storable(owner), silences.c.matchers == matchers)
            row = connection.execute(mine).first()
            if row is None:
                values = {"owner": storable(owner), "reason": storable(reason), "matchers": matchers}
                connection.execute(insert(silences).values(**values, created_at=at, expires_at=until))
                _show(connection, slug, at)
                return until
            longest: datetime = max(row.expires_at, until)
            connection.execute(update(silences).where(silences.c.id == row.id).values(expires_at=longest))
            _show(connection, slug, at)
            return longest

        return self._database.write(work)

    def silences(self) -> tuple[StandingSilence, ...]:
        with self._database.reading() as connection:
            return tuple(silence_of(row) for row in connection.execute(select(silences).order_by(silences.c.id)))

    def expire(self, silence_id: int, *, now: datetime) -> bool:
        mine = (silences.c.id == silence_id) & (silences.c.expires_at > now)
        statement = update(silences).where(mine).values(expires_at=now)
        return self._database.write(lambda connection: connection.execute(statement).rowcount == 1)


def in_force(now: datetime) -> Select[Any]:
    """The silences that hold at `now`, the first to end first."""
    held = (silences.c.expires_at > now, silences.c.created_at <= now)
    return select(silences).where(*held).order_by(silences.c.expires_at, silences.c.id)


def _show(connection: Connection, slug: str, at: datetime) -> None:
    """Have the parent messages of the story say that it is muted."""
    mine = connection.execute(select(stories.c.id).where(stories.c.slug == slug)).scalars().all()
    show_change(connection, mine, due_at=at)


def muted_until(connection: Connection, now: datetime) -> dict[str, datetime]:
    """By slug, until when stories are muted: silenced as stories, whatever they tell."""
    ends: dict[str, datetime] = {}
    for row in connection.execute(in_force(now)):
        standing = silence_of(row)
        if standing.match == Match(stories=standing.match.stories):
            ends |= dict.fromkeys(standing.match.stories, standing.expires_at)  # the last to end comes last
    return ends


def silence_of(row: Row[Any]) -> StandingSilence:
    """The silence of a row of `silences`. Raises: StoreError."""
    return StandingSilence(
        id=row.id,
        owner=row.owner,
        reason=row.reason,
        match=match_of(row.matchers),
        created_at=row.created_at,
        expires_at=row.expires_at,
    )


def match_text(match: Match) -> str:
    """The conditions as JSON, empty ones left out; the same conditions always give the same text."""
    record: dict[str, object] = {name: list(getattr(match, name)) for name in _LISTS if getattr(match, name)}
    if match.severities:
        record["severities"] = [str(each) for each in match.severities]
    if match.least is not None:
        record["least"] = str(match.least)
    return storable(json.dumps(record, ensure_ascii=False, separators=(",", ":"), sort_keys=True))


def match_of(text: str) -> Match:
    """Raises: StoreError: a condition this version does not know would silence too much if it were left out."""
    try:
        record = json.loads(text)
        unknown = set(record) - {*_LISTS, "severities", "least"}
        if unknown:
            raise ValueError(f"unknown conditions {sorted(unknown)}")
        lists: dict[str, Any] = {name: tuple(map(str, record.get(name, ()))) for name in _LISTS}
        least = record.get("least")
        return Match(
            **lists,
            severities=tuple(map(Severity, record.get("severities", ()))),
            least=None if least is None else Severity(least),
        )
    except (AttributeError, TypeError, ValueError) as error:
        raise StoreError(f"stored conditions cannot be read: {error}") from error
