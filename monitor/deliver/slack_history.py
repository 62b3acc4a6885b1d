"""What a Slack channel already holds: its id by name, and messages by their delivery key."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web import SlackResponse

from monitor.deliver.slack_errors import error_code, fault_of
from monitor.errors import ChannelBroken, DeliveryError, DeliveryFault, ParentGone, Transient

METADATA_EVENT = "monitor_alert"
METADATA_KEY = "delivery_key"

_CLOCK_SKEW = timedelta(seconds=60)  # Slack's clock against ours
_HISTORY_PAGE = 15  # what Slack allows every app, whatever its distribution
_HISTORY_PAGES = 20
_LIST_PAGES = 10
_TRIES = 3  # of one page
_SHORT_WAIT_S = 2.0
_PATIENCE_S = 45.0  # of one search, well inside the lease of what is looked for
_CHANNEL_ID = re.compile(r"[CGD][A-Z0-9]{7,}")
_CANNOT_READ = {"missing_scope", "not_in_channel", "channel_not_found", "not_allowed_token_type", "no_permission"}


class SlackHistory:
    """Reads one Slack channel, given by id or by name."""

    def __init__(self, client: WebClient, channel: str) -> None:
        self._client = client
        self._channel = channel
        self.known_id = channel if _CHANNEL_ID.fullmatch(channel) else None

    def channel_id(self) -> str:
        """The channel's id: as configured, from an earlier answer, or looked up by name.

        Raises:
            DeliveryError: as `timestamp_of`; the app may not list channels (channels:read, groups:read).
            ChannelBroken: no channel has the name.
        """
        if self.known_id is None:
            self.known_id = self._look_up(self._channel.removeprefix("#"))
        return self.known_id

    def timestamp_of(
        self, key: str, *, since: datetime, until: datetime | None = None, thread_ts: str | None = None
    ) -> str | None:
        """The `ts` of the message that carries `key`; None if it is not there.

        Looked for from a minute before `since` to a minute after `until`, when that is known: what came
        later need not be leafed through. With `thread_ts`, among the replies of that thread; else
        among parents and broadcasts.

        Raises:
            DeliveryError: with fault NOT_CONFIGURED, the app may not read the channel's history
                (scope channels:history or groups:history, and membership), so nobody can tell;
                with fault OUTCOME_UNKNOWN, the channel had too many messages since to look through.
            Transient: Slack did not answer, or asks to wait.
        """
        oldest = f"{(since - _CLOCK_SKEW).timestamp():.6f}"
        arguments: dict[str, Any] = {
            "channel": self.channel_id(),
            "oldest": oldest,
            "inclusive": True,
            "include_all_metadata": True,
            "limit": _HISTORY_PAGE,
        }
        if until is not None:
            arguments["latest"] = f"{(until + _CLOCK_SKEW).timestamp():.6f}"
        method = "conversations.history"
        if thread_ts is not None:
            method, arguments = "conversations.replies", {**arguments, "ts": thread_ts}
        try:
            for number, page in enumerate(self._pages(method, _HISTORY_PAGES, arguments), start=1):
                for posted in page.get("messages") or ():
                    metadata = posted.get("metadata") or {}
                    payload = metadata.get("event_payload") or {}
                    if metadata.get("event_type") == METADATA_EVENT and payload.get(METADATA_KEY) == key:
                        return str(posted["ts"])
                if (page.get("response_metadata") or {}).get("next_cursor") and number == _HISTORY_PAGES:
                    detail = f"more than {_HISTORY_PAGES * _HISTORY_PAGE} messages since {oldest}: nobody can tell"
                    raise DeliveryError(DeliveryFault.OUTCOME_UNKNOWN, detail)
        except ParentGone:  # and its replies with it
            return None
        return None

    def _look_up(self, wanted: str) -> str:
        arguments = {"types": "public_channel,private_channel", "exclude_archived": True, "limit": 200}
        for page in self._pages("conversations.list", _LIST_PAGES, arguments):
            for channel in page.get("channels") or ():
                if channel.get("name") == wanted:
                    return str(channel["id"])
        raise ChannelBroken(DeliveryFault.CHANNEL, f"Slack lists no channel #{wanted}: configure the channel's id")

    def _pages(self, method: str, most: int, arguments: dict[str, Any]) -> Iterator[SlackResponse]:
        cursor = ""
        give_up_at = time.monotonic() + _PATIENCE_S
        for _ in range(most):
            page = self._read(method, {**arguments, "cursor": cursor} if cursor else arguments, give_up_at=give_up_at)
            yield page
            cursor = (page.get("response_metadata") or {}).get("next_cursor") or ""
            if not cursor:
                return

    def _read(self, method: str, arguments: dict[str, Any], *, give_up_at: float) -> SlackResponse:
        """One page, asked for again when it fails for a moment: a search begun anew would fail as often."""
        for _ in range(_TRIES - 1):
            try:
                return self._read_once(method, arguments)
            except Transient as error:
                wait_s = error.retry_after_s or 0.0
                if time.monotonic() + wait_s > give_up_at or wait_s > _SHORT_WAIT_S:
                    raise
                time.sleep(wait_s)
        return self._read_once(method, arguments)

    def _read_once(self, method: str, arguments: dict[str, Any]) -> SlackResponse:
        try:
            return self._client.api_call(method, params=arguments)
        except SlackApiError as error:
            if error_code(error) in _CANNOT_READ:
                needed = error.response.get("needed") or "channels:history, channels:read and membership"
                detail = f"Slack refused {method} ({error_code(error)}): the app needs {needed}"
                raise DeliveryError(DeliveryFault.NOT_CONFIGURED, detail) from None
            raise fault_of(error, reading=True) from None
        except (OSError, SlackClientError, ValueError, LookupError) as error:
            raise fault_of(error, reading=True) from None
