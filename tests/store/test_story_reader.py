"""Stories listed by filter and read whole."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Select, insert, update

from monitor.core.model.alert import Alert
from monitor.core.model.lead import OutletReports
from monitor.core.model.story_view import EditKind, StoryFilter
from monitor.store.database import SqlStore
from monitor.store.lead import told_since
from monitor.store.story_reader import edits_of, followers, listed, merged_into, reports_told
from monitor.store.story_tables import story_edits
from monitor.store.tables import reports, stories
from tests.store.arrange import DAY, MINUTE, NOON, development, feed, report, story, tell
from tests.store.chains import Told, add_story
from tests.store.test_plans import scanned


@pytest.fixture
def told(store: SqlStore) -> dict[str, Alert]:
    """Three stories: a visit to Qatar, then a truce in Gaza, then one in Sudan."""
    gaza = report("ceasefire", "agreed", party=["Israel", "Hamas"], place=["Gaza"])
    sudan = report("ceasefire", "talks", party=["Sudan"], place=["Darfur"])
    return {
        "qatar": tell(store, "qatar"),
        "gaza": tell(store, "gaza", gaza, now=NOON + DAY),
        "sudan": tell(store, "sudan", sudan, now=NOON + 2 * DAY, by=feed("Steppe Radio")),
    }


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (StoryFilter(), ["sudan", "gaza", "qatar"]),
        (StoryFilter(type="ceasefire"), ["sudan", "gaza"]),
        (StoryFilter(type="visit", phase="under_way"), ["qatar"]),
        (StoryFilter(since=NOON + DAY), ["sudan", "gaza"]),
        (StoryFilter(until=NOON), []),
        (StoryFilter(person="rouvier"), ["qatar"]),
        (StoryFilter(person="hamas", place="gaza"), ["gaza"]),
        (StoryFilter(place="Darfur"), ["sudan"]),
        (StoryFilter(person="?"), []),
    ],
)
def test_a_filter_keeps_what_it_says(
    store: SqlStore, told: dict[str, Alert], wanted: StoryFilter, expected: list[str]
) -> None:
    """Those last seen come first."""
    assert [s.slug.removeprefix("story-") for s in store.story_reader.stories(wanted)] == expected


def test_a_story_is_found_by_number_slug_and_development(store: SqlStore, told: dict[str, Alert]) -> None:
    """All three give the same; nothing else gives anything."""
    keys = (str(told["gaza"].story_id), "story-gaza", "change-gaza")
    assert {view.story.slug for key in keys if (view := store.story_reader.story(key))} == {"story-gaza"}
    assert [store.story_reader.story(key) for key in ("999", "9" * 30, "gaza", "", "٣", "a\x00b")] == [None] * 6


def test_a_story_comes_with_what_told_it(store: SqlStore, told: dict[str, Alert]) -> None:
    """Its alert and the report with its outlet and words."""
    view = store.story_reader.story("story-sudan")
    assert view is not None
    (change,) = view.story.developments
    assert [alert.key for alert in view.told[change.id]] == ["story-sudan/change-sudan/new_story"]
    assert [(r.outlet, r.quote, r.title, r.copy_of) for r in view.reports] == [
        ("Steppe Radio", "Some text.", "Headline sudan", None)
    ]
    assert (view.followed_by, view.merged, view.edits, view.asked) == ((), (), (), None)


def test_a_copy_is_known_as_one(store: SqlStore, told: dict[str, Alert]) -> None:
    """The report of which it is a reprint stands beside it."""
    with store.database.writing() as connection:
        connection.execute(update(reports).where(reports.c.id == told["sudan"].report_id).values(copy_of=1))
    view = store.story_reader.story("story-sudan")
    assert view is not None
    assert [r.copy_of for r in view.reports] == [1]


def test_stories_that_follow_and_that_went_in_are_named(store: SqlStore, told: dict[str, Alert]) -> None:
    """A merged story's name finds the survivor, through every merge on the way."""
    ids = {name: alert.story_id for name, alert in told.items()}
    with store.database.writing() as connection:
        for one, other in (("sudan", "gaza"), ("gaza", "qatar")):
            merged = update(stories).where(stories.c.id == ids[one]).values(merged_into=ids[other])
            connection.execute(merged)
        edit = {"kind": str(EditKind.MERGE), "from_story_id": ids["sudan"], "to_story_id": ids["gaza"]}
        connection.execute(
            insert(story_edits).values(edit | {"development_ids": '["7"]', "by": "desk", "why": "the same", "at": NOON})
        )
    with store.stories.grouping() as session:
        session.save_story(story("story-next", follows="story-qatar", last_seen_at=NOON))
    view = store.story_reader.story("story-sudan")
    assert view is not None
    assert (view.story.slug, view.asked) == ("story-qatar", "story-sudan")
    assert (view.followed_by, view.merged) == (("story-next",), ("story-gaza", "story-sudan"))
    assert [(e.kind, e.from_story, e.to_story, e.development_ids) for e in view.edits] == [
        (EditKind.MERGE, "story-sudan", "story-gaza", (7,))
    ]
    assert [s.slug for s in store.story_reader.stories(StoryFilter())] == ["story-next", "story-qatar"]


def test_many_stories_come_page_by_page_in_order(store: SqlStore) -> None:
    """More than one page, none twice."""
    with store.stories.grouping() as session:
        for number in range(130):
            made = session.save_story(story(f"s{number:03}", last_seen_at=NOON + number * DAY))
            session.save_development(development(f"d{number:03}", story_id=made.id))
    slugs = [s.slug for s in store.story_reader.stories(StoryFilter())]
    assert slugs == [f"s{number:03}" for number in reversed(range(130))]


@pytest.mark.parametrize(
    "query",
    [
        pytest.param(listed(StoryFilter()), id="all"),
        pytest.param(listed(StoryFilter(type="visit", since=NOON, until=NOON)), id="of a type in a time"),
        pytest.param(listed(StoryFilter(phase="agreed", person="rouvier", place="qatar")), id="by names"),
        pytest.param(reports_told([1, 2]), id="reports"),
        pytest.param(edits_of([1, 2]), id="edits"),
        pytest.param(followers("story"), id="followers"),
        pytest.param(merged_into([1]), id="merged"),
        pytest.param(told_since(NOON), id="outlets of developments"),
    ],
)
def test_stories_are_found_by_index(store: SqlStore, query: Select[Any]) -> None:
    """None of the queries reads a table from end to end."""
    assert scanned(store, query) == set()


def test_outlets_are_compared_by_their_first_report_of_a_development(store: SqlStore) -> None:
    """Side mentions are no news, older developments are left out, copies are counted."""
    wire, post = feed("Wire"), feed("Post")
    old = Told(phase="planned", at=NOON - DAY, quote="She will go.", outlets=(post,), change="new_story")
    landed = Told(phase="under_way", at=NOON, quote="She landed.", outlets=(wire, post, post), copies=frozenset({1}))
    late = Told(phase="planned", at=NOON + DAY, quote="She had planned it.", outlets=(wire,), is_told=False)
    _, (_, landing, _) = add_story(store, story("trip"), old, landed, late)
    assert store.story_reader.outlet_reports(NOON) == (
        OutletReports(development_id=landing.id, outlet="Post", at=NOON + MINUTE, report_count=2, copy_count=1),
        OutletReports(development_id=landing.id, outlet="Wire", at=NOON, report_count=1, copy_count=0),
    )
