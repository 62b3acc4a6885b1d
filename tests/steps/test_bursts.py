"""The sources of a story that is told are asked more often, end to end."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from monitor.core.model.feed import FeedState, IntervalReason
from tests.house import NOW, House
from tests.steps.test_pipeline import FOOTBALL, TRUCE

OpenHouse = Callable[..., House]
MINUTES = timedelta(minutes=1)


def states(house: House) -> dict[str, FeedState]:
    with house.store() as store:
        return {view.feed.name: view.state for view in store.history.feeds()}


@pytest.mark.parametrize("open_house", ["sqlite", "postgresql"], indirect=True)
def test_a_source_of_an_alert_is_polled_at_the_floor(open_house: OpenHouse) -> None:
    """Two hours from its report on; a source that reported nothing keeps its own rhythm."""
    house = open_house()
    house.publish_feed("/one.xml", [TRUCE], name="Harbour Wire")
    house.publish_feed("/two.xml", [FOOTBALL], name="Meridian Post")
    house.run_once()
    found = states(house)
    assert found["Harbour Wire"].burst_until == TRUCE.published_at + 120 * MINUTES
    assert found["Harbour Wire"].next_poll_at == NOW + 5 * MINUTES
    assert found["Meridian Post"].burst_until is None
    house.clock.advance(minutes=10)
    house.run_once()
    assert states(house)["Harbour Wire"].interval_reason is IntervalReason.BURST


def test_bursts_can_be_turned_off(open_house: OpenHouse) -> None:
    """With `poll.burst: 0` an alert changes no schedule."""
    house = open_house(settings={"poll": {"burst": 0}})
    house.publish_feed("/one.xml", [TRUCE], name="Harbour Wire")
    house.run_once()
    assert house.told()
    assert states(house)["Harbour Wire"].burst_until is None


def test_old_news_starts_no_burst(open_house: OpenHouse) -> None:
    """A story told a day late is not alive."""
    house = open_house(settings={"poll": {"burst": "10m"}})
    house.publish_feed("/one.xml", [TRUCE], name="Harbour Wire")
    house.run_once()
    assert house.told()
    assert states(house)["Harbour Wire"].burst_until is None
