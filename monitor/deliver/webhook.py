"""Alerts as JSON to any web service; docs/webhook.md describes the request for those who receive it."""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import ssl
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import httpx

from monitor.core.alert.wording import phase_phrase
from monitor.core.model.alert import AlertMessage, Digest, Message, Notice, Receipt
from monitor.errors import (
    ChannelBroken,
    DeliveryError,
    DeliveryFault,
    MessageRefused,
    OutcomeUnknown,
    Transient,
)
from monitor.ports import Clock

SCHEMA = 1
NOTICE_TYPE = "notice"
"""The `type` of what is no alert but says something of the monitor itself."""
DIGEST_TYPE = "digest"
"""The `type` of a summary of alerts."""

_BROKEN = {
    401: DeliveryFault.TOKEN,
    403: DeliveryFault.TOKEN,
    404: DeliveryFault.CHANNEL,
    407: DeliveryFault.CHANNEL,
    410: DeliveryFault.CHANNEL,
}
_BUSY = {408, 425, 429, 503}
_LONGEST_WAIT = timedelta(hours=24)  # a service that asks for more has a broken clock


class WebhookChannel:
    """One address that takes alerts by POST.

    The receiver drops repeats by the Idempotency-Key header, so sending again after a lost
    answer does no harm.
    """

    def __init__(self, name: str, *, url: str, secret: str | None, clock: Clock, client: httpx.Client) -> None:
        self._name = name
        self._url = url
        self._secret = secret
        self._clock = clock
        self._client = client

    @property
    def name(self) -> str:
        return self._name

    @property
    def visible_after_s(self) -> float:
        """0: the receiver knows a repeat by its Idempotency-Key."""
        return 0.0

    @property
    def repeats_when_unsure(self) -> bool:
        return True

    def send(self, message: Message, *, key: str) -> Receipt:
        """POST the message; the reference is the HTTP status it was taken with.

        Raises: Transient, OutcomeUnknown, ChannelBroken, MessageRefused.
        """
        body = webhook_body(message, key=key)
        headers = {"Content-Type": "application/json", "Idempotency-Key": key}
        if self._secret is not None:
            headers |= signature_headers(body, secret=self._secret, at=self._clock.now())
        try:
            # The answer's body is never read: it says nothing, and may have no end.
            with self._client.stream("POST", self._url, content=body, headers=headers) as response:
                status, retry_after = response.status_code, response.headers.get("Retry-After")
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError) as error:
            raise Transient(DeliveryFault.UNREACHABLE, self._said(f"not reached ({_kind(error)})")) from None
        except (httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
            raise ChannelBroken(DeliveryFault.NOT_CONFIGURED, self._said(f"bad address ({_kind(error)})")) from None
        except httpx.HTTPError as error:
            raise OutcomeUnknown(DeliveryFault.OUTCOME_UNKNOWN, self._said(f"no answer ({_kind(error)})")) from None
        if 200 <= status < 300:
            return Receipt(reference=f"HTTP {status}")
        raise self._fault(status, retry_after)

    def find(self, key: str, *, since: datetime) -> Receipt | None:
        """None, which is safe: the receiver knows a repeat by its Idempotency-Key."""
        return None

    def _fault(self, status: int, retry_after: str | None) -> DeliveryError:
        detail = self._said(f"answered HTTP {status}")
        if status in _BUSY:
            fault = DeliveryFault.RATE_LIMITED if status == 429 else DeliveryFault.UNREACHABLE
            return Transient(fault, detail, retry_after_s=retry_after_s(retry_after, now=self._clock.now()))
        if status >= 500:
            return OutcomeUnknown(DeliveryFault.OUTCOME_UNKNOWN, detail)
        if status in _BROKEN:
            return ChannelBroken(_BROKEN[status], detail)
        if status < 400:
            return ChannelBroken(DeliveryFault.CHANNEL, f"{detail}: redirects are not followed")
        return MessageRefused(DeliveryFault.MESSAGE, detail)

    def _said(self, what: str) -> str:
        # By the channel's name only: the address itself may be the secret.
        return f"webhook {self._name}: {what}"


def webhook_body(message: Message, *, key: str) -> bytes:
    """The request's body: UTF-8 JSON with stable field names, times in UTC; lone surrogates become "?"."""
    fields = {"schema": SCHEMA, "key": key} | _fields(message)
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def _fields(message: Message) -> dict[str, object]:
    if isinstance(message, Notice):
        return _notice_fields(message)
    return _digest_fields(message) if isinstance(message, Digest) else _alert_fields(message)


def _digest_fields(digest: Digest) -> dict[str, object]:
    return {
        "type": DIGEST_TYPE,
        "severity": digest.severity.value,
        "title": digest.title,
        "since": _utc(digest.since),
        "until": _utc(digest.until),
        "stories": [asdict(line) | {"at": _utc(line.at)} for line in digest.lines],
        "left_off": digest.left_off,
        "created_at": _utc(digest.created_at),
    }


def _alert_fields(message: AlertMessage) -> dict[str, object]:
    return {
        "type": message.type,
        "phase": message.phase,
        "phrase": phase_phrase(message.type, message.phase),
        "severity": message.severity.value,
        "reason": message.reason.value,
        "who": message.who,
        "where": message.where,
        "details": message.details,
        "marks": message.marks,
        "quote": message.quote,
        "headline": message.headline,
        "source": message.source,
        "url": message.url,
        "published_at": _utc(message.published_at),
        "dated": message.dated,
        "story": message.story_title,
        "also_reported_by": message.also_reported_by,
    }


def _notice_fields(notice: Notice) -> dict[str, object]:
    return {
        "type": NOTICE_TYPE,
        "condition": notice.kind.value if notice.kind is not None else None,
        "state": notice.state.value,
        "severity": notice.severity.value,
        "title": notice.title,
        "lines": notice.lines,
        "url": notice.url,
        "since": _utc(notice.since),
        "created_at": _utc(notice.created_at),
    }


def _utc(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def signature_headers(body: bytes, *, secret: str, at: datetime) -> dict[str, str]:
    """Headers that prove who sent the body and when: HMAC-SHA256 over "<seconds>.<body>", in hex."""
    seconds = str(int(at.timestamp()))
    digest = hmac.new(secret.encode(), seconds.encode() + b"." + body, hashlib.sha256).hexdigest()
    return {"X-Monitor-Timestamp": seconds, "X-Monitor-Signature": f"v1={digest}"}


def retry_after_s(value: str | None, *, now: datetime) -> float | None:
    """Seconds from a Retry-After header, a number or an HTTP date, at most a day; None when it says nothing usable."""
    try:
        wait = float(value or "")
    except ValueError:
        try:
            wait = (parsedate_to_datetime(value or "").astimezone(UTC) - now).total_seconds()
        except (TypeError, ValueError):
            return None
    return min(max(wait, 0.0), _LONGEST_WAIT.total_seconds()) if wait == wait else None


def webhook_client(
    *,
    connect_timeout_s: float,
    read_timeout_s: float,
    proxy: str | None,
    ssl_context: ssl.SSLContext,
    user_agent: str,
) -> httpx.Client:
    """A client that follows no redirect and keeps no cookie."""
    logging.getLogger("httpx").setLevel(logging.WARNING)  # at INFO it would log the address
    return httpx.Client(
        timeout=httpx.Timeout(read_timeout_s, connect=connect_timeout_s),
        proxy=proxy,
        verify=ssl_context,
        follow_redirects=False,
        headers={"User-Agent": user_agent},
    )


def _kind(error: Exception) -> str:
    return type(error).__name__
