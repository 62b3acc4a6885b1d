"""What happened to one document, and documents in a row, on each database."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Select

from monitor.core.alert.why_not import Stage, standings
from monitor.core.model.document import DocumentStatus, ReadReason
from monitor.store.database import SqlStore
from monitor.store.trails import (
    PAGE,
    alerts_of,
    document_by_entry,
    document_by_url,
    documents_page,
    entries_of,
    neighbours,
    reports_of,
)
from tests.store import arrange
from tests.store.arrange import DAY, NOON
from tests.store.test_plans import scanned

URL = "https://www.harbourpost.example/a"


def stages(store: SqlStore, url: str = URL) -> list[Stage]:
    trail = store.history.trail(url)
    assert trail is not None
    return [each.stage for each in standings(trail)]


def group(store: SqlStore, note: str) -> None:
    """File the waiting reports under a development of their own, untold."""
    with store.stories.grouping() as session:
        for filed in session.ungrouped_reports(limit=9):
            chain = session.save_story(arrange.story(f"s{filed.id}", type=filed.report.type))
            change = session.save_development(arrange.development(f"d{filed.id}", told=filed.report, story_id=chain.id))
            session.assign(filed.id, development_id=change.id, note=note)


@pytest.mark.parametrize(
    "url",
    [
        URL,
        "http://harbourpost.example/a",
        "https://m.harbourpost.example/a/?utm_source=feed#top",
        f"  {URL}\n",
    ],
)
def test_a_document_is_found_by_any_form_of_its_address(store: SqlStore, url: str) -> None:
    """The canonical URL and every address that folds to it lead to the document."""
    arrange.publish(store, arrange.entry("a"))
    trail = store.history.trail(url)
    assert trail is not None
    assert trail.document.url == URL
    assert trail.feed.name == "Harbour Post"


def test_a_document_is_found_by_the_address_it_was_fetched_from(store: SqlStore) -> None:
    """When a page states another canonical URL, the address in the feed still leads to it."""
    arrange.publish(store, arrange.entry("a", url="https://www.harbourpost.example/go?n=7"))
    arrange.read(store, canonical_url="https://harbourpost.example/story")
    for url in ("https://www.harbourpost.example/go?n=7", "https://harbourpost.example/story"):
        trail = store.history.trail(url)
        assert trail is not None
        assert trail.document.canonical_url == "https://harbourpost.example/story"


def test_every_entry_of_a_document_is_told_in_order(store: SqlStore) -> None:
    """A second feed's entry joins the document; it brought no revision."""
    arrange.publish(store, arrange.entry("a"))
    arrange.publish(store, arrange.entry("b", url=URL), by=arrange.feed("River Times"), now=NOON + DAY)
    trail = store.history.trail(URL)
    assert trail is not None
    assert [(e.feed_name, e.brought_revision, e.seen_at) for e in trail.entries] == [
        ("Harbour Post", 1, NOON),
        ("River Times", 0, NOON + DAY),
    ]


def test_an_unknown_address_has_no_trail(store: SqlStore) -> None:
    arrange.publish(store, arrange.entry("a"))
    assert store.history.trail("https://www.harbourpost.example/b") is None
    assert store.history.trail("no address \ud800") is None
    assert store.history.trail_of(99) is None


def test_known_addresses_of_the_same_site_are_offered_most_alike_first(store: SqlStore) -> None:
    """Other hosts are left out, also those that begin with the same letters."""
    paths = ("world/truce-signed", "world/truce-breaks", "sport/cup")
    entries = [arrange.entry(p, url=f"https://www.harbourpost.example/{p}") for p in paths]
    arrange.publish(store, *entries, arrange.entry("x", url="https://harbourpost.example.org/world/truce"))
    near = store.history.near_urls("http://harbourpost.example/world/truce-signs", limit=2)
    assert near == ("https://harbourpost.example/world/truce-signed", "https://harbourpost.example/world/truce-breaks")
    assert store.history.near_urls("https://unknown.example/world", limit=5) == ()
    assert store.history.near_urls("truce", limit=5) == ()


def test_an_unread_document_is_pending(store: SqlStore) -> None:
    arrange.publish(store, arrange.entry("a"))
    assert stages(store) == [Stage.PENDING]


@pytest.mark.parametrize(
    ("status", "reason", "stage"),
    [
        (DocumentStatus.UNREADABLE, ReadReason.NO_TEXT, Stage.UNREADABLE),
        (DocumentStatus.SKIPPED, ReadReason.LANGUAGE_UNSUPPORTED, Stage.LANGUAGE),
        (DocumentStatus.READ, ReadReason.PAGE_READ, Stage.NO_REPORT),
    ],
)
def test_a_document_without_reports_says_why(
    store: SqlStore, status: DocumentStatus, reason: ReadReason, stage: Stage
) -> None:
    arrange.publish(store, arrange.entry("a"))
    arrange.read(store, status=status, reason=reason)
    assert stages(store) == [stage]


