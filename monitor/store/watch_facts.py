"""What the watchdog judges, read in one go: answers since the last look, newest entries, histories, deliveries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import Connection, Row, Select, func, or_, select, true

from monitor.core.model.alert import DeliveryStatus
from monitor.core.model.condition import Condition, ConditionKind, SourceNorm
from monitor.core.model.document import DocumentStatus, ReadReason, TextOrigin
from monitor.core.model.feed import PollReason
from monitor.core.watch.facts import Answer, Appearance, ChannelFacts, History, PageSight, Round, SourceFacts
from monitor.core.watch.norm import NEWEST, is_due
from monitor.core.watch.signs import PARSED
from monitor.errors import StoreError
from monitor.store.chunks import chunks
from monitor.store.tables import (
    conditions,
    deliveries,
    documents,
    entries,
    feed_states,
    feeds,
    polls,
    source_norms,
)
from monitor.store.watch_records import norm_of

HISTORIES = 150
"""Norms made in one look: over 10,000 sources every ten minutes, each anew twice a day at most."""

_FIRST_LOOK_BACK = timedelta(hours=1)
# Articles are read after the poll that found them; this long their feed's newest ones are looked at again.
_READING_TIME = timedelta(minutes=30)
_RHYTHM = timedelta(days=90)
_ARRIVALS = 3_000
_DATED = 200
_READ = 70
_ENDED_LATELY = timedelta(days=14)
_DEAD_LATELY = timedelta(days=1)
_STUCK_ATTEMPTS = 6  # a minute or two of back-off: less is a passing fault
_STUCK_AFTER = timedelta(minutes=30)


def answers_since(last_poll_id: int | None, now: datetime) -> Select[Any]:
    """The polls of enabled feeds after that one, in any order; without one, those of the last hour."""
    is_new = polls.c.finished_at >= now - _FIRST_LOOK_BACK if last_poll_id is None else polls.c.id > last_poll_id
    return (
        select(
            polls.c.id,
            polls.c.feed_id,
            polls.c.finished_at,
            polls.c.reason,
            polls.c.detail,
            polls.c.status,
            polls.c.new_count,
        )
        .join(feeds, feeds.c.id == polls.c.feed_id)
        .where(is_new, feeds.c.enabled == true())
    )


def asked_feeds(ids: Sequence[int]) -> Select[Any]:
    """The feeds with their states and when each last brought an entry."""
    newest = func.max(entries.c.seen_at, type_=entries.c.seen_at.type)
    last_entry = select(newest).where(entries.c.feed_id == feeds.c.id).scalar_subquery()
    return (
        select(
            feeds.c.id,
            feeds.c.name,
            feeds.c.url,
            func.coalesce(feeds.c.interval_s, feed_states.c.interval_s).label("interval_s"),
            feed_states.c.first_success_at,
            feed_states.c.last_success_at,
            feed_states.c.redirect_url,
            feed_states.c.redirect_since,
            feed_states.c.moved_to,
            last_entry.label("last_entry_at"),
        )
        .join(feed_states, feed_states.c.feed_id == feeds.c.id)
        .where(feeds.c.id.in_(ids))
    )


def feeds_with_news(since: datetime) -> Select[Any]:
    """The feeds that brought something new at or after the moment."""
    return select(polls.c.feed_id).where(polls.c.finished_at >= since, polls.c.new_count > 0).distinct()


def newest_entries(feed_id: int, limit: int) -> Select[Any]:
    """The feed's newest entries, newest first."""
    return (
        select(entries.c.seen_at, entries.c.published_at)
        .where(entries.c.feed_id == feed_id)
        .order_by(entries.c.seen_at.desc(), entries.c.id.desc())
        .limit(limit)
    )


def newest_pages(feed_id: int, limit: int) -> Select[Any]:
    """How the documents of the feed's newest entries were read, newest first."""
    return (
        select(
            documents.c.status,
            documents.c.reason,
            documents.c.origin,
            func.length(documents.c.text).label("length"),
        )
        .join(entries, entries.c.document_id == documents.c.id)
        .where(entries.c.feed_id == feed_id)
        .order_by(entries.c.seen_at.desc(), entries.c.id.desc())
        .limit(limit)
    )


def arrivals(feed_id: int, since: datetime) -> Select[Any]:
    """When the feed brought something new since the moment, and how much, newest first."""
    return (
        select(entries.c.seen_at, func.count().label("entries"))
        .where(entries.c.feed_id == feed_id, entries.c.seen_at >= since)
        .group_by(entries.c.seen_at)
        .order_by(entries.c.seen_at.desc())
        .limit(_ARRIVALS)
    )


def last_parsed(feed_id: int) -> Select[Any]:
    """How the feed's last body that was read at all was read, newest first."""
    return (
        select(polls.c.id, polls.c.reason)
        .where(polls.c.feed_id == feed_id, polls.c.reason.in_(sorted(map(str, PARSED))))
        .order_by(polls.c.id.desc())
    )


