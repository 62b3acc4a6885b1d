"""The read model: every filter, the same on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import islice

import pytest

from monitor.core.model.alert import Receipt
from monitor.core.model.document import DocumentStatus, ReadReason
from monitor.core.model.history import AlertFilter, Counts
from monitor.core.model.report import Roles
from monitor.errors import DeliveryFault
from monitor.ports import NewAlert
from monitor.store.database import SqlStore, open_store
from tests.databases import KINDS, NewDatabase
from tests.store.arrange import (
    DAY,
    MINUTE,
    NOON,
    development,
    entry,
    feed,
    poll,
    publish,
    read,
    report,
    tell,
)


def _fill(store: SqlStore) -> None:
    """Five alerts of two outlets over four days."""
    tell(store, "landing", report("visit", "under_way", visitor=["Amélie Rouvier"], destination=["Qatar"]), now=NOON)
    tell(
        store,
        "plan",
        report("visit", "planned", visitor=["José Muñoz", "Bo Lind"], host=["Qatar"], destination=["Côte d'Ivoire"]),
        now=NOON + DAY,
        by=feed("River Times"),
        quote="Muñoz will travel to Abidjan in May.",
        headline="Minister's trip is set",
    )
    tell(
        store,
        "talks",
        report("ceasefire", "talks", party=["Naro", "Free Hill Army"], place=["Vell Valley", "Sharm el-Sheikh"]),
        now=NOON + 2 * DAY,
        quote="Negotiators gathered again; a truce-text is 90% done.",
    )
    tell(
        store,
        "agreed",
        report("ceasefire", "agreed", party=["Naro"], place=["Vell Valley"], mediator=["Bo Lind"]),
        now=NOON + 2 * DAY,
        by=feed("River Times"),
        channels=(),
        headline="Straße frei: Waffenruhe",
    )
    tell(store, "home", report("visit", "concluded", visitor=["Bo Lind"], destination=[]), now=NOON + 3 * DAY)


@pytest.fixture
def desk(store: SqlStore) -> SqlStore:
    """A store with five alerts."""
    _fill(store)
    return store


@pytest.fixture(scope="module", params=KINDS)
def archive(request: pytest.FixtureRequest, new_database: NewDatabase) -> Iterator[SqlStore]:
    """The same five alerts for all tests that only look."""
    with new_database(request.param) as url:
        opened = open_store(url)
        _fill(opened)
        yield opened
        opened.close()


def found(store: SqlStore, **wanted: object) -> list[str]:
    views = store.history.alerts(AlertFilter(**wanted))  # type: ignore[arg-type]
    return [view.development_slug.removeprefix("change-") for view in views]


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ({}, "home agreed talks plan landing"),
        ({"since": NOON + DAY}, "home agreed talks plan"),
        ({"until": NOON + DAY}, "landing"),
        ({"since": NOON + DAY, "until": NOON + 2 * DAY}, "plan"),
        ({"type": "ceasefire"}, "agreed talks"),
        ({"type": "sport"}, ""),
        ({"phase": "planned"}, "plan"),
        ({"type": "visit", "phase": "agreed"}, ""),
        ({"person": "Amélie Rouvier"}, "landing"),
        ({"person": "rouvier"}, "landing"),
        ({"person": "AMELIE"}, "landing"),
        ({"person": "munoz"}, "plan"),
        ({"person": " bo  lind "}, "home agreed plan"),
        ({"person": "Rouv"}, ""),
        ({"person": "naro"}, "agreed talks"),
        ({"person": "hill"}, "talks"),
        ({"person": "Qatar"}, "plan"),
        ({"person": ""}, ""),
        ({"person": "%"}, ""),
        ({"place": "Qatar"}, "landing"),
        ({"place": "vell valley"}, "agreed talks"),
        ({"place": "valley"}, "agreed talks"),
        ({"place": "cote d’ivoire"}, "plan"),
        ({"place": "el-sheikh"}, "talks"),
        ({"place": "Sheikh"}, "talks"),
        ({"place": "naro"}, ""),
        ({"source": "River Times"}, "agreed plan"),
        ({"source": "times"}, "agreed plan"),
        ({"source": "rivertimes.example"}, "agreed plan"),
        ({"source": "www.rivertimes.example"}, "agreed plan"),
        ({"source": "example"}, ""),
        ({"source": "Daily Nothing"}, ""),
        ({"status": "none"}, "agreed"),
        ({"status": "pending"}, "home talks plan landing"),
        ({"status": "sent"}, ""),
        ({"status": "unheard of"}, ""),
        ({"person": "lind", "type": "visit", "source": "Harbour Post"}, "home"),
        ({"text": "truce", "place": "valley"}, "agreed talks"),
    ],
)
def test_alerts_that_pass_a_filter_newest_first(archive: SqlStore, wanted: dict[str, object], expected: str) -> None:
    assert found(archive, **wanted) == expected.split()


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("negotiators", "talks"),
        ("NEGOTIATORS gathered", "talks"),
        ("gathered negotiators", "talks"),
        ("negotiators abidjan", ""),
        ("negot*", "talks"),
        ("negot", ""),
        ("munoz", "plan"),
        ("MUÑOZ", "plan"),
        ("strasse", "agreed"),
        ("truce-text", "talks"),
        ("trip", "home agreed talks plan landing"),  # in the stories' titles
        ("minister's", "plan"),
        ("90%", "talks"),
        ("under_way", "landing"),
        ("Free Hill Army", "talks"),
        ('"gathered again"', "talks"),
        ("gathered OR abidjan", ""),
        ("NOT gathered", ""),
        ("gathered AND again", ""),
        ("gathered NEAR(again)", ""),
        ('"', ""),
        ("*", ""),
        ("", ""),
        ("'; DROP TABLE alerts; --", ""),
        ("who:gathered", ""),
        ("gathered & again | !x <-> y", ""),
        ("(gathered)", "talks"),
        ("gathered\\", "talks"),
        ("gathered\x00again \ud800", "talks"),
        ("^gathered +again -truce", "talks"),
        ("x" * 5000, ""),
    ],
)
def test_a_text_query_wants_all_words_and_never_fails(archive: SqlStore, query: str, expected: str) -> None:
    assert found(archive, text=query) == expected.split()


def test_each_delivery_status_is_found(desk: SqlStore) -> None:
    claims = desk.outbox.claim_due(channels=["desk"], now=NOON + 4 * DAY, limit=3, lease_s=60)
    desk.outbox.record_sent(claims[0], Receipt(reference="1"), now=NOON + 4 * DAY)
    desk.outbox.record_dead(claims[1], fault=DeliveryFault.MESSAGE, detail="refused")
    assert found(desk, status="sent") == ["landing"]
    assert found(desk, status="dead") == ["plan"]
    assert found(desk, status="sending") == ["talks"]
    assert found(desk, status="pending") == ["home"]


def test_a_name_that_only_the_development_knows_is_found_too(desk: SqlStore) -> None:
    (landing,) = desk.history.alerts(AlertFilter(person="rouvier"))
    with desk.stories.grouping() as session:
        told = report(visitor=["Amélie Rouvier", "Ines Okoro"], destination=["Qatar", "Oman"])
        session.save_development(
            replace(
                development("change-landing", told=told),
                id=landing.alert.development_id,
                story_id=landing.alert.story_id,
            )
        )
    assert found(desk, person="okoro") == found(desk, place="Oman") == ["landing"]


def test_a_source_of_several_feeds_is_found_by_its_domain(store: SqlStore) -> None:
    tell(store, "a", by=feed("World", url="https://feeds.gazette.example/world"))
    tell(store, "b", by=feed("Home", url="https://www.gazette.example/home"))
    tell(store, "c", by=feed("Other", url="https://notgazette.example/rss"))
    tell(store, "d", by=feed("Broken", url="http://[gazette.example"))
    assert found(store, source="gazette.example") == ["b", "a"]


def test_a_limit_takes_the_newest(archive: SqlStore) -> None:
    views = archive.history.alerts(AlertFilter(type="visit"), limit=2)
    assert [view.development_slug for view in views] == ["change-home", "change-plan"]


def test_reading_alerts_holds_no_transaction_open(desk: SqlStore, other: SqlStore) -> None:
    """A reader that stops half-way keeps nobody from writing, and sees nothing that came later."""
    views = desk.history.alerts(AlertFilter())
    first = next(views)
    tell(other, "later", now=NOON + 9 * DAY)
    assert first.development_slug == "change-home"
    assert len(list(views)) == 4


def test_more_alerts_than_a_page_come_in_order(store: SqlStore) -> None:
    tell(store, "a")
    _multiply(store, 450)
    ids = [view.alert.id for view in store.history.alerts(AlertFilter())]
    assert len(ids) == 451
    assert ids == sorted(ids, reverse=True)
    assert [view.alert.id for view in islice(store.history.alerts(AlertFilter()), 3)] == ids[:3]


def _multiply(store: SqlStore, times: int) -> None:
    """More alerts on the one development, the way only a test would store them."""
    (view,) = store.history.alerts(AlertFilter())
    with store.stories.grouping() as session:
        for number in range(times):
            again = replace(view.alert, key=f"{view.alert.key}/{number}", created_at=NOON + timedelta(seconds=number))
            session.save_alert(NewAlert(alert=again, channels=()))


def test_an_unknown_alert_is_none(store: SqlStore) -> None:
    assert store.history.alert(1) is None


def test_feeds_come_enabled_first_then_by_name(store: SqlStore) -> None:
    publish(store, entry("a"), by=feed("Apple Daily"))
    store.feeds.sync([feed("zeta"), feed("Beta")], now=NOON)
    store.feeds.claim_due(now=NOON, limit=1, lease_s=60)
    views = store.history.feeds()
    assert [(view.feed.name, view.feed.enabled) for view in views] == [
        ("Beta", True),
        ("zeta", True),
        ("Apple Daily", False),
    ]
    assert [(view.entry_count, view.last_entry_at) for view in views] == [(0, None), (0, None), (1, NOON)]


def test_an_empty_store_counts_nothing(store: SqlStore) -> None:
    assert store.history.counts() == Counts(
        entries=0, documents=0, documents_by_status=(), reports=0, developments=0, stories=0, alerts=0,
        deliveries_by_status=(), polls_by_reason=(), feeds_enabled=0, feeds_failing=0, language_unsupported=0,
        last_poll_at=None,
    )  # fmt: skip


def test_everything_is_counted(desk: SqlStore) -> None:
    publish(desk, entry("x"), entry("y"), now=NOON + 5 * DAY)
    unsupported = {"status": DocumentStatus.SKIPPED, "reason": ReadReason.LANGUAGE_UNSUPPORTED}
    read(desk, now=NOON + 5 * DAY, text="Ein Text.", **unsupported)
    assert desk.history.counts() == Counts(
        entries=7, documents=7, documents_by_status=(("pending", 1), ("read", 5), ("skipped", 1)), reports=5,
        developments=5, stories=5, alerts=5, deliveries_by_status=(("pending", 4),),
        polls_by_reason=(("new_entries", 6),), feeds_enabled=1, feeds_failing=0, language_unsupported=1,
        last_poll_at=NOON + 5 * DAY,
    )  # fmt: skip


def test_an_alert_without_names_is_stored(store: SqlStore) -> None:
    alert = tell(store, "a", replace(report(), roles=Roles()))
    assert store.history.alert(alert.id) is not None
    assert poll(store, now=NOON + MINUTE).new == 0
