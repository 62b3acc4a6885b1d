"""What becomes of a delivery whose answer was lost."""

from __future__ import annotations

from collections.abc import Callable

import pytest

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
