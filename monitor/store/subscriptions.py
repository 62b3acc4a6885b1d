"""Subscriptions at WebSub hubs: claimed when a hub is to be asked, changed when one says something."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import Connection, Row, Select, delete, select, true, update

from monitor.core.model.feed import FeedKind
from monitor.core.model.subscription import (
    Advertised,
    ClaimedSubscription,
    HubFeed,
    Subscription,
    SubscriptionReason,
    SubscriptionState,
)
from monitor.core.websub.decide import Changes, before_request, due_after_push, echo_after_push, is_heard
from monitor.errors import LeaseLost
from monitor.store.engine import Database, insert_into
from monitor.store.rows import state_of
from monitor.store.tables import entries, feed_states, feeds, websub_hubs
from monitor.store.tables import websub_subscriptions as table

T = TypeVar("T")

_STORED = (
    "feed_id", "hub", "topic", "callback", "token", "secret", "state", "reason", "detail", "attempts", "asked_at",
    "lease_until", "due_at", "pushed_at", "push_count", "echo_at",
)  # fmt: skip


class SqlSubscriptionStore:
    """`monitor.websub.outside.SubscriptionStore` on a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def hub_feeds(self) -> tuple[HubFeed, ...]:
        with self._database.reading() as connection:
            rows = connection.execute(_hub_feeds()).all()
        return tuple(HubFeed(feed_id=row.id, hub=row.hub, topic=row.topic) for row in rows)

    def all(self) -> tuple[Subscription, ...]:
        with self._database.reading() as connection:
            rows = connection.execute(select(table).order_by(table.c.id)).all()
        return tuple(map(_subscription, rows))

    def apply(self, changes: Changes, *, made: Callable[[HubFeed], Subscription], now: datetime) -> None:
        def work(connection: Connection) -> None:
            for subscription_id, reason in changes.end:
                _end(connection, subscription_id, reason, now)
            rows = [_values(made(feed)) | {"created_at": now, "fence": 0} for feed in changes.add]
            if rows:  # another process may have added the same feed meanwhile
                connection.execute(insert_into(connection)(table).on_conflict_do_nothing(), rows)

        if changes.add or changes.end:
            self._database.write(work)

    def claim_due(self, *, now: datetime, limit: int, lease_s: float) -> tuple[ClaimedSubscription, ...]:
        until = now + timedelta(seconds=lease_s)

        def work(connection: Connection) -> tuple[ClaimedSubscription, ...]:
            rows = connection.execute(due_subscriptions(now, limit)).all()
            claims = [_claimed(connection, row, now, until, self._database.owner) for row in rows]
            return tuple(claim for claim in claims if claim is not None)

        with self._database.reading() as connection:
            if connection.execute(_due_ids(now).limit(1)).first() is None:
                return ()  # most ticks: no lock is taken for nothing
        return self._database.write(work)

    def record(self, claim: ClaimedSubscription, changed: Subscription) -> None:
        held = (table.c.id == claim.subscription.id) & (table.c.fence == claim.fence)
        values = _values(changed) | {"lease_owner": None, "fence": table.c.fence + 1}

        def work(connection: Connection) -> None:
            if connection.execute(update(table).where(held).values(values)).rowcount != 1:
                raise LeaseLost(f"the subscription to {changed.topic} changed meanwhile")

        self._database.write(work)

    def by_token(self, token: str) -> Subscription | None:
        with self._database.reading() as connection:
            row = connection.execute(select(table).where(table.c.token == token)).one_or_none()
        return None if row is None else _subscription(row)

    def change(self, token: str, decide: Callable[[Subscription], tuple[T, Subscription | None]]) -> T | None:
        def work(connection: Connection) -> T | None:
            row = connection.execute(select(table).where(table.c.token == token).with_for_update()).one_or_none()
            if row is None:
                return None
            before = _subscription(row)
            answer, after = decide(before)
            if after is None:
                connection.execute(delete(table).where(table.c.id == row.id))
            elif after != before:
                # Whoever asks this hub just now must drop what came of it.
                values = _values(after) | {"lease_owner": None, "fence": table.c.fence + 1}
                connection.execute(update(table).where(table.c.id == row.id).values(values))
            return answer

        return self._database.write(work)

    def push(self, token: str, *, now: datetime) -> bool:
        def work(connection: Connection) -> bool:
            row = connection.execute(select(table).where(table.c.token == token).with_for_update()).one_or_none()
            if row is None or not is_heard(_subscription(row)):
                return False
            values = {"pushed_at": now, "push_count": table.c.push_count + 1, "echo_at": echo_after_push(now)}
            connection.execute(update(table).where(table.c.id == row.id).values(values))
            _make_due(connection, row.feed_id, now)
            return True

        return self._database.write(work)

    def echo(self, *, now: datetime) -> int:
        with self._database.reading() as connection:
            if not connection.execute(due_echoes(now).limit(1)).all():
                return 0

        def work(connection: Connection) -> int:
            rows = connection.execute(due_echoes(now)).all()
            silent = [row for row in rows if not _has_brought_news(connection, row)]
            for row in silent:
                _make_due(connection, row.feed_id, now)
            ids = [row.id for row in rows]
            connection.execute(update(table).where(table.c.id.in_(ids)).values(echo_at=None))
            return len(silent)

        return self._database.write(work)


