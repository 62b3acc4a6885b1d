"""What becomes of a delivery whose answer was lost."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import datetime

import pytest

from monitor.core.model.alert import AlertMessage, Receipt
from monitor.schedule.health import StoreHealth
from monitor.schedule.once import work_all
from monitor.schedule.pool import StepPool
from monitor.steps.deliver import DeliverStep
from monitor.store.database import open_store
from tests.house import House
from tests.slack_server import BOT_SCOPES, FakeSlack, Fault
from tests.steps.test_pipeline import VISIT

OpenHouse = Callable[..., House]


def run_for(house: House, *pauses_s: float) -> None:
    """Run once, and again after each pause."""
    house.run_once()
    for pause_s in pauses_s:
        house.clock.advance(seconds=pause_s)
        house.run_once()


def test_a_post_that_shows_late_is_found_at_the_last_look(open_house: OpenHouse) -> None:
    """Slack took it, lost the answer, and shows it only after the first look."""
    house = open_house()
    house.slack.fail_next(Fault.LATE)
    house.publish_feed("/feed.xml", [VISIT])
    run_for(house, 6)
    house.slack.reveal()
    run_for(house, 40, 40)
    assert len(house.slack.posts) == 1
    assert dict(house.counts().deliveries_by_status) == {"sent": 1}


def test_a_post_that_never_shows_is_sent_again(open_house: OpenHouse) -> None:
    house = open_house()
    house.slack.fail_next(Fault.RESET_BEFORE)
    house.publish_feed("/feed.xml", [VISIT])
    run_for(house, 6)
    assert len(house.slack.posts) == 0
    run_for(house, 40)
    assert len(house.slack.posts) == 1


@pytest.mark.parametrize(("choice", "posts", "status"), [("at_least_once", 2, "sent"), ("at_most_once", 1, "dead")])
def test_without_the_history_scope_the_user_chooses(
    open_house: OpenHouse, choice: str, posts: int, status: str
) -> None:
    slack = FakeSlack(scopes=tuple(scope for scope in BOT_SCOPES if "history" not in scope))
    house = open_house(slack=slack, settings={"channels": {"desk": {"when_unsure": choice}}})
    house.slack.fail_next(Fault.RESET_AFTER)
    house.publish_feed("/feed.xml", [VISIT])
    run_for(house, 10, 60)
    assert len(house.slack.posts) == posts
    assert dict(house.counts().deliveries_by_status) == {status: 1}


class Messenger:
    """A channel that takes every message, and after it the database's lock."""

    name = "desk"
    visible_after_s = 0.0
    repeats_when_unsure = True

    def __init__(self, database: str) -> None:
        self.sent: list[str] = []
        self.lock = sqlite3.connect(database, isolation_level=None, check_same_thread=False)

    def send(self, message: AlertMessage, *, key: str) -> Receipt:
        self.sent.append(key)
        self.lock.execute("BEGIN IMMEDIATE")
        return Receipt(reference=key)

    def find(self, key: str, *, since: datetime) -> Receipt | None:
        return None


def test_a_receipt_is_written_as_soon_as_the_database_takes_it(open_house: OpenHouse) -> None:
    """A lock held just then must not send the message twice."""
    house = open_house()
    house.publish_feed("/feed.xml", [VISIT])
    app = house.open()
    work_all(app.steps[:3], has_retries=lambda: False, linger_s=0.0)
    app.store.close()
    store = open_store(house.database_url, lock_wait_s=0.0)
    channel = Messenger(house.database_url.removeprefix("sqlite:///"))
    health = StoreHealth(patience_s=60, give_up=lambda why: None)
    pool = StepPool(
        DeliverStep(outbox=store.outbox, threads=store.threads, channels=[channel], clock=house.clock),
        health,
        rewrite_s=0.01,
    )
    pool.tick()
    while not health.is_failing:
        assert not pool.wait(0.01)
    channel.lock.execute("ROLLBACK")
    assert pool.wait(30)
    assert len(channel.sent) == 1
    assert dict(house.counts().deliveries_by_status) == {"sent": 1}
    store.close()
    channel.lock.close()
