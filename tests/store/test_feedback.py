"""What people say is kept once a person, in the order it was said."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from monitor.core.model.feedback import Saying, Taken, Verdict, Via
from monitor.store.database import SqlStore
from monitor.store.feedback import SqlFeedbackStore
from monitor.store.tables import stories
from tests.store import arrange
from tests.store.arrange import MINUTE, NOON


def saying(by: str = "dana", *, minutes: float = 0) -> Saying:
    return Saying(by=by, via=Via.SLACK, at=NOON + minutes * MINUTE)


def test_an_acknowledgement_is_kept_with_its_latest_time(store: SqlStore) -> None:
    """Whoever acknowledges again after a later alert has seen that one too."""
    alert = arrange.tell(store)
    assert store.feedback.ack(alert.id, saying()).taken is Taken.STORED
    assert store.feedback.ack(alert.id, saying()).taken is Taken.REPEATED
    assert store.feedback.ack(alert.id, saying(minutes=5)).taken is Taken.STORED
    assert store.feedback.ack(alert.id, saying(minutes=2)).taken is Taken.REPEATED
    (ack,) = store.feedback.acks([alert.story_id])[alert.story_id]
    assert ack.saying == saying(minutes=5)


def test_people_are_named_in_the_order_they_acknowledged(store: SqlStore) -> None:
    alert = arrange.tell(store)
    for minute, by in enumerate(("omar", "dana", "lin")):
        answer = store.feedback.ack(alert.id, saying(by, minutes=minute))
    assert answer.others == ("omar", "dana")
    store.feedback.ack(alert.id, saying("omar", minutes=9))
    assert [ack.saying.by for ack in store.feedback.acks([alert.story_id])[alert.story_id]] == ["omar", "dana", "lin"]


def test_a_label_delivered_late_changes_nothing_that_was_said_after_it(store: SqlStore) -> None:
    alert = arrange.tell(store)
    said = store.feedback.label
    assert said(alert.id, Verdict.NOT_RELEVANT, saying(minutes=2)).taken is Taken.STORED
    assert said(alert.id, Verdict.RELEVANT, saying(minutes=1)).taken is Taken.OUTDATED
    assert said(alert.id, Verdict.NOT_RELEVANT, saying(minutes=2)).taken is Taken.REPEATED
    view = store.history.alert(alert.id)
    assert view is not None
    assert [(label.verdict, label.saying) for label in view.labels] == [(Verdict.NOT_RELEVANT, saying(minutes=2))]
    assert said(alert.id, Verdict.RELEVANT, saying(minutes=3)).taken is Taken.STORED


def test_nothing_is_kept_of_an_alert_that_is_not_there(store: SqlStore) -> None:
    assert store.feedback.ack(99, saying()).taken is Taken.NO_SUCH_ALERT
    assert store.feedback.label(99, Verdict.RELEVANT, saying()).taken is Taken.NO_SUCH_ALERT
    assert store.feedback.ask_split(99, saying()).taken is Taken.NO_SUCH_ALERT
    assert store.feedback.story_of(99).taken is Taken.NO_SUCH_ALERT


def test_a_split_waits_once_until_it_is_settled(store: SqlStore) -> None:
    alert = arrange.tell(store)
    assert store.feedback.ask_split(alert.id, saying()).taken is Taken.STORED
    answer = store.feedback.ask_split(alert.id, saying("omar", minutes=1))
    assert (answer.taken, answer.others) == (Taken.REPEATED, ("dana",))
    (request,) = store.feedback.split_requests()
    assert (request.development_id, request.saying) == (alert.development_id, saying())
    store.feedback.settle_split(request.development_id, outcome="now a story of its own", at=NOON)
    assert store.feedback.split_requests() == ()


def test_what_is_said_of_a_merged_story_goes_to_the_one_it_is_part_of(store: SqlStore) -> None:
    first, second = arrange.tell(store, "a"), arrange.tell(store, "b")
    with store.database.writing() as connection:
        merged = stories.update().where(stories.c.id == second.story_id).values(merged_into=first.story_id)
        connection.execute(merged)
    answer = store.feedback.ack(second.id, saying())
    assert (answer.story_id, answer.story_slug) == (first.story_id, "story-a")


def test_what_changes_a_story_has_it_shown_anew_and_a_repeat_does_not(store: SqlStore) -> None:
    alert = arrange.tell(store)
    shown: list[tuple[int, object]] = []
    feedback = SqlFeedbackStore(store.database, show_anew=lambda connection, story_id, at: shown.append((story_id, at)))
    feedback.ack(alert.id, saying())
    feedback.ack(alert.id, saying())
    feedback.label(alert.id, Verdict.RELEVANT, saying(minutes=1))
    assert shown == [(alert.story_id, NOON), (alert.story_id, NOON + MINUTE)]


def test_a_labelled_alert_comes_with_the_wording_that_was_reported(store: SqlStore) -> None:
    alert = arrange.tell(store)
    store.feedback.label(alert.id, Verdict.RELEVANT, saying())
    edited = arrange.entry("a", url="https://www.harbourpost.example/Harbour Post/a", title="Another title")
    arrange.poll(store, edited, now=NOON + timedelta(hours=1))
    arrange.read(store, now=NOON + timedelta(hours=1), text="As it was told later.", title="Another title")
    (labelled,) = store.feedback.labelled()
    assert (labelled.text, labelled.title) == ("Some text.", "Headline a")
    assert (labelled.alert_id, labelled.type, labelled.phase) == (alert.id, "visit", "under_way")
    assert labelled.published_at == NOON - timedelta(hours=1)


@pytest.mark.parametrize("count", [0, 3])
def test_all_labelled_alerts_come_by_document(store: SqlStore, count: int) -> None:
    paged = SqlFeedbackStore(store.database, page=2)
    told = [arrange.tell(store, f"n{number}") for number in range(count + 1)]
    for alert in told[1:]:
        store.feedback.label(alert.id, Verdict.RELEVANT, saying())
        store.feedback.label(alert.id, Verdict.NOT_RELEVANT, saying("omar"))
    found = list(paged.labelled())
    assert [alert.alert_id for alert in found] == [alert.id for alert in told[1:]]
    assert all(len(alert.labels) == 2 for alert in found)
    with store.database.reading() as connection:
        assert len(connection.execute(select(stories.c.id)).all()) == count + 1