def unended() -> Select[Any]:
    """All suspicions and open conditions, in any order, with whether their feed is still watched."""
    return (
        select(conditions, feeds.c.name, feeds.c.url, feeds.c.enabled)
        .outerjoin(feeds, feeds.c.id == conditions.c.feed_id)
        .where(conditions.c.ended_at.is_(None))
    )


def ended_since(moment: datetime) -> Select[Any]:
    """How many conditions of each subject and kind ended since the moment."""
    return (
        select(conditions.c.subject, conditions.c.kind, func.count().label("ends"))
        .where(conditions.c.ended_at >= moment)
        .group_by(conditions.c.subject, conditions.c.kind)
    )


def stuck_deliveries(channels: Sequence[str], now: datetime) -> Select[Any]:
    """By channel and status, the deliveries that did not get out: parked, lately given up, or tried for long."""
    is_parked = deliveries.c.status == str(DeliveryStatus.PARKED)
    is_dead = (deliveries.c.status == str(DeliveryStatus.DEAD)) & (deliveries.c.created_at >= now - _DEAD_LATELY)
    is_stuck = (
        (deliveries.c.status == str(DeliveryStatus.PENDING))
        & (deliveries.c.attempts >= _STUCK_ATTEMPTS)
        & (deliveries.c.first_attempt_at <= now - _STUCK_AFTER)
    )
    return (
        select(
            deliveries.c.channel,
            deliveries.c.status,
            func.count().label("stuck"),
            func.min(deliveries.c.created_at, type_=deliveries.c.created_at.type).label("since"),
            func.max(deliveries.c.id).label("last_id"),
        )
        .where(deliveries.c.channel.in_(channels), or_(is_parked, is_dead, is_stuck))
        .group_by(deliveries.c.channel, deliveries.c.status)
    )


def condition_of(row: Row[Any]) -> Condition:
    """The condition of a row of `conditions`."""
    return Condition(
        id=row.id,
        subject=row.subject,
        kind=ConditionKind(row.kind),
        feed_id=row.feed_id,
        detail=row.detail,
        since=row.since,
        suspected_at=row.suspected_at,
        looks=row.looks,
        started_at=row.started_at,
        clear_since=row.clear_since,
        clear_looks=row.clear_looks,
        ended_at=row.ended_at,
    )


def norms_by_feed(connection: Connection, ids: Iterable[int]) -> dict[int, SourceNorm]:
    """The stored norms of these feeds; one of another version counts as none, for it can be made anew."""
    found = {}
    for part in chunks(ids):
        for row in connection.execute(select(source_norms).where(source_norms.c.feed_id.in_(part))):
            with suppress(StoreError):
                found[row.feed_id] = norm_of(row.norm, made_at=row.made_at)
    return found


def read_round(
    connection: Connection,
    *,
    last_poll_id: int | None,
    last_ran_at: datetime | None,
    channels: Sequence[str],
    now: datetime,
) -> Round:
    """All facts since the last look."""
    asked = sorted(connection.execute(answers_since(last_poll_id, now)), key=lambda row: row.id)
    by_feed: dict[int, list[Answer]] = {}
    for row in asked:
        by_feed.setdefault(row.feed_id, []).append(_answer(row))
    pending = sorted(connection.execute(unended()), key=lambda row: row.id)
    before = tuple(condition_of(row) for row in pending)
    rows = [row for part in chunks(by_feed) for row in connection.execute(asked_feeds(part))]
    norms = _norms_in_use(connection, rows, now)
    watched = _feed_ids(connection, feeds_with_news((last_ran_at or now - _FIRST_LOOK_BACK) - _READING_TIME))
    empty = {each.feed_id for each in before if each.kind is ConditionKind.SILENT_ZERO}
    sources = tuple(
        _source(connection, row, by_feed[row.id], norms, has_news=row.id in watched, is_empty=row.id in empty)
        for row in rows
    )
    enabled = select(func.count()).select_from(feeds).where(feeds.c.enabled == true())
    if last_poll_id is None and not asked:
        last_poll_id = connection.execute(select(func.max(polls.c.id))).scalar_one()
    return Round(
        last_poll_id=max((row.id for row in asked), default=last_poll_id or 0),
        last_ran_at=last_ran_at,
        sources=sources,
        histories=_histories(connection, rows, norms, before, now),
        channels=_channels(connection, channels, now),
        enabled_count=connection.execute(enabled).scalar_one(),
        before=before,
        names={row.id: (row.name, row.url) for row in rows}
        | {row.feed_id: (row.name, row.url) for row in pending if row.feed_id is not None},
        disabled=frozenset(row.feed_id for row in pending if row.feed_id is not None and not row.enabled),
        recent_ends={
            (row.subject, ConditionKind(row.kind)): row.ends
            for row in connection.execute(ended_since(now - _ENDED_LATELY))
        },
    )


