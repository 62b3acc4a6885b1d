"""The grouping transaction: reports, developments, stories and their alerts."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from monitor.core.model.alert import Alert, AlertReason, Severity
from monitor.core.model.history import AlertFilter
from monitor.core.model.report import Roles, RoleText, RoleTime
from monitor.errors import StoreUnavailable
from monitor.ports import NewAlert
from monitor.store.database import SqlStore
from tests.store.arrange import (
    DAY,
    MINUTE,
    NOON,
    development,
    entry,
    feed,
    message,
    publish,
    read,
    report,
    story,
    tell,
)


def test_ungrouped_reports_come_by_publication_then_url(store: SqlStore) -> None:
    publish(
        store,
        entry("b", published_at=NOON - DAY),
        entry("a", published_at=NOON - DAY),
        entry("c", published_at=NOON - 2 * DAY),
    )
    for _ in range(3):
        read(store, report())
    with store.stories.grouping() as session:
        filed = session.ungrouped_reports(limit=2)
    assert [one.title for one in filed] == ["Headline c", "Headline a"]


def test_a_filed_report_knows_its_document_and_outlet(store: SqlStore) -> None:
    publish(store, entry("a", published_at=None), by=feed("River Times"))
    claim = read(store, report(), title="Read title")
    with store.stories.grouping() as session:
        (filed,) = session.ungrouped_reports(limit=5)
    assert (filed.source, filed.tier, filed.title) == ("River Times", "2", "Read title")
    assert (filed.document_id, filed.feed_id) == (claim.document.id, claim.feed.id)
    assert (filed.url, filed.canonical_url) == (claim.document.url, claim.document.canonical_url)
    assert (filed.published_at, filed.dated, filed.backlog, filed.seen_at) == (NOON, False, True, NOON)
    assert filed.report == report()


def test_an_assigned_report_waits_no_longer(store: SqlStore) -> None:
    assert not store.stories.is_waiting()
    tell(store)
    assert not store.stories.is_waiting()
    with store.stories.grouping() as session:
        assert session.ungrouped_reports(limit=5) == ()


def test_stories_come_back_with_all_their_developments(store: SqlStore) -> None:
    roles = Roles(
        names=report().roles.names,
        texts=(RoleText(role="purpose", text="truce talks"),),
        times=(
            RoleTime(role="starts_on", stated="on Sunday", resolved="2026-03-01"),
            RoleTime(role="ends_on", stated="soon"),
        ),
        ordinal=11,
    )
    with store.stories.grouping() as session:
        chain = session.save_story(story())
        first = session.save_development(
            development(
                story_id=chain.id, roles=roles, place="Qatar", occurs_on=date(2026, 3, 1), origins=("A", "B"),
                report_count=3, change="phase_changed", alerted=True,
            )
        )  # fmt: skip
        second = session.save_development(
            development("later", story_id=chain.id, first_seen_at=NOON + MINUTE, last_seen_at=NOON + MINUTE)
        )
    with store.stories.grouping() as session:
        assert session.recent_stories(type="visit", since=NOON) == (replace(chain, developments=(first, second)),)


def test_recent_stories_are_those_of_the_type_seen_since_oldest_first(store: SqlStore) -> None:
    with store.stories.grouping() as session:
        for slug, type, hours in [("old", "visit", -3), ("b", "visit", -1), ("a", "visit", -2), ("x", "ceasefire", 0)]:
            at = NOON + timedelta(hours=hours)
            session.save_story(story(slug, type=type, first_seen_at=at, last_seen_at=at))
    with store.stories.grouping() as session:
        recent = session.recent_stories(type="visit", since=NOON - timedelta(hours=2))
    assert [one.slug for one in recent] == ["a", "b"]


def test_saving_again_updates(store: SqlStore) -> None:
    with store.stories.grouping() as session:
        chain = session.save_story(story())
        change = session.save_development(development(story_id=chain.id))
        session.save_story(replace(chain, phase="concluded", revision=2, last_seen_at=NOON + DAY))
        session.save_development(replace(change, report_count=2, roles=report(visitor=["Bo Lind"]).roles))
    with store.stories.grouping() as session:
        (found,) = session.recent_stories(type="visit", since=NOON)
    assert (found.id, found.phase, found.revision) == (chain.id, "concluded", 2)
    assert [(one.id, one.report_count) for one in found.developments] == [(change.id, 2)]
    assert store.history.counts().developments == 1


def test_slugs_of_stories_and_developments_are_taken(store: SqlStore) -> None:
    with store.stories.grouping() as session:
        chain = session.save_story(story("trip"))
        session.save_development(development("landing", story_id=chain.id))
        assert [session.slug_is_taken(slug) for slug in ("trip", "landing", "free")] == [True, True, False]


def test_nothing_is_kept_of_a_grouping_that_fails(store: SqlStore) -> None:
    publish(store, entry("a"))
    read(store, report())

    def group_and_fail() -> None:
        with store.stories.grouping() as session:
            session.save_story(story())
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        group_and_fail()
    assert store.history.counts().stories == 0
    with store.stories.grouping() as session:
        assert len(session.ungrouped_reports(limit=5)) == 1


def test_only_one_grouping_runs_at_a_time(store: SqlStore, other: SqlStore) -> None:
    with store.stories.grouping(), pytest.raises(StoreUnavailable) as caught, other.stories.grouping():
        pass
    assert not caught.value.permanent
    with other.stories.grouping() as session:
        assert session.ungrouped_reports(limit=1) == ()


def test_polling_goes_on_beside_a_grouping_on_postgresql(store: SqlStore, other: SqlStore) -> None:
    """SQLite has one writer at a time; there the poll waits."""
    store.feeds.sync([feed()], now=NOON)
    with store.stories.grouping() as session:
        session.save_story(story())
        if store.database.is_sqlite:
            with pytest.raises(StoreUnavailable):
                other.feeds.make_due(now=NOON)
        else:
            assert other.feeds.make_due(now=NOON) == 1


def test_an_alert_is_stored_once_with_one_delivery_a_channel(store: SqlStore) -> None:
    alert = tell(store, channels=("desk", "console", "desk"))
    (view,) = store.history.alerts(AlertFilter())
    assert [(one.channel, one.status, one.attempts) for one in view.deliveries] == [
        ("desk", "pending", 0),
        ("console", "pending", 0),
    ]
    with store.stories.grouping() as session:
        assert not session.save_alert(NewAlert(alert=alert, channels=("desk", "third")))
    counts = store.history.counts()
    assert (counts.alerts, counts.deliveries_by_status) == (1, (("pending", 2),))


def test_an_alert_reads_back_as_it_was_decided(store: SqlStore) -> None:
    told = report("visit", "planned")
    alert = tell(store, "a", told, who="Zoë \x07 Ünal", marks=("planned",), dated=False, headline="")
    view = store.history.alert(alert.id)
    assert view is not None
    assert view.alert == alert
    assert (view.report, view.story_slug, view.development_slug) == (told, "story-a", "change-a")
    assert alert.message == message(
        type="visit", phase="planned", who="Zoë \x07 Ünal", marks=("planned",), dated=False, headline=""
    )
    assert (alert.reason, alert.severity, alert.created_at) == (AlertReason.NEW_STORY, Severity.HIGH, NOON)


def test_outlets_that_tell_it_too_stand_beside_the_alert(store: SqlStore) -> None:
    alert: Alert = tell(store)
    with store.stories.grouping() as session:
        session.note_also_reported(alert.development_id, sources=("River Times", "Wire"))
    view = store.history.alert(alert.id)
    assert view is not None
    assert view.alert.message.also_reported_by == ("River Times", "Wire")
