"""The outbox under crash scripts: whatever dies, nothing is lost and no doubt is forgotten."""

from __future__ import annotations

import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from random import Random

import pytest

from monitor.core.model.alert import Receipt
from monitor.core.model.history import AlertFilter
from monitor.errors import DeliveryFault, LeaseLost
from monitor.ports import ClaimedDelivery, ClaimedDocument, PollWritten
from monitor.store.database import SqlStore
from tests.databases import SCRIPTS
from tests.store.arrange import DAY, MINUTE, NOON, entry, poll, publish, read_result, report, tell

LEASE = timedelta(seconds=60)


class Fate(Enum):
    """What becomes of one attempt."""

    FINE = "sent, and the receipt is written"
    DIES_BEFORE = "dies before anything leaves"
    DIES_AFTER = "dies after the channel took it"
    ANSWER_LOST = "the channel took it, its answer was lost"
    NOT_TAKEN = "the connection broke before the channel took it, which nobody can tell"
    REFUSED = "the channel certainly did not take it"
    TOO_SLOW = "the result comes when the lease has lapsed and another works on it"


@dataclass
class Wall:
    """A channel that remembers what was put on it, and how often."""

    posts: list[str] = field(default_factory=list)

    def send(self, key: str) -> Receipt:
        self.posts.append(key)
        return Receipt(reference=f"post {len(self.posts)}")


@dataclass
class Sender:
    """The deliver step's order of things, with a fate thrown for each attempt."""

    store: SqlStore
    wall: Wall
    random: Random
    late: list[tuple[ClaimedDelivery, Receipt]] = field(default_factory=list)

    def work(self, now: datetime, fates: list[Fate]) -> None:
        for claim in self.store.outbox.claim_due(
            channels=["desk"], now=now, limit=self.random.randint(1, 4), lease_s=LEASE.total_seconds()
        ):
            key = claim.delivery.key
            assert claim.unknown_since or key not in self.wall.posts, "a send that may have happened was forgotten"
            if claim.unknown_since and key in self.wall.posts:
                self.store.outbox.record_sent(claim, Receipt(reference="found"), now=now)
            else:
                self._attempt(claim, now, self.random.choice(fates))

    def _attempt(self, claim: ClaimedDelivery, now: datetime, fate: Fate) -> None:
        receipt = None
        if fate in (Fate.FINE, Fate.DIES_AFTER, Fate.ANSWER_LOST, Fate.TOO_SLOW):
            receipt = self.wall.send(claim.delivery.key)
        if fate is Fate.FINE and receipt is not None:
            self.store.outbox.record_sent(claim, receipt, now=now)
        elif fate is Fate.TOO_SLOW and receipt is not None:
            self.late.append((claim, receipt))
        elif fate in (Fate.ANSWER_LOST, Fate.NOT_TAKEN, Fate.REFUSED):
            unknown = fate is not Fate.REFUSED
            fault = DeliveryFault.OUTCOME_UNKNOWN if unknown else DeliveryFault.RATE_LIMITED
            retry_at = now + self.random.choice([0, 1, 3]) * MINUTE
            self.store.outbox.record_retry(
                claim, fault=fault, detail="", retry_at=retry_at, unknown_since=now if unknown else None
            )

    def finish_late(self, now: datetime) -> None:
        """The slow results arrive; those whose row was claimed meanwhile are dropped."""
        for claim, receipt in self.late:
            with suppress(LeaseLost):
                self.store.outbox.record_sent(claim, receipt, now=now)
        self.late.clear()


@pytest.mark.parametrize("seed", range(4))
def test_every_alert_goes_out_just_once_whatever_dies(store: SqlStore, other: SqlStore, seed: int) -> None:
    random = Random(seed)
    wall = Wall()
    keys = [f"{tell(store, f'a{number}').key}@desk" for number in range(12)]
    senders = [Sender(opened, wall, random) for opened in (store, other)]
    now = NOON
    for _ in range(60):
        sender = random.choice(senders)
        sender.work(now, list(Fate))
        now += timedelta(seconds=random.choice([0, 10, 45, 90]))
        if random.random() < 0.2:
            sender.finish_late(now)
    for _ in range(12):
        now += 5 * MINUTE
        senders[0].work(now, [Fate.FINE])
    assert sorted(wall.posts) == sorted(keys)
    assert store.history.counts().deliveries_by_status == (("sent", 12),)


