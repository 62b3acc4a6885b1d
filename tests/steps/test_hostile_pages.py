"""A hostile page costs its own article's page text, nothing else, and says why."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitor.core.model.document import ReadReason
from monitor.workers.pool import WorkerPool
from tests.databases import NewDatabase
from tests.house import House
from tests.steps.test_pipeline import TRUCE, VISIT
from tests.web import Page
from tests.workers.test_hostile_pages import ENDLESS

CHALLENGE = (
    "<html><head><title>Just a moment...</title></head><body><script>window._cf_chl_opt={}</script></body></html>"
)
LOGIN = (
    "<html><head><title>Sign in</title></head>"
    "<body><form><input type='password'>Forgot your password?</form></body></html>"
)


def test_a_page_without_end_is_recorded_with_its_reason(tmp_path: Path, new_database: NewDatabase) -> None:
    """The feed's own words are searched instead, and the other article's page is read as ever."""
    with (
        new_database("sqlite") as url,
        WorkerPool(1, 1.0, 1 << 30) as workers,
        House(folder=tmp_path, database_url=url, workers=workers) as house,
    ):
        house.publish_feed("/feed.xml", [TRUCE, VISIT])
        house.web[f"/{TRUCE.slug}.html"] = Page(ENDLESS["attributes"])
        house.run_once()
        assert house.documents() == {TRUCE.title: ReadReason.PAGE_PARSER_TIMEOUT, VISIT.title: ReadReason.PAGE_READ}
        assert house.told() == {("ceasefire", "agreed"), ("visit", "under_way")}


@pytest.mark.parametrize(
    ("page", "reason"),
    [
        (Page(CHALLENGE), ReadReason.PAGE_BOT_WALL),
        (Page(CHALLENGE, status=403), ReadReason.PAGE_BOT_WALL),
        (Page("", status=403, headers=(("cf-mitigated", "challenge"),)), ReadReason.PAGE_BOT_WALL),
        (Page("<html><body>Forbidden</body></html>", status=403), ReadReason.PAGE_FORBIDDEN),
        (Page(LOGIN), ReadReason.PAGE_LOGIN),
        (Page(LOGIN, status=401), ReadReason.PAGE_LOGIN),
        (Page(LOGIN, status=404), ReadReason.PAGE_MISSING),
    ],
)
def test_a_wall_is_named_on_any_status(open_house, page: Page, reason: ReadReason) -> None:
    """A refusal with a challenge behind it is another thing than a plain one."""
    house = open_house()
    house.publish_feed("/feed.xml", [VISIT])
    house.web[f"/{VISIT.slug}.html"] = page
    house.run_once()
    assert house.documents() == {VISIT.title: reason}
