"""Measures the store: `python -m tests.store.bench URL [ALERTS]` on an empty database; nothing is asserted."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from datetime import timedelta

from monitor.core.model.alert import Alert, AlertReason, Severity
from monitor.core.model.history import AlertFilter
from monitor.ports import NewAlert
from monitor.store.database import SqlStore, open_store
from monitor.store.migrate import upgrade
from tests.databases import SCRIPTS
from tests.store.arrange import DAY, MINUTE, NOON, development, entry, feed, message, poll, read_result, report, story

BATCH, BATCHES, READ = 500, 20, 400
WORDS = "harbour river valley desert island forest glacier plateau".split()


def timed(label: str, count: int, work: Callable[[], object]) -> None:
    began = time.perf_counter()
    work()
    took_s = time.perf_counter() - began
    print(f"{label:<42}{count / took_s:>10.0f}/s{took_s * 1000:>12.1f} ms")


def poll_all(store: SqlStore, content: str) -> None:
    for batch in range(BATCHES):
        poll(store, *(entry(f"{batch}-{n}", content=content * 200) for n in range(BATCH)), now=NOON + batch * MINUTE)


def read_some(store: SqlStore) -> None:
    for number, claim in enumerate(store.documents.claim_pending(now=NOON + DAY, limit=READ, lease_s=600)):
        told = report(visitor=[f"Envoy{number % 50} Smith"], destination=["Oman" if number % 10 == 0 else "Qatar"])
        store.documents.record_read(claim, read_result(claim, told, text="Some words. " * 300), now=NOON)


def tell_all(store: SqlStore, alert_count: int) -> None:
    with store.stories.grouping() as session:
        chain = session.save_story(story())
        filed = session.ungrouped_reports(limit=READ)
        changes = [
            session.save_development(development(f"d{one.id}", told=one.report, story_id=chain.id)) for one in filed
        ]
        for number in range(alert_count):
            at = number % len(filed)
            alert = Alert(
                key=f"k{number}",
                story_id=chain.id,
                development_id=changes[at].id,
                report_id=filed[at].id,
                reason=AlertReason.NEW_STORY,
                severity=Severity.HIGH,
                created_at=NOON + timedelta(seconds=number),
                message=message(quote=f"The {WORDS[number % 8]} holds {number}."),
            )
            session.save_alert(NewAlert(alert=alert, channels=("desk",)))


def main(url: str, alert_count: int) -> None:
    upgrade(url, SCRIPTS)
    store = open_store(url)
    store.feeds.sync([feed()], now=NOON)
    timed("record_poll, new entries", BATCH * BATCHES, lambda: poll_all(store, "word "))
    timed("record_poll, known entries", BATCH * BATCHES, lambda: poll_all(store, "word "))
    timed("record_poll, edited entries", BATCH * BATCHES, lambda: poll_all(store, "other "))
    timed("record_read", READ, lambda: read_some(store))
    timed("save_alert", alert_count, lambda: tell_all(store, alert_count))
    due = {"channels": ["desk"], "now": NOON + 99 * DAY, "limit": 10, "lease_s": 60.0}
    timed("claim_due of deliveries, all due", 1, lambda: store.outbox.claim_due(**due))  # type: ignore[arg-type]
    for wanted in (
        AlertFilter(),
        AlertFilter(type="visit", phase="under_way"),
        AlertFilter(person="envoy7"),
        AlertFilter(person="smith"),
        AlertFilter(place="oman"),
        AlertFilter(source="harbour"),
        AlertFilter(status="pending"),
        AlertFilter(status="none"),
        AlertFilter(text="valley"),
        AlertFilter(text="valley 777*"),
    ):
        named = {name: value for name, value in vars(wanted).items() if value is not None}
        timed(f"50 alerts {named or ''}", 1, lambda: list(store.history.alerts(wanted, limit=50)))  # noqa: B023
    timed("all alerts", alert_count, lambda: sum(1 for _ in store.history.alerts(AlertFilter())))
    timed("counts", 1, store.history.counts)
    store.close()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 100_000)
