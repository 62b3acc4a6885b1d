"""Puts feeds, documents, reports and alerts into a store, the way the steps do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import update

from monitor.core.model.alert import Alert, AlertMessage, AlertReason, Severity
from monitor.core.model.document import DocumentStatus, ReadReason, TextOrigin
from monitor.core.model.entry import Entry
from monitor.core.model.feed import Feed, PollReason
from monitor.core.model.history import AlertFilter
from monitor.core.model.report import Evidence, Modality, Report, RoleName, Roles
from monitor.core.model.span import Field, Span
from monitor.core.model.story import Development, Story
from monitor.ports import ClaimedDocument, ClaimedFeed, NewAlert, PollResult, PollWritten, ReadResult
from monitor.store.database import SqlStore
from monitor.store.tables import reports

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


def feed(name: str = "Harbour Post", **changes: object) -> Feed:
    host = name.lower().replace(" ", "")
    return replace(Feed(name=name, url=f"https://www.{host}.example/rss"), **changes)  # type: ignore[arg-type]


def entry(guid: str = "a", **changes: object) -> Entry:
    made = Entry(
        guid=guid,
        url=f"https://www.harbourpost.example/{guid}",
        title=f"Headline {guid}",
        summary=f"What {guid} is about.",
        published_at=NOON - timedelta(hours=1),
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def claimed_feed(store: SqlStore, *, now: datetime = NOON) -> ClaimedFeed:
    """The one feed that is due."""
    (claim,) = store.feeds.claim_due(now=now, limit=1, lease_s=60)
    return claim


def result_of(claim: ClaimedFeed, *entries: Entry, now: datetime = NOON) -> PollResult:
    """A successful poll that brought these entries; the feed is due again a minute later."""
    state = claim.state.with_changes(
        next_poll_at=now + MINUTE,
        last_polled_at=now,
        last_success_at=now,
        first_success_at=claim.state.first_success_at or now,
        last_reason=PollReason.NEW_ENTRIES,
    )
    return PollResult(state=state, reason=PollReason.NEW_ENTRIES, entries=entries, started_at=now, finished_at=now)


def record(
    store: SqlStore, claim: ClaimedFeed, *entries: Entry, now: datetime = NOON, **changes: object
) -> PollWritten:
    """What one successful poll wrote."""
    result = result_of(claim, *entries, now=now)
    return store.feeds.record_poll(claim, replace(result, **changes))  # type: ignore[arg-type]


def poll(store: SqlStore, *entries: Entry, now: datetime = NOON) -> PollWritten:
    """Poll the one feed once, which is made due for it."""
    store.feeds.make_due(now=now)
    return record(store, claimed_feed(store, now=now), *entries, now=now)


def publish(store: SqlStore, *entries: Entry, by: Feed | None = None, now: datetime = NOON) -> PollWritten:
    """Configure one feed, disabling all others, and poll it once."""
    store.feeds.sync([by or feed()], now=now)
    return poll(store, *entries, now=now)


def claimed_document(store: SqlStore, *, now: datetime = NOON) -> ClaimedDocument:
    (claim,) = store.documents.claim_pending(now=now, limit=1, lease_s=60)
    return claim


def read_result(claim: ClaimedDocument, *reports: Report, text: str = "Some text.", **changes: object) -> ReadResult:
    document = replace(
        claim.document,
        text=text,
        language="en",
        status=DocumentStatus.READ,
        origin=TextOrigin.PAGE,
        reason=ReadReason.PAGE_READ,
    )
    document = replace(document, **changes)  # type: ignore[arg-type]
    return ReadResult(document=document, reports=reports, ruleset_version="rules-1")


def read(store: SqlStore, *reports: Report, now: datetime = NOON, **changes: object) -> ClaimedDocument:
    """Read the document that has waited longest."""
    claim = claimed_document(store, now=now)
    store.documents.record_read(claim, read_result(claim, *reports, **changes), now=now)  # type: ignore[arg-type]
    return claim


def report(type: str = "visit", phase: str = "under_way", *, alert: bool = True, **names: Sequence[str]) -> Report:
    roles = names or {"visitor": ["Amélie Rouvier"], "destination": ["Qatar"]}
    return Report(
        type=type,
        phase=phase,
        modality=Modality.ASSERTED,
        score=0.75,
        alert=alert,
        roles=Roles(names=tuple(RoleName(role=r, name=n, surface=n) for r, many in roles.items() for n in many)),
        evidence=(
            Evidence(
                rule="visit.arrives",
                at="events/visit/rules/arrives.yaml:3",
                role="sentence",
                field=Field.TEXT,
                span=Span(start=0, end=10),
                quote="Some text.",
            ),
        ),
    )


def message(**changes: object) -> AlertMessage:
    made = AlertMessage(
        type="visit",
        phase="under_way",
        severity=Severity.HIGH,
        reason=AlertReason.NEW_STORY,
        who="Amélie Rouvier",
        where="Qatar",
        quote="She landed in Doha on Sunday.",
        headline="Envoy lands in Doha",
        details=("purpose: truce talks",),
        marks=("single source",),
        source="Harbour Post",
        url="https://www.harbourpost.example/a",
        published_at=NOON,
        dated=True,
        story_title="Rouvier's trip to Qatar",
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def story(slug: str = "rouvier-qatar", **changes: object) -> Story:
    made = Story(
        slug=slug,
        type="visit",
        title="Rouvier's trip to Qatar",
        participants=("Amélie Rouvier",),
        places=("Qatar",),
        phase="under_way",
        first_seen_at=NOON,
        last_seen_at=NOON,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def development(slug: str = "rouvier-qatar-under-way", *, told: Report | None = None, **changes: object) -> Development:
    told = told or report()
    made = Development(
        slug=slug, type=told.type, phase=told.phase, roles=told.roles, first_seen_at=NOON, last_seen_at=NOON
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def tell(
    store: SqlStore,
    guid: str = "a",
    told: Report | None = None,
    *,
    channels: tuple[str, ...] = ("desk",),
    by: Feed | None = None,
    now: datetime = NOON,
    **said: object,
) -> Alert:
    """Publish, read and group one article up to its alert, stored as a development of its own."""
    told = told or report()
    by = by or feed()
    publish(store, entry(guid, url=f"https://www.harbourpost.example/{by.name}/{guid}"), by=by, now=now)
    read(store, told, now=now)
    said = {"type": told.type, "phase": told.phase, "source": by.name} | said
    with store.stories.grouping() as session:
        (filed,) = session.ungrouped_reports(limit=10)
        chain = session.save_story(story(f"story-{guid}", type=told.type, last_seen_at=now))
        change = session.save_development(development(f"change-{guid}", told=told, story_id=chain.id))
        session.assign(filed.id, development_id=change.id, note="first of its kind")
        alert = Alert(
            key=f"{chain.slug}/{change.slug}/new_story",
            story_id=chain.id,
            development_id=change.id,
            report_id=filed.id,
            reason=AlertReason.NEW_STORY,
            severity=Severity.HIGH,
            created_at=now,
            message=message(**said),
        )
        assert session.save_alert(NewAlert(alert=alert, channels=channels))
    (view,) = (view for view in store.history.alerts(AlertFilter()) if view.alert.key == alert.key)
    return view.alert


def mark_copies(store: SqlStore, report_ids: Sequence[int], *, of: int) -> None:
    """Mark the reports as reprints of another."""
    with store.database.writing() as connection:
        connection.execute(update(reports).where(reports.c.id.in_(report_ids)).values(copy_of=of))
