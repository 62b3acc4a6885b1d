"""Where a feed lives now: permanent redirects that are adopted, and feeds that are gone."""

from __future__ import annotations

from datetime import datetime, timedelta
from urllib.parse import urlsplit

from monitor.core.model.feed import Feed, FeedState

ADOPT_AFTER = timedelta(days=7)
"""A misconfigured proxy or a maintenance page answers 301 for hours; one that stays a week is meant."""
GIVE_UP_MOVE_AFTER = 3.0
"""Failures, as the back-off counts them, after which an adopted address is doubted and the configured one asked."""


def asked_url(feed: Feed, state: FeedState) -> str:
    """The URL to ask: the adopted one where the feed has moved, else the configured one."""
    return state.moved_to or feed.url


def after_redirects(state: FeedState, *, feed: Feed, permanent_url: str | None, now: datetime) -> FeedState:
    """The state after an answer that was good, and came from `permanent_url` if over permanent redirects only.

    The same place without exception for ADOPT_AFTER is adopted, the https form of the same address
    at once. An answer without a permanent redirect ends the count. A feed with credentials stays
    where it was configured unless the new place is of the same host: they were given for that one.
    """
    if permanent_url is None:
        return state.with_changes(redirect_url=None, redirect_since=None)
    since = _since(state, permanent_url, now)
    is_ripe = _is_upgrade(asked_url(feed, state), permanent_url) or now - since >= ADOPT_AFTER
    if is_ripe and _may_adopt(feed, permanent_url):
        return state.with_changes(moved_to=permanent_url, redirect_url=None, redirect_since=None)
    return state.with_changes(redirect_url=permanent_url, redirect_since=since)


def after_lost_move(state: FeedState) -> FeedState:
    """The state after a failure: an adopted address that keeps failing is given up for the configured one.

    Its validators and digest go with it, since they belong to what was served there.
    """
    if state.moved_to is None or state.failures < GIVE_UP_MOVE_AFTER:
        return state
    return state.with_changes(moved_to=None, etag=None, last_modified=None, body_digest=None)


def _since(state: FeedState, permanent_url: str, now: datetime) -> datetime:
    return state.redirect_since or now if state.redirect_url == permanent_url else now


def _may_adopt(feed: Feed, permanent_url: str) -> bool:
    parts = urlsplit(feed.url)
    if not (feed.headers_env or feed.auth_env or parts.username or parts.password):
        return True
    target = urlsplit(permanent_url)
    if parts.username or parts.password:
        return False  # the URL itself is the credential, and the redirect's target has none
    return parts.hostname == target.hostname and (target.scheme == "https" or parts.scheme == target.scheme)


def _is_upgrade(before: str, after: str) -> bool:
    """Whether only the scheme differs, http before and https after."""
    old, new = urlsplit(before), urlsplit(after)
    return (
        (old.scheme, new.scheme) == ("http", "https")
        and old.hostname == new.hostname
        and (old.port or 80, new.port or 443) == (80, 443)
        and (old.path or "/", old.query) == (new.path or "/", new.query)
    )