def _norms_in_use(connection: Connection, rows: Sequence[Row[Any]], now: datetime) -> dict[int, SourceNorm]:
    """The norms of the feeds in these rows, without the week where it is not asked for: several kilobytes each."""
    found: dict[int, SourceNorm] = {}
    for part in chunks(rows):
        last = {row.id: row.last_entry_at for row in part}
        for feed_id, norm in norms_by_feed(connection, last).items():
            at, quiet_s = last[feed_id], norm.shortest_quiet_s
            is_asked = at is not None and quiet_s is not None and (now - at).total_seconds() > quiet_s
            found[feed_id] = norm if is_asked else replace(norm, week=())
    return found


def _answer(row: Row[Any]) -> Answer:
    return Answer(
        at=row.finished_at,
        reason=PollReason(row.reason),
        detail=row.detail,
        status=row.status,
        new_count=row.new_count,
    )


def _feed_ids(connection: Connection, query: Select[Any]) -> frozenset[int]:
    return frozenset(connection.execute(query).scalars())


def _source(
    connection: Connection,
    row: Row[Any],
    answers: Sequence[Answer],
    norms: Mapping[int, SourceNorm],
    *,
    has_news: bool,
    is_empty: bool,
) -> SourceFacts:
    earlier = None
    if is_empty:
        reasons = connection.execute(last_parsed(row.id).limit(len(answers) + 1)).all()
        # Those of this look are told by the answers themselves; what counts is the one before them.
        skipped = sum(answer.reason in PARSED for answer in answers)
        earlier = PollReason(reasons[skipped].reason) if len(reasons) > skipped else None
    return SourceFacts(
        feed_id=row.id,
        name=row.name,
        url=row.url,
        host=_host(row.url),
        interval_s=row.interval_s or 0.0,
        first_success_at=row.first_success_at,
        last_success_at=row.last_success_at,
        redirect_url=row.redirect_url,
        redirect_since=row.redirect_since,
        moved_to=row.moved_to,
        last_entry_at=row.last_entry_at,
        last_parsed=earlier,
        answers=tuple(answers),
        entries=_entries(connection, row.id, NEWEST) if has_news else (),
        pages=_pages(connection, row.id, 3 * NEWEST) if has_news else (),
        norm=norms.get(row.id),
    )


def _histories(
    connection: Connection,
    rows: Sequence[Row[Any]],
    norms: Mapping[int, SourceNorm],
    before: Sequence[Condition],
    now: datetime,
) -> tuple[History, ...]:
    of_feed: dict[int | None, list[Condition]] = {}
    for condition in before:
        of_feed.setdefault(condition.feed_id, []).append(condition)
    due = [
        row
        for row in rows
        if row.first_success_at is not None and is_due(norms.get(row.id), of_feed.get(row.id, ()), now=now)
    ]
    due.sort(key=lambda row: norms[row.id].made_at.timestamp() if row.id in norms else 0.0)
    return tuple(_history(connection, row, now) for row in due[:HISTORIES])


def _history(connection: Connection, row: Row[Any], now: datetime) -> History:
    came = list(reversed(connection.execute(arrivals(row.id, now - _RHYTHM)).all()))
    return History(
        feed_id=row.id,
        first_success_at=row.first_success_at,
        interval_s=row.interval_s or 0.0,
        arrivals=tuple(each.seen_at for each in came),
        counts=tuple(each.entries for each in came),
        entries=_entries(connection, row.id, _DATED),
        pages=_pages(connection, row.id, _READ),
    )


def _entries(connection: Connection, feed_id: int, limit: int) -> tuple[Appearance, ...]:
    rows = connection.execute(newest_entries(feed_id, limit))
    return tuple(Appearance(seen_at=row.seen_at, published_at=row.published_at) for row in rows)


def _pages(connection: Connection, feed_id: int, limit: int) -> tuple[PageSight, ...]:
    return tuple(
        PageSight(
            reason=None if row.reason is None else ReadReason(row.reason),
            origin=TextOrigin(row.origin),
            length=row.length,
        )
        for row in connection.execute(newest_pages(feed_id, limit))
        if row.status != DocumentStatus.PENDING
    )


def _channels(connection: Connection, names: Sequence[str], now: datetime) -> tuple[ChannelFacts, ...]:
    rows = connection.execute(stuck_deliveries(names, now)).all() if names else []
    last = select(deliveries.c.id, deliveries.c.detail).where(deliveries.c.id.in_([row.last_id for row in rows]))
    details = {row.id: row.detail or "" for row in connection.execute(last)} if rows else {}
    found = []
    for name in names:
        mine = [row for row in rows if row.channel == name]
        counts = {row.status: row.stuck for row in mine}
        newest = max((row.last_id for row in mine), default=0)
        found.append(
            ChannelFacts(
                name=name,
                parked_count=counts.get(DeliveryStatus.PARKED, 0),
                dead_count=counts.get(DeliveryStatus.DEAD, 0),
                waiting_count=counts.get(DeliveryStatus.PENDING, 0),
                since=min((row.since for row in mine), default=None),
                detail=details.get(newest, ""),
            )
        )
    return tuple(found)


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""
