"""Stories as they are listed and shown."""

from __future__ import annotations

from array import array
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, false, or_, select, union

from monitor.core.model.lead import OutletReports
from monitor.core.model.story import Story
from monitor.core.model.story_state import StoryState
from monitor.core.model.story_view import EditKind, ReportView, StoryEdit, StoryFilter, StoryView
from monitor.store.chunks import chunks
from monitor.store.engine import Database
from monitor.store.lead import outlet_reports
from monitor.store.names import NameKind, folded_name
from monitor.store.records import evidence_of, list_of
from monitor.store.stories import stories_with_ids
from monitor.store.story_states import alerts_by_development, states_of, survivors
from monitor.store.story_tables import story_edits
from monitor.store.tables import development_names, developments, documents, feeds, report_names, reports, stories
from monitor.store.types import storable

_PAGE = 100
"""Stories loaded at once, with their developments some 10 kB each."""


class SqlStoryReader:
    """`monitor.ports.StoryReader` on a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def story_states(self, story_ids: Collection[int], *, now: datetime) -> Mapping[int, StoryState]:
        if not story_ids:
            return {}
        with self._database.reading() as connection:
            return states_of(connection, story_ids, now=now)

    def stories(self, wanted: StoryFilter) -> Iterator[Story]:
        """See the port. The ids are read first, the stories page by page: a slow reader holds no transaction open."""
        with self._database.reading() as connection:
            ids = array("q", connection.execute(listed(wanted)).scalars())
        rest = iter(ids)
        while page := list(islice(rest, _PAGE)):
            with self._database.reading() as connection:
                found = {story.id: story for story in stories_with_ids(connection, page)}
            yield from (found[story_id] for story_id in page if story_id in found)

    def outlet_reports(self, since: datetime) -> tuple[OutletReports, ...]:
        with self._database.reading() as connection:
            return tuple(outlet_reports(connection, since))

    def story(self, key: str) -> StoryView | None:
        with self._database.reading() as connection:
            story_id = story_id_of(connection, key)
            return None if story_id is None else _view(connection, story_id)


def listed(wanted: StoryFilter) -> Select[Any]:
    """The ids of the stories that pass the filter, those last seen first; merged ones are in their survivors."""
    conditions: list[ColumnElement[bool]] = [stories.c.merged_into.is_(None)]
    if wanted.since is not None:
        conditions.append(stories.c.last_seen_at >= wanted.since)
    if wanted.until is not None:
        conditions.append(stories.c.first_seen_at < wanted.until)
    if wanted.type is not None:
        conditions.append(stories.c.type == wanted.type)
    if wanted.phase is not None:
        conditions.append(stories.c.phase == wanted.phase)
    if wanted.person is not None:
        conditions.append(_names(NameKind.PERSON, wanted.person))
    if wanted.place is not None:
        conditions.append(_names(NameKind.PLACE, wanted.place))
    return select(stories.c.id).where(*conditions).order_by(stories.c.last_seen_at.desc(), stories.c.id.desc())


def reports_told(development_ids: Sequence[int]) -> Select[Any]:
    """The reports of these developments with their articles and outlets, by publication."""
    return (
        select(
            reports.c.id,
            reports.c.development_id,
            reports.c.document_id,
            reports.c.evidence,
            reports.c.copy_of,
            reports.c.alert,
            documents.c.title,
            documents.c.url,
            documents.c.canonical_url,
            documents.c.published_at,
            feeds.c.name.label("outlet"),
        )
        .join(documents, documents.c.id == reports.c.document_id)
        .join(feeds, feeds.c.id == documents.c.feed_id)
        .where(reports.c.development_id.in_(development_ids))
        .order_by(documents.c.published_at, reports.c.id)
    )


def edits_of(story_ids: Sequence[int]) -> Select[Any]:
    """What was done to these stories, the oldest first."""
    source, target = stories.alias("source"), stories.alias("target")
    touched = or_(story_edits.c.from_story_id.in_(story_ids), story_edits.c.to_story_id.in_(story_ids))
    return (
        select(story_edits, source.c.slug.label("from_story"), target.c.slug.label("to_story"))
        .join(source, source.c.id == story_edits.c.from_story_id)
        .join(target, target.c.id == story_edits.c.to_story_id)
        .where(touched)
        .order_by(story_edits.c.id)
    )


def followers(slug: str) -> Select[Any]:
    """The stories that continue the one with this slug, the oldest first."""
    return select(stories.c.slug).where(stories.c.follows == slug).order_by(stories.c.id)


def merged_into(story_ids: Collection[int]) -> Select[Any]:
    """The stories that went into these, the oldest first."""
    return select(stories.c.id, stories.c.slug).where(stories.c.merged_into.in_(story_ids)).order_by(stories.c.id)


def story_id_of(connection: Connection, key: str) -> int | None:
    """The story with this number or slug, or with a development of this slug; merged ones too."""
    if key.isascii() and key.isdigit():
        number = int(key)
        found = select(stories.c.id).where(stories.c.id == number) if number < 2**63 else None
        return None if found is None else connection.execute(found).scalar_one_or_none()
    slug = storable(key)
    for query in (
        select(stories.c.id).where(stories.c.slug == slug),
        select(developments.c.story_id).where(developments.c.slug == slug),
    ):
        story_id: int | None = connection.execute(query).scalar_one_or_none()
        if story_id is not None:
            return story_id
    return None


def _view(connection: Connection, asked_id: int) -> StoryView | None:
    story_id = survivors(connection, [asked_id])[asked_id]
    (story,) = stories_with_ids(connection, [story_id])
    ids = [change.id for change in story.developments]
    gone = _gone_into(connection, story_id)
    return StoryView(
        story=story,
        told={number: tuple(told) for number, told in alerts_by_development(connection, ids).items()},
        reports=tuple(_reports(connection, ids)),
        followed_by=tuple(connection.execute(followers(story.slug)).scalars()),
        merged=tuple(gone.values()),
        edits=tuple(_edits(connection, [story_id, *gone])),
        asked=gone.get(asked_id),
    )


def _gone_into(connection: Connection, story_id: int) -> dict[int, str]:
    """By id, the slugs of all stories that went into this one, however often on the way."""
    gone: dict[int, str] = {}
    ids: list[int] = [story_id]
    while ids:
        found = {row.id: row.slug for part in chunks(ids) for row in connection.execute(merged_into(part))}
        ids = [number for number in found if number not in gone]
        gone |= found
    return gone


def _reports(connection: Connection, development_ids: Iterable[int]) -> Iterator[ReportView]:
    for part in chunks(development_ids):
        for row in connection.execute(reports_told(part)):
            sentence = next((e.quote for e in evidence_of(row.evidence) if e.role == "sentence"), "")
            yield ReportView(
                id=row.id,
                development_id=row.development_id,
                document_id=row.document_id,
                outlet=row.outlet,
                title=row.title,
                url=row.url or row.canonical_url,
                quote=" ".join(sentence.split()),
                published_at=row.published_at,
                copy_of=row.copy_of,
                is_news=row.alert,
            )


def _edits(connection: Connection, story_ids: Sequence[int]) -> Iterator[StoryEdit]:
    for row in connection.execute(edits_of(story_ids)):
        yield StoryEdit(
            id=row.id,
            kind=EditKind(row.kind),
            from_story=row.from_story,
            to_story=row.to_story,
            development_ids=tuple(map(int, list_of(row.development_ids))),
            by=row.by,
            why=row.why,
            at=row.at,
        )


def _names(kind: NameKind, name: str) -> ColumnElement[bool]:
    """Whether a development of the story, or a report of one, names it: by its whole name or a word of it."""
    folded = folded_name(name)
    if not folded:
        return false()
    in_development = (
        select(developments.c.story_id)
        .join(development_names, development_names.c.development_id == developments.c.id)
        .where(development_names.c.kind == str(kind), development_names.c.folded == folded)
    )
    in_report = (
        select(developments.c.story_id)
        .join(reports, reports.c.development_id == developments.c.id)
        .join(report_names, report_names.c.report_id == reports.c.id)
        .where(report_names.c.kind == str(kind), report_names.c.folded == folded)
    )
    return stories.c.id.in_(union(in_development, in_report))
