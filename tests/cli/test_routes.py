"""`monitor routes` and `monitor silence`: what would become of an alert, and who wants to hear nothing."""

from __future__ import annotations

import pytest

from tests.cli.conftest import Cli

ROUTES = """
channels:
  desk: {kind: console}
  mail: {kind: console}
routes:
- {name: breaking, match: {type: ceasefire, severity: high}, channels: desk, continue: true}
- name: rest
  match: {type: ceasefire}
  channels: mail
  quiet: {from: 22:00, to: 07:00, timezone: UTC}
  escalate: {after: 30m, to: desk}
"""


@pytest.fixture
def routed(history: Cli) -> Cli:
    """The sample history with two routes."""
    text = history.config.read_text(encoding="utf-8")
    kept = text.partition("channels:")[0]
    history.write_config(kept + ROUTES)
    return history


def test_an_alert_is_tried_on_the_routes(routed: Cli) -> None:
    ran = routed("routes", "test", "type=ceasefire", "phase=agreed", "place=Sudan", "--at", "2024-10-29T12:00:00Z")
    assert ran.out.splitlines() == [
        "desk: told at once: matched (route breaking)",
        "mail: told at once: matched (route rest)",
    ]
    assert "alerts.ack is false" in ran.err


def test_quiet_hours_are_seen_by_trying_another_time(routed: Cli) -> None:
    arguments = ("type=ceasefire", "phase=talks", "place=Sudan", "--at", "2024-10-29T23:00:00Z", "--json")
    (found,) = routed("routes", "test", *arguments).json
    assert (found["channel"], found["outcome"], found["due_at"]) == ("mail", "held", "2024-10-30T07:00:00Z")


def test_what_no_route_takes_is_said(routed: Cli) -> None:
    assert routed("routes", "test", "type=visit").out == "told nowhere: no route matches\n"


def test_without_routes_everything_goes_everywhere(history: Cli) -> None:
    assert "(route everything)" in history("routes", "test", "type=visit", "phase=planned").out


def test_routes_are_listed_in_order_with_what_is_off(routed: Cli) -> None:
    assert routed("routes", "list").out.splitlines() == [
        "breaking\ttype=ceasefire severity>=high\tto desk; continues",
        "rest\ttype=ceasefire\tto mail; quiet from 22:00 to 07:00; escalates to desk (off: alerts.ack is false)",
    ]


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (("type=visit",), "say how long"),
        (("type=visit", "--for", "1h", "--until", "tomorrow"), "say how long"),
        (("type", "--for", "1h"), "is no condition"),
        (("plaec=Gaza", "--for", "1h"), "did you mean 'place'?"),
        (("severity=huge", "--for", "1h"), "severity is one of"),
        (("type=visit", "--until", "2001-01-01"), "is over already"),
    ],
)
def test_a_silence_needs_conditions_and_an_end(history: Cli, arguments: tuple[str, ...], error: str) -> None:
    ran = history("silence", "add", *arguments, "--reason", "r", "--owner", "ana")
    assert ran.code == 2
    assert error in " ".join(ran.err.replace("│", " ").split())


def test_a_silence_needs_an_owner(history: Cli) -> None:
    assert history("silence", "add", "type=visit", "--for", "1h", "--reason", "r").code == 2
    assert history("silence", "add", "type=visit", "--for", "1h", "--reason", "r", USER="ben").code == 0
    assert [each["owner"] for each in history("silence", "list", "--json").json] == ["ana", "ben"]


def test_an_expired_silence_is_listed_only_when_asked_for(history: Cli) -> None:
    assert history("silence", "expire", "1").code == 0
    assert history("silence", "expire", "1").code == 1
    assert history("silence", "list", "--json").json == []
    (kept,) = history("silence", "list", "--all", "--json").json
    assert (kept["id"], kept["state"], kept["conditions"], kept["reason"]) == (
        1,
        "expired",
        "place=Gaza",
        "covered live",
    )


def test_a_silence_in_force_is_seen_by_a_trial(history: Cli) -> None:
    ran = history("routes", "test", "type=ceasefire", "place=Gaza")
    assert "silenced: silence, silence 1 of ana: covered live" in ran.out
