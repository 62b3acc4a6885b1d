"""A story in Slack: one parent that shows its state, a reply for each later development, and what goes wrong."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from monitor.core.model.alert import AlertReason, Severity
from monitor.core.model.history import AlertFilter
from monitor.deliver.registry import build_channels
from monitor.errors import DeliveryFault
from monitor.ports import Channel, NewAlert
from monitor.schedule.once import work_all
from monitor.settings import schema
from monitor.steps.deliver import TOKEN_PAUSE_S, DeliverStep, deliver_steps
from monitor.store.database import SqlStore, open_store
from tests.deliver import samples
from tests.house import StoppedClock
from tests.slack_server import FakeSlack, Fault, Post
from tests.store import arrange


class Desk:
    """A newsroom, its Slack channels, and the step that serves them."""

    def __init__(self, store: SqlStore, slack: FakeSlack, clock: StoppedClock, **settings: object) -> None:
        self.store, self.slack, self.clock = store, slack, clock
        self.settings = settings
        self.steps = self.started()
        arrange.publish(store, arrange.entry("a"))
        arrange.read(store, arrange.report())
        with store.stories.grouping() as session:
            (self.filed,) = session.ungrouped_reports(limit=1)
        self.stories: dict[str, int] = {}

    def started(self) -> tuple[DeliverStep, ...]:
        """Fresh steps, as after a restart."""
        item = {"kind": "slack", "token_env": "T", "api_url": self.slack.url, "min_gap": 0.001, **self.settings}
        channels: tuple[Channel, ...] = build_channels(
            {name: schema.SlackChannel(channel=f"#{name}", **item) for name in ("alerts", "admin")},
            environ={"T": self.slack.token},
            credentials_dir=None,
            zone=samples.ZONE,
            clock=self.clock,
            network=schema.Network(read_timeout=1),
        )
        return deliver_steps(outbox=self.store.outbox, threads=self.store.threads, channels=channels, clock=self.clock)

    def tell(
        self,
        phase: str,
        *,
        story: str = "truce",
        reason: AlertReason = AlertReason.PHASE_CHANGED,
        channels: tuple[str, ...] = ("alerts",),
        expires_in: timedelta | None = None,
    ) -> str:
        """Store the alert of a new development; its key."""
        now = self.clock.now()
        with self.store.stories.grouping() as session:
            if story not in self.stories:
                self.stories[story] = session.save_story(arrange.story(story, type="ceasefire", last_seen_at=now)).id
            made = arrange.development(f"{story}-{phase}", story_id=self.stories[story], type="ceasefire", phase=phase)
            change = session.save_development(replace(made, first_seen_at=now))
            session.assign(self.filed.id, development_id=change.id, note="")
            alert = arrange.Alert(
                key=f"{story}/{phase}",
                story_id=self.stories[story],
                development_id=change.id,
                report_id=self.filed.id,
                reason=reason,
                severity=Severity.HIGH,
                created_at=now,
                message=arrange.message(type="ceasefire", phase=phase, reason=reason, quote=f"They say {phase}."),
            )
            expires_at = now + expires_in if expires_in is not None else None
            session.save_alert(NewAlert(alert=alert, channels=channels, expires_at=expires_at))
        return alert.key

    def work(self, *pauses_s: float) -> None:
        """Send what is due, and again after each pause."""
        for pause_s in (0.0, *pauses_s):
            self.clock.advance(seconds=pause_s)
            work_all(self.steps, has_retries=lambda: False, linger_s=0.0)

    def statuses(self) -> dict[str, tuple[str, str | None]]:
        views = self.store.history.alerts(AlertFilter())
        return {view.alert.key: (one.status, one.last_fault) for view in views for one in view.deliveries}

    def thread(self) -> tuple[Post, list[Post]]:
        """The one parent and its replies."""
        (parent,) = [post for post in self.slack.posts if post.thread_ts is None]
        return parent, [post for post in self.slack.posts if post.thread_ts == parent.ts]


@pytest.fixture
def desk(tmp_path: Path, new_database) -> Iterator[Desk]:
    clock = StoppedClock()
    with new_database("sqlite") as url, FakeSlack(now=lambda: clock.now().timestamp()) as slack:
        store = open_store(url)
        yield Desk(store, slack, clock)
        store.close()


def test_the_first_development_is_the_parent_and_later_ones_are_replies(desk: Desk) -> None:
    for phase in ("talks", "agreed", "in_effect"):
        desk.tell(phase)
        desk.work()
    parent, replies = desk.thread()
    assert [post.key for post in (parent, *replies)] == [
        "truce/talks@alerts",
        "truce/agreed@alerts",
        "truce/in_effect@alerts",
    ]
    assert parent.texts[0].startswith("Ceasefire talks")


def test_the_parent_is_edited_to_the_newest_state_and_keeps_its_key(desk: Desk) -> None:
    for phase in ("talks", "agreed"):
        desk.tell(phase)
        desk.work()
    parent, _ = desk.thread()
    assert parent.texts[-1].startswith("Ceasefire agreed")
    assert "talks → agreed" in json.dumps(parent.blocks, ensure_ascii=False)
    assert parent.key == "truce/talks@alerts"
    update = next(arguments for method, arguments in desk.slack.calls if method == "chat.update")
    assert update["parse"] == "none"
    assert update["text"]
    assert update["blocks"]


def test_replies_of_the_chosen_phases_show_in_the_channel_too(desk: Desk) -> None:
    for phase in ("talks", "agreed", "extended"):
        desk.tell(phase)
        desk.work()
    _, replies = desk.thread()
    assert [bool(reply.payload["reply_broadcast"]) for reply in replies] == [True, False]


def test_every_story_and_channel_has_a_thread_of_its_own(desk: Desk) -> None:
    desk.tell("talks", channels=("alerts", "admin"))
    desk.tell("talks", story="visit")
    desk.work()
    assert sorted((post.channel, str(post.thread_ts)) for post in desk.slack.posts) == [
        ("C0ADMIN0001", "None"),
        ("C0ALERTS001", "None"),
        ("C0ALERTS001", "None"),
    ]


def test_a_refused_reply_holds_the_later_ones_of_its_story_and_no_other(desk: Desk) -> None:
    desk.tell("talks")
    desk.work()
    desk.slack.fail_next("an_error_of_tomorrow")
    for phase in ("agreed", "in_effect"):
        desk.tell(phase)
    desk.tell("talks", story="visit")
    desk.work()
    assert desk.slack.keys() == ["truce/talks@alerts", "visit/talks@alerts"]
    desk.work(10)
    assert desk.slack.keys()[2:] == ["truce/agreed@alerts", "truce/in_effect@alerts"]


@pytest.mark.parametrize("fault", [Fault.RESET_AFTER, Fault.ERROR_AFTER, Fault.LATE, Fault.RESET_BEFORE])
@pytest.mark.parametrize("phase", ["proposed", "agreed"], ids=["plain reply", "broadcast"])
def test_a_reply_whose_answer_was_lost_is_posted_once(desk: Desk, fault: Fault, phase: str) -> None:
    desk.tell("talks")
    desk.work()
    desk.slack.fail_next(fault)
    desk.tell(phase)
    desk.work(6)
    desk.slack.reveal()
    desk.work(40, 40)
    _, replies = desk.thread()
    assert [reply.key for reply in replies] == [f"truce/{phase}@alerts"]
    assert desk.statuses()[f"truce/{phase}"] == ("sent", None)


def test_a_parent_whose_answer_was_lost_still_heads_its_thread(desk: Desk) -> None:
    desk.slack.fail_next(Fault.RESET_AFTER)
    desk.tell("talks")
    desk.work(6)
    desk.tell("agreed")
    desk.work()
    parent, replies = desk.thread()
    assert (parent.key, [reply.key for reply in replies]) == ("truce/talks@alerts", ["truce/agreed@alerts"])


@pytest.mark.parametrize("code", ["thread_not_found", "cannot_reply_to_message"])
def test_a_reply_to_a_parent_that_is_gone_becomes_a_new_parent(desk: Desk, code: str) -> None:
    desk.tell("talks")
    desk.work()
    desk.slack.fail_next(code)
    desk.tell("agreed")
    desk.work()
    desk.tell("in_effect")
    desk.work()
    first, second, third = desk.slack.posts
    assert (first.thread_ts, second.thread_ts, third.thread_ts) == (None, None, second.ts)


@pytest.mark.parametrize("code", ["message_not_found", "cant_update_message", "edit_window_closed"])
def test_after_a_parent_that_cannot_be_edited_the_next_development_is_a_new_one(desk: Desk, code: str) -> None:
    desk.tell("talks")
    desk.work()
    desk.slack.fail_next(code, method="chat.update")
    desk.tell("agreed")
    desk.work()
    desk.tell("in_effect")
    desk.work()
    assert [post.thread_ts is None for post in desk.slack.posts] == [True, False, True]


def test_many_reports_make_one_edit(desk: Desk) -> None:
    desk.tell("talks")
    desk.work()
    with desk.store.stories.grouping() as session:
        (story,) = (s for s in session.recent_stories(type="ceasefire", since=desk.clock.now()) if s.developments)
        session.save_development(replace(story.developments[0], report_count=40))
    for _ in range(40):
        desk.store.threads.show_change([desk.stories["truce"]], due_at=desk.clock.now() + timedelta(seconds=30))
    desk.work(31, 31)
    parent, _ = desk.thread()
    assert "40 reports" in json.dumps(parent.blocks)
    assert len(parent.texts) == 2


def test_an_edit_that_would_change_nothing_is_not_made(desk: Desk) -> None:
    desk.tell("talks")
    desk.work()
    desk.store.threads.show_change([desk.stories["truce"]], due_at=desk.clock.now())
    desk.work(1)
    assert [method for method, _ in desk.slack.calls] == ["chat.postMessage"]


@pytest.mark.parametrize("fault", [Fault.ERROR_AFTER, Fault.RESET_BEFORE, Fault.RATE_LIMITED])
def test_a_failed_edit_is_made_again(desk: Desk, fault: Fault) -> None:
    desk.tell("talks")
    desk.work()
    desk.slack.fail_next(fault, method="chat.update", retry_after_s=0.01)
    desk.tell("agreed")
    desk.work(10, 10)
    parent, _ = desk.thread()
    assert parent.texts[-1].startswith("Ceasefire agreed")


def test_news_go_before_edits(desk: Desk) -> None:
    desk.tell("talks")
    desk.work()
    desk.tell("proposed")
    desk.tell("talks", story="visit")
    desk.work()
    assert [method for method, _ in desk.slack.calls] == ["chat.postMessage"] * 3 + ["chat.update"]


def test_a_refused_token_stops_the_workspace_and_keeps_every_row(desk: Desk) -> None:
    desk.slack.fail_next("token_revoked")
    for number in range(3):
        desk.tell("talks", story=f"s{number}", channels=("alerts", "admin"))
    desk.work(60)
    assert [method for method, _ in desk.slack.calls].count("chat.postMessage") <= 2
    desk.work(TOKEN_PAUSE_S)
    desk.work(10)
    assert len(desk.slack.posts) == 6
    assert len(set(desk.slack.keys())) == 6


def test_what_is_too_old_is_never_sent_as_news(desk: Desk) -> None:
    desk.slack.fail_next(Fault.RATE_LIMITED, retry_after_s=7200)
    key = desk.tell("talks", expires_in=timedelta(hours=1))
    desk.work()
    desk.steps = desk.started()
    desk.work(7300)
    assert desk.slack.posts == []
    assert desk.statuses()[key] == ("dead", DeliveryFault.EXPIRED)


def test_what_may_have_been_sent_is_looked_for_before_it_expires(desk: Desk) -> None:
    desk.slack.fail_next(Fault.RESET_AFTER)
    key = desk.tell("talks", expires_in=timedelta(minutes=1))
    desk.work(3600)
    assert desk.statuses()[key] == ("sent", None)


def test_corrections_say_so_behind_their_phase(desk: Desk) -> None:
    desk.tell("agreed")
    desk.work()
    desk.tell("retracted-agreed", reason=AlertReason.RETRACTED)
    desk.work()
    parent, (reply,) = desk.thread()
    assert "(retracted)" in reply.texts[0].partition(":")[0]
    assert "(retracted)" in parent.texts[-1].partition(":")[0]
