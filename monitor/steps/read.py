"""Read: pending documents get their text and language, and the detector says what they report."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from functools import partial

import structlog

from monitor.core.extract.choice import TRANSIENT, WALL_REASONS, ChosenText, Page, choose_text, page_reason
from monitor.core.extract.markup import is_whole_page, plain_text
from monitor.core.extract.recheck import first_recheck_at, headline_changed, judge_recheck, next_recheck_at
from monitor.core.extract.walls import wall_of
from monitor.core.model.document import (
    Document,
    DocumentStatus,
    ExtractedArticle,
    PageSeen,
    ReadReason,
    RecheckOutcome,
    TextOrigin,
    Wording,
)
from monitor.core.model.feed import Feed, FeedKind, PollReason, RobotsPolicy
from monitor.core.model.fetch import FetchRequest, FetchResponse
from monitor.core.model.report import Article, Report
from monitor.core.poll.plan import PAGE_ACCEPT
from monitor.core.text.diff import is_same_wording
from monitor.core.text.language import detect_language
from monitor.core.text.normalise import nfc
from monitor.errors import FetchError, LeaseLost, ParseError
from monitor.ports import (
    ClaimedDocument,
    ClaimedPage,
    Clock,
    Detector,
    DocumentStore,
    Fetcher,
    ReadResult,
    RecheckResult,
    Workers,
)
from monitor.steps.step import NotWritten, Work, write_result

log = structlog.get_logger("read")

LEASE_S = 300.0  # above the longest fetch, extraction and wait for a host's turn
PAGE_RETRY_S = 10.0  # between tries of a page whose feed has no text of its own to fall back to
TEXT_LIMIT = 200_000  # code points; the longest news features stay below a third of it
LANGUAGES = frozenset({"en"})  # what the rules can read
_GONE = (404, 410)
_GIVEN_TYPE = "text/html; charset=utf-8"
_NOWHERE = "https://nowhere.invalid/"  # base of links in a page that came without its address
_HTML = ("text/html", "application/xhtml", "text/plain", "application/xml", "text/xml")


@dataclass(frozen=True, kw_only=True)
class ReadLimits:
    """`min_length` in code points: a page's shorter text loses to the feed's own.

    `recheck_s` are the seconds after which a page that told news is read again, ascending.
    """

    fetch_pages: bool
    min_length: int
    page_attempts: int
    threads: int
    recheck_s: tuple[float, ...] = ()


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
        """The documents that have waited longest, then pages to be read again."""
        now = self._clock.now()
        claims = self._store.claim_pending(now=now, limit=limit, lease_s=LEASE_S)
        works = [partial(self._read, claim) for claim in claims]
        # Looked at even when rechecks are off: what was planned before must come to its end.
        if len(works) < limit and self._limits.fetch_pages:
            again = self._store.claim_rechecks(now=now, limit=limit - len(works), lease_s=LEASE_S)
            works += [partial(self._recheck, page) for page in again]
        return tuple(works)

    def _read(self, claim: ClaimedDocument) -> None:
        try:
            page = self._first_page(claim)
            chosen = choose_text(claim.entry, page, min_length=self._limits.min_length)
            if self._is_worth_another_try(claim, page, chosen):
                write_result(partial(self._postpone, claim, page.detail))
                return
            document = self._document(claim, page.article, chosen)
            same_wording = _keeps_wording(claim.before, document)
            if same_wording and claim.before is not None:
                document = replace(document, text=claim.before.text)
            reports = self._reports(claim.feed, document)
        except NotWritten:
            raise
        except Exception as error:  # a bug must cost one document its reports, not the step its life
            log.exception("bug", url=claim.document.url)
            document = replace(
                claim.document, status=DocumentStatus.UNREADABLE, reason=ReadReason.BUG, detail=repr(error)
            )
            reports, same_wording, page = (), False, Page()
        result = ReadResult(
            document=document,
            reports=reports,
            ruleset_version=self._detector.version,
            same_wording=same_wording,
            page=page.seen(),
            recheck_at=first_recheck_at(
                document,
                tells_news=any(report.alert for report in reports),
                delays_s=self._limits.recheck_s,
                now=self._clock.now(),
            ),
        )
        write_result(partial(self._record, claim, result))

    def _postpone(self, claim: ClaimedDocument, detail: str) -> None:
        retry_at = self._clock.now() + timedelta(seconds=PAGE_RETRY_S)
        try:
            self._store.postpone(claim, retry_at=retry_at, detail=detail)
        except LeaseLost:
            log.warning("lease lost", url=claim.document.url)
            return
        log.info("page postponed", url=claim.document.url, detail=detail)

    def _record(self, claim: ClaimedDocument, result: ReadResult) -> None:
        document = result.document
        try:
            self._store.record_read(claim, result, now=self._clock.now())
        except LeaseLost:
            log.warning("lease lost", url=claim.document.url)
            return
        log.info(
            document.status.value,
            reason=document.reason.value if document.reason else None,
            feed=claim.feed.name,
            reports=len(result.reports),
            url=document.url,
        )

    def _recheck(self, claim: ClaimedPage) -> None:
        now = self._clock.now()
        next_at = next_recheck_at(done_count=claim.done_count + 1, delays_s=self._limits.recheck_s, now=now)
        try:
            page = self._page(claim.document.url, claim.feed, known=claim.page)
            result = replace(self._judged(claim, page), next_at=next_at)
        except NotWritten:
            raise
        except Exception as error:  # a bug must cost one recheck, not the step its life
            log.exception("bug", url=claim.document.url)
            result = RecheckResult(outcome=RecheckOutcome.UNREADABLE, detail=repr(error), next_at=next_at)
        write_result(partial(self._record_recheck, claim, result))

    def _judged(self, claim: ClaimedPage, page: Page) -> RecheckResult:
        """What the page says now, with the new revision when it changed."""
        if page.not_modified:
            return RecheckResult(outcome=RecheckOutcome.NOT_MODIFIED)
        outcome = judge_recheck(claim.document, claim.page, page, min_length=self._limits.min_length)
        if outcome is RecheckOutcome.SAME_WORDING:
            return RecheckResult(outcome=outcome, page=page.seen())
        if outcome is not RecheckOutcome.CHANGED or page.article is None:
            return RecheckResult(outcome=outcome, detail=page.detail or str(page.reason or ""))
        document = replace(
            claim.document,
            title=nfc(page.article.title) if headline_changed(claim.page, page) else claim.document.title,
            text=nfc(page.article.text)[:TEXT_LIMIT],
            revision=claim.document.revision + 1,
        )
        read = ReadResult(
            document=document, reports=self._reports(claim.feed, document), ruleset_version=self._detector.version
        )
        return RecheckResult(outcome=outcome, page=page.seen(), read=read)

    def _record_recheck(self, claim: ClaimedPage, result: RecheckResult) -> None:
        try:
            revised = self._store.record_recheck(claim, result, now=self._clock.now())
        except LeaseLost:
            log.warning("lease lost", url=claim.document.url)
            return
        log.info(
            "read again",
            outcome=result.outcome.value,
            revised=revised,
            feed=claim.feed.name,
            reports=len(result.read.reports) if result.read else 0,
            url=claim.document.url,
        )

    def _is_worth_another_try(self, claim: ClaimedDocument, page: Page, chosen: ChosenText) -> bool:
        return (
            page.reason in TRANSIENT
            and len(chosen.text) < self._limits.min_length
            and claim.attempts < self._limits.page_attempts
        )

    def _first_page(self, claim: ClaimedDocument) -> Page:
        if self._limits.fetch_pages and _is_archive(claim):
            return Page(reason=ReadReason.ARCHIVE)
        return self._given(claim) or self._page(claim.document.url, claim.feed)

    def _page(self, url: str, feed: Feed, *, known: PageSeen | None = None) -> Page:
        """What comes of asking for the page; only for what changed where it is `known`."""
        if not self._limits.fetch_pages:
            return Page(reason=ReadReason.PAGES_OFF)
        if not url.startswith(("http://", "https://")):
            return Page(reason=ReadReason.NO_URL)
        request = FetchRequest(
            url=url,
            etag=known.etag if known else None,
            last_modified=known.last_modified if known else None,
            accept=PAGE_ACCEPT,
            obey_robots=feed.robots is RobotsPolicy.OBEY,
        )
        try:
            response = self._fetcher.fetch(request)
            if known and response.status == 304:
                return Page(not_modified=True)
            if response.status != 200:
                return _refused(response)
            content_type = response.header("content-type")
            if content_type and not content_type.lower().startswith(_HTML):
                return Page(reason=ReadReason.PAGE_NOT_HTML, detail=content_type)
            return Page(
                article=self._workers.extract_article(response.body, url=response.url, content_type=content_type),
                url=response.url,
                etag=response.header("etag"),
                last_modified=response.header("last-modified"),
            )
        except (FetchError, ParseError) as error:
            return Page(reason=page_reason(error.reason), detail=error.detail)

    def _given(self, claim: ClaimedDocument) -> Page | None:
        """What an ingested line brought itself, when that is enough to need no page; a whole page is extracted."""
        if claim.feed.kind is not FeedKind.INGEST:
            return None
        content = claim.entry.content
        if is_whole_page(content):
            url = claim.document.url or _NOWHERE
            try:
                article = self._workers.extract_article(content.encode(), url=url, content_type=_GIVEN_TYPE)
            except ParseError as error:
                return Page(reason=page_reason(error.reason), detail=error.detail)
            return Page(article=article) if len(article.text) >= self._limits.min_length else None
        has_enough = len(plain_text(content)) >= max(self._limits.min_length, 1)
        return Page(reason=ReadReason.TEXT_GIVEN) if has_enough else None

    def _document(self, claim: ClaimedDocument, article: ExtractedArticle | None, chosen: ChosenText) -> Document:
        entry, document = claim.entry, claim.document
        title = nfc(entry.title or (article.title if article else "") or document.title)
        text = nfc(chosen.text)[:TEXT_LIMIT]
        declared = claim.feed.language or (article.language if article else None) or document.language
        language = detect_language(f"{title}\n{text}", declared=declared)
        status, reason = DocumentStatus.READ, chosen.reason
        if reason is ReadReason.ARCHIVE:
            status = DocumentStatus.SKIPPED
        elif chosen.origin is TextOrigin.NONE:
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

    def _reports(self, feed: Feed, document: Document) -> tuple[Report, ...]:
        if document.status is not DocumentStatus.READ:
            return ()
        article = Article(
            title=document.title,
            text=document.text,
            published_on=document.published_at.date() if document.dated else None,
            source=feed.name,
            tier=feed.tier.value,
        )
        return self._detector.detect(article)


def _refused(response: FetchResponse) -> Page:
    """Why another status than 200 came; a challenge or login behind it is named."""
    wall = wall_of(response.body, url=response.url, status=response.status, headers=response.headers)
    if wall is not None and response.status not in _GONE:
        return Page(reason=WALL_REASONS[wall], detail=f"HTTP {response.status}")
    return Page(reason=page_reason(PollReason.HTTP_ERROR, response.status), detail=f"HTTP {response.status}")


def _keeps_wording(before: Wording | None, document: Document) -> bool:
    """Whether an edited item's article is worded as before, from the same origin."""
    if before is None or before.origin is not document.origin or document.status is not DocumentStatus.READ:
        return False
    return is_same_wording(f"{before.title}\n{before.text}", f"{document.title}\n{document.text}")


def _is_archive(claim: ClaimedDocument) -> bool:
    """Whether it is one of the addresses that a sitemap held before it was watched, which may be thousands."""
    entry = claim.entry
    bare = not entry.title and entry.published_at is None and entry.updated_at is None
    return claim.document.backlog and bare and claim.feed.kind is FeedKind.SITEMAP


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
