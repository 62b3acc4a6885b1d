"""Articles: the text that is searched, and where it came from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class DocumentStatus(StrEnum):
    PENDING = "pending"  # waits for the read step
    READ = "read"
    UNREADABLE = "unreadable"  # neither page nor feed gave any text; `reason` says why
    SKIPPED = "skipped"  # stored but not searched: language_unsupported, archive


class TextOrigin(StrEnum):
    """Which of the offered texts became `Document.text`."""

    PAGE = "page"
    FEED_CONTENT = "feed_content"
    FEED_SUMMARY = "feed_summary"
    TITLE_ONLY = "title_only"
    NONE = "none"


class ReadReason(StrEnum):
    """Why the text is what it is; stored with the document."""

    PAGE_READ = "page_read"
    PAGES_OFF = "pages_off"  # read.fetch_pages is false
    NO_URL = "no_url"
    TEXT_GIVEN = "text_given"  # the line that was ingested has the text: no page was fetched
    ARCHIVE = "archive"  # an undated address that a sitemap held before: known from then on, never fetched
    PAGE_MISSING = "page_missing"  # 404, 410
    PAGE_FORBIDDEN = "page_forbidden"  # 401, 403, 451 and bot walls
    PAGE_HTTP_ERROR = "page_http_error"
    PAGE_RATE_LIMITED = "page_rate_limited"
    PAGE_TIMEOUT = "page_timeout"
    PAGE_UNREACHABLE = "page_unreachable"
    PAGE_TOO_LARGE = "page_too_large"
    PAGE_BAD_ENCODING = "page_bad_encoding"
    PAGE_NOT_HTML = "page_not_html"
    PAGE_PAYWALLED = "page_paywalled"
    PAGE_CONSENT = "page_consent"
    PAGE_BOT_WALL = "page_bot_wall"
    PAGE_LOGIN = "page_login"
    PAGE_TOO_SHORT = "page_too_short"
    PAGE_PARSER_TIMEOUT = "page_parser_timeout"
    PAGE_PARSER_CRASHED = "page_parser_crashed"
    PAGE_ADDRESS_REFUSED = "page_address_refused"
    PAGE_REFUSED_BY_ROBOTS = "page_refused_by_robots"
    LANGUAGE_UNSUPPORTED = "language_unsupported"
    NO_TEXT = "no_text"
    BUG = "bug"


class Wall(StrEnum):
    """What stands in front of an article or feed, instead of it."""

    BOT_WALL = "bot_wall"  # a challenge or a refusal meant for robots
    CONSENT_PAGE = "consent_page"  # asks for cookies or tracking before anything else
    PAYWALL = "paywall"  # an article cut off for those who have not paid
    LOGIN = "login"  # asks who is there


class RevisionCause(StrEnum):
    """What brought a revision."""

    FIRST_SEEN = "first_seen"
    FEED_EDIT = "feed_edit"  # the feed's item was reworded
    PAGE_EDIT = "page_edit"  # the page was, as reading it again showed


class RecheckOutcome(StrEnum):
    """What reading a page again found; stored with the page."""

    NOT_MODIFIED = "not_modified"  # 304
    SAME_WORDING = "same_wording"  # at most times, counters and the order of sentences differ
    CHANGED = "changed"
    WITHDRAWN = "withdrawn"  # 404 or 410 where the article was
    WALLED = "walled"
    UNREADABLE = "unreadable"  # no article in it now
    UNREACHABLE = "unreachable"


class DatePrecision(StrEnum):
    """How exactly a page states a date."""

    INSTANT = "instant"
    DAY = "day"


@dataclass(frozen=True, kw_only=True)
class StatedDate:
    """A date in a page's own words: an instant, or a day alone (`at` is None).

    `on` is the day in UTC for an instant, else as stated. `utc_offset_min` is the zone as stated,
    in minutes east of Greenwich; None for a day.
    """

    on: date
    at: datetime | None = None
    utc_offset_min: int | None = None

    @property
    def precision(self) -> DatePrecision:
        return DatePrecision.DAY if self.at is None else DatePrecision.INSTANT


@dataclass(frozen=True, kw_only=True)
class ExtractedArticle:
    """The main text of one HTML page; `text` has one paragraph a line and may be empty.

    `published` and `modified` are what the page's own structured data (JSON-LD, meta, time
    element) states. `wall` says what the page is instead of an article.
    """

    title: str = ""
    text: str = ""
    language: str | None = None
    canonical_url: str | None = None
    published: StatedDate | None = None
    modified: StatedDate | None = None
    authors: tuple[str, ...] = ()
    wall: Wall | None = None

    @property
    def published_at(self) -> datetime | None:
        """The instant of publication, None where only a day or nothing is stated."""
        return None if self.published is None else self.published.at

    @property
    def published_on(self) -> date | None:
        """The day of publication, None where nothing is stated."""
        return None if self.published is None else self.published.on


@dataclass(frozen=True, kw_only=True)
class PageSeen:
    """What is remembered of a document's page: validators as the server gave them, and its own statements.

    `title` is the page's headline, which may differ from the feed's.
    """

    title: str = ""
    etag: str | None = None
    last_modified: str | None = None
    authors: tuple[str, ...] = ()
    published: StatedDate | None = None
    modified: StatedDate | None = None


@dataclass(frozen=True, kw_only=True)
class Wording:
    """One revision's words; `seen_at` is None where it was stored before that was kept."""

    revision: int
    title: str
    text: str
    origin: TextOrigin
    published_at: datetime
    seen_at: datetime | None
    cause: RevisionCause


@dataclass(frozen=True, kw_only=True)
class Document:
    """One article as searched: title and text are NFC, frozen for one revision.

    `dated` is False when neither feed nor page stated a date and `published_at` is the moment
    the entry was first seen. `backlog` marks an undated entry of a feed's first successful poll,
    which counts as old.
    """

    id: int = 0
    canonical_url: str
    url: str
    title: str
    text: str = ""
    language: str | None = None
    published_at: datetime
    dated: bool = True
    backlog: bool = False
    revision: int = 1
    status: DocumentStatus = DocumentStatus.PENDING
    origin: TextOrigin = TextOrigin.NONE
    reason: ReadReason | None = None
    detail: str = ""
