"""Which reports tell the same development, and which only belong to the same story."""

from __future__ import annotations

from dataclasses import replace

import pytest

from monitor.core.group.assign import Placement, Step
from monitor.core.group.book import StoryBook
from monitor.core.group.names import is_same_name, shared_count, united
from monitor.core.model.event import EventType
from monitor.core.model.story import FiledReport, Story
from tests.builders import CEASEFIRE, VISIT, filed, report


def told(event: EventType, *reports: FiledReport) -> tuple[list[Story], list[Placement]]:
    """The stories after these reports in this order, and where each was placed."""
    book = StoryBook(event)
    stories: dict[int, Story] = {}
    placements = []
    for number, each in enumerate(reports, start=1):
        placement = book.place(each)
        placements.append(placement)
        story = book.story_after(each, placement)
        story = story if story.id else replace(story, id=number)
        development = book.development_after(each, placement, story)
        development = development if development.id else replace(development, id=number)
        development = replace(development, alerted=each.report.alert)
        book.put(story, development)
        stories[story.id] = book.development(development.id)[0]
    return list(stories.values()), placements


def steps(event: EventType, *reports: FiledReport) -> list[Step]:
    return [p.step for p in told(event, *reports)[1]]


GAZA = {"party": ("Israel", "Hamas"), "place": "Gaza"}
BLINKEN = {"visitor": "Antony Blinken", "destination": "Israel"}


def test_two_outlets_on_one_landing_are_one_development() -> None:
    """Another outlet's report of the same arrival joins it, whatever its words."""
    assert steps(
        VISIT,
        filed(report("visit", "under_way", **BLINKEN), id=1, title="Blinken lands in Tel Aviv"),
        filed(
            report("visit", "under_way", visitor="Blinken", destination="Israel"),
            id=2,
            title="US envoy arrives",
            hours=1,
        ),
    ) == [Step.NEW_STORY, Step.SAME_DEVELOPMENT]


def test_phases_of_one_truce_are_one_story() -> None:
    """Talks, agreement, start and breach follow each other within the story."""
    phases = ["talks", "agreed", "in_effect", "violated"]
    reports = [filed(report(phase=p, **GAZA), id=n, hours=20 * n) for n, p in enumerate(phases)]
    stories, placements = told(CEASEFIRE, *reports)
    assert len(stories) == 1
    assert [p.step for p in placements] == [Step.NEW_STORY, *[Step.PHASE_CHANGED] * 3]
    assert stories[0].phase == "violated"


def test_one_shared_party_in_another_place_is_another_story() -> None:
    """Israel in Lebanon is not Israel in Gaza."""
    stories, _ = told(
        CEASEFIRE,
        filed(report(phase="agreed", **GAZA), id=1),
        filed(report(phase="agreed", party=("Israel", "Hezbollah"), place="Lebanon"), id=2, title="Beirut front quiet"),
    )
    assert len(stories) == 2


def test_an_unnamed_official_is_the_named_one_of_the_same_country() -> None:
    """ "Norway's foreign minister arrives" joins the visit of Ingrid Solheim, and not that of another country's."""
    named = filed(report("visit", "under_way", visitor="Ingrid Solheim of Norway", destination="Kenya"), id=1)
    for unnamed in ("a minister of Norway", "Norway"):
        said = report("visit", "under_way", visitor=unnamed, destination="Kenya")
        assert steps(VISIT, named, filed(said, id=2, hours=1))[1] is Step.SAME_DEVELOPMENT
    other = report("visit", "under_way", visitor="a minister of Poland", destination="Kenya")
    assert steps(VISIT, named, filed(other, id=2, hours=1))[1] is Step.NEW_STORY


def test_the_same_two_sides_outweigh_another_town() -> None:
    """One truce is told as agreed in the town of the talks and for the town under fire."""
    sides = {"party": ("Sudanese Armed Forces", "Rapid Support Forces")}
    reports = [
        filed(report(phase="agreed", place=place, **sides), id=n, hours=n)
        for n, place in enumerate(["Jeddah", "Port Sudan"])
    ]
    assert steps(CEASEFIRE, *reports) == [Step.NEW_STORY, Step.SAME_DEVELOPMENT]


def test_unknown_names_never_veto() -> None:
    """A report without places and parties joins by its headline's words."""
    title = "Rival armies silence guns around El Fasher"
    assert steps(
        CEASEFIRE,
        filed(report(phase="agreed", place="Sudan"), id=1, title=title),
        filed(report(phase="agreed"), id=2, title="Guns silenced: rival armies around El Fasher", hours=2),
        filed(report(phase="agreed"), id=3, title="Quiet night on the river after a week of shelling", hours=3),
    ) == [Step.NEW_STORY, Step.SAME_DEVELOPMENT, Step.NEW_STORY]


