"""Buttons and the slash command through the real slack_sdk client and Slack's end on loopback."""

from __future__ import annotations

import threading
import time
from datetime import timedelta
from types import SimpleNamespace

import pytest

from monitor.core.model.feedback import Saying, Verdict, Via
from monitor.errors import StoreUnavailable
from monitor.socketmode.service import SocketModeService
from tests.socketmode.conftest import click, command
from tests.store import arrange


def wait_until(holds, *, within_s: float = 10) -> None:
    """Poll what has no event to wait for."""
    until = time.monotonic() + within_s
    while not holds():
        assert time.monotonic() < until
        time.sleep(0.005)


def wait_for_answers(house, count: int) -> None:
    """Until people were answered so often."""
    wait_until(lambda: len(house.told()) == count)


def words(reply: dict) -> str:
    """All that a reply shows."""
    parts = reply["blocks"][0]["elements"][0]["elements"]
    return "".join(part.get("text", "") if part["type"] == "text" else f"<{part['url']}>" for part in parts)


def test_a_pressed_button_is_acknowledged_in_time_done_and_answered(house, alert):
    house.start()
    house.socket.send(click("e1", "ack", alert.id, house))
    assert house.socket.acknowledged("e1").after_s < 3
    wait_for_answers(house, 1)
    (ack,) = house.store.feedback.acks([alert.story_id])[alert.story_id]
    assert (ack.saying.by, ack.saying.via, ack.saying.at) == ("dana", Via.SLACK, arrange.NOON)
    (reply,) = house.told()
    assert (reply["response_type"], reply["replace_original"]) == ("ephemeral", False)
    assert words(reply) == "Acknowledged: Rouvier's trip to Qatar"


def test_an_envelope_that_comes_again_is_done_and_answered_once(house, alert):
    house.start()
    for _ in range(2):
        house.socket.send(click("e1", "relevant", alert.id, house))
    house.socket.acknowledged("e1", times=2)
    wait_for_answers(house, 1)
    house.socket.send(click("e2", "not_relevant", alert.id, house, user="omar"))
    house.socket.acknowledged("e2")
    wait_for_answers(house, 2)
    labels = house.store.history.alert(alert.id).labels
    assert [(label.saying.by, label.verdict) for label in labels] == [
        ("dana", Verdict.RELEVANT), ("omar", Verdict.NOT_RELEVANT),
    ]  # fmt: skip


def test_a_second_press_changes_nothing_and_says_so(house, alert):
    house.start()
    for number, at in enumerate((0, 0.4)):
        house.socket.send(click(f"e{number}", "relevant", alert.id, house, at=arrange.NOON.timestamp() + at))
        wait_for_answers(house, number + 1)
    assert words(house.told()[1]) == "Marked relevant, as before: Rouvier's trip to Qatar"
    assert len(house.store.history.alert(alert.id).labels) == 1


def test_a_press_delivered_late_does_not_undo_a_later_one(house, alert):
    house.start()
    noon = arrange.NOON.timestamp()
    house.socket.send(click("e2", "not_relevant", alert.id, house, at=noon + 20))
    wait_for_answers(house, 1)
    house.socket.send(click("e1", "relevant", alert.id, house, at=noon + 10))
    wait_for_answers(house, 2)
    assert "You have said something else since" in words(house.told()[1])
    (label,) = house.store.history.alert(alert.id).labels
    assert label.verdict is Verdict.NOT_RELEVANT


def test_two_people_who_press_at_once_are_both_kept(house, alert):
    house.start()
    for number in range(8):
        house.socket.send(click(f"e{number}", "ack", alert.id, house, user=f"reader{number % 2}"))
    for number in range(8):
        house.socket.acknowledged(f"e{number}")
    wait_for_answers(house, 8)
    found = house.store.feedback.acks([alert.story_id])[alert.story_id]
    assert {ack.saying.by for ack in found} == {"reader0", "reader1"}


def test_muting_is_for_a_day_from_the_press_and_once(house, alert):
    house.start()
    for number in range(2):
        house.socket.send(click(f"e{number}", "mute_24h", alert.id, house))
        wait_for_answers(house, number + 1)
    assert house.mutes.until == {"story-a": arrange.NOON + timedelta(hours=24)}
    assert house.mutes.owners == ["dana"]
    assert words(house.told()[0]) == "Muted until 2 Mar 2026, 12:00 UTC: Rouvier's trip to Qatar"


def test_a_split_waits_until_somebody_can_split(house, alert):
    house.start()
    house.socket.send(click("e1", "split", alert.id, house))
    wait_for_answers(house, 1)
    assert words(house.told()[0]) == "Split asked for: Rouvier's trip to Qatar"
    assert [each.development_id for each in house.store.feedback.split_requests()] == [alert.development_id]


