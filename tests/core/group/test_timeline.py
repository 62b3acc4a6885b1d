"""A story's timeline: history, stops, deadlines, and what became of each development."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from monitor.core.group.timeline import timeline_of
from monitor.core.model.alert import Severity
from monitor.core.model.event import EventType
from monitor.core.model.story import Development, Story
from monitor.core.model.story_view import ReportView, StoryView
from monitor.core.model.timeline import Stop, Telling, Timeline
from tests.builders import CEASEFIRE, NOON, VISIT
from tests.core.group.chains import all_told, chain, change


def shown(story: Story, event: EventType = CEASEFIRE, *reports: ReportView, days: float = 0.0) -> Timeline:
    told = all_told(c for c in story.developments if c.alerted)
    view = StoryView(story=story, told={i: tuple(a) for i, a in told.items()}, reports=reports, followed_by=("later",))
    return timeline_of(view, event, now=NOON + timedelta(days=days))


def report_of(change: Development, *, id: int = 1, **more: object) -> ReportView:
    made = ReportView(
        id=id,
        development_id=change.id,
        document_id=id,
        outlet=change.origins[0],
        title="A headline",
        url=f"https://news.example/{id}",
        quote="What it says.",
        published_at=change.first_seen_at,
    )
    return replace(made, **more)  # type: ignore[arg-type]


def test_a_truce_is_told_phase_by_phase() -> None:
    """Entries stand by their first reports, whatever order they were filed in, with words and outlets."""
    agreed = change("agreed", id=2, days=1, origins=("Wire", "Post"), ends="2024-11-30")
    talks = change("talks", id=1)
    timeline = shown(chain(talks, agreed), CEASEFIRE, report_of(agreed), report_of(agreed, id=2, copy_of=1), days=1)
    assert [(e.phase, e.at, e.words, e.outlet) for e in timeline.entries] == [
        ("talks", NOON, "It is talks now.", "Harbour Wire"),
        ("agreed", NOON + timedelta(days=1), "It is agreed now.", "Wire"),
    ]
    last = timeline.entries[-1]
    assert (last.report_count, last.copy_count, last.origin_count, last.outlets) == (2, 1, 2, ("Wire", "Post"))
    assert (timeline.phase, timeline.severity, timeline.report_count) == ("agreed", Severity.HIGH, 3)
    assert [(a.what, a.on) for a in timeline.ahead] == [("truce ends", date(2024, 11, 30))]


def test_an_untold_development_speaks_through_its_first_news_report() -> None:
    """A side mention lends its words only where there is no other."""
    quiet = change("talks", told=False, party=("Israel", "Hamas"), place="Gaza")
    mention = report_of(quiet, id=1, quote="In passing.", is_news=False)
    news = report_of(quiet, id=2, published_at=NOON + timedelta(hours=1))
    (entry,) = shown(chain(quiet), CEASEFIRE, mention, news).entries
    assert (entry.telling, entry.words, entry.who, entry.where) == (
        Telling.UNTOLD,
        "What it says.",
        "Israel and Hamas",
        "Gaza",
    )


@pytest.mark.parametrize(
    ("development", "telling"),
    [
        (change("agreed"), Telling.TOLD),
        (change("talks", told=False, step="earlier_phase"), Telling.LATE),
        (replace(change("talks", told=False), held_until=NOON), Telling.HELD),
        (change("talks", told=False), Telling.UNTOLD),
    ],
)
def test_what_became_of_a_development_is_marked(development: Development, telling: Telling) -> None:
    """Told, held for a second origin, late, or kept silent."""
    assert shown(chain(development)).entries[0].telling is telling


def test_a_trip_has_its_stops_made_and_planned() -> None:
    """Made ones with their day, the others as planned."""
    trip = (
        change("planned", type="visit", visitor="Blinken", destination="Israel", stops=("Jordan",)),
        change("under_way", id=2, days=1, type="visit", visitor="Blinken", destination="Israel"),
    )
    timeline = shown(chain(*trip, type="visit"), VISIT, days=1)
    assert timeline.stops == (
        Stop(place="Israel", is_made=True, on=date(2024, 10, 30)),
        Stop(place="Jordan", is_made=False),
    )
    assert [a.what for a in timeline.ahead] == ["next stop: Jordan"]


def test_a_late_arrival_changes_nothing_that_is_ahead() -> None:
    """The plan that is reported after the landing is history."""
    trip = (
        change("under_way", type="visit", visitor="Blinken", destination="Israel"),
        change(
            "planned", id=2, days=0.2, type="visit", visitor="Blinken", destination="Egypt", told=False,
            step="earlier_phase",
        ),
    )  # fmt: skip
    assert [s.place for s in shown(chain(*trip, type="visit"), VISIT).stops] == ["Israel"]


def test_a_truce_story_closes_ten_days_after_its_last_report() -> None:
    """Open until then; nothing is ahead in a closed one."""
    story = chain(change("talks"), change("proposed", id=2, lasts="P60D"))
    assert shown(story).closes_at == NOON + timedelta(days=10)
    assert shown(story, days=10).is_open
    assert [a.what for a in shown(story, days=10).ahead] == ["proposed truce ends"]
    closed = shown(story, days=10.1)
    assert (closed.is_open, closed.ahead) == (False, ())


def test_a_visit_closes_some_days_after_the_last_day_it_names() -> None:
    """A trip planned for next week is still open then."""
    planned = chain(change("planned", type="visit", starts="2024-11-05", ends="2024-11-08"), type="visit")
    assert shown(planned, VISIT).closes_at.date() == date(2024, 11, 8 + VISIT.idle_days)


def test_stories_before_and_after_are_linked() -> None:
    """What it follows and what follows it."""
    timeline = shown(chain(change("agreed"), follows="earlier"))
    assert (timeline.follows, timeline.followed_by) == ("earlier", ("later",))