@pytest.mark.parametrize("seed", range(3))
def test_every_document_is_read_whatever_dies(store: SqlStore, other: SqlStore, seed: int) -> None:
    """Readers that die, dawdle or postpone: each document ends with the reports of one reading."""
    random = Random(seed)
    publish(store, *(entry(f"n{number}") for number in range(12)))
    now, slow = NOON, list[tuple[SqlStore, ClaimedDocument]]()
    for _ in range(40):
        reader = random.choice([store, other])
        for claim in reader.documents.claim_pending(now=now, limit=random.randint(1, 3), lease_s=60):
            fate = random.choice(["reads", "dies", "dawdles", "postpones"])
            if fate == "reads":
                reader.documents.record_read(claim, read_result(claim, report()), now=now)
            elif fate == "postpones":
                reader.documents.postpone(claim, retry_at=now + MINUTE, detail="")
            elif fate == "dawdles":
                slow.append((reader, claim))
        now += timedelta(seconds=random.choice([0, 20, 70]))
    for reader, claim in slow:
        with suppress(LeaseLost):
            reader.documents.record_read(claim, read_result(claim, report()), now=now)
    for claim in store.documents.claim_pending(now=now + DAY, limit=99, lease_s=60):
        store.documents.record_read(claim, read_result(claim, report()), now=now)
    counts = store.history.counts()
    assert (counts.documents_by_status, counts.reports) == ((("read", 12),), 12)


def test_a_process_killed_inside_a_transaction_leaves_nothing_of_it(store: SqlStore, database_url: str) -> None:
    """kill -9 between two writes of one poll; the feed's lease lapses and the next poll stores everything."""
    publish(store, entry("a"))
    program = (
        "import sys\n"
        "from monitor.store.database import open_store\n"
        "store = open_store(sys.argv[1])\n"
        "with store.database.writing() as connection:\n"
        "    connection.exec_driver_sql('UPDATE feed_states SET fence = 99')\n"
        "    connection.exec_driver_sql('DELETE FROM polls')\n"
        "    print('half-way', flush=True)\n"
        "    sys.stdin.read()\n"
    )
    call = [sys.executable, "-c", program, database_url]
    with subprocess.Popen(call, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=SCRIPTS.parent) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"half-way\n"
        process.kill()
    assert store.history.counts().polls_by_reason == (("new_entries", 1),)
    assert poll(store, entry("a"), entry("b"), now=NOON + MINUTE) == PollWritten(new=1, known=1)


def test_the_work_of_a_dead_process_is_taken_up_at_once(store: SqlStore, other: SqlStore) -> None:
    """Owner 2 died holding a feed, a document and a delivery; owner 1 lives and keeps its own."""
    tell(store, "a")
    publish(store, entry("b"), entry("c"), now=NOON)
    later = NOON + MINUTE
    (feed_claim,) = other.feeds.claim_due(now=later, limit=1, lease_s=3600)
    (lost,) = other.documents.claim_pending(now=later, limit=1, lease_s=3600)
    (held,) = store.documents.claim_pending(now=later, limit=1, lease_s=3600)
    other.outbox.claim_due(channels=["desk"], now=later, limit=1, lease_s=3600)

    assert store.release_leases(lambda owner: owner == "here/boot/2/2") == 3

    assert [c.feed.id for c in store.feeds.claim_due(now=later, limit=9, lease_s=60)] == [feed_claim.feed.id]
    assert [c.document.id for c in store.documents.claim_pending(now=later, limit=9, lease_s=60)] == [lost.document.id]
    (delivery,) = store.outbox.claim_due(channels=["desk"], now=later, limit=9, lease_s=60)
    assert delivery.unknown_since
    with pytest.raises(LeaseLost):
        other.documents.record_read(lost, read_result(lost), now=later)
    store.documents.record_read(held, read_result(held), now=later)


def test_nobody_is_released_twice_or_without_a_lease(store: SqlStore) -> None:
    tell(store, "a")
    asked: list[str] = []
    assert store.release_leases(lambda owner: bool(asked.append(owner)) or True) == 0
    assert asked == []
    store.outbox.claim_due(channels=["desk"], now=NOON, limit=1, lease_s=60)
    assert store.release_leases(lambda owner: owner == "here/boot/1/1") == 1
    assert store.release_leases(lambda owner: True) == 0
    assert len(list(store.history.alerts(AlertFilter(status="sending")))) == 1
