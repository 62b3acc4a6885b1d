"""Every claim and every history query finds its rows through an index."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sqlalchemy import Select, select, text

from monitor.core.model.alert import DeliveryStatus
from monitor.core.model.history import AlertFilter
from monitor.core.model.outbox import OutboxFilter
from monitor.store import watch_facts
from monitor.store.corrections import edited_articles
from monitor.store.database import SqlStore
from monitor.store.digests import due_items
from monitor.store.dispatches import opened_since, told_in
from monitor.store.documents import due_documents
from monitor.store.escalations import escalated, overdue
from monitor.store.feedback import alert_labels, labelled_page, story_acks, waiting_splits
from monitor.store.feeds import due_feeds
from monitor.store.history import entries_by_feed, matching, unsupported_by_feed
from monitor.store.outbox import due_deliveries
from monitor.store.outbox_desk import wanted_deliveries
from monitor.store.pages import due_pages
from monitor.store.retention import old_polls, old_texts
from monitor.store.revisions import kept_revisions
from monitor.store.silences import in_force
from monitor.store.stories import recent, ungrouped
from monitor.store.subscriptions import due_echoes, due_subscriptions
from monitor.store.tables import reports
from monitor.store.telling import originals, released, told_alerts
from monitor.store.threads import due_edits
from tests.store.arrange import NOON

# What a plan may read from end to end: tables with a row a feed.
SMALL = {"feeds", "feed_states"}


def scanned(store: SqlStore, query: Select[Any]) -> set[str]:
    """The tables the query reads from end to end without any index."""
    sql = str(query.compile(store.database.engine, compile_kwargs={"literal_binds": True})).replace(":", r"\:")
    with store.database.reading() as connection:
        if store.database.is_sqlite:
            rows = connection.execute(text(f"EXPLAIN QUERY PLAN {sql}")).all()
            lines = [row.detail for row in rows]
            found = {match[1] for line in lines if (match := re.match(r"SCAN (\w+)(?! USING| VIRTUAL)(?:$| )", line))}
            found = {name for name in found if not any(f"SCAN {name} USING" in line for line in lines)}
        else:
            connection.execute(text("SET LOCAL enable_seqscan = off"))  # on empty tables it would always win
            lines = list(connection.execute(text(f"EXPLAIN {sql}")).scalars())
            found = {match[1] for line in lines if (match := re.search(r"Seq Scan on (\w+)", line))}
    assert lines
    return found - SMALL


@pytest.mark.parametrize(
    "query",
    [
        pytest.param(due_feeds(NOON, 10), id="due feeds"),
        pytest.param(due_documents(NOON, 10), id="due documents"),
        pytest.param(due_pages(NOON, 10), id="due pages"),
        pytest.param(kept_revisions(1), id="kept revisions"),
        pytest.param(due_deliveries(["desk", "console"], NOON, 10), id="due deliveries"),
        pytest.param(due_edits(["desk"], NOON, 10), id="parents to be edited"),
        pytest.param(wanted_deliveries(OutboxFilter(statuses=(DeliveryStatus.DEAD,)), 50), id="dead deliveries"),
        pytest.param(
            wanted_deliveries(OutboxFilter(statuses=(DeliveryStatus.PARKED,), channel="desk"), 50),
            id="a channel's parked ones",
        ),
        pytest.param(told_alerts(1), id="what was told of a story"),
        pytest.param(originals(1), id="a development's reports"),
        pytest.param(released(NOON, ["visit"], 10), id="held developments"),
        pytest.param(told_in(1), id="where a story was told"),
        pytest.param(opened_since(NOON), id="stories opened lately"),
        pytest.param(in_force(NOON), id="silences in force"),
        pytest.param(due_items(NOON, 10), id="due digest items"),
        pytest.param(overdue(NOON, 10), id="unanswered alerts"),
        pytest.param(escalated(1, "desk"), id="escalations of a story"),
        pytest.param(edited_articles(NOON, 10), id="edited articles"),
        pytest.param(due_subscriptions(NOON, 10), id="due subscriptions"),
        pytest.param(due_echoes(NOON), id="pushes to look at again"),
        pytest.param(ungrouped(10), id="ungrouped reports"),
        pytest.param(select(reports.c.id).where(reports.c.development_id.is_(None)).limit(1), id="is waiting"),
        pytest.param(recent("visit", NOON), id="recent stories"),
        pytest.param(old_polls(NOON, 10), id="old polls"),
        pytest.param(old_texts(NOON, 10), id="old texts"),
        pytest.param(entries_by_feed(), id="entries by feed"),
        pytest.param(unsupported_by_feed(), id="unsupported by feed"),
        pytest.param(watch_facts.answers_since(7, NOON), id="answers since a poll"),
        pytest.param(watch_facts.answers_since(None, NOON), id="answers of the last hour"),
        pytest.param(watch_facts.asked_feeds([1, 2]), id="asked feeds with their last entries"),
        pytest.param(watch_facts.feeds_with_news(NOON), id="feeds with news"),
        pytest.param(watch_facts.newest_entries(1, 10), id="a feed's newest entries"),
        pytest.param(watch_facts.newest_pages(1, 10), id="a feed's newest pages"),
        pytest.param(watch_facts.arrivals(1, NOON), id="a feed's arrivals"),
        pytest.param(watch_facts.last_parsed(1).limit(3), id="how a feed was last read"),
        pytest.param(watch_facts.unended(), id="unended conditions"),
        pytest.param(watch_facts.ended_since(NOON), id="conditions ended lately"),
        pytest.param(watch_facts.stuck_deliveries(["desk"], NOON), id="stuck deliveries"),
        pytest.param(labelled_page((7, 9)), id="labelled alerts"),
        pytest.param(story_acks([1, 2]), id="who has seen stories"),
        pytest.param(alert_labels([1, 2]), id="labels of alerts"),
        pytest.param(waiting_splits(), id="waiting splits"),
    ],
)
def test_a_step_finds_its_work_by_index(store: SqlStore, query: Select[Any]) -> None:
    assert scanned(store, query) == set()


@pytest.mark.parametrize(
    "wanted",
    [
        AlertFilter(),
        AlertFilter(since=NOON),
        AlertFilter(since=NOON, until=NOON),
        AlertFilter(type="visit"),
        AlertFilter(phase="agreed"),
        AlertFilter(type="visit", phase="planned", since=NOON),
        AlertFilter(person="rouvier"),
        AlertFilter(place="qatar", since=NOON),
        AlertFilter(source="Harbour Post"),
        AlertFilter(status="dead"),
        AlertFilter(status="none"),
        AlertFilter(text="truce talk*"),
        AlertFilter(text="truce", person="lind", place="qatar", status="sent", source="post", type="visit"),
    ],
    ids=lambda wanted: ",".join(name for name, value in vars(wanted).items() if value is not None) or "all",
)
def test_the_history_finds_its_alerts_by_index(store: SqlStore, wanted: AlertFilter) -> None:
    feed_ids = [1, 2] if wanted.source else None
    query = matching(wanted, is_sqlite=store.database.is_sqlite, feed_ids=feed_ids)
    assert scanned(store, query.limit(50)) == set()


def test_a_missing_index_would_be_noticed(store: SqlStore) -> None:
    assert scanned(store, select(reports.c.id).where(reports.c.note == "x")) == {"reports"}
