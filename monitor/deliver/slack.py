"""Alerts as messages of a Slack app, through the Web API.

Slack knows no idempotency key, so every message carries its delivery key as metadata: after a
lost answer `find` looks it up in the channel's history before anything is sent again.
"""

from __future__ import annotations

import logging
import re
import ssl
from collections.abc import Iterator
from datetime import datetime, timedelta, tzinfo
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web import SlackResponse

from monitor.core.model.alert import Message, Receipt
from monitor.deliver.pace import Pace
from monitor.deliver.slack_blocks import Payload, minimal_payload, slack_payload
from monitor.deliver.slack_errors import BLOCK_ERRORS, error_code, fault_of
from monitor.errors import ChannelBroken, DeliveryError, DeliveryFault, OutcomeUnknown, Transient

METADATA_EVENT = "monitor_alert"
_METADATA_KEY = "delivery_key"
_CLOCK_SKEW = timedelta(seconds=60)  # Slack's clock against ours
_VISIBLE_AFTER_S = 30.0  # a post whose answer was lost has been seen to enter the history seconds late
_HISTORY_PAGE = 15  # what Slack allows every app, whatever its distribution
_HISTORY_PAGES = 20
_LIST_PAGES = 10
_CHANNEL_ID = re.compile(r"[CGD][A-Z0-9]{7,}")
_CANNOT_READ = {"missing_scope", "not_in_channel", "channel_not_found", "not_allowed_token_type", "no_permission"}


