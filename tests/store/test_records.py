"""Values that go into columns and come back: JSON records, instants, names."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Column, Integer, MetaData, Table, insert, select
from sqlalchemy.dialects import postgresql, sqlite

from monitor.core.model.alert import AlertMessage, AlertReason, Severity
from monitor.core.model.report import Evidence, RoleName, Roles, RoleText, RoleTime
from monitor.core.model.span import Field, Span
from monitor.errors import StoreError
from monitor.store.database import SqlStore
from monitor.store.names import name_rows, query_words, search_keys, words_of
from monitor.store.records import (
    evidence_of,
    evidence_text,
    list_of,
    list_text,
    message_of,
    message_text,
    roles_of,
    roles_text,
)
from monitor.store.rows import digest_of, index_key
from monitor.store.types import Flag, IsoDate, UtcDateTime, Words, storable
from tests.store.arrange import NOON, message

words = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
spans = st.tuples(st.integers(0, 99), st.integers(0, 99)).map(lambda at: Span(start=min(at), end=max(at)))
roles = st.builds(
    Roles,
    names=st.lists(st.builds(RoleName, role=words, name=words, surface=words, entity_id=words)).map(tuple),
    texts=st.lists(st.builds(RoleText, role=words, text=words)).map(tuple),
    times=st.lists(st.builds(RoleTime, role=words, stated=words, resolved=st.none() | words)).map(tuple),
    ordinal=st.none() | st.integers(1, 99),
)
evidence = st.builds(
    Evidence, rule=words, at=words, role=words, field=st.sampled_from(Field), span=spans, quote=words
)  # fmt: skip
instants = st.datetimes(
    min_value=datetime(1900, 1, 1),  # noqa: DTZ001  # Hypothesis wants naive bounds
    max_value=datetime(2900, 1, 1),  # noqa: DTZ001
    timezones=st.sampled_from([UTC, timezone(timedelta(hours=5, minutes=45))]),
)
messages = st.builds(
    AlertMessage,
    type=words, phase=words, severity=st.sampled_from(Severity), reason=st.sampled_from(AlertReason), who=words,
    where=words, quote=words, headline=words, details=st.lists(words).map(tuple), marks=st.lists(words).map(tuple),
    source=words, url=words, published_at=instants, dated=st.booleans(), story_title=words,
    also_reported_by=st.lists(words).map(tuple),
)  # fmt: skip


@given(roles)
def test_roles_come_back(value: Roles) -> None:
    assert roles_of(roles_text(value)) == value


@given(st.lists(evidence).map(tuple))
def test_evidence_comes_back(value: tuple[Evidence, ...]) -> None:
    assert evidence_of(evidence_text(value)) == value


@given(messages)
def test_a_message_comes_back(value: AlertMessage) -> None:
    assert message_of(message_text(value)) == value


@given(st.lists(words).map(tuple))
def test_a_list_comes_back(value: tuple[str, ...]) -> None:
    assert list_of(list_text(value)) == value


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda record: record | {"v": 2}, "version"),
        (lambda record: {k: v for k, v in record.items() if k != "v"}, "version"),
        (lambda record: record | {"colour": "red"}, "colour"),
        (lambda record: {k: v for k, v in record.items() if k != "who"}, "who"),
        (lambda record: record | {"severity": "loud"}, "loud"),
        (lambda record: record | {"published_at": "yesterday"}, "yesterday"),
        (lambda record: [record], "version"),
    ],
)
def test_a_record_that_is_not_exactly_ours_is_refused(change: object, says: str) -> None:
    record = json.loads(message_text(message()))
    with pytest.raises(StoreError, match=says):
        message_of(json.dumps(change(record)))  # type: ignore[operator]


@pytest.mark.parametrize("text", ["", "{", "null", "[1]", '{"a": 1}', '"text"'])
def test_a_list_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(StoreError):
        list_of(text)


@pytest.mark.parametrize(
    "text", ['{"v":1,"items":[["a"]]}', '{"v":1,"items":[["r","a","x","text",5,2,"q"]]}', '{"v":1,"items":7}']
)
def test_evidence_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(StoreError):
        evidence_of(text)


def test_roles_that_are_none_are_refused() -> None:
    with pytest.raises(StoreError):
        roles_of('{"v":1,"names":[["only one"]],"texts":[],"times":[],"ordinal":null}')


table = Table(
    "values_table",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("at", UtcDateTime),
    Column("day", IsoDate),
    Column("flag", Flag),
    Column("words", Words),
    sqlite_strict=True,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25, deadline=None)
@given(at=instants, day=st.dates(), flag=st.booleans(), text=words)
def test_column_values_come_back_on_each_database(
    store: SqlStore, at: datetime, day: date, flag: bool, text: str
) -> None:
    with store.database.writing() as connection:
        table.create(connection, checkfirst=True)
        connection.execute(table.delete())
        connection.execute(insert(table).values(at=at, day=day, flag=flag, words=text))
        connection.execute(insert(table).values(at=None, day=None, flag=None, words=None))
        first, second = connection.execute(select(table).order_by(table.c.id)).all()
    assert (first.at, first.day, first.flag, first.words) == (at, day, flag, storable(text))
    assert first.at.tzinfo is UTC
    assert type(first.flag) is bool
    assert (second.at, second.day, second.flag, second.words) == (None, None, None, None)


@given(instants, instants)
def test_instants_as_text_sort_as_instants(one: datetime, other: datetime) -> None:
    bind = UtcDateTime().process_bind_param
    as_text = [bind(at, sqlite.dialect()) for at in (one, other)]
    assert (as_text[0] < as_text[1]) == (one < other)
    assert (as_text[0] == as_text[1]) == (one == other)


@pytest.mark.parametrize("dialect", [sqlite.dialect(), postgresql.dialect()], ids=["sqlite", "postgresql"])
def test_a_naive_datetime_is_refused(dialect: object) -> None:
    with pytest.raises(ValueError, match="naive"):
        UtcDateTime().process_bind_param(datetime(2026, 1, 1), dialect)  # type: ignore[arg-type]  # noqa: DTZ001


@given(st.text())
def test_storable_text_keeps_its_length_and_every_ordinary_character(text: str) -> None:
    stored = storable(text)
    assert len(stored) == len(text)
    assert "\x00" not in stored
    stored.encode()
    assert all(a == b or b == "\ufffd" for a, b in zip(text, stored, strict=True))


@given(st.text(max_size=3000), st.text(max_size=3000))
def test_keys_fit_an_index_and_keep_texts_apart(one: str, other: str) -> None:
    assert (index_key(one) == index_key(other)) == (one == other)
    assert len(storable(index_key(one)).encode()) < 2700


def test_long_texts_that_differ_late_have_different_keys() -> None:
    assert index_key("x" * 3000 + "a") != index_key("x" * 3000 + "b")


def test_texts_do_not_run_into_each_other_in_a_digest() -> None:
    assert digest_of("ab", "c") != digest_of("a", "bc")
    assert digest_of("a", "b") == digest_of("a", "b")


def test_a_name_is_found_whole_and_by_each_word() -> None:
    assert search_keys("Sharm el-Sheikh") == {"sharm el-sheikh", "sharm", "el-sheikh", "el", "sheikh"}
    assert search_keys("  ") == set()


def test_a_name_in_two_surfaces_is_one_row_a_key() -> None:
    twice = Roles(names=tuple(RoleName(role="host", name="Qatar", surface=s) for s in ("Qatar", "Doha")))
    assert name_rows(twice) == [{"kind": "person", "role": "host", "name": "Qatar", "folded": "qatar"}]


def test_a_place_in_a_role_of_ones_own_is_found_as_a_place() -> None:
    roles = Roles(names=(RoleName(role="theatre", name="Doha", surface="Doha", entity_id="place:doha"),))
    assert [row["kind"] for row in name_rows(roles)] == ["place"]


@given(st.text())
def test_the_words_of_a_text_are_what_a_query_of_it_asks_for(text: str) -> None:
    assert [word for word, _ in query_words(text)] == words_of(text)


def test_a_star_marks_the_word_it_follows() -> None:
    assert query_words("truce talk* * x**y") == [("truce", False), ("talk", True), ("x", True), ("y", False)]


def test_the_moment_is_kept_to_the_microsecond() -> None:
    at = NOON + timedelta(microseconds=1)
    assert UtcDateTime().process_bind_param(at, sqlite.dialect()) == "2026-03-01T12:00:00.000001Z"