@pytest.mark.parametrize(
    ("note", "stage"),
    [
        ("new_story: nothing_similar; too_old", Stage.TOO_OLD),
        ("new_story: nothing_similar; undated_backlog", Stage.UNDATED_BACKLOG),
        ("earlier_phase: same_place; earlier_phase", Stage.EARLIER_PHASE),
        ("same_development: same_agents; low_score", Stage.LOW_SCORE),
        ("same_development: same_agents; already_told", Stage.ALREADY_TOLD),
    ],
)
def test_a_silent_report_says_why(store: SqlStore, note: str, stage: Stage) -> None:
    """The group step's own note decides."""
    arrange.publish(store, arrange.entry("a"))
    arrange.read(store, arrange.report())
    assert stages(store) == [Stage.NOT_GROUPED]
    group(store, note)
    assert stages(store) == [stage]


def test_a_side_mention_is_one_whatever_its_note(store: SqlStore) -> None:
    arrange.publish(store, arrange.entry("a"))
    arrange.read(store, arrange.report(alert=False))
    group(store, "same_development: same_agents; already_told")
    assert stages(store) == [Stage.SIDE_MENTION]


def test_a_report_that_made_an_alert_was_told(store: SqlStore) -> None:
    """The trail carries the alert with its deliveries."""
    alert = arrange.tell(store, "a")
    trail = store.history.trail(alert.message.url) or store.history.trail_of(1)
    assert trail is not None
    (standing,) = standings(trail)
    assert standing.stage is Stage.TOLD
    assert standing.alert is not None
    assert [d.channel for d in standing.alert.deliveries] == ["desk"]
    assert standing.filed is not None
    assert standing.filed.development_slug == "change-a"


def test_a_report_that_joined_a_told_development_names_its_alert(store: SqlStore) -> None:
    alert = arrange.tell(store, "a")
    arrange.publish(store, arrange.entry("b"), by=arrange.feed("River Times"))
    arrange.read(store, arrange.report())
    with store.stories.grouping() as session:
        (filed,) = session.ungrouped_reports(limit=9)
        session.assign(
            filed.id, development_id=alert.development_id, note="same_development: same_agents; already_told"
        )
    trail = store.history.trail("https://www.harbourpost.example/b")
    assert trail is not None
    (standing,) = standings(trail)
    assert standing.stage is Stage.ALREADY_TOLD
    assert standing.alert is not None
    assert standing.alert.alert.id == alert.id


def test_searched_documents_come_in_the_order_stored_page_by_page(store: SqlStore) -> None:
    """Each once, with its reports and feed; pending and skipped ones are left out."""
    count = PAGE + 3
    arrange.publish(store, *(arrange.entry(str(n)) for n in range(count)))
    for claim in store.documents.claim_pending(now=NOON, limit=count - 1, lease_s=60):
        reports = (arrange.report(),) if claim.document.url.endswith("/7") else ()
        store.documents.record_read(claim, arrange.read_result(claim, *reports), now=NOON)
    found = list(store.history.read_documents(since=None, until=None))
    assert len(found) == count - 1 == store.history.read_count(since=None, until=None)
    assert [f.document.id for f in found] == sorted({f.document.id for f in found})
    assert [(f.document.url, len(f.reports)) for f in found if f.reports] == [("https://www.harbourpost.example/7", 1)]
    assert {f.feed.name for f in found} == {"Harbour Post"}


def test_searched_documents_are_bounded_by_when_they_were_seen(store: SqlStore) -> None:
    """From `since` on, and before `until`."""
    for day in range(3):
        at = NOON + day * DAY
        arrange.publish(store, arrange.entry(str(day)), now=at)
        arrange.read(store, now=at)

    def between(since: int | None, until: int | None) -> list[str]:
        bounds = {"since": since, "until": until}
        times = {name: None if n is None else NOON + n * DAY for name, n in bounds.items()}
        found = [d.document.url[-1] for d in store.history.read_documents(**times)]
        assert len(found) == store.history.read_count(**times)
        return found

    assert between(None, None) == ["0", "1", "2"]
    assert between(1, None) == ["1", "2"]
    assert between(None, 1) == ["0"]
    assert between(1, 2) == ["1"]
    assert list(store.history.read_documents(since=NOON + 9 * DAY, until=None)) == []


def test_only_the_reports_of_the_newest_reading_count(store: SqlStore) -> None:
    """An edit that changes what is said replaces the filed report for whoever compares."""
    arrange.publish(store, arrange.entry("a"))
    arrange.read(store, arrange.report(phase="planned"))
    group(store, "new_story: nothing_similar; new_story")
    later = NOON + timedelta(hours=1)
    arrange.poll(store, arrange.entry("a", title="Envoy has landed"), now=later)
    arrange.read(store, arrange.report(phase="under_way"), now=later)
    (found,) = store.history.read_documents(since=None, until=None)
    assert [r.phase for r in found.reports] == ["under_way"]


@pytest.mark.parametrize(
    "query",
    [
        pytest.param(document_by_url("https://a.example/"), id="document by url"),
        pytest.param(document_by_entry("https://a.example/"), id="document by entry"),
        pytest.param(entries_of(7), id="entries of a document"),
        pytest.param(reports_of([7, 8]), id="reports of documents"),
        pytest.param(alerts_of([7]), id="alerts of developments"),
        pytest.param(neighbours("https://a.example/", "https://a.example/x")[0], id="urls before"),
        pytest.param(neighbours("https://a.example/", "https://a.example/x")[1], id="urls after"),
        pytest.param(documents_page(NOON, NOON, 7), id="documents in a row"),
    ],
)
def test_a_trail_is_found_by_index(store: SqlStore, query: Select[Any]) -> None:
    assert scanned(store, query) == set()
