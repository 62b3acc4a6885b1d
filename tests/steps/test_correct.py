"""An article that made an alert is edited, and takes back what was told: told once, in its story."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from monitor.core.model.alert import AlertReason
from tests.databases import KINDS
from tests.house import House, Item
from tests.steps.test_pipeline import TRUCE
from tests.web import Page

OpenHouse = Callable[..., House]
TAKEN_BACK = "This story has been retracted. An editing error led to a wrong report.\n"


def edited(house: House, item: Item, **parts: float) -> None:
    house.web[f"/{TRUCE.slug}.html"] = Page(item.html())
    house.clock.advance(**parts)
    house.run_once()


@pytest.mark.parametrize("open_house", KINDS, indirect=True)
def test_a_retraction_is_told_once_in_the_story_of_its_alert(open_house: OpenHouse) -> None:
    house = open_house()
    house.publish_feed("/feed.xml", [TRUCE])
    edited(house, TRUCE, minutes=0)
    first = house.alerts()[-1]
    retracted = replace(TRUCE, text=TAKEN_BACK + TRUCE.text)
    edited(house, retracted, minutes=16)
    edited(house, replace(retracted, text=f"{retracted.text}\nMore follows."), hours=1)
    told = [view for view in house.alerts() if view.alert.reason is AlertReason.RETRACTED]
    assert len(told) == 1
    assert told[0].story_slug == first.story_slug
    assert told[0].alert.message.details[0] == "the article says so"
    assert told[0].alert.message.quote == "This story has been retracted."
    assert [d.status for d in told[0].deliveries] == ["sent"]


def test_an_edit_that_says_the_same_is_not_told(open_house: OpenHouse) -> None:
    house = open_house()
    house.publish_feed("/feed.xml", [TRUCE])
    edited(house, TRUCE, minutes=0)
    before = len(house.alerts())
    edited(house, replace(TRUCE, text=f"{TRUCE.text}\nNeither side commented further on the deal."), minutes=16)
    assert len(house.alerts()) == before