def test_a_split_is_made_once_where_it_can_be(house, alert):
    asked: list[int] = []

    class Editor:
        def split(self, development_id: int, **_: object) -> SimpleNamespace:
            asked.append(development_id)
            return SimpleNamespace(words="now a story of its own")

    house.start(editor=Editor())
    for number in range(2):
        house.socket.send(click(f"e{number}", "split", alert.id, house))
        wait_for_answers(house, number + 1)
    assert asked == [alert.development_id]
    assert house.store.feedback.split_requests() == ()
    assert words(house.told()[0]).startswith("Split: now a story of its own: ")


def test_splits_asked_for_earlier_are_made_once_somebody_can(house):
    """One that fails goes on waiting, and does not keep the others."""
    alerts = [arrange.tell(house.store, guid) for guid in ("a", "b")]
    for alert in alerts:
        house.store.feedback.ask_split(alert.id, Saying(by="dana", via=Via.CLI, at=arrange.NOON))

    class Editor:
        def split(self, development_id: int, **_: object) -> SimpleNamespace:
            if development_id == alerts[0].development_id:
                raise ZeroDivisionError
            return SimpleNamespace(words="now a story of its own")

    assert house.desk().catch_up() == 0
    assert house.desk(editor=Editor()).catch_up() == 1
    assert [each.alert_id for each in house.store.feedback.split_requests()] == [alerts[0].id]


@pytest.mark.parametrize("alert_id", [99, 2**62])
def test_an_alert_nobody_knows_is_answered_politely(house, alert, alert_id):
    house.start()
    for number, action in enumerate(("ack", "mute_24h", "relevant", "not_relevant", "split")):
        house.socket.send(click(f"e{number}", action, alert_id, house))
    wait_for_answers(house, 5)
    assert {words(reply) for reply in house.told()} == {"The monitor does not know this alert any more."}


def test_an_action_of_another_version_is_answered_politely(house, alert):
    house.start()
    house.socket.send(click("e1", "snooze", alert.id, house))
    wait_for_answers(house, 1)
    assert "does not know that button" in words(house.told()[0])


@pytest.mark.parametrize("alert_id", [None, "4", -1, True, [1], {"a": 1}, 2**80])
def test_what_is_no_button_of_ours_is_acknowledged_and_left_alone(house, alert_id):
    house.start()
    house.socket.send(click("e1", "ack", alert_id, house))
    house.socket.send({"type": "events_api", "envelope_id": "e2", "payload": {"event": {}}})
    house.socket.send({"type": "interactive", "envelope_id": "e3", "payload": {"type": "view_submission"}})
    for each in ("e1", "e2", "e3"):
        house.socket.acknowledged(each)
    assert house.told() == []


def test_people_of_another_workspace_are_refused(house, alert):
    """A shared channel shows the buttons to guests of another company too."""
    house.start()
    house.socket.send(click("e1", "ack", alert.id, house, team="T0OTHER"))
    house.socket.send(command("e2", "status", house, team="T0OTHER"))
    wait_for_answers(house, 1)
    assert "Only people of the workspace" in words(house.told()[0])
    assert "Only people of the workspace" in words(house.socket.acknowledged("e2").payload)
    assert house.store.feedback.acks([alert.story_id]) == {}


def test_a_slow_database_does_not_keep_slack_waiting(house, alert):
    """The envelope is taken after two seconds whatever happens; what was asked for is done when it can be."""
    held, released = threading.Event(), threading.Event()

    def hold() -> None:
        with house.store.database.writing():
            held.set()
            released.wait(20)

    holder = threading.Thread(target=hold)
    holder.start()
    held.wait(5)
    house.start()
    house.socket.send(click("e1", "ack", alert.id, house))
    assert 1.9 < house.socket.acknowledged("e1").after_s < 3
    assert house.told() == []
    released.set()
    holder.join()
    wait_for_answers(house, 1)
    assert words(house.told()[0]).startswith("Acknowledged")


def test_a_database_that_refuses_is_said_and_a_bug_too(house, alert):
    class Refusing:
        def ack(self, *_: object) -> None:
            raise StoreUnavailable("the disk is full", permanent=True)

        def label(self, *_: object) -> None:
            raise ZeroDivisionError

    house.start(feedback=Refusing())
    house.socket.send(click("e1", "ack", alert.id, house))
    wait_for_answers(house, 1)
    house.socket.send(click("e2", "relevant", alert.id, house))
    wait_for_answers(house, 2)
    assert "nothing was changed" in words(house.told()[0])
    assert "went wrong" in words(house.told()[1])


def test_status_is_answered_in_the_acknowledgement_itself(house, alert):
    house.start()
    house.socket.send(command("e1", "status", house))
    said = words(house.socket.acknowledged("e1").payload).splitlines()
    assert said[0] == "Watching: silence means no news."
    assert said[1] == "1 alert in 24 hours, 1 in all, of 1 story"
    assert said[2].startswith("1 source, 0 failing")
    assert said[3] == "Deliveries: 1 pending"
    assert house.told() == []


