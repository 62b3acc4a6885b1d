"""Deadlines of a truce, stops and days of a trip that are still to come."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.group.ahead import ahead_of, ahead_words, day_after, stops_of
from monitor.core.model.story import Development
from monitor.core.model.timeline import Ahead
from tests.core.group.chains import change

TODAY = date(2024, 10, 29)  # the day of NOON


def words(type: str, *changes: Development, today: date = TODAY) -> list[str]:
    return [ahead_words(a, today=today) for a in ahead_of(type, changes, today=today)]


def trip(phase: str, *, id: int = 1, days: float = 0.0, **more: object) -> Development:
    return change(phase, id=id, days=days, type="visit", visitor="Blinken", **more)  # type: ignore[arg-type]


def test_a_truce_ends_when_it_says_so() -> None:
    """The stated end is a deadline, with the distance to it for whoever looks now."""
    assert words("ceasefire", change("agreed", ends="2024-11-30")) == ["truce ends 30 Nov 2024 (in 32 days)"]


def test_a_duration_counts_from_the_start() -> None:
    """Sixty days from a start that is still ahead: both are deadlines."""
    agreed = change("agreed", starts="2024-10-30", lasts="P60D")
    assert words("ceasefire", agreed) == [
        "truce starts 30 Oct 2024 (tomorrow)",
        "truce ends 29 Dec 2024 (in 61 days)",
    ]


def test_a_duration_without_a_start_counts_from_the_first_report() -> None:
    """A 72-hour truce that holds since today ends in three days."""
    assert words("ceasefire", change("in_effect", lasts="PT72H")) == ["truce ends 1 Nov 2024 (in 3 days)"]


def test_an_extension_counts_from_the_end_it_moves() -> None:
    """Extended by two days: two days after the end that stood before."""
    chain = change("in_effect", ends="2024-10-31"), change("extended", id=2, days=1, lasts="P2D")
    assert words("ceasefire", *chain) == ["truce ends 2 Nov 2024 (in 4 days)"]


def test_a_collapsed_truce_has_no_deadline() -> None:
    """What was agreed before it fell is no longer ahead."""
    assert words("ceasefire", change("agreed", ends="2024-11-30"), change("collapsed", id=2, days=1)) == []


def test_a_breach_moves_no_deadline() -> None:
    """A violated truce still ends when it was to end; days in the report of the breach are the breach's."""
    chain = change("agreed", ends="2024-11-30"), change("violated", id=2, days=1, starts="2024-11-02")
    assert words("ceasefire", *chain) == ["truce ends 30 Nov 2024 (in 32 days)"]


def test_a_proposal_is_named_as_one_and_never_replaces_an_agreement() -> None:
    """A proposed end is marked as proposed; once there is a truce, proposals of others say nothing of its end."""
    proposed = change("proposed", ends="2024-11-15")
    assert words("ceasefire", proposed) == ["proposed truce ends 15 Nov 2024 (in 17 days)"]
    agreed = change("agreed", id=2, days=1, ends="2024-11-30")
    late = change("proposed", id=3, days=2, ends="2024-12-24")
    assert words("ceasefire", proposed, agreed, late) == ["truce ends 30 Nov 2024 (in 32 days)"]


def test_the_next_round_of_talks_is_ahead() -> None:
    """Talks announced for a day."""
    assert words("ceasefire", change("talks", starts="2024-11-03")) == ["talks 3 Nov 2024 (in 5 days)"]


def test_past_deadlines_are_not_ahead() -> None:
    """A truce that ended yesterday has nothing ahead; one that ends today has."""
    assert words("ceasefire", change("agreed", ends="2024-10-28")) == []
    assert words("ceasefire", change("agreed", ends="2024-10-29")) == ["truce ends 29 Oct 2024 (today)"]


def test_the_next_stop_has_its_day_and_a_made_one_is_no_longer_ahead() -> None:
    """Israel is made; Jordan follows on a known day, Qatar on none."""
    chain = (
        trip("planned", destination="Israel", starts="2024-10-28", stops=("Jordan", "Qatar")),
        trip("planned", id=2, destination="Jordan", starts="2024-10-30"),
        trip("under_way", id=3, destination="Israel"),
    )
    assert words("visit", *chain) == ["next stop: Jordan, 30 Oct 2024 (tomorrow)", "then Qatar"]
    assert [(s.place, s.is_made, s.on) for s in stops_of(chain)] == [
        ("Israel", True, TODAY),
        ("Jordan", False, date(2024, 10, 30)),
        ("Qatar", False, None),
    ]


def test_stops_of_a_trip_that_was_called_off_are_not_ahead() -> None:
    """Cancelled as a whole: nothing is left; cancelled for one stop: the other stays."""
    planned = trip("planned", destination="Israel", stops=("Jordan",), starts="2024-11-03")
    assert words("visit", planned, trip("cancelled", id=2, days=0.1)) == []
    assert words("visit", planned, trip("cancelled", id=2, days=0.1, destination="Israel")) == ["next stop: Jordan"]


def test_a_postponed_trip_has_its_new_day() -> None:
    """The old day is gone, the new one is ahead."""
    chain = (
        trip("planned", destination="Israel", starts="2024-11-03"),
        trip("postponed", id=2, days=0.1, destination="Israel", starts="2024-11-10"),
    )
    assert words("visit", *chain) == ["next stop: Israel, 10 Nov 2024 (in 12 days)"]


def test_a_stop_without_a_day_is_not_ahead_for_ever() -> None:
    """Days after the last word of the trip nobody waits for a stop that was never dated."""
    told = trip("under_way", destination="Israel", stops=("Jordan",))
    assert words("visit", told) == ["next stop: Jordan"]
    assert words("visit", told, today=date(2024, 11, 3)) == []


def test_a_trip_ends_on_its_last_day_unless_it_has_ended() -> None:
    """The end stands ahead while the trip goes on."""
    under_way = trip("under_way", destination="Israel", ends="2024-10-31")
    assert words("visit", under_way) == ["trip ends 31 Oct 2024 (in 2 days)"]
    assert words("visit", under_way, trip("concluded", id=2, days=0.5, destination="Israel")) == []


@pytest.mark.parametrize(
    ("iso", "day"),
    [
        ("P60D", date(2024, 12, 28)),
        ("P2W", date(2024, 11, 12)),
        ("P1M", date(2024, 11, 29)),
        ("P4M", date(2025, 2, 28)),
        ("P1Y", date(2025, 10, 29)),
        ("PT1H", date(2024, 10, 30)),
        ("PT72H", date(2024, 11, 1)),
    ],
)
def test_a_duration_leads_to_a_day(iso: str, day: date) -> None:
    """Months keep the day where the month has it; begun days count."""
    assert day_after(TODAY, iso) == day


@given(st.text(max_size=12) | st.from_regex(r"P\d{1,12}[YMWD]", fullmatch=True))
def test_no_duration_breaks_anything(iso: str) -> None:
    """A day not before the start, or None."""
    day = day_after(TODAY, iso)
    assert day is None or day >= TODAY


def test_what_a_message_shows_has_days_but_no_distance() -> None:
    """Without a today the words stay true for as long as they stand."""
    assert ahead_words(Ahead(what="truce ends", on=date(2024, 11, 30))) == "truce ends 30 Nov 2024"
    assert ahead_words(Ahead(what="next stop: Jordan", on=TODAY)) == "next stop: Jordan, 29 Oct 2024"
