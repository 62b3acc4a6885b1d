"""Where alerts go: order, quiet hours, digests, budgets, silences, and threads that stay together."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.alert.match import AlertFacts, matches, names_in
from monitor.core.alert.routing import Standing, dispatches
from monitor.core.model.alert import AlertReason, Severity
from monitor.core.model.route import (
    DigestTimes,
    DispatchReason,
    Escalation,
    Every,
    Match,
    Outcome,
    Quiet,
    Route,
    StandingSilence,
)
from tests.builders import report

NOON = datetime(2024, 10, 29, 12, tzinfo=UTC)
NIGHT = NOON.replace(hour=23, minute=30)
FACTS = AlertFacts(
    type="ceasefire",
    phase="talks",
    severity=Severity.LOW,
    reason=AlertReason.NEW_STORY,
    story="gaza-2024",
    source="Harbour Post",
    persons=("Hamas", "António Guterres"),
    places=("Gaza",),
    tags=("world",),
)
HIGH = replace(FACTS, severity=Severity.HIGH, phase="agreed")
QUIET = Quiet(start=time(23), end=time(7), zone=UTC)
DAILY = DigestTimes(every=Every.DAY, zone=UTC)


def route(name: str = "desk", *channels: str, **options: object) -> Route:
    return Route(name=name, channels=channels or (name,), **options)  # type: ignore[arg-type]


def where(facts: AlertFacts, *routes: Route, now: datetime = NOON, **standing: object) -> dict[str, tuple]:
    found = dispatches(facts, routes, Standing(now=now, **standing))  # type: ignore[arg-type]
    return {each.channel: (each.outcome, each.reason, each.due_at) for each in found}


@pytest.mark.parametrize(
    ("match", "fits"),
    [
        (Match(), True),
        (Match(types=("visit", "ceasefire"), phases=("talks",)), True),
        (Match(types=("ceasefire",), phases=("agreed",)), False),
        (Match(persons=("antonio guterres",)), True),
        (Match(persons=("GUTERRES",)), True),
        (Match(persons=("Gaza",)), False),
        (Match(places=("gaza",)), True),
        (Match(sources=("harbour",)), True),
        (Match(tags=("world",)), True),
        (Match(tags=("sport",)), False),
        (Match(stories=("gaza-2024",)), True),
        (Match(reasons=("new_story",)), True),
        (Match(least=Severity.LOW), True),
        (Match(least=Severity.NORMAL), False),
        (Match(severities=(Severity.HIGH,)), False),
    ],
)
def test_all_conditions_must_hold(match, fits):
    assert matches(match, FACTS) is fits


def test_names_are_told_apart_by_role():
    persons, places = names_in(report(party=("Israel", "Hamas"), place="Gaza").roles)
    assert (persons, places) == (("Israel", "Hamas"), ("Gaza",))


def test_the_first_matching_route_takes_an_alert():
    found = where(FACTS, route("visits", match=Match(types=("visit",))), route("desk"), route("late"))
    assert found == {"desk": (Outcome.NOW, DispatchReason.MATCHED, None)}


def test_a_route_that_continues_lets_others_take_it_too():
    found = where(FACTS, route("desk", "desk", "mail", goes_on=True), route("mail", digest=DAILY), route("late"))
    assert [*found] == ["desk", "mail"]
    assert found["mail"][0] is Outcome.NOW  # the first route decides for a channel


def test_what_no_route_takes_goes_nowhere_and_is_said_to():
    found = where(FACTS, route("visits", match=Match(types=("visit",))))
    assert found == {"": (Outcome.UNROUTED, DispatchReason.NO_ROUTE, None)}


def test_a_story_goes_on_where_it_was_told():
    """Though a phase that the route does not match comes next, and another route takes that."""
    agreed = route("agreed", match=Match(phases=("agreed",)))
    found = where(FACTS, agreed, route("rest"), told_in={"agreed": "agreed"})
    assert found == {
        "agreed": (Outcome.NOW, DispatchReason.CONTINUES, None),
        "rest": (Outcome.NOW, DispatchReason.MATCHED, None),
    }
    assert [*where(FACTS, route("rest"), told_in={"gone": "gone"})] == ["rest"]


def test_quiet_hours_hold_until_they_end():
    desk = route("desk", quiet=QUIET)
    assert where(FACTS, desk, now=NIGHT)["desk"] == (
        Outcome.HELD,
        DispatchReason.QUIET_HOURS,
        datetime(2024, 10, 30, 7, tzinfo=UTC),
    )
    assert where(FACTS, desk)["desk"][0] is Outcome.NOW


def test_what_is_severe_breaks_through_quiet_hours_unless_nothing_may():
    assert where(HIGH, route(quiet=QUIET), now=NIGHT)["desk"][:2] == (Outcome.NOW, DispatchReason.BREAKS_THROUGH)
    assert where(HIGH, route(quiet=replace(QUIET, lets_through=None)), now=NIGHT)["desk"][0] is Outcome.HELD


def test_a_digest_route_waits_for_its_time_and_for_the_end_of_quiet_hours():
    nightly = replace(DAILY, at=time(3))
    assert where(HIGH, route(digest=nightly))["desk"][2] == datetime(2024, 10, 30, 3, tzinfo=UTC)
    assert where(HIGH, route(digest=nightly, quiet=QUIET))["desk"][2] == datetime(2024, 10, 30, 7, tzinfo=UTC)


def test_more_stories_than_the_budget_roll_up_to_the_hour():
    desk = route(budget=3)
    now = NOON + timedelta(minutes=20)
    assert where(FACTS, desk, now=now, parents={("desk", "desk"): 2})["desk"][0] is Outcome.NOW
    assert where(FACTS, desk, now=now, parents={("desk", "desk"): 3})["desk"] == (
        Outcome.DIGEST,
        DispatchReason.OVER_BUDGET,
        NOON + timedelta(hours=1),
    )


def test_replies_and_what_is_severe_take_no_budget():
    spent = {("desk", "desk"): 3}
    assert where(FACTS, route(budget=3), parents=spent, told_in={"desk": "desk"})["desk"][0] is Outcome.NOW
    assert where(HIGH, route(budget=3), parents=spent)["desk"][:2] == (Outcome.NOW, DispatchReason.BREAKS_THROUGH)
    rising = replace(FACTS, severity=Severity.NORMAL)
    assert where(rising, route(budget=3), parents=spent, rises=True)["desk"][0] is Outcome.NOW


def silence(match: Match = Match(), *, id: int = 1, hours: float = 1) -> StandingSilence:  # noqa: B008
    return StandingSilence(
        id=id, owner="ana", reason="known", match=match, created_at=NOON, expires_at=NOON + timedelta(hours=hours)
    )


def test_a_silence_holds_whatever_the_severity_and_says_whose_it_is():
    (found,) = dispatches(HIGH, [route()], Standing(now=NOON, silences=[silence()], rises=True))
    assert (found.outcome, found.channel, found.detail) == (Outcome.SILENCED, "desk", "silence 1 of ana: known")


def test_a_silence_that_expired_or_means_others_silences_nothing():
    for each in (silence(hours=0), silence(Match(places=("Lebanon",)))):
        assert where(FACTS, route(), silences=[each])["desk"][0] is Outcome.NOW


def test_only_severe_alerts_escalate_and_only_where_somebody_can_acknowledge():
    desk = route(escalation=Escalation(after_s=1800, channels=("phone",)))
    for facts, escalates, expected in (
        (HIGH, True, NOON + timedelta(minutes=30)),
        (HIGH, False, None),
        (FACTS, True, None),
    ):
        (found,) = dispatches(facts, [desk], Standing(now=NOON, escalates=escalates))
        assert found.escalates_at == expected


CHANNELS = ("desk", "mail", "phone")
MATCHES = st.builds(
    Match,
    types=st.sampled_from([(), ("ceasefire",), ("visit",)]),
    least=st.none() | st.sampled_from(Severity),
    places=st.sampled_from([(), ("Gaza",), ("Lebanon",)]),
)
ROUTES = st.lists(
    st.builds(
        Route,
        name=st.sampled_from("abcd"),
        channels=st.lists(st.sampled_from(CHANNELS), min_size=1, max_size=3, unique=True).map(tuple),
        match=MATCHES,
        goes_on=st.booleans(),
        quiet=st.none() | st.just(QUIET) | st.just(replace(QUIET, lets_through=None)),
        digest=st.none() | st.just(DAILY),
        budget=st.none() | st.integers(1, 3),
    ),
    max_size=4,
    unique_by=lambda r: r.name,
)
STANDINGS = st.builds(
    Standing,
    now=st.datetimes(datetime(2024, 1, 1), datetime(2025, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    told_in=st.dictionaries(st.sampled_from(CHANNELS), st.sampled_from("abcd")),
    parents=st.dictionaries(st.tuples(st.sampled_from("abcd"), st.sampled_from(CHANNELS)), st.integers(0, 5)),
    silences=st.lists(MATCHES.map(lambda m: silence(m, hours=1e5)), max_size=2),
    rises=st.booleans(),
)
ANY_FACTS = st.builds(
    replace, st.just(FACTS), severity=st.sampled_from(Severity), type=st.sampled_from(["ceasefire", "visit"])
)


@given(ANY_FACTS, ROUTES, STANDINGS)
def test_every_alert_ends_in_just_one_outcome_a_channel(facts, routes, standing):
    """And what waits is due ahead, never inside its route's quiet hours."""
    found = dispatches(facts, routes, standing)
    channels = [each.channel for each in found]
    assert found
    assert len(set(channels)) == len(channels)
    for each in found:
        waits = each.outcome in (Outcome.DIGEST, Outcome.HELD)
        assert (each.due_at is not None) is waits
        assert (each.channel == "") is (each.outcome is Outcome.UNROUTED)
        assert each.due_at is None or each.due_at > standing.now


@given(ANY_FACTS, ROUTES, STANDINGS)
def test_a_rise_in_severity_is_never_held_by_a_budget(facts, routes, standing):
    found = dispatches(facts, routes, replace(standing, rises=True))
    assert all(each.reason is not DispatchReason.OVER_BUDGET for each in found)


@given(ANY_FACTS, ROUTES, STANDINGS)
def test_a_story_told_in_a_channel_goes_on_there_as_long_as_its_route_leads_there(facts, routes, standing):
    leads = {(route.name, channel) for route in routes for channel in route.channels}
    kept = {channel for channel, name in standing.told_in.items() if (name, channel) in leads}
    assert kept <= {each.channel for each in dispatches(facts, routes, standing)}
