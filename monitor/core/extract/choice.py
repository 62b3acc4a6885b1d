"""Which of the texts on offer, page or feed, becomes a document's text, and why."""

from __future__ import annotations

from dataclasses import dataclass

from monitor.core.extract.markup import plain_text
from monitor.core.model.document import ExtractedArticle, PageSeen, ReadReason, TextOrigin, Wall
from monitor.core.model.entry import Entry
from monitor.core.model.feed import PollReason


@dataclass(frozen=True, kw_only=True)
class Page:
    """What came of fetching the article's page: the article, or the reason why there is none.

    `url` is where redirects ended. `not_modified` answers a request for what changed since the page
    was read. Validators are the response's own.
    """

    article: ExtractedArticle | None = None
    reason: ReadReason | None = None
    detail: str = ""
    etag: str | None = None
    last_modified: str | None = None
    not_modified: bool = False
    url: str = ""

    def seen(self) -> PageSeen | None:
        """What is remembered of it; None when there was no article."""
        if self.article is None:
            return None
        return PageSeen(
            title=self.article.title,
            etag=self.etag,
            last_modified=self.last_modified,
            authors=self.article.authors,
            published=self.article.published,
            modified=self.article.modified,
        )

    def fault(self, *, min_length: int) -> ReadReason | None:
        """Why its text is not the article's; None when it is, with at least `min_length` code points."""
        return self.reason or _fault_of(self.article, min_length)


@dataclass(frozen=True, kw_only=True)
class ChosenText:
    """The text to search. `reason` says why it is not the page's, or PAGE_READ."""

    text: str
    origin: TextOrigin
    reason: ReadReason
    detail: str = ""


def choose_text(entry: Entry, page: Page, *, min_length: int) -> ChosenText:
    """The page's text when it is an article of at least `min_length` code points, else the feed's longest."""
    fault = page.fault(min_length=min_length)
    if fault is None and page.article is not None:
        return ChosenText(text=page.article.text, origin=TextOrigin.PAGE, reason=ReadReason.PAGE_READ)
    content, summary = plain_text(entry.content), plain_text(entry.summary)
    page_text = page.article.text if page.article and fault is ReadReason.PAGE_TOO_SHORT else ""
    # Ties go to the earlier: a feed's full content is cleaner than the page's scraps.
    text, origin = max(
        (content, TextOrigin.FEED_CONTENT),
        (summary, TextOrigin.FEED_SUMMARY),
        (page_text, TextOrigin.PAGE),
        key=lambda offer: len(offer[0]),
    )
    if not text:
        origin = TextOrigin.TITLE_ONLY if entry.title.strip() else TextOrigin.NONE
    return ChosenText(text=text, origin=origin, reason=fault or ReadReason.NO_TEXT, detail=page.detail)


def _fault_of(article: ExtractedArticle | None, min_length: int) -> ReadReason | None:
    if article is None:
        return ReadReason.NO_TEXT
    if article.wall is not None:
        return WALL_REASONS[article.wall]
    return ReadReason.PAGE_TOO_SHORT if len(article.text) < min_length else None


def page_reason(reason: PollReason, status: int | None = None) -> ReadReason:
    """Why a page could not be had, from the fetch's reason or the response's status."""
    if status is not None and status != 200:
        return _OF_STATUS.get(status, ReadReason.PAGE_HTTP_ERROR)
    return _OF_REASON.get(reason, ReadReason.PAGE_UNREACHABLE)


WALL_REASONS = {
    Wall.BOT_WALL: ReadReason.PAGE_BOT_WALL,
    Wall.CONSENT_PAGE: ReadReason.PAGE_CONSENT,
    Wall.LOGIN: ReadReason.PAGE_LOGIN,
    Wall.PAYWALL: ReadReason.PAGE_PAYWALLED,
}
TRANSIENT = frozenset(
    {
        ReadReason.PAGE_HTTP_ERROR,
        ReadReason.PAGE_RATE_LIMITED,
        ReadReason.PAGE_TIMEOUT,
        ReadReason.PAGE_UNREACHABLE,
    }
)
"""Reasons that may be gone at the next try."""

_OF_STATUS = {
    401: ReadReason.PAGE_FORBIDDEN,
    402: ReadReason.PAGE_PAYWALLED,
    403: ReadReason.PAGE_FORBIDDEN,
    404: ReadReason.PAGE_MISSING,
    410: ReadReason.PAGE_MISSING,
    429: ReadReason.PAGE_RATE_LIMITED,
    451: ReadReason.PAGE_FORBIDDEN,
}
_OF_REASON = {
    PollReason.BOT_WALL: ReadReason.PAGE_BOT_WALL,
    PollReason.CONSENT_PAGE: ReadReason.PAGE_CONSENT,
    PollReason.LOGIN_WALL: ReadReason.PAGE_PAYWALLED,
    PollReason.ADDRESS_REFUSED: ReadReason.PAGE_ADDRESS_REFUSED,
    PollReason.BAD_ENCODING: ReadReason.PAGE_BAD_ENCODING,
    PollReason.CREDENTIAL_MISSING: ReadReason.PAGE_FORBIDDEN,
    PollReason.EMPTY_BODY: ReadReason.PAGE_TOO_SHORT,
    PollReason.INVALID_URL: ReadReason.PAGE_MISSING,
    PollReason.NOT_A_FEED: ReadReason.PAGE_NOT_HTML,
    PollReason.PARSER_CRASHED: ReadReason.PAGE_PARSER_CRASHED,
    PollReason.PARSER_TIMEOUT: ReadReason.PAGE_PARSER_TIMEOUT,
    PollReason.RATE_LIMITED: ReadReason.PAGE_RATE_LIMITED,
    PollReason.REFUSED_BY_ROBOTS: ReadReason.PAGE_REFUSED_BY_ROBOTS,
    PollReason.TIMEOUT: ReadReason.PAGE_TIMEOUT,
    PollReason.TOO_LARGE: ReadReason.PAGE_TOO_LARGE,
    PollReason.TRUNCATED: ReadReason.PAGE_BAD_ENCODING,
}