def note_hub(connection: Connection, feed_id: int, advertised: Advertised) -> None:
    """Keep the hub that the feed names now, or that it names none, inside the caller's transaction."""
    hub, topic = advertised.hub, advertised.topic
    if hub is None or topic is None:
        connection.execute(delete(websub_hubs).where(websub_hubs.c.feed_id == feed_id))
        return
    statement = insert_into(connection)(websub_hubs).values(feed_id=feed_id, hub=hub, topic=topic)
    connection.execute(statement.on_conflict_do_update(index_elements=["feed_id"], set_={"hub": hub, "topic": topic}))


def _hub_feeds() -> Select[Any]:
    """Feeds that name a hub. Those that need credentials are nobody's business, and no hub learns of them."""
    return (
        select(feeds.c.id, websub_hubs.c.hub, websub_hubs.c.topic)
        .join(websub_hubs, websub_hubs.c.feed_id == feeds.c.id)
        .where(
            feeds.c.enabled == true(),
            feeds.c.kind == str(FeedKind.FEED),
            feeds.c.headers_env.is_(None),
            feeds.c.auth_env.is_(None),
        )
        .order_by(feeds.c.id)
    )


def _due_ids(now: datetime) -> Select[Any]:
    return select(table.c.id).where(table.c.due_at <= now)


def due_subscriptions(now: datetime, limit: int) -> Select[Any]:
    """Subscriptions whose hub is to be asked, the longest due first; rows others hold are passed over."""
    wanted = select(table).where(table.c.due_at <= now).order_by(table.c.due_at).limit(limit)
    return wanted.with_for_update(skip_locked=True)


def due_echoes(now: datetime) -> Select[Any]:
    """Subscriptions whose last push is to be looked at again."""
    return select(table.c.id, table.c.feed_id, table.c.pushed_at).where(
        table.c.echo_at.is_not(None), table.c.echo_at <= now
    )


def _claimed(
    connection: Connection, row: Row[Any], now: datetime, until: datetime, owner: str | None
) -> ClaimedSubscription | None:
    asked = before_request(_subscription(row), now)
    if asked is None:
        connection.execute(delete(table).where(table.c.id == row.id))
        return None
    values = _values(asked) | {"due_at": until, "lease_owner": owner, "fence": row.fence + 1}
    connection.execute(update(table).where(table.c.id == row.id).values(values))
    return ClaimedSubscription(fence=row.fence + 1, subscription=asked)


def _end(connection: Connection, subscription_id: int, reason: SubscriptionReason, now: datetime) -> None:
    """Have the hub told to stop; one that was never asked for anything is simply forgotten."""
    mine = table.c.id == subscription_id
    connection.execute(delete(table).where(mine, table.c.asked_at.is_(None)))
    values = {
        "state": str(SubscriptionState.ENDING),
        "reason": str(reason),
        "detail": "",
        "attempts": 0,
        "due_at": now,
        "echo_at": None,
        "lease_owner": None,
        "fence": table.c.fence + 1,
    }
    connection.execute(update(table).where(mine).values(values))


def _make_due(connection: Connection, feed_id: int, now: datetime) -> None:
    row = connection.execute(
        select(feed_states).where(feed_states.c.feed_id == feed_id).with_for_update(key_share=True)
    ).one()
    due_at = due_after_push(state_of(row), now)
    if due_at is not None:
        # Not the fence: a poll under way writes its result, and the echo sees whether it came too early.
        connection.execute(update(feed_states).where(feed_states.c.feed_id == feed_id).values(next_poll_at=due_at))


def _has_brought_news(connection: Connection, row: Row[Any]) -> bool:
    newer = select(entries.c.id).where(entries.c.feed_id == row.feed_id, entries.c.seen_at > row.pushed_at)
    return connection.execute(newer.limit(1)).first() is not None


def _values(subscription: Subscription) -> dict[str, Any]:
    found = {name: getattr(subscription, name) for name in _STORED}
    return found | {"state": str(subscription.state), "reason": str(subscription.reason)}


def _subscription(row: Row[Any]) -> Subscription:
    found = {name: getattr(row, name) for name in _STORED}
    words = {"state": SubscriptionState(row.state), "reason": SubscriptionReason(row.reason)}
    return Subscription(id=row.id, **(found | words))
