"""Acknowledgements, labels and wishes to split, said on the command line or with buttons."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, case, func, select, update

from monitor.core.model.feedback import Ack, Answer, Label, Saying, SplitRequest, Taken, Verdict, Via
from monitor.core.model.history import LabelledAlert
from monitor.store.engine import Database, insert_into
from monitor.store.feedback_tables import acks, labels, split_requests
from monitor.store.tables import alerts, document_revisions, documents, feeds, reports, stories

ShowAnew = Callable[[Connection, int, datetime], None]
"""Has the parent messages of a story shown anew, in the same transaction."""

_PAGE = 200
_NOBODY = Answer(taken=Taken.NO_SUCH_ALERT)


def _leave_as_shown(connection: Connection, story_id: int, at: datetime) -> None:
    """Nothing shows the state of a story."""


class SqlFeedbackStore:
    """`monitor.ports.FeedbackStore` on a database."""

    def __init__(self, database: Database, *, show_anew: ShowAnew = _leave_as_shown, page: int = _PAGE) -> None:
        self._database = database
        self._page = page
        self._show_anew = show_anew

    def ack(self, alert_id: int, saying: Saying) -> Answer:
        def write(connection: Connection, about: Answer) -> Answer:
            known = {row.by: row for row in connection.execute(select(acks).where(acks.c.story_id == about.story_id))}
            others = tuple(row.by for row in _in_order(known.values(), "first_at") if row.by != saying.by)
            own = known.get(saying.by)
            _upsert(connection, acks, {"story_id": about.story_id}, saying, kept=("first_at",))
            taken = Taken.STORED if own is None or own.at < saying.at else Taken.REPEATED
            return replace(about, taken=taken, others=others)

        return self._said(alert_id, saying, write)

    def label(self, alert_id: int, verdict: Verdict, saying: Saying) -> Answer:
        def write(connection: Connection, about: Answer) -> Answer:
            known = {row.by: row for row in connection.execute(select(labels).where(labels.c.alert_id == alert_id))}
            same = (row for row in _in_order(known.values(), "at") if row.verdict == verdict)
            others = tuple(row.by for row in same if row.by != saying.by)
            own = known.get(saying.by)
            _upsert(connection, labels, {"alert_id": alert_id, "verdict": str(verdict)}, saying)
            return replace(about, taken=_taken(own, verdict, saying), others=others)

        return self._said(alert_id, saying, write)

    def ask_split(self, alert_id: int, saying: Saying) -> Answer:
        def write(connection: Connection, about: Answer) -> Answer:
            development_id = about.development_id
            values = {"development_id": development_id, "alert_id": alert_id} | _said_by(saying)
            adding = insert_into(connection)(split_requests).values(values).on_conflict_do_nothing()
            is_new = connection.execute(adding.returning(split_requests.c.development_id)).first() is not None
            earlier = select(split_requests.c.by).where(split_requests.c.development_id == development_id)
            others = tuple(by for by in connection.execute(earlier).scalars() if by != saying.by)
            return replace(about, taken=Taken.STORED if is_new else Taken.REPEATED, others=others)

        return self._said(alert_id, saying, write)

    def story_of(self, alert_id: int) -> Answer:
        with self._database.reading() as connection:
            return _about(connection, alert_id)

    def acks(self, story_ids: Sequence[int]) -> Mapping[int, tuple[Ack, ...]]:
        with self._database.reading() as connection:
            return acks_of(connection, story_ids)

    def split_requests(self) -> tuple[SplitRequest, ...]:
        with self._database.reading() as connection:
            return tuple(
                SplitRequest(development_id=row.development_id, alert_id=row.alert_id, saying=_saying(row))
                for row in connection.execute(waiting_splits())
            )

    def settle_split(self, development_id: int, *, outcome: str, at: datetime) -> None:
        settled = (
            update(split_requests)
            .where(split_requests.c.development_id == development_id)
            .values(settled_at=at, outcome=outcome)
        )
        self._database.write(lambda connection: connection.execute(settled))

    def labelled(self) -> Iterator[LabelledAlert]:
        """See the port. Read page by page: a reader that takes its time holds no transaction open."""
        after = (0, 0)
        while True:
            with self._database.reading() as connection:
                rows = connection.execute(labelled_page(after, self._page)).all()
                said = labels_of(connection, [row.id for row in rows])
            for row in rows:
                yield _labelled(row, said.get(row.id, ()))
            if not rows:
                return
            after = (rows[-1].document_id, rows[-1].id)

    def _said(self, alert_id: int, saying: Saying, write: Callable[[Connection, Answer], Answer]) -> Answer:
        def work(connection: Connection) -> Answer:
            about = _about(connection, alert_id)
            if about.taken is Taken.NO_SUCH_ALERT:
                return about
            answer = write(connection, about)
            if answer.taken is Taken.STORED:
                self._show_anew(connection, answer.story_id, saying.at)
            return answer

        return self._database.write(work)


def acks_of(connection: Connection, story_ids: Sequence[int]) -> dict[int, tuple[Ack, ...]]:
    """By story, who has seen it, the first to say so first."""
    found: dict[int, list[Ack]] = {}
    for row in connection.execute(story_acks(story_ids)) if story_ids else ():
        found.setdefault(row.story_id, []).append(Ack(story_id=row.story_id, saying=_saying(row)))
    return {story_id: tuple(said) for story_id, said in found.items()}


def labels_of(connection: Connection, alert_ids: Sequence[int]) -> dict[int, tuple[Label, ...]]:
    """By alert, its labels, the first to say so first."""
    found: dict[int, list[Label]] = {}
    for row in connection.execute(alert_labels(alert_ids)) if alert_ids else ():
        label = Label(alert_id=row.alert_id, verdict=Verdict(row.verdict), saying=_saying(row))
        found.setdefault(row.alert_id, []).append(label)
    return {alert_id: tuple(said) for alert_id, said in found.items()}


def story_acks(story_ids: Sequence[int]) -> Select[Any]:
    """The acknowledgements of these stories, the first to say so first."""
    return select(acks).where(acks.c.story_id.in_(story_ids)).order_by(acks.c.first_at, acks.c.by)


def alert_labels(alert_ids: Sequence[int]) -> Select[Any]:
    """The labels of these alerts, the first to say so first."""
    return select(labels).where(labels.c.alert_id.in_(alert_ids)).order_by(labels.c.at, labels.c.by)


def waiting_splits() -> Select[Any]:
    """The requests that nobody has settled, the oldest first."""
    return select(split_requests).where(split_requests.c.settled_at.is_(None)).order_by(split_requests.c.at)


def labelled_page(after: tuple[int, int], limit: int = _PAGE) -> Select[Any]:
    """The next labelled alerts by (document, alert), each with its article as it was reported.

    A wording that is kept no more is replaced by the one that stands now.
    """
    document_id, alert_id = after
    is_current = documents.c.revision == reports.c.document_revision
    then = and_(
        document_revisions.c.document_id == reports.c.document_id,
        document_revisions.c.revision == reports.c.document_revision,
    )

    def as_reported(name: str) -> Any:
        now, kept = documents.c[name], document_revisions.c[name]
        return case((is_current, now), else_=func.coalesce(kept, now)).label(name)

    is_next = (reports.c.document_id > document_id) | (
        (reports.c.document_id == document_id) & (alerts.c.id > alert_id)
    )
    return (
        select(
            alerts.c.id, alerts.c.type, alerts.c.phase, reports.c.document_id, documents.c.seen_at, documents.c.dated,
            documents.c.published_at, feeds.c.name, feeds.c.tier, as_reported("title"), as_reported("text"),
        )
        .select_from(alerts)
        .join(reports, reports.c.id == alerts.c.report_id)
        .join(documents, documents.c.id == reports.c.document_id)
        .join(feeds, feeds.c.id == documents.c.feed_id)
        .outerjoin(document_revisions, then)
        .where(alerts.c.id.in_(select(labels.c.alert_id)), is_next)
        .order_by(reports.c.document_id, alerts.c.id)
        .limit(limit)
    )  # fmt: skip


def _labelled(row: Row[Any], said: tuple[Label, ...]) -> LabelledAlert:
    return LabelledAlert(
        alert_id=row.id,
        document_id=row.document_id,
        type=row.type,
        phase=row.phase,
        source=row.name,
        tier=row.tier,
        title=row.title,
        text=row.text,
        published_at=row.published_at if row.dated else None,
        seen_at=row.seen_at,
        labels=said,
    )


def _about(connection: Connection, alert_id: int) -> Answer:
    """The story of the alert, or the one it was merged into."""
    alert = connection.execute(select(alerts).where(alerts.c.id == alert_id)).one_or_none()
    story_id = None if alert is None else alert.story_id
    while story_id is not None:
        row = connection.execute(select(stories).where(stories.c.id == story_id)).one()
        if row.merged_into is None:
            return Answer(
                taken=Taken.STORED,
                story_id=row.id,
                story_slug=row.slug,
                story_title=row.title,
                development_id=alert.development_id if alert is not None else 0,
            )
        story_id = row.merged_into
    return _NOBODY


def _upsert(
    connection: Connection, table: Any, values: dict[str, Any], saying: Saying, *, kept: tuple[str, ...] = ()
) -> None:
    """Write what was said, unless the same person has said something later; `kept` columns are those of the first."""
    said = _said_by(saying)
    adding = insert_into(connection)(table).values(values | said | dict.fromkeys(kept, saying.at))
    keys = [column.name for column in table.primary_key]
    changed = {name: adding.excluded[name] for name in (*values, *said) if name not in keys}
    connection.execute(
        adding.on_conflict_do_update(index_elements=keys, set_=changed, where=table.c.at < adding.excluded.at)
    )


def _taken(own: Row[Any] | None, verdict: Verdict, saying: Saying) -> Taken:
    if own is not None and own.verdict == verdict:
        return Taken.REPEATED
    return Taken.STORED if own is None or own.at < saying.at else Taken.OUTDATED


def _said_by(saying: Saying) -> dict[str, Any]:
    return {"by": saying.by, "via": str(saying.via), "at": saying.at}


def _saying(row: Row[Any]) -> Saying:
    return Saying(by=row.by, via=Via(row.via), at=row.at)


def _in_order(rows: Any, column: str) -> list[Row[Any]]:
    return sorted(rows, key=lambda row: (getattr(row, column), row.by))
