"""What waits for a digest, on each database: kept whole, told once, whatever came too late among it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from monitor.core.alert.digest import MOST_STORIES, digest_of
from monitor.core.model.alert import Digest
from monitor.core.model.route import DispatchReason
from monitor.errors import StoreError
from monitor.store.database import SqlStore
from monitor.store.digest_queue import keep_for_digest
from monitor.store.digest_records import digest_text, told_of
from monitor.store.dispatches import queue
from tests.store.arrange import NOON, tell

HOUR = timedelta(hours=1)


def make(store: SqlStore, *, at: timedelta = HOUR) -> list[Digest]:
    """Make the digests due so long after noon."""
    made = []
    with store.digests.digesting() as session:
        for items in session.due(NOON + at):
            digest = digest_of(items, now=NOON + at)
            assert session.save(digest, items)
            made.append(digest)
    return made


def wait(store: SqlStore, alert_id: int, *, channel: str = "desk", route: str = "desk") -> None:
    with store.database.writing() as connection:
        queue(connection, alert_id, route, channel, DispatchReason.QUIET_HOURS, due_at=NOON + HOUR)


def test_a_delivered_digest_is_the_one_that_was_made(store: SqlStore) -> None:
    wait(store, tell(store).id)
    (made,) = make(store)
    (claim,) = store.outbox.claim_due(channels=["desk"], now=NOON + HOUR, limit=9, lease_s=60)[-1:]
    assert claim.delivery.message == made
    assert (claim.delivery.alert_id, claim.delivery.key) == (None, f"{made.key}@desk")
    assert make(store, at=2 * HOUR) == []


def test_nothing_is_made_before_its_time(store: SqlStore) -> None:
    wait(store, tell(store).id)
    assert not store.digests.is_due(NOON + HOUR / 2)
    assert make(store, at=HOUR / 2) == []


def test_each_route_and_channel_has_a_digest_of_its_own(store: SqlStore) -> None:
    alert = tell(store)
    wait(store, alert.id)
    wait(store, alert.id, channel="mail", route="late")
    assert sorted(digest.key for digest in make(store)) == ["digest/desk/desk/1", "digest/late/mail/2"]


def test_an_alert_waits_once_a_channel(store: SqlStore) -> None:
    alert = tell(store)
    wait(store, alert.id)
    wait(store, alert.id, route="other")
    (digest,) = make(store)
    assert len(digest.lines) == 1


def test_more_stories_than_anybody_reads_are_counted(store: SqlStore) -> None:
    for number in range(MOST_STORIES + 3):
        wait(store, tell(store, f"n{number}").id)
    (digest,) = make(store)
    assert (len(digest.lines), digest.left_off) == (MOST_STORIES, 3)


def test_what_came_too_late_is_told_at_the_next_full_hour(store: SqlStore) -> None:
    tell(store, "a")
    tell(store, "b")
    claims = store.outbox.claim_due(channels=["desk"], now=NOON, limit=9, lease_s=60)
    with store.database.writing() as connection:
        for claim in claims:
            keep_for_digest(connection, claim, now=NOON + timedelta(minutes=40))
    (digest,) = make(store)
    assert digest.title == "What could not be told in time"
    assert len(digest.lines) == 2


@pytest.mark.parametrize("text", ["[]", '{"digest": "k", "v": 9}', '{"digest": "k", "v": 1}', "nonsense"])
def test_a_stored_digest_that_is_not_understood_is_refused(text: str) -> None:
    with pytest.raises(StoreError):
        told_of(text)


def test_a_digest_is_stored_whole(store: SqlStore) -> None:
    wait(store, tell(store, who="Zoë “Z” Ø", where="Côte d'Ivoire").id)
    (digest,) = make(store)
    assert told_of(digest_text(digest)) == digest
