"""The watchdog's rows: what it is told, what it writes, and that nothing is told twice or lost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from alembic.config import Config

from alembic import command
from monitor.core.model.alert import DeliveryStatus, Notice, NoticeState, Receipt, Severity
from monitor.core.model.condition import Condition, ConditionKind, SourceNorm, feed_subject
from monitor.core.model.document import ReadReason, TextOrigin
from monitor.core.model.feed import PollReason
from monitor.core.watch.facts import Round
from monitor.core.watch.judge import Change
from monitor.core.watch.round import Outcome
from monitor.errors import DeliveryFault, LeaseLost
from monitor.store.database import SqlStore
from monitor.store.migrate import upgrade
from tests.databases import SCRIPTS
from tests.store.arrange import DAY, MINUTE, NOON, claimed_feed, entry, feed, poll, publish, read, record, tell

HOUR = timedelta(hours=1)
NORM = SourceNorm(
    made_at=NOON,
    watched_since=NOON - 30 * DAY,
    quiet_s=3600.0,
    shortest_quiet_s=3600.0,
    week=(1.5, 2.5),
    entries_per_day=3.0,
)


def condition(kind: ConditionKind = ConditionKind.STALE, **changes: object) -> Condition:
    made = Condition(
        subject=feed_subject(1), kind=kind, feed_id=1, detail="nothing new", since=NOON, suspected_at=NOON,
        started_at=NOON,
    )  # fmt: skip
    return replace(made, **changes)  # type: ignore[arg-type]


def notice(key: str = "feed:1/stale/started", **changes: object) -> Notice:
    made = Notice(
        key=key, kind=ConditionKind.STALE, state=NoticeState.STARTED, severity=Severity.NORMAL,
        title="Harbour Post: stale", lines=("Nothing new.", "Wait."), url="https://www.harbourpost.example/rss",
        since=NOON, created_at=NOON,
    )  # fmt: skip
    return replace(made, **changes)  # type: ignore[arg-type]


def look(
    store: SqlStore,
    *changes: Change,
    notices: Sequence[Notice] = (),
    norms: dict[int, SourceNorm] | None = None,
    channels: Sequence[str] = ("ops",),
    now: datetime = NOON,
) -> Round:
    """One look that comes to this; the facts it was made from."""
    facts = store.watch.read_round(channels=["desk", "ops"], now=now)
    outcome = Outcome(norms=norms or {}, changes=changes, notices=tuple(notices))
    store.watch.record_round(facts, outcome, channels=channels, now=now)
    return facts


# --- what it is told


def test_a_look_is_told_each_answer_once(store: SqlStore) -> None:
    publish(store, entry("a"))
    (source,) = look(store).sources
    assert [(answer.reason, answer.new_count) for answer in source.answers] == [(PollReason.NEW_ENTRIES, 1)]
    assert (source.name, source.host) == ("Harbour Post", "www.harbourpost.example")
    assert source.last_entry_at == NOON
    assert look(store, now=NOON + MINUTE).sources == ()
    poll(store, entry("a"), now=NOON + 2 * MINUTE)
    (source,) = look(store, now=NOON + 2 * MINUTE).sources
    assert [answer.at for answer in source.answers] == [NOON + 2 * MINUTE]


def test_a_first_look_is_told_the_last_hour(store: SqlStore) -> None:
    """A database that has been filled for months is not judged from its beginning."""
    publish(store, entry("a"))
    assert look(store, now=NOON + 61 * MINUTE).sources == ()
    assert look(store, now=NOON + 90 * MINUTE).sources == ()


def test_disabled_feeds_are_told_only_where_they_have_conditions(store: SqlStore) -> None:
    publish(store, entry("a"))
    look(store, Change(before=None, after=condition()))
    poll(store, now=NOON + MINUTE)
    store.feeds.sync([], now=NOON + MINUTE)
    facts = look(store, now=NOON + MINUTE)
    assert facts.sources == ()
    assert (facts.disabled, facts.enabled_count) == ({1}, 0)
    assert facts.names == {1: ("Harbour Post", "https://www.harbourpost.example/rss")}


def test_redirects_and_failures_are_told(store: SqlStore) -> None:
    publish(store, entry("a"))
    look(store)
    for number, changes in enumerate(
        [
            {},
            {"reason": PollReason.HTTP_ERROR, "status": 403, "detail": "HTTP 403"},
        ],
        start=1,
    ):
        store.feeds.make_due(now=NOON)
        record(store, claimed_feed(store), now=NOON + number * MINUTE, **changes)
    (source,) = look(store, now=NOON + 3 * MINUTE).sources
    assert [(a.reason, a.status, a.detail) for a in source.answers] == [
        (PollReason.NEW_ENTRIES, None, ""),
        (PollReason.HTTP_ERROR, 403, "HTTP 403"),
    ]
    claim = claimed_feed(store, now=NOON + 9 * MINUTE)
    redirected = claim.state.with_changes(redirect_url="https://new.example/rss", redirect_since=NOON)
    record(store, replace(claim, state=redirected), now=NOON + 9 * MINUTE)
    (source,) = look(store, now=NOON + 9 * MINUTE).sources
    assert (source.redirect_url, source.redirect_since, source.moved_to) == ("https://new.example/rss", NOON, None)


def test_the_newest_entries_and_pages_are_told_while_there_is_news(store: SqlStore) -> None:
    """Also for the half hour after, in which the articles are read."""
    publish(store, *(entry(f"old{number}") for number in range(3)), now=NOON - DAY)
    for _ in range(3):
        read(store, text="x" * 700, now=NOON - DAY)
    poll(store, entry("new", published_at=NOON - 5 * MINUTE), now=NOON)
    (source,) = look(store).sources
    assert [(each.seen_at, each.published_at) for each in source.entries[:2]] == [
        (NOON, NOON - 5 * MINUTE),
        (NOON - DAY, NOON - timedelta(hours=1)),
    ]
    assert [(page.reason, page.origin, page.length) for page in source.pages] == [
        (ReadReason.PAGE_READ, TextOrigin.PAGE, 700)
    ] * 3
    poll(store, now=NOON + 20 * MINUTE)
    assert look(store, now=NOON + 20 * MINUTE).sources[0].entries
    look(store, now=NOON + 35 * MINUTE)
    poll(store, now=NOON + 55 * MINUTE)
    assert look(store, now=NOON + 55 * MINUTE).sources[0].entries == ()


def test_how_a_suspect_was_last_read_is_told(store: SqlStore) -> None:
    publish(store, entry("a"))
    for number, reason in enumerate((PollReason.EMPTY_FEED, PollReason.NOT_MODIFIED), start=1):
        store.feeds.make_due(now=NOON)
        record(store, claimed_feed(store), now=NOON + number * MINUTE, reason=reason)
    empty = condition(ConditionKind.SILENT_ZERO, started_at=None)
    look(store, Change(before=None, after=empty), now=NOON + 2 * MINUTE)
    for number, reason in enumerate((PollReason.NOT_MODIFIED, PollReason.NO_NEW_ENTRIES), start=3):
        store.feeds.make_due(now=NOON)
        record(store, claimed_feed(store), now=NOON + number * MINUTE, reason=reason)
    (source,) = look(store, now=NOON + 5 * MINUTE).sources
    assert source.last_parsed is PollReason.EMPTY_FEED


def test_a_history_is_told_where_the_norm_is_missing_or_old(store: SqlStore) -> None:
    publish(store, entry("a"), entry("b"), now=NOON - DAY)
    poll(store, entry("c"))
    (history,) = look(store, norms={1: NORM}).histories
    assert history.arrivals == (NOON - DAY, NOON)
    assert history.counts == (2, 1)
    assert len(history.entries) == 3
    poll(store, now=NOON + MINUTE)
    facts = look(store, now=NOON + MINUTE)
    assert facts.histories == ()
    assert facts.sources[0].norm == replace(NORM, week=())  # which only a silent source needs
    assert store.watch.norms() == {1: NORM}
    poll(store, now=NOON + 2 * HOUR)
    assert look(store, now=NOON + 2 * HOUR).sources[0].norm == NORM
    poll(store, now=NOON + 2 * DAY)
    assert len(look(store, now=NOON + 2 * DAY, norms={1: replace(NORM, made_at=NOON + 2 * DAY)}).histories) == 1
    assert store.watch.norms()[1].made_at == NOON + 2 * DAY


def test_deliveries_that_do_not_get_out_are_told_by_channel(store: SqlStore) -> None:
    for guid in "abcd":
        tell(store, guid)
    parked, dead, stuck, _ = store.outbox.claim_due(channels=["desk"], now=NOON, limit=4, lease_s=60)
    store.outbox.record_parked(parked, fault=DeliveryFault.TOKEN, detail="token_revoked")
    store.outbox.record_dead(dead, fault=DeliveryFault.MESSAGE, detail="too long")
    later, claim = NOON, stuck
    for _ in range(6):
        store.outbox.record_retry(
            claim, fault=DeliveryFault.UNREACHABLE, detail="refused", retry_at=later, unknown_since=None
        )
        later += 10 * MINUTE
        claim, *_ = (
            c for c in store.outbox.claim_due(channels=["desk"], now=later, limit=4, lease_s=1) if c.lease.row_id == 3
        )
    store.outbox.record_retry(
        claim, fault=DeliveryFault.UNREACHABLE, detail="refused", retry_at=later, unknown_since=None
    )
    desk, ops = look(store, now=later).channels
    assert (desk.name, desk.parked_count, desk.dead_count, desk.waiting_count) == ("desk", 1, 1, 1)
    assert (desk.since, desk.detail) == (NOON, "refused")
    assert (ops.parked_count, ops.dead_count, ops.waiting_count) == (0, 0, 0)
    assert look(store, now=NOON + 2 * DAY).channels[0].dead_count == 0


# --- what it writes


def test_a_condition_is_open_from_its_start_to_its_end(store: SqlStore) -> None:
    publish(store, entry("a"))
    look(store, Change(before=None, after=condition(started_at=None)))
    assert store.watch.conditions() == ()
    (suspected,) = look(store, now=NOON + MINUTE).before
    assert suspected == condition(id=suspected.id, started_at=None)
    started = replace(suspected, started_at=NOON + MINUTE, looks=3, detail="still nothing")
    look(store, Change(before=suspected, after=started), now=NOON + 2 * MINUTE)
    assert store.watch.conditions() == (started,)
    look(store, Change(before=started, after=replace(started, ended_at=NOON + 3 * MINUTE)), now=NOON + 3 * MINUTE)
    assert store.watch.conditions() == ()
    facts = look(store, now=NOON + 4 * MINUTE)
    assert facts.before == ()
    assert facts.recent_ends == {("feed:1", ConditionKind.STALE): 1}
    assert look(store, now=NOON + 15 * DAY).recent_ends == {}


def test_a_dropped_suspicion_leaves_nothing(store: SqlStore) -> None:
    publish(store, entry("a"))
    look(store, Change(before=None, after=condition(started_at=None)))
    (suspected,) = look(store, now=NOON + MINUTE).before
    look(store, Change(before=suspected, after=None), now=NOON + 2 * MINUTE)
    facts = look(store, now=NOON + 3 * MINUTE)
    assert (facts.before, facts.recent_ends) == ((), {})


def test_a_notice_goes_to_each_admin_channel_but_the_one_it_is_about(store: SqlStore) -> None:
    look(store, notices=[notice(), notice("channel:ops/…", channel="ops")], channels=("ops", "pager"))
    claims = store.outbox.claim_due(channels=["ops", "pager", "desk"], now=NOON, limit=9, lease_s=60)
    assert sorted((c.delivery.channel, c.delivery.key) for c in claims) == [
        ("ops", "feed:1/stale/started@ops"),
        ("pager", "channel:ops/…@pager"),
        ("pager", "feed:1/stale/started@pager"),
    ]
    assert claims[0].delivery.message == notice()
    assert claims[0].delivery.alert_id is None
    store.outbox.record_sent(claims[0], Receipt(reference="C1:1"), now=NOON)
    assert dict(store.history.counts().deliveries_by_status) == {}  # which counts alerts


def test_alerts_go_before_notices(store: SqlStore) -> None:
    look(store, notices=[notice()], channels=("desk",))
    tell(store, "a")
    tell(store, "b")
    claims = store.outbox.claim_due(channels=["desk"], now=NOON, limit=9, lease_s=60)
    assert [claim.delivery.alert_id for claim in claims] == [1, 2, None]


def test_a_notice_is_stored_once(store: SqlStore) -> None:
    look(store, notices=[notice()])
    look(store, notices=[notice(title="again")], now=NOON + MINUTE)
    (claim,) = store.outbox.claim_due(channels=["ops"], now=NOON + MINUTE, limit=9, lease_s=60)
    assert claim.delivery.message == notice()


def test_a_dead_senders_notice_comes_back_with_its_outcome_unknown(store: SqlStore, other: SqlStore) -> None:
    look(store, notices=[notice()])
    store.outbox.claim_due(channels=["ops"], now=NOON, limit=1, lease_s=60)
    assert other.release_leases(lambda owner: True) == 1
    (claim,) = other.outbox.claim_due(channels=["ops"], now=NOON, limit=1, lease_s=60)
    assert (claim.unknown_since, claim.delivery.status) == (NOON, DeliveryStatus.SENDING)


@pytest.mark.parametrize("has_looked", [False, True])
def test_two_that_look_at_once_tell_once(store: SqlStore, other: SqlStore, has_looked: bool) -> None:
    """The second finds that another was faster, and writes nothing at all."""
    publish(store, entry("a"))
    if has_looked:
        look(store)
    at = NOON + MINUTE
    both = [each.watch.read_round(channels=[], now=at) for each in (store, other)]
    outcome = Outcome(norms={1: NORM}, changes=(Change(before=None, after=condition()),), notices=(notice(),))
    store.watch.record_round(both[0], outcome, channels=["ops"], now=at)
    with pytest.raises(LeaseLost):
        other.watch.record_round(both[1], outcome, channels=["ops"], now=at + MINUTE)
    assert len(store.watch.conditions()) == 1
    assert store.watch.last_round_at() == at


def test_a_look_is_written_whole_or_not_at_all(store: SqlStore) -> None:
    """A condition without its notice, or a notice without its condition, would be told never or for ever."""
    publish(store, entry("a"))
    facts = store.watch.read_round(channels=[], now=NOON)
    twice = (Change(before=None, after=condition()), Change(before=None, after=condition()))
    with pytest.raises(Exception, match=r"(?i)unique"):
        store.watch.record_round(
            facts, Outcome(norms={1: NORM}, changes=twice, notices=(notice(),)), channels=["ops"], now=NOON
        )
    assert (store.watch.conditions(), store.watch.norms(), store.watch.last_round_at()) == ((), {}, None)
    assert store.outbox.claim_due(channels=["ops"], now=NOON, limit=1, lease_s=60) == ()


def test_a_feed_of_another_name_keeps_its_conditions(store: SqlStore) -> None:
    publish(store, entry("a"))
    look(store, Change(before=None, after=condition()))
    store.feeds.sync([replace(feed(), name="Harbour Daily")], now=NOON)
    assert look(store, now=NOON + MINUTE).names[1][0] == "Harbour Daily"


def test_deliveries_outlive_the_way_to_the_first_schema_and_back(store: SqlStore) -> None:
    """The table is made anew on SQLite; its rows, and what they say, stay. Only notices have no place there."""
    alert = tell(store)
    look(store, notices=[notice()])
    (claim,) = store.outbox.claim_due(channels=["desk"], now=NOON, limit=1, lease_s=60)
    store.outbox.record_retry(
        claim, fault=DeliveryFault.RATE_LIMITED, detail="429", retry_at=NOON + MINUTE, unknown_since=NOON
    )
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    with store.database.writing() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "0001")
    upgrade(store.database.url.render_as_string(hide_password=False), SCRIPTS)
    assert store.watch.conditions() == ()
    (again,) = store.outbox.claim_due(channels=["desk", "ops"], now=NOON + MINUTE, limit=9, lease_s=60)
    assert (again.delivery.message, again.delivery.attempts, again.unknown_since) == (alert.message, 2, NOON)


def test_the_trouble_of_the_only_admin_channel_is_told_through_another(store: SqlStore) -> None:
    facts = store.watch.read_round(channels=("ops",), now=NOON)
    told = Outcome(norms={}, changes=(), notices=(notice("channel:ops/…", channel="ops"),))
    store.watch.record_round(facts, told, channels=("ops",), others=("desk", "ops"), now=NOON)
    claims = store.outbox.claim_due(channels=["ops", "desk"], now=NOON, limit=9, lease_s=60)
    assert [claim.delivery.channel for claim in claims] == ["desk"]