class SlackChannel:
    """One Slack channel, given by id or by name."""

    def __init__(
        self,
        name: str,
        *,
        client: WebClient,
        channel: str,
        zone: tzinfo,
        pace: Pace,
        repeats_when_unsure: bool = True,
    ) -> None:
        self._name = name
        self._client = client
        self._channel = channel
        self._zone = zone
        self._pace = pace
        self._repeats_when_unsure = repeats_when_unsure
        self._channel_id = channel if _CHANNEL_ID.fullmatch(channel) else None

    @property
    def name(self) -> str:
        return self._name

    @property
    def visible_after_s(self) -> float:
        return _VISIBLE_AFTER_S

    @property
    def repeats_when_unsure(self) -> bool:
        return self._repeats_when_unsure

    @property
    def target(self) -> str:
        """The Slack channel as configured, for people."""
        return self._channel

    @property
    def client(self) -> WebClient:
        """The client with this channel's token, for checks."""
        return self._client

    def send(self, message: Message, *, key: str) -> Receipt:
        """Post the message; once more in its plainest form when Slack refuses the blocks.

        Raises: Transient, OutcomeUnknown, ChannelBroken, MessageRefused.
        """
        try:
            return self._post(slack_payload(message, zone=self._zone), key)
        except SlackApiError as error:
            if error_code(error) not in BLOCK_ERRORS:
                raise self._fault(error) from None
        try:
            return self._post(minimal_payload(message), key)
        except SlackApiError as error:
            raise self._fault(error) from None

    def find(self, key: str, *, since: datetime) -> Receipt | None:
        """The receipt of the message that carries `key`, looked for from a minute before `since`; None if not there.

        Raises:
            DeliveryError: with fault NOT_CONFIGURED, the app may not read the channel's history
                (scope channels:history or groups:history, and membership), so nobody can tell;
                with fault OUTCOME_UNKNOWN, the channel had too many messages since to look through.
            Transient: Slack did not answer, or asks to wait.
        """
        channel_id = self.channel_id()
        oldest = f"{(since - _CLOCK_SKEW).timestamp():.6f}"
        arguments = {
            "channel": channel_id,
            "oldest": oldest,
            "inclusive": True,
            "include_all_metadata": True,
            "limit": _HISTORY_PAGE,
        }
        for number, page in enumerate(self._pages("conversations.history", _HISTORY_PAGES, arguments), start=1):
            for posted in page.get("messages") or ():
                metadata = posted.get("metadata") or {}
                payload = metadata.get("event_payload") or {}
                if metadata.get("event_type") == METADATA_EVENT and payload.get(_METADATA_KEY) == key:
                    return Receipt(reference=f"{channel_id}:{posted['ts']}")
            if (page.get("response_metadata") or {}).get("next_cursor") and number == _HISTORY_PAGES:
                detail = f"more than {_HISTORY_PAGES * _HISTORY_PAGE} messages since {oldest}: nobody can tell"
                raise DeliveryError(DeliveryFault.OUTCOME_UNKNOWN, detail)
        return None

    def channel_id(self) -> str:
        """The channel's id: as configured, from an earlier answer, or looked up by name.

        Raises:
            DeliveryError: as `find`; the app may not list channels (channels:read, groups:read).
            ChannelBroken: no channel has the name.
        """
        if self._channel_id is None:
            self._channel_id = self._look_up(self._channel.removeprefix("#"))
        return self._channel_id

    def post_plain(self, text: str, *, key: str) -> Receipt:
        """Post one line of our own, for tests of the set-up. Raises as `send`."""
        try:
            return self._post(Payload(text=text, blocks=()), key)
        except SlackApiError as error:
            raise self._fault(error) from None

    def _look_up(self, wanted: str) -> str:
        arguments = {"types": "public_channel,private_channel", "exclude_archived": True, "limit": 200}
        for page in self._pages("conversations.list", _LIST_PAGES, arguments):
            for channel in page.get("channels") or ():
                if channel.get("name") == wanted:
                    return str(channel["id"])
        raise ChannelBroken(DeliveryFault.CHANNEL, f"Slack lists no channel #{wanted}: configure the channel's id")

    def _pages(self, method: str, most: int, arguments: dict[str, Any]) -> Iterator[SlackResponse]:
        cursor = ""
        for _ in range(most):
            page = self._read(method, {**arguments, "cursor": cursor} if cursor else arguments)
            yield page
            cursor = (page.get("response_metadata") or {}).get("next_cursor") or ""
            if not cursor:
                return

    def _read(self, method: str, arguments: dict[str, Any]) -> SlackResponse:
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

    def _post(self, payload: Payload, key: str) -> Receipt:
        self._pace.wait()
        try:
            answer = self._client.chat_postMessage(
                channel=self._channel_id or self._channel,
                text=payload.text,
                blocks=[dict(block) for block in payload.blocks] or None,
                parse="none",
                link_names=False,
                unfurl_links=False,
                unfurl_media=False,
                metadata={"event_type": METADATA_EVENT, "event_payload": {_METADATA_KEY: key}},
            )
        except SlackApiError:
            raise
        except Exception as error:
            raise fault_of(error) from None
        finally:
            self._pace.done()
        channel_id, ts = answer.get("channel"), answer.get("ts")
        if not (isinstance(channel_id, str) and isinstance(ts, str)):
            raise OutcomeUnknown(DeliveryFault.OUTCOME_UNKNOWN, "Slack's answer names no message")
        self._channel_id = channel_id
        return Receipt(reference=f"{channel_id}:{ts}")

    def _fault(self, error: SlackApiError) -> DeliveryError:
        fault = fault_of(error)
        if isinstance(fault, Transient) and fault.retry_after_s:
            self._pace.hold(fault.retry_after_s)
        return fault


def slack_client(
    token: str,
    *,
    api_url: str,
    timeout_s: float,
    proxy: str | None,
    ssl_context: ssl.SSLContext,
) -> WebClient:
    """A client that sends each request once, through the proxy or as the environment's proxy variables say."""
    log = logging.getLogger("monitor.deliver.slack.sdk")
    log.setLevel(logging.CRITICAL)  # it would log every failure that the outbox records anyway
    client = WebClient(
        token=token,
        base_url=api_url,
        timeout=max(1, round(timeout_s)),
        ssl=ssl_context,
        proxy=proxy,
        logger=log,
        retry_handlers=[],  # the default one posts again after a lost answer
    )
    client.proxy = proxy  # what the library reads from the environment ignores NO_PROXY; urllib itself does not
    return client
