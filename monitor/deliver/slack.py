"""Alerts as messages of a Slack app, through the Web API.

Slack knows no idempotency key, so every message carries its delivery key as metadata: after a
lost answer `find` looks it up in the channel's history before anything is sent again.
"""

from __future__ import annotations

import hashlib
import logging
import ssl
from collections.abc import Callable, Collection
from datetime import datetime, tzinfo
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.web import SlackResponse

from monitor.core.model.alert import AlertMessage, Message, Receipt
from monitor.core.model.thread import ThreadPlace
from monitor.deliver.pace import Pace
from monitor.deliver.slack_blocks import minimal_payload, slack_payload
from monitor.deliver.slack_errors import BLOCK_ERRORS, error_code, fault_of
from monitor.deliver.slack_history import METADATA_EVENT, METADATA_KEY, SlackHistory
from monitor.deliver.slack_parts import Payload
from monitor.deliver.slack_story import digest_of, minimal_parent, parent_payload, reply_payload
from monitor.errors import DeliveryError, DeliveryFault, OutcomeUnknown, Transient

SETTLE_S = 30.0  # a post whose answer was lost has been seen to enter the history seconds late
LONGEST_WAIT_S = 30.0  # for an answer; whoever waits longer cannot say what became of a post


class SlackChannel:
    """One Slack channel, given by id or by name.

    Replies of a phase in `broadcast` show in the channel too. With `buttons`, messages of alerts
    end with what a reader may answer. A post whose answer was lost shows within `settle_s`, or never.
    """

    def __init__(
        self,
        name: str,
        *,
        client: WebClient,
        channel: str,
        zone: tzinfo,
        pace: Pace,
        repeats_when_unsure: bool = True,
        settle_s: float = SETTLE_S,
        broadcast: Collection[str] = (),
        buttons: bool = False,
    ) -> None:
        self._name = name
        self._client = client
        self._channel = channel
        self._zone = zone
        self._pace = pace
        self._repeats_when_unsure = repeats_when_unsure
        self._settle_s = settle_s
        self._broadcast = frozenset(broadcast)
        self._buttons = buttons
        self._history = SlackHistory(client, channel)

    @property
    def name(self) -> str:
        return self._name

    @property
    def workspace(self) -> str:
        """See the port: a digest of token and address."""
        return hashlib.sha256(f"{self._client.base_url} {self._client.token}".encode()).hexdigest()[:16]

    @property
    def visible_after_s(self) -> float:
        return self._settle_s

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

    def wait_for_turn(self) -> None:
        self._pace.wait()

    def send(self, message: Message, *, key: str, place: ThreadPlace | None = None) -> Receipt:
        """See the port; once more in its plainest form when Slack refuses the blocks."""
        if place is None or not isinstance(message, AlertMessage):
            return self._post_either(slack_payload(message, zone=self._zone), lambda: minimal_payload(message), key)
        if place.parent is None:
            payload = parent_payload(place, zone=self._zone, buttons=self._buttons)
            return self._post_either(payload, lambda: minimal_parent(place), key, is_parent=True)
        payload = reply_payload(message, place, zone=self._zone, buttons=self._buttons)
        return self._post_either(
            payload,
            lambda: minimal_payload(message),
            key,
            thread_ts=_ts_of(place.parent),
            reply_broadcast=message.phase in self._broadcast,
        )

    def edit(self, place: ThreadPlace, *, key: str, shown: str) -> str:
        """See the port; once more in its plainest form when Slack refuses the blocks."""
        payload = parent_payload(place, zone=self._zone, buttons=self._buttons)
        digest = digest_of(payload)
        if digest == shown:
            return digest
        try:
            self._update(payload, place, key)
        except SlackApiError as error:
            if error_code(error) not in BLOCK_ERRORS:
                raise self._fault(error) from None
            try:
                self._update(minimal_parent(place), place, key)
            except SlackApiError as second:
                raise self._fault(second) from None
        return digest

    def find(
        self, key: str, *, since: datetime, until: datetime | None = None, place: ThreadPlace | None = None
    ) -> Receipt | None:
        """The receipt of the message that carries `key`; None if it is not there.

        Raises: as `SlackHistory.timestamp_of`.
        """
        ts = None
        if place is not None and place.parent is not None:
            ts = self._history.timestamp_of(key, since=since, until=until, thread_ts=_ts_of(place.parent))
        # Broadcasts stand in the channel's own history too.
        if ts is None and (place is None or place.parent is None or self._broadcast):
            ts = self._history.timestamp_of(key, since=since, until=until)
        return Receipt(reference=f"{self._history.known_id}:{ts}") if ts is not None else None

    def channel_id(self) -> str:
        """The channel's id. Raises: as `SlackHistory.channel_id`."""
        return self._history.channel_id()

    def post_plain(self, text: str, *, key: str) -> Receipt:
        """Post one line of our own, for tests of the set-up. Raises as `send`."""
        try:
            return self._post(Payload(text=text, blocks=()), key)
        except SlackApiError as error:
            raise self._fault(error) from None

    def _post_either(
        self, payload: Payload, plainest: Callable[[], Payload], key: str, *, is_parent: bool = False, **where: Any
    ) -> Receipt:
        shown = digest_of(payload) if is_parent else ""
        try:
            return self._post(payload, key, shown=shown, **where)
        except SlackApiError as error:
            if error_code(error) not in BLOCK_ERRORS:
                raise self._fault(error) from None
        try:
            return self._post(plainest(), key, shown=shown, **where)
        except SlackApiError as error:
            raise self._fault(error) from None

    def _post(self, payload: Payload, key: str, *, shown: str = "", **where: Any) -> Receipt:
        channel = self._history.known_id or self._channel
        answer = self._call(
            lambda: self._client.chat_postMessage(
                channel=channel,
                link_names=False,
                unfurl_links=False,
                unfurl_media=False,
                **_fields(payload, key),
                **where,
            )
        )
        channel_id, ts = answer.get("channel"), answer.get("ts")
        if not (isinstance(channel_id, str) and isinstance(ts, str)):
            raise OutcomeUnknown(DeliveryFault.OUTCOME_UNKNOWN, "Slack's answer names no message")
        self._history.known_id = channel_id
        return Receipt(reference=f"{channel_id}:{ts}", shown=shown)

    def _update(self, payload: Payload, place: ThreadPlace, key: str) -> None:
        channel, _, ts = (place.parent or "").partition(":")
        # An absent list of blocks would leave the old ones standing.
        self._call(lambda: self._client.chat_update(channel=channel, ts=ts, **{"blocks": [], **_fields(payload, key)}))

    def _call(self, call: Callable[[], SlackResponse]) -> SlackResponse:
        """The answer to one call in its turn. Raises: SlackApiError, DeliveryError."""
        with self._pace.turn():
            try:
                return call()
            except SlackApiError:
                raise
            except Exception as error:
                raise fault_of(error) from None

    def _fault(self, error: SlackApiError) -> DeliveryError:
        fault = fault_of(error)
        if isinstance(fault, Transient) and fault.retry_after_s:
            self._pace.hold(fault.retry_after_s)
        return fault


def _fields(payload: Payload, key: str) -> dict[str, Any]:
    """What posts and edits have in common; the key goes along with an edit, or it might be lost."""
    fields: dict[str, Any] = {
        "text": payload.text,
        "parse": "none",
        "metadata": {"event_type": METADATA_EVENT, "event_payload": {METADATA_KEY: key}},
    }
    return fields | {"blocks": [dict(block) for block in payload.blocks]} if payload.blocks else fields


def _ts_of(reference: str) -> str:
    return reference.partition(":")[2]


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
        timeout=max(1, round(min(timeout_s, LONGEST_WAIT_S))),
        ssl=ssl_context,
        proxy=proxy,
        logger=log,
        retry_handlers=[],  # the default one posts again after a lost answer
    )
    client.proxy = proxy  # what the library reads from the environment ignores NO_PROXY; urllib itself does not
    return client
