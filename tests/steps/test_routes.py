"""Alerts along routes on a real store: what is sent, what waits, what its digest says, what nobody hears."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest

from monitor.core.alert.digest import digest_of
from monitor.core.group.assign import Step as Placed
from monitor.core.model.alert import AlertMessage, Digest, Message, Receipt
from monitor.core.model.feedback import Saying, Via
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
from monitor.steps.digest import DigestStep
from monitor.steps.escalate import EscalateStep
from monitor.steps.step import Step
from monitor.steps.tell import Teller
from monitor.store.database import open_store
from tests.builders import report
from tests.steps.desk import DAY, Desk

QUIET = Quiet(start=time(22), end=time(7), zone=UTC)
TALKS = report("ceasefire", "talks", place="Gaza")
PROPOSED = report("ceasefire", "proposed", place="Gaza")
AGREED = report("ceasefire", "agreed", place="Gaza")


@pytest.fixture
def desk(database_url: str) -> Iterator[Desk]:
    store = open_store(database_url)
    yield Desk(store)
    store.close()


@pytest.fixture
def along(desk: Desk) -> Callable[..., None]:
    """Have the desk tell along these routes."""

    def along(*routes: Route, escalates: bool = False) -> None:
        desk.teller = Teller(channels=["desk", "mail"], max_age=DAY, routes=routes, escalates=escalates)
        desk.routes = routes

    return along


def work(step: Step) -> None:
    while works := step.claim(1):
        for each in works:
            each()


def sent(desk: Desk, *channels: str) -> list[Message]:
    """Has digests made and everything due sent; the messages that the channels got."""
    work(DigestStep(store=desk.store.digests, clock=desk.clock, routes=desk.routes))
    work(EscalateStep(store=desk.store.escalations, clock=desk.clock, routes=desk.routes))
    now, got = desk.clock.now(), []
    for channel in channels or ("desk", "mail", "phone"):
        while claims := desk.store.outbox.claim_due(channels=[channel], now=now, limit=20, lease_s=60):
            for claim in claims:
                desk.store.outbox.record_sent(claim, Receipt(reference="x"), now=now)
                got.append(claim.delivery.message)
    return got


def decided(desk: Desk) -> list[tuple[str, Outcome, DispatchReason]]:
    """Channel, outcome and reason of every dispatch, by alert."""
    return [(d.channel, d.outcome, d.reason) for view in desk.alerts() for d in view.dispatches]


def test_without_routes_every_alert_goes_to_every_channel_and_that_is_kept(desk: Desk) -> None:
    desk.teller = Teller(channels=["desk", "mail"], max_age=DAY)
    desk.file(desk.report(AGREED))
    assert len(sent(desk)) == 2
    assert decided(desk) == [(c, Outcome.NOW, DispatchReason.MATCHED) for c in ("desk", "mail")]


def test_routes_match_the_tags_of_the_source(desk: Desk, along: Callable[..., None]) -> None:
    along(Route(name="world", channels=("desk",), match=Match(tags=("world",))), Route(name="rest", channels=("mail",)))
    desk.file(desk.report(AGREED, tags=["world", "wire"]))
    desk.file(desk.report(TALKS, by="Valley Times"))
    assert [each[0] for each in decided(desk)] == ["desk", "mail"]


def test_what_no_route_takes_is_kept_untold(desk: Desk, along: Callable[..., None]) -> None:
    along(Route(name="visits", channels=("desk",), match=Match(types=("visit",))))
    desk.file(desk.report(AGREED))
    assert sent(desk) == []
    assert decided(desk) == [("", Outcome.UNROUTED, DispatchReason.NO_ROUTE)]


def test_a_story_told_by_a_route_goes_on_there(desk: Desk, along: Callable[..., None]) -> None:
    along(
        Route(name="breaking", channels=("desk",), match=Match(phases=("agreed",))),
        Route(name="rest", channels=("mail",)),
    )
    story, _ = desk.file(desk.report(AGREED))
    desk.file(desk.report(TALKS), story=story, change=Placed.PHASE_CHANGED)
    assert decided(desk)[1:] == [
        ("desk", Outcome.NOW, DispatchReason.CONTINUES),
        ("mail", Outcome.NOW, DispatchReason.MATCHED),
    ]


def test_quiet_hours_end_in_one_digest_of_what_they_held(desk: Desk, along: Callable[..., None]) -> None:
    along(Route(name="desk", channels=("desk",), quiet=QUIET))
    desk.clock.at = datetime(2026, 3, 1, 23, tzinfo=UTC)
    story, _ = desk.file(desk.report(TALKS))
    desk.advance(hours=1)
    desk.file(desk.report(PROPOSED), story=story, change=Placed.PHASE_CHANGED)
    desk.file(desk.report(TALKS, by="Valley Times"))
    assert sent(desk) == []
    desk.clock.at = datetime(2026, 3, 2, 7, tzinfo=UTC)
    (digest,) = sent(desk)
    assert isinstance(digest, Digest)
    assert digest.title == "Quiet hours 22:00–07:00"
    assert [(line.phase, line.steps) for line in digest.lines] == [
        ("proposed", ("Ceasefire talks", "Ceasefire proposed")),
        ("talks", ("Ceasefire talks",)),
    ]
    assert sent(desk) == []


def test_what_is_severe_breaks_through_quiet_hours(desk: Desk, along: Callable[..., None]) -> None:
    along(Route(name="desk", channels=("desk",), quiet=QUIET))
    desk.clock.at = datetime(2026, 3, 1, 23, tzinfo=UTC)
    desk.file(desk.report(AGREED))
    (message,) = sent(desk)
    assert isinstance(message, AlertMessage)


def test_an_empty_digest_is_not_sent(desk: Desk, along: Callable[..., None]) -> None:
    along(Route(name="daily", channels=("mail",), digest=DigestTimes(every=Every.DAY, zone=UTC)))
    desk.advance(days=3)
    assert sent(desk) == []


def test_a_daily_digest_tells_each_alert_once(desk: Desk, along: Callable[..., None]) -> None:
    along(
        Route(name="desk", channels=("desk",), goes_on=True),
        Route(name="daily", channels=("mail",), digest=DigestTimes(every=Every.DAY, zone=UTC, at=time(8))),
    )
    desk.file(desk.report(AGREED))
    assert len(sent(desk, "mail")) == 0
    desk.advance(days=1)
    desk.file(desk.report(TALKS, by="Valley Times"))
    (first,) = sent(desk, "mail")
    desk.advance(days=1)
    (second,) = sent(desk, "mail")
    assert isinstance(first, Digest)
    assert isinstance(second, Digest)
    assert (first.title, [line.phase for line in first.lines]) == ("Daily digest", ["agreed"])
    assert [line.phase for line in second.lines] == ["talks"]
    assert first.key != second.key


def test_a_crash_while_a_digest_is_made_loses_and_doubles_nothing(desk: Desk, along: Callable[..., None]) -> None:
    along(Route(name="desk", channels=("desk",), quiet=QUIET))
    desk.clock.at = datetime(2026, 3, 1, 23, tzinfo=UTC)
    desk.file(desk.report(TALKS))
    now = desk.advance(hours=8)

    def die() -> None:
        with desk.store.digests.digesting() as session:
            (items,) = session.due(now)
            session.save(digest_of(items, now=now), items)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        die()
    assert len(sent(desk)) == 1


def test_more_stories_than_the_budget_are_one_digest_and_a_rise_breaks_out_of_it(
    desk: Desk, along: Callable[..., None]
) -> None:
    along(Route(name="desk", channels=("desk",), budget=2))
    desk.advance(minutes=20)
    stories = [desk.file(desk.report(TALKS, by=f"Outlet {number}"))[0] for number in range(5)]
    assert len(sent(desk)) == 2
    desk.file(desk.report(PROPOSED), story=stories[4], change=Placed.PHASE_CHANGED)
    (risen,) = sent(desk)
    assert isinstance(risen, AlertMessage)
    assert decided(desk)[-1] == ("desk", Outcome.NOW, DispatchReason.BREAKS_THROUGH)
    desk.advance(minutes=40)
    (digest,) = sent(desk)
    assert isinstance(digest, Digest)
    assert len(digest.lines) == 3
    desk.advance(minutes=21)
    desk.file(desk.report(TALKS, by="Outlet 9"))
    assert len(sent(desk)) == 1


def test_a_silenced_alert_is_kept_with_the_silence_that_held_it(desk: Desk, along: Callable[..., None]) -> None:
    along(Route(name="desk", channels=("desk",)))
    now = desk.clock.now()
    number = desk.store.silences.add(
        StandingSilence(
            owner="ana",
            reason="known",
            match=Match(places=("Gaza",)),
            created_at=now,
            expires_at=now + timedelta(hours=1),
        )
    )
    story, _ = desk.file(desk.report(AGREED))
    assert sent(desk) == []
    (view,) = desk.alerts()
    assert view.dispatches[0].outcome is Outcome.SILENCED
    assert view.dispatches[0].detail == f"silence {number} of ana: known"
    desk.advance(hours=1)
    desk.file(desk.report(report("ceasefire", "violated", place="Gaza")), story=story, change=Placed.PHASE_CHANGED)
    assert len(sent(desk)) == 1


def test_a_muted_story_is_silent_and_others_are_not(desk: Desk, along: Callable[..., None]) -> None:
    along(Route(name="desk", channels=("desk",)))
    story, _ = desk.file(desk.report(TALKS))
    now = desk.clock.now()
    for hours in (24, 1):  # the same wish twice is one silence, and never shorter
        until = desk.store.silences.mute_story(
            story.slug, owner="ana", reason="muted", at=now, until=now + timedelta(hours=hours)
        )
        assert until == now + timedelta(hours=24)
    desk.file(desk.report(AGREED), story=story, change=Placed.PHASE_CHANGED)
    desk.file(desk.report(AGREED, by="Valley Times"))
    assert [each[1] for each in decided(desk)] == [Outcome.NOW, Outcome.SILENCED, Outcome.NOW]
    assert len(desk.store.silences.silences()) == 1


def test_an_expired_silence_is_kept(desk: Desk) -> None:
    now = desk.clock.now()
    held = StandingSilence(owner="ana", reason="r", match=Match(), created_at=now, expires_at=now + timedelta(hours=1))
    number = desk.store.silences.add(held)
    later = now + timedelta(minutes=1)
    assert desk.store.silences.expire(number, now=later)
    assert not desk.store.silences.expire(number, now=later)
    assert desk.store.silences.silences() == (replace(held, id=number, expires_at=later),)


ESCALATING = Route(name="desk", channels=("desk",), escalation=Escalation(after_s=1800, channels=("phone", "desk")))


def test_what_nobody_acknowledged_is_told_to_others_once(desk: Desk, along: Callable[..., None]) -> None:
    along(ESCALATING, escalates=True)
    story, _ = desk.file(desk.report(AGREED))
    desk.file(desk.report(report("ceasefire", "violated", place="Gaza")), story=story, change=Placed.PHASE_CHANGED)
    assert len(sent(desk)) == 2
    desk.advance(minutes=29)
    assert sent(desk) == []
    desk.advance(minutes=1)
    assert len(sent(desk, "phone")) == 1
    assert [d.detail for view in desk.alerts() for d in view.dispatches if d.channel == "desk"] == [
        "escalated",
        "story escalated before",
    ]
    desk.advance(hours=9)
    assert sent(desk) == []


def test_what_was_acknowledged_goes_to_nobody_else(desk: Desk, along: Callable[..., None]) -> None:
    along(ESCALATING, escalates=True)
    desk.file(desk.report(AGREED))
    (view,) = desk.alerts()
    desk.store.feedback.ack(view.alert.id, Saying(by="ana", via=Via.CLI, at=desk.advance(minutes=5)))
    desk.advance(hours=1)
    assert sent(desk, "phone") == []
    assert desk.alerts()[0].dispatches[0].detail == "acknowledged"


def test_nothing_escalates_where_nobody_can_acknowledge(desk: Desk, along: Callable[..., None]) -> None:
    along(ESCALATING)
    desk.file(desk.report(AGREED))
    desk.advance(hours=1)
    assert sent(desk, "phone") == []
