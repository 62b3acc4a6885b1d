"""What Slack's answers mean for a message: taken, certainly not taken, or nobody knows.

Codes: the error tables of https://docs.slack.dev/reference/methods/chat.postMessage and
https://docs.slack.dev/reference/methods/conversations.history.
"""

from __future__ import annotations

import http.client
import ssl
import urllib.error

from slack_sdk.errors import SlackApiError

from monitor.errors import (
    ChannelBroken,
    DeliveryError,
    DeliveryFault,
    MessageRefused,
    OutcomeUnknown,
    ParentGone,
    Transient,
)

TOKEN_ERRORS = frozenset(
    {
        "invalid_auth",
        "not_authed",
        "token_revoked",
        "token_expired",
        "account_inactive",
        "missing_scope",
        "no_permission",
        "not_allowed_token_type",
        "access_denied",
        "org_login_required",
        "two_factor_setup_required",
        "team_access_not_granted",
        "enterprise_is_restricted",
        "invalid_auth_type",
    }
)
CHANNEL_ERRORS = frozenset(
    {
        "channel_not_found",
        "not_in_channel",
        "user_not_in_channel",
        "is_archived",
        "restricted_action",
        "restricted_action_read_only_channel",
        "restricted_action_thread_only_channel",
        "restricted_action_non_threadable_channel",
        "method_not_supported_for_channel_type",
        "channel_type_not_supported",
        "messages_tab_disabled",
        "external_channel_migrating",
        "ekm_access_denied",
        "as_user_not_supported",
    }
)
PARENT_ERRORS = frozenset(
    {"message_not_found", "thread_not_found", "cant_update_message", "edit_window_closed", "cannot_reply_to_message"}
)
BLOCK_ERRORS = frozenset({"invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long", "msg_too_long"})
MESSAGE_ERRORS = BLOCK_ERRORS | {
    "no_text",
    "too_many_attachments",
    "attachment_payload_limit_exceeded",
    "invalid_arguments",
    "invalid_arg_name",
    "invalid_array_arg",
    "invalid_json",
    "json_not_object",
    "invalid_charset",
    "invalid_post_type",
    "invalid_form_data",
    "metadata_too_large",
    "metadata_must_be_sent_from_app",
    "invalid_metadata_format",
    "invalid_metadata_schema",
    "message_contains_private_link",
}
UNKNOWN_OUTCOMES = frozenset({"internal_error", "fatal_error", "service_unavailable"})
RATE_ERRORS = frozenset({"ratelimited", "rate_limited", "message_limit_exceeded"})

_DEFAULT_RETRY_S = 30.0  # a 429 without Retry-After: Slack's own usual answer
_ADVICE = {
    "not_in_channel": "invite the app to the channel",
    "channel_not_found": "check the channel's name or id, and invite the app when it is private",
    "missing_scope": "add the scope to the app and install it again",
}


def fault_of(error: Exception, *, reading: bool = False) -> DeliveryError:
    """The delivery error that stands for what a Slack call raised; it never quotes token or message.

    `reading` marks calls that change nothing: no outcome of theirs is unknown.
    """
    if isinstance(error, SlackApiError):
        found = _from_answer(error)
    elif isinstance(error, urllib.error.URLError):
        # urllib wraps only what fails while connecting and sending, so Slack never had the whole request.
        found = Transient(DeliveryFault.UNREACHABLE, f"Slack could not be reached: {_reason(error.reason)}")
    elif isinstance(error, OSError | http.client.HTTPException | ValueError | LookupError):
        found = OutcomeUnknown(DeliveryFault.OUTCOME_UNKNOWN, f"Slack's answer was lost: {_reason(error)}")
    else:
        raise error
    if reading and isinstance(found, OutcomeUnknown):
        return Transient(DeliveryFault.UNREACHABLE, found.detail)
    return found


def error_code(error: SlackApiError) -> str:
    """Slack's own error code; empty when the answer was no answer of Slack's."""
    code = error.response.get("error") if isinstance(error.response.data, dict) else None
    return code if isinstance(code, str) and code.replace("_", "").isalnum() else ""


def _from_answer(error: SlackApiError) -> DeliveryError:
    code, status = error_code(error), error.response.status_code
    detail = f"Slack answered {code or 'with something else than JSON'} (HTTP {status})"
    if status == 429 or code in RATE_ERRORS:
        return Transient(DeliveryFault.RATE_LIMITED, detail, retry_after_s=_retry_after_s(error))
    if status >= 500 or code in UNKNOWN_OUTCOMES:
        return OutcomeUnknown(DeliveryFault.OUTCOME_UNKNOWN, detail)
    if code in TOKEN_ERRORS:
        return ChannelBroken(DeliveryFault.TOKEN, detail + _advice(code, error))
    if code in CHANNEL_ERRORS:
        return ChannelBroken(DeliveryFault.CHANNEL, detail + _advice(code, error))
    if code in PARENT_ERRORS:
        return ParentGone(DeliveryFault.PARENT, detail)
    if code in MESSAGE_ERRORS:
        return MessageRefused(DeliveryFault.MESSAGE, detail)
    if not code and status < 400:
        return OutcomeUnknown(DeliveryFault.OUTCOME_UNKNOWN, detail)
    # An answer that is not listed is still a refusal: nothing was posted, and nothing gets lost by waiting.
    return Transient(DeliveryFault.UNREACHABLE, detail)


def _advice(code: str, error: SlackApiError) -> str:
    needed = error.response.get("needed") if code == "missing_scope" else None
    scope = f" ({needed})" if isinstance(needed, str) else ""
    return f": {_ADVICE[code]}{scope}" if code in _ADVICE else ""


def _retry_after_s(error: SlackApiError) -> float:
    headers = {str(name).lower(): value for name, value in error.response.headers.items()}
    try:
        return max(float(headers["retry-after"]), 0.0)
    except (KeyError, TypeError, ValueError):
        return _DEFAULT_RETRY_S


def _reason(cause: object) -> str:
    if isinstance(cause, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted ({cause.verify_message}); see network.ca_file"
    if isinstance(cause, OSError) and cause.strerror:
        return cause.strerror
    return type(cause).__name__ if isinstance(cause, BaseException) else str(cause)