def test_search_finds_what_the_command_line_finds(house, alert):
    house.start()
    for number in range(11):
        arrange.tell(house.store, f"n{number}", headline="Truce & <b>talks</b>", who="Emissaries")
    house.socket.send(command("e1", "search  ENVOY   lands", house))
    found = house.socket.acknowledged("e1").payload
    assert "1 Mar 2026, 12:00 UTC · Visit under way: Amélie Rouvier → Qatar" in words(found)
    assert "<https://www.harbourpost.example/a>" in words(found)
    house.socket.send(command("e2", "search emissaries", house))
    many = words(house.socket.acknowledged("e2").payload)
    assert many.count("Visit under way") == 10
    assert many.endswith("The newest 10 are shown.")
    house.socket.send(command("e3", "search penguins", house))
    assert words(house.socket.acknowledged("e3").payload) == "Nothing told has all of: penguins"


@pytest.mark.parametrize("text", ["", "help", "status now", "search", "restart", "<!channel>"])
def test_anything_else_is_answered_with_what_can_be_asked(house, text):
    house.start()
    house.socket.send(command("e1", text, house))
    assert "/monitor search WORDS" in words(house.socket.acknowledged("e1").payload)


def test_nothing_in_an_answer_is_markup(house):
    """Words of strangers are text elements of a rich text, and the notification's line is escaped."""
    house.start()
    house.socket.send(command("e1", "search <!channel> *bold* <https://evil.example|x>", house))
    reply = house.socket.acknowledged("e1").payload
    elements = reply["blocks"][0]["elements"][0]["elements"]
    assert {part["type"] for part in elements} == {"text"}
    assert "<" not in reply["text"]


def test_the_line_is_opened_anew_when_slack_asks_for_it(house, alert):
    """Slack refreshes connections every few hours; envelopes go on over the new one."""
    house.start()
    house.socket.refresh()
    house.socket.wait_for_connection(2)
    house.socket.send(click("e1", "ack", alert.id, house))
    assert house.socket.acknowledged("e1").on_connection == 2
    assert house.work() == 0


@pytest.mark.parametrize("how", ["hang_up", "cut", "end"])
def test_a_lost_line_is_opened_again(house, alert, how):
    """At once, not when a ping fails: none is sent here."""
    house.service = SocketModeService(clock=house.clock, ping_s=600)
    house.start()
    wait_until(lambda: house.service.open_count == 1)
    getattr(house.socket, how)()
    wait_until(lambda: house.service.open_count == 0)
    assert house.work() == 1
    house.socket.wait_for_connection(2)
    house.socket.send(click("e1", "ack", alert.id, house))
    assert house.socket.acknowledged("e1").on_connection == 2


def test_a_line_on_which_nothing_comes_back_is_taken_for_lost(house):
    house.service = SocketModeService(clock=house.clock, ping_s=0.1)
    house.socket.is_deaf = True
    house.start()
    wait_until(lambda: house.service.open_count == 0)
    house.socket.is_deaf = False
    assert house.work() == 1
    wait_until(lambda: house.service.open_count == 1)


def test_a_slack_that_cannot_be_reached_is_tried_ever_more_rarely(house, alert):
    """Nothing is raised; the waits double from two seconds to a minute."""
    house.socket.refuses = True
    house.service.configure((house.app,), house.desk())
    waits = []
    for _ in range(7):
        assert house.work() == 1
        start = house.clock.at
        while not house.service.claim(0) and house.service._kept[house.app.app_token].due_at > house.clock.at:
            house.clock.at += timedelta(seconds=1)
        waits.append((house.clock.at - start).total_seconds())
    assert waits == [2, 4, 8, 16, 32, 60, 60]
    house.socket.refuses = False
    assert house.work() == 1
    wait_until(lambda: house.service.open_count == 1)


def test_a_refused_token_is_asked_again_after_minutes_and_never_shown(house, capfd):
    house.slack.app_token = "xapp-another"
    house.service.configure((house.app,), house.desk())
    assert house.work() == 1
    house.clock.at += timedelta(seconds=299)
    assert house.work() == 0
    house.clock.at += timedelta(seconds=2)
    house.slack.app_token = house.app.app_token
    assert house.work() == 1
    wait_until(lambda: house.service.open_count == 1)
    shown = "".join(capfd.readouterr())
    assert "invalid_auth" in shown
    assert "xapp" not in shown
    assert "secret-ticket" not in shown


def test_an_app_that_leaves_the_configuration_is_hung_up(house):
    house.start()
    wait_until(lambda: house.service.open_count == 1)
    assert house.service.configure((), house.desk()) == ()
    assert house.service.open_count == 0
    assert house.work() == 0
