"""A small history in our own words: four alerts of three outlets, and a feed that fails."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from monitor.core.model.alert import Receipt
from monitor.core.model.document import DocumentStatus, ReadReason
from monitor.core.model.feed import Feed, IntervalReason, PollReason
from monitor.core.model.feedback import Saying, Verdict, Via
from monitor.core.model.report import Evidence, Modality, Report, RoleName, Roles, RoleText, RoleTime
from monitor.core.model.span import Field, Span
from monitor.core.model.traffic import HostTraffic
from monitor.errors import DeliveryFault
from monitor.store.database import SqlStore, open_store
from tests.store import arrange

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)

HARBOUR = Feed(name="Harbour Post", url="https://www.harbourpost.example/rss")
STEPPE = Feed(name="Steppe Radio World Service", url="https://steppe.example/world.xml", tags=("asia",))
GULF = Feed(name="Gulf Ledger", url="https://gulf.example/feed")
NORDLYS = Feed(name="Nordlys", url="https://nordlys.example/rss")
FEEDS = (HARBOUR, STEPPE, GULF, NORDLYS)

ASKED = (
    HostTraffic(
        host="www.harbourpost.example",
        requests=40,
        for_feeds=30,
        for_pages=8,
        for_robots=2,
        conditional=29,
        not_modified=27,
        body_bytes=400_000,
        least_gap_s=1.04,
        most_at_once=1,
    ),
    HostTraffic(host="feeds.harbourpost.example", requests=10, for_feeds=10, least_gap_s=1.5, most_at_once=2),
    HostTraffic(host="gulf.example", requests=5, for_feeds=4, for_robots=1, refused=2, unanswered=1, most_at_once=1),
)

CONFIG = """\
database: {{url: "sqlite:///{database}"}}
alerts: {{timezone: Asia/Jerusalem}}
channels:
  terminal: {{kind: console}}
