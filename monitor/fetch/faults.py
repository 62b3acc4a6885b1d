"""What went wrong, as a reason that is stored. The only place that knows httpx's and httpcore's exceptions."""

from __future__ import annotations

import httpcore
import httpx

from monitor.core.model.feed import PollReason
from monitor.errors import FetchError
from monitor.fetch.body import BodyNotDecodable, BodyTooLarge, BodyTruncated
from monitor.fetch.circuits import HostDown
from monitor.fetch.credentials import CredentialMissing
from monitor.fetch.dial import TlsFailed
from monitor.fetch.guard import AddressRefused, NameNotResolved
from monitor.fetch.hosts import HostBusy
from monitor.fetch.target import UnusableUrl

_REASONS: tuple[tuple[type[Exception] | tuple[type[Exception], ...], PollReason], ...] = (
    (AddressRefused, PollReason.ADDRESS_REFUSED),
    (NameNotResolved, PollReason.DNS_FAILURE),
    (TlsFailed, PollReason.TLS_FAILURE),
    (CredentialMissing, PollReason.CREDENTIAL_MISSING),
    (HostBusy, PollReason.RATE_LIMITED),
    (HostDown, PollReason.HOST_DOWN),
    (BodyTooLarge, PollReason.TOO_LARGE),
    (BodyNotDecodable, PollReason.BAD_ENCODING),
    (BodyTruncated, PollReason.TRUNCATED),
    (
        (UnusableUrl, httpx.InvalidURL, httpcore.UnsupportedProtocol, httpcore.LocalProtocolError),
        PollReason.INVALID_URL,
    ),
    ((httpcore.TimeoutException, httpx.TimeoutException), PollReason.TIMEOUT),
    ((httpcore.NetworkError, httpcore.ProtocolError, httpcore.ProxyError), PollReason.CONNECTION_FAILED),
    ((httpx.HTTPError, OSError), PollReason.CONNECTION_FAILED),
)
_IN_BODY = (httpcore.RemoteProtocolError, httpcore.ReadError)
# h11's words for a head that outgrows httpcore's limit of 100 KiB.
_HEAD_TOO_LARGE = "Receive buffer too long"


def fetch_error(url: str, error: Exception, *, in_body: bool = False) -> FetchError:
    """The one error for anything that can happen on the way; `in_body` when the head had been read.

    An exception nobody foresaw becomes reason `bug`, with itself as the cause.
    """
    while isinstance(error, ExceptionGroup) and error.exceptions:
        error = error.exceptions[0]
    if isinstance(error, FetchError):
        return error
    retry_after_s = error.wait_s if isinstance(error, HostBusy | HostDown) else None
    return FetchError(url, _reason(error, in_body), _detail(error), retry_after_s=retry_after_s)


def _reason(error: Exception, in_body: bool) -> PollReason:
    if isinstance(error, httpcore.RemoteProtocolError) and _HEAD_TOO_LARGE in str(error):
        return PollReason.TOO_LARGE
    if in_body and isinstance(error, _IN_BODY):
        return PollReason.TRUNCATED
    return next((reason for kinds, reason in _REASONS if isinstance(error, kinds)), PollReason.BUG)


def _detail(error: Exception) -> str:
    if isinstance(error, httpcore.LocalProtocolError):
        return "the request cannot be written as HTTP"  # h11's message would quote the header's value
    said = str(error).strip()
    kind = type(error).__name__
    return (
        f"{kind}: {said}"[:300] if said and isinstance(error, httpcore.NetworkError | OSError) else said[:300] or kind
    )
