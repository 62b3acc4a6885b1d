"""What grouping takes up, and what waits."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from monitor.schedule.once import work_all
from monitor.steps.group import GroupStep
from monitor.steps.tell import Teller
from tests.house import House
from tests.steps.test_pipeline import TRUCE, VISIT

OpenHouse = Callable[..., House]


@pytest.mark.parametrize("open_house", ["sqlite", "postgresql"], indirect=True)
def test_reports_whose_rules_were_taken_away_hold_up_no_others(open_house: OpenHouse) -> None:
    """They are told when the rules are back."""
    house = open_house()
    house.publish_feed("/feed.xml", [TRUCE, VISIT])
    app = house.open()
    try:
        events = next(step for step in app.steps if isinstance(step, GroupStep))._events
        poll, read = app.steps[:2]
        some = {name: event for name, event in events.items() if name != "visit"}
        teller = Teller(channels=["desk"], max_age=None)
        for known in (some, events):
            group = GroupStep(store=app.store.stories, clock=house.clock, events=known, teller=teller)
            work_all([poll, read, group], has_retries=lambda: False, linger_s=0.0)
            assert {type for type, _ in house.told()} == set(known)
    finally:
        app.store.close()