sources:
  - {{name: Harbour Post, url: https://www.harbourpost.example/rss}}
  - {{name: Steppe Radio World Service, url: https://steppe.example/world.xml, tags: [asia]}}
  - {{name: Gulf Ledger, url: https://gulf.example/feed}}
  - {{name: Nordlys, url: https://nordlys.example/rss}}
  - {{name: Quiet Quarter, url: https://quiet.example/rss, enabled: false}}
"""

_SENTENCE = "Foreign Minister Amélie Rouvier landed in Doha on Sunday for truce talks,\nher third visit this year."


def _evidence(role: str, words: str, *, offset: int = 40) -> Evidence:
    start = offset + _SENTENCE.index(words)
    return Evidence(
        rule="visit.arrives",
        at="events/visit/rules/arrives.yaml:3",
        role=role,
        field=Field.TEXT,
        span=Span(start=start, end=start + len(words)),
        quote=words,
    )


VISIT = Report(
    type="visit",
    phase="under_way",
    modality=Modality.ASSERTED,
    score=0.92,
    alert=True,
    occurs_on=datetime(2026, 3, 1, tzinfo=UTC).date(),
    roles=Roles(
        names=(
            RoleName(role="visitor", name="Amélie Rouvier", surface="Amélie Rouvier", entity_id="person:rouvier"),
            RoleName(role="destination", name="Qatar", surface="Doha", entity_id="country:QA"),
        ),
        texts=(RoleText(role="purpose", text="truce talks"),),
        times=(RoleTime(role="starts_on", stated="on Sunday", resolved="2026-03-01"),),
        ordinal=3,
    ),
    evidence=(
        _evidence("sentence", _SENTENCE),
        _evidence("trigger", "landed in"),
        _evidence("visitor", "Amélie Rouvier"),
        _evidence("destination", "Doha"),
    ),
)


def ceasefire(phase: str, place: str, *parties: str) -> Report:
    return replace(arrange.report(type="ceasefire", phase=phase, party=parties, place=[place]), score=0.8)


def fill(url: str) -> None:
    """Put the history into an upgraded database. Alerts 1–4 are told over six weeks before NOW."""
    store = open_store(url)
    store.traffic.add(ASKED, since=NOW - timedelta(hours=6), until=NOW)
    arrange.tell(
        store,
        "truce",
        ceasefire("agreed", "Sudan", "Northern Front", "Coast Army"),
        by=STEPPE,
        now=NOW - timedelta(days=40),
        who="Northern Front and Coast Army",
        where="Sudan",
        quote="Both sides signed a thirty-day truce on Tuesday, mediators said.",
        headline="=Truce signed in Sudan",
        details=(),
        published_at=NOW - timedelta(days=40, hours=1),
        marks=("alleged", "single source"),
    )
    arrange.tell(
        store,
        "talks",
        ceasefire("talks", "Gaza", "Hamas", "Israel"),
        by=GULF,
        now=NOW - timedelta(days=2),
        channels=(),
        who="Hamas and Israel",
        where="Gaza",
        quote="Envoys of both sides met again in Cairo on Friday.",
        headline="Truce talks resume",
        details=(),
        published_at=NOW - timedelta(days=2, minutes=30),
    )
    arrange.tell(
        store,
        "rejected",
        ceasefire("rejected", "Gaza", "Hamas"),
        by=HARBOUR,
        now=NOW - timedelta(hours=14),
        channels=("desk", "log"),
        who="Hamas",
        where="Gaza",
        quote="“We will not sign this paper,” a spokesman said \U0001f4dd.",
        headline="",
        details=(),
        published_at=NOW - timedelta(hours=15),
        also_reported_by=("Gulf Ledger",),
        marks=(),
    )
    arrange.tell(
        store,
        "visit",
        VISIT,
        by=HARBOUR,
        now=NOW - timedelta(minutes=25),
        who="Amélie Rouvier",
        where="Qatar",
        quote=" ".join(_SENTENCE.split()),
        headline="Envoy lands in Doha",
        details=("3rd visit", "for truce talks"),
        published_at=NOW - timedelta(minutes=45),
    )
    _deliver(store)
    store.feedback.label(1, Verdict.RELEVANT, Saying(by="dana", via=Via.SLACK, at=NOW - timedelta(days=39)))
    _poll_all(store)
    store.close()


def _deliver(store: SqlStore) -> None:
    """The first alert is sent, the third parked at one channel and sent at the other, the last still pending."""
    for claim in store.outbox.claim_due(channels=["desk", "log"], now=NOW - timedelta(minutes=30), limit=9, lease_s=60):
        if claim.delivery.channel == "log" or "truce" in claim.delivery.key:
            store.outbox.record_sent(claim, Receipt(reference="C1:17.5"), now=NOW - timedelta(minutes=30))
        else:
            store.outbox.record_parked(claim, fault=DeliveryFault.CHANNEL, detail="not_in_channel: invite the bot")


def _poll_all(store: SqlStore) -> None:
    store.feeds.sync(FEEDS, now=NOW)
    store.feeds.make_due(now=NOW)
    for claim in store.feeds.claim_due(now=NOW, limit=9, lease_s=60):
        at = NOW - timedelta(minutes=3)
        if claim.feed.name == "Gulf Ledger":
            failed = claim.state.with_changes(
                failures=2.0,
                last_reason=PollReason.HTTP_ERROR,
                last_detail="HTTP 503",
                last_polled_at=at,
                next_poll_at=NOW + timedelta(hours=1),
                interval_s=900.0,
                interval_reason=IntervalReason.BACK_OFF,
            )
            arrange.record(store, claim, now=at, state=failed, reason=PollReason.HTTP_ERROR, detail="HTTP 503")
        elif claim.feed.name == "Nordlys":
            arrange.record(store, claim, arrange.entry("n", url="https://nordlys.example/n"), now=at)
            arrange.read(
                store,
                now=at,
                text="Utenriksministeren reiste i dag.",
                language="no",
                status=DocumentStatus.SKIPPED,
                reason=ReadReason.LANGUAGE_UNSUPPORTED,
            )
        else:
            arrange.record(store, claim, now=at)
