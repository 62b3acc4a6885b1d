"""Filing without a database: how many alerts grouping would leave, and which reports belong together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from monitor.core.alert.policy import judge
from monitor.core.group.assign import Placement
from monitor.core.group.book import StoryBook
from monitor.core.group.reprint import ORIGINALS, original_of
from monitor.core.model.event import EventType
from monitor.core.model.story import FiledReport


@dataclass(frozen=True, kw_only=True)
class Filing:
    """Where one report went: slugs of its story and development, and whether it would be told.

    `is_known`: the development is told, by this report or one before.
    """

    story: str
    development: str
    is_told: bool
    is_known: bool
    placement: Placement


class ToldEstimate:
    """Files reports one after another, as the group step would, and counts what would be told.

    Reports must come in the order of `published_at`, more or less: a story idle by then is let go.
    Age and channels do not count: everything is taken as fresh.
    """

    def __init__(self, events: Mapping[str, EventType]) -> None:
        self._books = {name: StoryBook(event) for name, event in events.items()}
        self._originals: dict[int, list[FiledReport]] = {}
        self._last_id = 0
        self.told_count = 0

    def book(self, type: str) -> StoryBook:
        """The stories of one event type as filed so far."""
        return self._books[type]

    def add(self, filed: FiledReport) -> bool:
        """Whether this report would be told; it is filed either way."""
        return self.file(filed).is_told

    def file(self, filed: FiledReport) -> Filing:
        """Where this report goes."""
        book = self._books[filed.report.type]
        book.close_idle(filed.published_at)
        placement = self._with_copy(filed, book.place(filed))
        story = book.story_after(filed, placement)
        if not story.id:
            number = self._next_id()
            story = replace(story, id=number, slug=f"{story.slug}-{number}")
        development = book.development_after(filed, placement, story)
        if not development.id:
            number = self._next_id()
            development = replace(development, id=number, slug=f"{development.slug}-{number}")
        is_told = judge(filed, development, now=filed.published_at, max_age=None).tell is not None
        if is_told:
            development = replace(development, alerted=True)
            self.told_count += 1
        book.put(story, development)
        if placement.copy_of is None:
            self._originals.setdefault(development.id, []).append(filed)
        return Filing(
            story=story.slug,
            development=development.slug,
            is_told=is_told,
            is_known=development.alerted,
            placement=placement,
        )

    def _with_copy(self, filed: FiledReport, placement: Placement) -> Placement:
        """The placement, naming the report of which this one is a reprint."""
        if placement.development is None:
            return placement
        known = self._originals.get(placement.development.id, [])[:ORIGINALS]
        copy_of = original_of(filed, known)
        return replace(placement, copy_of=copy_of) if copy_of is not None else placement

    def _next_id(self) -> int:
        self._last_id += 1
        return self._last_id
