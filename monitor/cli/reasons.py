"""Poll reasons in a reader's words."""

from __future__ import annotations

from monitor.core.model.feed import PollReason

_WORDS = {
    PollReason.NEVER_POLLED: "not polled yet",
    PollReason.NEW_ENTRIES: "new entries",
    PollReason.NO_NEW_ENTRIES: "nothing new",
    PollReason.NOT_MODIFIED: "not modified",
    PollReason.SAME_BODY: "same content",
    PollReason.EMPTY_FEED: "empty feed",
    PollReason.NOT_A_FEED: "not a feed",
    PollReason.INVALID_XML: "broken XML",
    PollReason.INVALID_JSON: "broken JSON",
    PollReason.UNKNOWN_VERSION: "unknown feed version",
    PollReason.SELECTOR_MATCHED_NOTHING: "selector matches nothing",
    PollReason.NO_ARTICLE_LINKS: "no links to articles",
    PollReason.EMPTY_BODY: "empty answer",
    PollReason.PARSER_TIMEOUT: "parsing took too long",
    PollReason.PARSER_CRASHED: "the parser crashed",
    PollReason.HTTP_ERROR: "HTTP error",
    PollReason.GONE: "gone (410)",
    PollReason.RATE_LIMITED: "asked too often (429)",
    PollReason.TIMEOUT: "no answer in time",
    PollReason.DNS_FAILURE: "host not found",
    PollReason.CONNECTION_FAILED: "no connection",
    PollReason.TLS_FAILURE: "TLS failed",
    PollReason.TOO_LARGE: "too large",
    PollReason.BAD_ENCODING: "wrongly encoded",
    PollReason.TRUNCATED: "broke off",
    PollReason.TOO_MANY_REDIRECTS: "too many redirects",
    PollReason.ADDRESS_REFUSED: "not a public address",
    PollReason.INVALID_URL: "not a usable URL",
    PollReason.REFUSED_BY_ROBOTS: "forbidden by robots.txt",
    PollReason.BOT_WALL: "a bot wall",
    PollReason.CONSENT_PAGE: "a consent page",
    PollReason.LOGIN_WALL: "a login page",
    PollReason.HOST_DOWN: "its host is down",
    PollReason.CREDENTIAL_MISSING: "credential not set",
    PollReason.INGESTED: "taken in",
    PollReason.BUG: "a bug: see the log",
}

FINE = frozenset(
    {
        PollReason.NEW_ENTRIES,
        PollReason.NO_NEW_ENTRIES,
        PollReason.NOT_MODIFIED,
        PollReason.SAME_BODY,
        PollReason.INGESTED,
    }
)
"""The reasons after which a feed counts as answering."""


def reason_words(reason: PollReason) -> str:
    """The reason as a reader says it; one without words is spelled from its name."""
    return _WORDS.get(reason, reason.value.replace("_", " "))
