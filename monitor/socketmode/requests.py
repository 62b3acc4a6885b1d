"""What Slack sends when somebody presses a button or types the command, as values.

Payloads: https://docs.slack.dev/reference/interaction-payloads/block_actions-payload and
https://docs.slack.dev/interactivity/implementing-slash-commands.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

_NAME_LENGTH = 100
_TEXT_LENGTH = 500
_LARGEST_ID = 2**63 - 1
_CLOCKS_APART = timedelta(days=1)  # further than that, one of the two clocks is wrong


class Action(StrEnum):
    """The buttons, by their action ids."""

    ACK = "ack"
    MUTE = "mute_24h"
    RELEVANT = "relevant"
    NOT_RELEVANT = "not_relevant"
    SPLIT = "split"


@dataclass(frozen=True, kw_only=True)
class Person:
    """Who did it. `name` is the user name, unique in a workspace; `team_id` is the workspace they belong to."""

    name: str
    team_id: str


@dataclass(frozen=True, kw_only=True)
class Click:
    """A button of ours, pressed at `at`. `action` is None for one this version does not know."""

    action: Action | None
    alert_id: int
    person: Person
    at: datetime
    response_url: str


@dataclass(frozen=True, kw_only=True)
class Command:
    """What follows the slash command, on one line."""

    text: str
    name: str  # of the command itself
    person: Person
    response_url: str


Request = Click | Command


def request_of(kind: str, payload: Mapping[str, object], *, now: datetime) -> Request | None:
    """The request in an envelope's payload; None for what is none of ours, whatever it is made of."""
    if kind == "interactive" and payload.get("type") == "block_actions":
        return _click(payload, now)
    if kind == "slash_commands":
        return _command(payload)
    return None


def _click(payload: Mapping[str, object], now: datetime) -> Click | None:
    pressed = payload.get("actions")
    first = pressed[0] if isinstance(pressed, list) and pressed else None
    action, user, team = _mapping(first), _mapping(payload.get("user")), _mapping(payload.get("team"))
    alert_id = _alert_id(_text(action.get("value")))
    if alert_id is None:  # such as the link buttons, which need no answer
        return None
    named = _text(action.get("action_id"))
    return Click(
        action=Action(named) if named in list(Action) else None,
        alert_id=alert_id,
        person=Person(
            name=_name(user.get("username"), user.get("name"), user.get("id")),
            team_id=_text(user.get("team_id")) or _text(team.get("id")),
        ),
        at=_instant(action.get("action_ts"), now),
        response_url=_text(payload.get("response_url")),
    )


def _command(payload: Mapping[str, object]) -> Command:
    return Command(
        text=" ".join(_text(payload.get("text")).split())[:_TEXT_LENGTH],
        name=_text(payload.get("command"))[:_NAME_LENGTH] or "/monitor",
        person=Person(
            name=_name(payload.get("user_name"), payload.get("user_id")),
            team_id=_text(payload.get("team_id")),
        ),
        response_url=_text(payload.get("response_url")),
    )


def _alert_id(value: str) -> int | None:
    try:
        found = json.loads(value)
    except (ValueError, RecursionError):
        return None
    number = _mapping(found).get("alert")
    is_id = isinstance(number, int) and not isinstance(number, bool) and 0 < number <= _LARGEST_ID
    return number if is_id and isinstance(number, int) else None


def _instant(action_ts: object, now: datetime) -> datetime:
    """When the button was pressed by Slack's clock, which is also how a repeat is known."""
    try:
        at = datetime.fromtimestamp(float(_text(action_ts)), UTC)
    except (ValueError, OverflowError, OSError):
        return now
    return at if abs(at - now) < _CLOCKS_APART else now


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, dict) else {}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _name(*candidates: object) -> str:
    texts = (" ".join(_text(each).split()) for each in candidates)
    return next((text[:_NAME_LENGTH] for text in texts if text), "somebody")
