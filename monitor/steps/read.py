"""Read: pending documents get their text and language, and the detector says what they report."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from functools import partial

import structlog

from monitor.core.extract.choice import TRANSIENT, ChosenText, Page, choose_text, page_reason
from monitor.core.model.document import Document, DocumentStatus, ExtractedArticle, ReadReason, TextOrigin
from monitor.core.model.feed import PollReason, RobotsPolicy
from monitor.core.model.fetch import FetchRequest
from monitor.core.model.report import Article, Report
from monitor.core.poll.plan import PAGE_ACCEPT
from monitor.core.text.language import detect_language
from monitor.core.text.normalise import nfc
from monitor.errors import FetchError, LeaseLost, ParseError
from monitor.ports import ClaimedDocument, Clock, Detector, DocumentStore, Fetcher, ReadResult, Workers
from monitor.steps.step import NotWritten, Work, write_result

log = structlog.get_logger("read")

LEASE_S = 300.0  # above the longest fetch, extraction and wait for a host's turn
PAGE_RETRY_S = 10.0  # between tries of a page whose feed has no text of its own to fall back to
TEXT_LIMIT = 200_000  # code points; the longest news features stay below a third of it
LANGUAGES = frozenset({"en"})  # what the rules can read
_HTML = ("text/html", "application/xhtml", "text/plain", "application/xml", "text/xml")


@dataclass(frozen=True, kw_only=True)
class ReadLimits:
    """`min_length` in code points: a page's shorter text loses to the feed's own."""

    fetch_pages: bool
    min_length: int
    page_attempts: int
    threads: int


class ReadStep:
    """Reads documents, `limits.threads` at once."""

    name = "read"

    def __init__(
        self,
        *,
        store: DocumentStore,
        fetcher: Fetcher,
        workers: Workers,
        detector: Detector,
        clock: Clock,
        limits: ReadLimits,
    ) -> None:
        self.threads = limits.threads
        self._store = store
        self._fetcher = fetcher
        self._workers = workers
        self._detector = detector
        self._clock = clock
        self._limits = limits

    def claim(self, limit: int) -> tuple[Work, ...]:
        """The documents that have waited longest."""
        claims = self._store.claim_pending(now=self._clock.now(), limit=limit, lease_s=LEASE_S)
        return tuple(partial(self._read, claim) for claim in claims)

    def _read(self, claim: ClaimedDocument) -> None:
        try:
            page = self._page(claim)
            chosen = choose_text(claim.entry, page, min_length=self._limits.min_length)
            if self._is_worth_another_try(claim, page, chosen):
                write_result(partial(self._postpone, claim, page.detail))
                return
            document = self._document(claim, page.article, chosen)
            reports = self._reports(claim, document)
        except NotWritten:
            raise
        except Exception as error:  # a bug must cost one document its reports, not the step its life
            log.exception("bug", url=claim.document.url)
            document = replace(
                claim.document, status=DocumentStatus.UNREADABLE, reason=ReadReason.BUG, detail=repr(error)
            )
            reports = ()
        write_result(partial(self._record, claim, document, reports))

    def _postpone(self, claim: ClaimedDocument, detail: str) -> None:
        retry_at = self._clock.now() + timedelta(seconds=PAGE_RETRY_S)
        try:
            self._store.postpone(claim, retry_at=retry_at, detail=detail)
        except LeaseLost:
            log.warning("lease lost", url=claim.document.url)
            return
        log.info("page postponed", url=claim.document.url, detail=detail)

    def _record(self, claim: ClaimedDocument, document: Document, reports: tuple[Report, ...]) -> None:
        result = ReadResult(document=document, reports=reports, ruleset_version=self._detector.version)
        try:
            self._store.record_read(claim, result, now=self._clock.now())
        except LeaseLost:
            log.warning("lease lost", url=claim.document.url)
            return
        log.info(
            document.status.value,
            reason=document.reason.value if document.reason else None,
            feed=claim.feed.name,
            reports=len(reports),
            url=document.url,
        )

    def _is_worth_another_try(self, claim: ClaimedDocument, page: Page, chosen: ChosenText) -> bool:
        return (
            page.reason in TRANSIENT
            and len(chosen.text) < self._limits.min_length
            and claim.attempts < self._limits.page_attempts
        )

    def _page(self, claim: ClaimedDocument) -> Page:
        url = claim.document.url
        if not self._limits.fetch_pages:
            return Page(reason=ReadReason.PAGES_OFF)
        if not url.startswith(("http://", "https://")):
            return Page(reason=ReadReason.NO_URL)
        request = FetchRequest(url=url, accept=PAGE_ACCEPT, obey_robots=claim.feed.robots is RobotsPolicy.OBEY)
        try:
            response = self._fetcher.fetch(request)
            if response.status != 200:
                reason = page_reason(PollReason.HTTP_ERROR, response.status)
                return Page(reason=reason, detail=f"HTTP {response.status}")
            content_type = response.header("content-type")
            if content_type and not content_type.lower().startswith(_HTML):
                return Page(reason=ReadReason.PAGE_NOT_HTML, detail=content_type)
            return Page(
                article=self._workers.extract_article(response.body, url=response.url, content_type=content_type)
            )
        except (FetchError, ParseError) as error:
            return Page(reason=page_reason(error.reason), detail=error.detail)

    def _document(self, claim: ClaimedDocument, article: ExtractedArticle | None, chosen: ChosenText) -> Document:
        entry, document = claim.entry, claim.document
        title = nfc(entry.title or (article.title if article else "") or document.title)
        text = nfc(chosen.text)[:TEXT_LIMIT]
        declared = claim.feed.language or (article.language if article else None)
        language = detect_language(f"{title}\n{text}", declared=declared)
        status, reason = DocumentStatus.READ, chosen.reason
        if chosen.origin is TextOrigin.NONE:
            status = DocumentStatus.UNREADABLE
        elif language is not None and language not in LANGUAGES:
            status, reason = DocumentStatus.SKIPPED, ReadReason.LANGUAGE_UNSUPPORTED
        return replace(
            _dated_by_page(document, article, self._clock.now()),
            title=title,
            text=text,
            language=language,
            status=status,
            origin=chosen.origin,
            reason=reason,
            detail=chosen.detail,
        )

    def _reports(self, claim: ClaimedDocument, document: Document) -> tuple[Report, ...]:
        if document.status is not DocumentStatus.READ:
            return ()
        article = Article(
            title=document.title,
            text=document.text,
            published_on=document.published_at.date() if document.dated else None,
            source=claim.feed.name,
            tier=claim.feed.tier.value,
        )
        return self._detector.detect(article)


def _dated_by_page(document: Document, article: ExtractedArticle | None, now: datetime) -> Document:
    """The document with its page's own date when its feed states none; a bare day counts until its end."""
    if document.dated or article is None:
        return document
    at = article.published_at
    if at is None and article.published_on is not None:
        at = datetime.combine(article.published_on, time(23, 59, 59), tzinfo=UTC)
    if at is None:
        return document
    # A page dated after it was seen has its clock or zone wrong: what is known is that it was there.
    return replace(document, published_at=min(at, document.published_at, now), dated=True, backlog=False)