def test_two_visits_weeks_apart_are_two_stories() -> None:
    """A story that has been idle for longer than the event type allows is closed."""
    reports = [filed(report("visit", "under_way", **BLINKEN), id=n, hours=24 * 30 * n) for n in (1, 2)]
    assert steps(VISIT, *reports) == [Step.NEW_STORY, Step.NEW_STORY]


def test_a_late_report_of_an_earlier_phase_changes_nothing() -> None:
    """Talks reported hours after an agreement that two outlets tell are a straggler; days later they conflict."""
    agreed = [filed(report(phase="agreed", **GAZA), id=n, source=f"Outlet {n}") for n in (1, 2)]
    talks = report(phase="talks", **GAZA)
    assert steps(CEASEFIRE, *agreed, filed(talks, id=3, hours=3))[2] is Step.EARLIER_PHASE
    assert steps(CEASEFIRE, *agreed, filed(talks, id=3, hours=100))[2] is Step.CONFLICTING
    assert steps(CEASEFIRE, agreed[0], filed(talks, id=3, hours=3))[1] is Step.PHASE_CHANGED


def test_a_second_origin_makes_a_straggler_a_conflicting_report() -> None:
    """Two independent outlets that tell an earlier phase as news are told, marked as conflicting."""
    agreed = [filed(report(phase="agreed", **GAZA), id=n, source=f"Outlet {n}") for n in (1, 2)]
    late = [filed(report(phase="talks", **GAZA), id=n, hours=n, source=f"Outlet {n}") for n in (3, 4)]
    stories, _ = told(CEASEFIRE, *agreed, *late)
    assert [(d.phase, d.change, d.origin_count) for d in stories[0].developments] == [
        ("agreed", "new_story", 2),
        ("talks", "conflicting", 2),
    ]


def test_after_a_collapse_everything_may_start_again() -> None:
    """Talks after a collapse are a change even on the same day."""
    collapsed = filed(report(phase="collapsed", **GAZA), id=1)
    assert steps(CEASEFIRE, collapsed, filed(report(phase="talks", **GAZA), id=2, hours=5))[1] is Step.PHASE_CHANGED


def test_the_next_stop_of_a_tour_is_news() -> None:
    """Leaving Israel and landing in Jordan are one story, and the landing is no late report."""
    reports = [
        filed(report("visit", phase, visitor="Antony Blinken", destination=place), id=n, hours=n)
        for n, (phase, place) in enumerate([("under_way", "Israel"), ("concluded", "Israel"), ("under_way", "Jordan")])
    ]
    assert steps(VISIT, *reports) == [Step.NEW_STORY, Step.PHASE_CHANGED, Step.PHASE_CHANGED]


def test_different_callers_are_different_developments() -> None:
    """The Pope's appeal and the Security Council's vote are two developments of one story."""
    reports = [
        filed(report(phase="called_for", caller=caller, **GAZA), id=n, hours=n)
        for n, caller in enumerate(["Pope Leo", "UN Security Council"])
    ]
    assert steps(CEASEFIRE, *reports) == [Step.NEW_STORY, Step.NEW_DEVELOPMENT]


def test_a_side_mention_moves_no_story() -> None:
    """Phase and title of a story follow what was reported as news."""
    stories, _ = told(
        CEASEFIRE,
        filed(report(phase="talks", **GAZA), id=1, title="Envoys meet"),
        filed(report(phase="collapsed", alert=False, **GAZA), id=2, title="Oil rises", hours=1),
    )
    assert (stories[0].phase, stories[0].title) == ("talks", "Envoys meet")


def test_slugs_are_readable() -> None:
    """An alert key tells a reader what it is about."""
    stories, _ = told(VISIT, filed(report("visit", "under_way", **BLINKEN)))
    assert stories[0].slug == "visit-israel-antony-blinken-2024-10-29"
    assert stories[0].developments[0].slug == f"{stories[0].slug}/under-way-israel-2024-10-29"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Blinken", "Antony Blinken", True),
        ("Hamas delegation", "Hamas", True),
        ("Erdoğan", "Recep Tayyip Erdogan", True),
        ("Sudan", "South Sudan", False),
        ("Austria", "Australia", False),
        ("President", "Prime Minister", False),
        ("", "Hamas", False),
    ],
)
def test_short_and_long_forms_are_one_name(one: str, other: str, same: bool) -> None:
    assert is_same_name(one, other) is same


def test_names_unite_in_their_longer_form() -> None:
    assert united(["Blinken", "Qatar"], ["Antony Blinken", "Egypt"]) == ("Antony Blinken", "Qatar", "Egypt")
    assert shared_count(["Blinken", "Egypt"], ["Antony Blinken"]) == 1
