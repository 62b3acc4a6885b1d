"""Whether a Slack channel's set-up works, found out step by step by trying it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from slack_sdk.errors import SlackApiError, SlackClientError

from monitor.core.model.alert import Receipt
from monitor.deliver.slack import SlackChannel
from monitor.deliver.slack_errors import fault_of
from monitor.errors import DeliveryError

NEEDED_SCOPES = ("chat:write",)
HISTORY_SCOPES = ("channels:history", "groups:history")
LIST_SCOPES = ("channels:read", "groups:read")
COMMAND_SCOPE = "commands"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One step of the check: `step` names it, `detail` says what came back, and what to do when it is not `ok`."""

    step: str
    ok: bool
    detail: str


def check_slack(
    channel: SlackChannel, *, now: datetime, full: bool = False, app_token: str | None = None
) -> tuple[Finding, ...]:
    """What works, in order: token, scopes, post, look-up.

    With `full` also the app's own token where there is one, the channel, a reply in the test
    message's thread, its edit, and the removal of both. Without it one message stays in the channel.
    Stops at the first step that everything after it needs.
    """
    return tuple(_steps(channel, now=now, full=full, app_token=app_token))


def _steps(channel: SlackChannel, *, now: datetime, full: bool, app_token: str | None) -> Iterator[Finding]:
    token, scopes = _token(channel)
    yield token
    if not token.ok:
        return
    yield from _scopes(channel, scopes)
    if full and app_token is not None:
        yield from _app(channel, app_token, scopes)
    if full:
        yield _channel(channel)
    key = f"monitor-test:{now.isoformat()}"
    text = f"Test message of the news monitor, channel {channel.name}, {now:%Y-%m-%d %H:%M:%S} UTC."
    try:
        receipt = channel.post_plain(text, key=key)
    except DeliveryError as error:
        yield Finding(step="post", ok=False, detail=f"{channel.target}: {error.detail}")
        return
    yield Finding(step="post", ok=True, detail=f"posted to {channel.target} as {receipt.reference}")
    yield _look_up(channel, key, receipt, now)
    if full:
        yield from _reply_edit_and_delete(channel, receipt, text)


def _app(channel: SlackChannel, app_token: str, scopes: frozenset[str] | None) -> Iterator[Finding]:
    """Whether buttons and the slash command can be heard; opens no connection, only asks where to."""
    asked = _try("app", lambda: channel.client.apps_connections_open(app_token=app_token))
    if not asked.ok:
        advice = "the app-level token needs connections:write, and Socket Mode must be on"
        yield Finding(step="app", ok=False, detail=f"{asked.detail}: {advice}")
        return
    yield Finding(step="app", ok=True, detail="Socket Mode is open to the app: buttons are heard")
    if scopes is not None and COMMAND_SCOPE not in scopes:
        yield Finding(step="command", ok=False, detail=f"missing {COMMAND_SCOPE}: there is no slash command")


def _channel(channel: SlackChannel) -> Finding:
    """Whether the channel is there, open, and has the app in it."""
    try:
        channel_id = channel.channel_id()
        found = channel.client.conversations_info(channel=channel_id).get("channel") or {}
    except DeliveryError as error:
        return Finding(step="channel", ok=False, detail=f"{channel.target}: {error.detail}")
    except (SlackApiError, OSError, SlackClientError, ValueError, LookupError) as error:
        return Finding(step="channel", ok=False, detail=f"{channel.target}: {fault_of(error, reading=True).detail}")
    if found.get("is_archived"):
        return Finding(step="channel", ok=False, detail=f"{channel.target} is archived")
    if found.get("is_member") is False:
        return Finding(step="channel", ok=False, detail=f"the app is not in {channel.target}: /invite it there")
    return Finding(step="channel", ok=True, detail=f"{channel.target} is {channel_id}")


def _token(channel: SlackChannel) -> tuple[Finding, frozenset[str] | None]:
    """The token's finding, and its scopes; None when Slack does not list them."""
    try:
        answer = channel.client.auth_test()
    except (OSError, SlackClientError, ValueError, LookupError) as error:
        return Finding(step="token", ok=False, detail=fault_of(error, reading=True).detail), None
    headers = {str(name).lower(): str(value) for name, value in answer.headers.items()}
    listed = headers.get("x-oauth-scopes")
    scopes = frozenset(part.strip() for part in listed.split(",") if part.strip()) if listed is not None else None
    detail = f"{answer.get('user') or 'the app'} in {answer.get('team') or 'an unnamed workspace'}"
    return Finding(step="token", ok=True, detail=detail), scopes


def _scopes(channel: SlackChannel, scopes: frozenset[str] | None) -> Iterator[Finding]:
    if scopes is None:
        yield Finding(step="scopes", ok=True, detail="Slack did not list the token's scopes; the next steps tell")
        return
    missing = [scope for scope in NEEDED_SCOPES if scope not in scopes]
    seen = ", ".join(sorted(scopes)) or "none"
    detail = f"missing {', '.join(missing)}; seen: {seen}" if missing else f"seen: {seen}"
    yield Finding(step="scopes", ok=not missing, detail=detail)
    if not scopes.intersection(HISTORY_SCOPES):
        detail = (
            f"neither {' nor '.join(HISTORY_SCOPES)}: after a lost answer nobody can tell whether Slack took a message"
        )
        yield Finding(step="history", ok=False, detail=detail)
    if not scopes.intersection(LIST_SCOPES) and channel.target.startswith("#"):
        detail = f"neither {' nor '.join(LIST_SCOPES)}: configure the channel by its id instead of {channel.target}"
        yield Finding(step="names", ok=False, detail=detail)


def _look_up(channel: SlackChannel, key: str, receipt: Receipt, now: datetime) -> Finding:
    try:
        found = channel.find(key, since=now - timedelta(minutes=5))
    except DeliveryError as error:
        return Finding(step="find", ok=False, detail=error.detail)
    if found != receipt:
        return Finding(step="find", ok=False, detail="the test message does not show in the channel's history")
    return Finding(step="find", ok=True, detail="the test message was found again by its key")


def _reply_edit_and_delete(channel: SlackChannel, receipt: Receipt, text: str) -> Iterator[Finding]:
    where, _, ts = receipt.reference.partition(":")
    client = channel.client
    replies: list[str] = []

    def reply() -> None:
        answer = client.chat_postMessage(channel=where, thread_ts=ts, text=f"{text} A reply.", parse="none")
        replies.append(str(answer["ts"]))

    def delete() -> None:
        for each in (*replies, ts):
            client.chat_delete(channel=where, ts=each)

    yield _try("reply", reply)
    yield _try("edit", lambda: client.chat_update(channel=where, ts=ts, text=f"{text} Edited.", parse="none"))
    yield _try("delete", delete)


def _try(step: str, call: Callable[[], object]) -> Finding:
    try:
        call()
    except (SlackApiError, OSError, SlackClientError, ValueError, LookupError) as error:
        return Finding(step=step, ok=False, detail=fault_of(error, reading=True).detail)
    return Finding(step=step, ok=True, detail="done")
