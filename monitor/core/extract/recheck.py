"""When a page that told news is read again, and what reading it again says."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from monitor.core.extract.choice import Page
from monitor.core.model.document import Document, PageSeen, ReadReason, RecheckOutcome, TextOrigin
from monitor.core.text.diff import is_same_wording, kept_share
from monitor.core.urls import canonical_url

NEWS = timedelta(days=1)
"""Older articles are hardly corrected any more, and alert nobody: they cost no further request."""

_KEPT_OF_A_MOVED = 0.3  # of its sentences an article keeps when only its address was reworded with its headline
_WITHDRAWN = frozenset({ReadReason.PAGE_MISSING})
_WALLED = frozenset(
    {
        ReadReason.PAGE_BOT_WALL,
        ReadReason.PAGE_CONSENT,
        ReadReason.PAGE_FORBIDDEN,
        ReadReason.PAGE_LOGIN,
        ReadReason.PAGE_PAYWALLED,
    }
)
_UNREADABLE = frozenset(
    {
        ReadReason.NO_TEXT,
        ReadReason.PAGE_NOT_HTML,
        ReadReason.PAGE_PARSER_CRASHED,
        ReadReason.PAGE_PARSER_TIMEOUT,
        ReadReason.PAGE_TOO_LARGE,
        ReadReason.PAGE_TOO_SHORT,
    }
)


def first_recheck_at(
    document: Document, *, tells_news: bool, delays_s: Sequence[float], now: datetime
) -> datetime | None:
    """When to read the page of a document that was just read again; None for never.

    Only pages whose own text was read, that told something alert-worthy (`tells_news`) and are at
    most a day old: some two in a hundred.
    """
    fresh = document.published_at > now - NEWS and not document.backlog
    if not (delays_s and tells_news and fresh and document.origin is TextOrigin.PAGE):
        return None
    return now + timedelta(seconds=delays_s[0])


def next_recheck_at(*, done_count: int, delays_s: Sequence[float], now: datetime) -> datetime | None:
    """When to read it again after `done_count` times, the one of `now` included; None for never.

    The delays are counted from the first reading, so the next one waits for the difference; a late
    one moves all that follow.
    """
    if not 0 < done_count < len(delays_s):
        return None
    return now + timedelta(seconds=delays_s[done_count] - delays_s[done_count - 1])


def judge_recheck(document: Document, known: PageSeen, page: Page, *, min_length: int) -> RecheckOutcome:
    """What a page read again says of the document: changed only where a reader would see another text or headline.

    A page that lost its text, to a wall or a fault, is no new wording. A redirect to an address with
    another text (the section's page, mostly) withdraws the article; a new address for the same one does not.
    """
    fault = page.fault(min_length=min_length)
    if fault in _WITHDRAWN:
        return RecheckOutcome.WITHDRAWN
    if fault in _WALLED:
        return RecheckOutcome.WALLED
    if fault in _UNREADABLE or (fault is None and page.article is None):
        return RecheckOutcome.UNREADABLE
    if fault is not None or page.article is None:
        return RecheckOutcome.UNREACHABLE
    if _leads_elsewhere(document, page) and kept_share(document.text, page.article.text) < _KEPT_OF_A_MOVED:
        return RecheckOutcome.WITHDRAWN
    same = is_same_wording(document.text, page.article.text) and not headline_changed(known, page)
    return RecheckOutcome.SAME_WORDING if same else RecheckOutcome.CHANGED


def _leads_elsewhere(document: Document, page: Page) -> bool:
    """Whether redirects ended at another address, by its own canonical URL too."""
    known = {canonical_url(document.url), document.canonical_url}
    stated = page.article.canonical_url if page.article is not None else None
    return bool(page.url) and canonical_url(page.url) not in known and stated not in known


def headline_changed(known: PageSeen, page: Page) -> bool:
    """Whether the page itself has another headline than when it was read before."""
    title = page.article.title if page.article is not None else ""
    return bool(known.title and title) and not is_same_wording(known.title, title)
