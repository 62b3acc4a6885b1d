"""Rows of feeds, entries, documents, reports and alerts as the nouns they store, and back."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Any

from sqlalchemy import Row

from monitor.core.model.alert import Alert, AlertReason, Severity
from monitor.core.model.document import Document, DocumentStatus, ReadReason, TextOrigin
from monitor.core.model.entry import Entry
from monitor.core.model.feed import Feed, FeedKind, FeedState, IntervalReason, PollReason, RobotsPolicy, Tier
from monitor.core.model.report import Modality, Report
from monitor.store.records import evidence_of, list_of, list_text, message_of, rhythm_of, rhythm_text, roles_of

_KEY_MAX = 600  # code points, at most 2,400 bytes: PostgreSQL indexes no key beyond some 2,700
_KEY_KEPT = 500


def index_key(text: str) -> str:
    """The text itself, or for one too long to index its beginning and digest; still one key a text."""
    if len(text) <= _KEY_MAX:
        return text
    return f"{text[:_KEY_KEPT]}…{hashlib.sha256(text.encode(errors='surrogatepass')).hexdigest()}"


def digest_of(*texts: str) -> str:
    """SHA-256 (hex) over the texts, none running into the next."""
    digest = hashlib.sha256()
    for text in texts:
        data = text.encode(errors="surrogatepass")
        digest.update(b"%d:" % len(data) + data)
    return digest.hexdigest()


def feed_values(feed: Feed) -> dict[str, Any]:
    """The columns of `feeds` for a configured feed, without its id."""
    return {
        "name": feed.name,
        "url": feed.url,
        "kind": str(feed.kind),
        "selector": feed.selector,
        "interval_s": feed.interval_s,
        "tags": list_text(feed.tags),
        "enabled": feed.enabled,
        "headers_env": feed.headers_env,
        "auth_env": feed.auth_env,
        "robots": str(feed.robots),
        "tier": str(feed.tier),
        "language": feed.language,
        "country": feed.country,
        "homepage": feed.homepage,
        "seen_in": feed.seen_in,
    }


def feed_of(row: Row[Any], *, homepage: str | None = None, language: str | None = None) -> Feed:
    """The feed of a row of `feeds`; what the feed itself says fills in what the configuration leaves open."""
    return Feed(
        id=row.id,
        name=row.name,
        url=row.url,
        kind=FeedKind(row.kind),
        selector=row.selector,
        interval_s=row.interval_s,
        tags=list_of(row.tags),
        enabled=row.enabled,
        headers_env=row.headers_env,
        auth_env=row.auth_env,
        robots=RobotsPolicy(row.robots),
        tier=Tier(row.tier),
        language=row.language or language,
        country=row.country,
        homepage=row.homepage or homepage,
        seen_in=row.seen_in,
    )


def state_values(state: FeedState) -> dict[str, Any]:
    """The columns of `feed_states` that a poll writes; a burst is another's to write."""
    return {
        "etag": state.etag,
        "last_modified": state.last_modified,
        "body_digest": state.body_digest,
        "interval_s": state.interval_s,
        "next_poll_at": state.next_poll_at,
        "failures": state.failures,
        "last_reason": str(state.last_reason),
        "last_detail": state.last_detail,
        "first_success_at": state.first_success_at,
        "last_success_at": state.last_success_at,
        "last_polled_at": state.last_polled_at,
        "redirect_url": state.redirect_url,
        "redirect_since": state.redirect_since,
        "moved_to": state.moved_to,
        "gone_since": state.gone_since,
        "validators_lied_at": state.validators_lied_at,
        "interval_reason": str(state.interval_reason),
        "limit_s": state.limit_s,
        "rhythm": rhythm_text(state.rhythm),
        "window_count": state.window_count,
        "middle_at": state.middle_at,
        "newest_at": state.newest_at,
    }


def state_of(row: Row[Any]) -> FeedState:
    """The state of a row of `feed_states`."""
    return FeedState(
        etag=row.etag,
        last_modified=row.last_modified,
        body_digest=row.body_digest,
        interval_s=row.interval_s,
        next_poll_at=row.next_poll_at,
        failures=row.failures,
        last_reason=PollReason(row.last_reason),
        last_detail=row.last_detail,
        first_success_at=row.first_success_at,
        last_success_at=row.last_success_at,
        last_polled_at=row.last_polled_at,
        redirect_url=row.redirect_url,
        redirect_since=row.redirect_since,
        moved_to=row.moved_to,
        gone_since=row.gone_since,
        validators_lied_at=row.validators_lied_at,
        interval_reason=IntervalReason(row.interval_reason),
        limit_s=row.limit_s,
        rhythm=rhythm_of(row.rhythm),
        window_count=row.window_count,
        middle_at=row.middle_at,
        newest_at=row.newest_at,
        burst_until=row.burst_until,
    )


def entry_of(row: Row[Any]) -> Entry:
    """The entry of a row of `entries`."""
    return Entry(
        guid=row.guid,
        url=row.url,
        title=row.title,
        summary=row.summary,
        content=row.content,
        authors=list_of(row.authors),
        published_at=row.published_at,
        updated_at=row.updated_at,
    )


def document_of(row: Row[Any]) -> Document:
    """The document of a row of `documents`."""
    return Document(
        id=row.id,
        canonical_url=row.canonical_url,
        url=row.url,
        title=row.title,
        text=row.text,
        language=row.language,
        published_at=row.published_at,
        dated=row.dated,
        backlog=row.backlog,
        revision=row.revision,
        status=DocumentStatus(row.status),
        origin=TextOrigin(row.origin),
        reason=ReadReason(row.reason) if row.reason is not None else None,
        detail=row.detail,
    )


def report_of(row: Row[Any]) -> Report:
    """The report of a row of `reports`."""
    return Report(
        type=row.type,
        phase=row.phase,
        modality=Modality(row.modality),
        score=row.score,
        alert=row.alert,
        roles=roles_of(row.roles),
        evidence=evidence_of(row.evidence),
        occurs_on=row.occurs_on,
        phase_stated=row.phase_stated,
    )


def alert_of(row: Row[Any]) -> Alert:
    """The alert as stored, with the outlets known by now to tell it too."""
    message = message_of(row.message)
    return Alert(
        id=row.id,
        key=row.key,
        story_id=row.story_id,
        development_id=row.development_id,
        report_id=row.report_id,
        reason=AlertReason(row.reason),
        severity=Severity(row.severity),
        created_at=row.created_at,
        message=replace(
            message, also_reported_by=tuple(o for o in list_of(row.also_reported_by) if o != message.source)
        ),
    )
