"""Stories as people ask for them: what to list, and everything that is known of one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from monitor.core.model.alert import Alert
from monitor.core.model.story import Story


@dataclass(frozen=True, kw_only=True)
class StoryFilter:
    """All conditions hold together; names match case- and accent-folded, whole or as a word of the name.

    `since` and `until` (half-open) keep stories that something was reported of in between.
    """

    since: datetime | None = None
    until: datetime | None = None
    type: str | None = None
    phase: str | None = None
    person: str | None = None
    place: str | None = None


@dataclass(frozen=True, kw_only=True)
class ReportView:
    """One report of a development: where it stood and the words that prove it.

    `copy_of` is the id of the report of which it is a reprint. `is_news` is False for a side mention.
    """

    id: int
    development_id: int
    document_id: int
    outlet: str
    title: str
    url: str
    quote: str
    published_at: datetime
    copy_of: int | None = None
    is_news: bool = True


class EditKind(StrEnum):
    """What somebody did to stories."""

    MERGE = "merge"
    SPLIT = "split"


@dataclass(frozen=True, kw_only=True)
class StoryEdit:
    """A merge or split that was made: `development_ids` went from one story to another, named by their slugs."""

    id: int = 0
    kind: EditKind
    from_story: str
    to_story: str
    development_ids: tuple[int, ...]
    by: str
    why: str
    at: datetime


class Edited(StrEnum):
    """What became of a wish to merge or split; all but the first two changed nothing."""

    MERGED = "merged"
    SPLIT = "split"
    ALREADY_ONE = "already_one"
    ALREADY_ALONE = "already_alone"
    NO_SUCH_STORY = "no_such_story"
    NO_SUCH_DEVELOPMENT = "no_such_development"
    OTHER_TYPE = "other_type"
    OTHER_STORY = "other_story"  # the developments to split off stand in several stories


@dataclass(frozen=True, kw_only=True)
class StoryEdited:
    """What became of it: the story that has the developments now, and the one they came from.

    Ids are 0 and slugs empty where nothing is known. `words` says it to whoever asked.
    """

    outcome: Edited
    story_id: int = 0
    story_slug: str = ""
    other_slug: str = ""
    development_ids: tuple[int, ...] = ()

    @property
    def is_done(self) -> bool:
        """Whether things stand as wished, now or before."""
        return self.outcome in (Edited.MERGED, Edited.SPLIT, Edited.ALREADY_ONE, Edited.ALREADY_ALONE)

    @property
    def words(self) -> str:
        count = f"{len(self.development_ids)} development{'' if len(self.development_ids) == 1 else 's'}"
        return {
            Edited.MERGED: f"{self.other_slug} was merged into {self.story_slug}: {count} moved",
            Edited.SPLIT: f"{count} of {self.other_slug} went to a new story: {self.story_slug}",
            Edited.ALREADY_ONE: f"they are one story already: {self.story_slug}",
            Edited.ALREADY_ALONE: f"nothing else is in its story: {self.story_slug}",
            Edited.NO_SUCH_STORY: f"there is no story {self.other_slug}",
            Edited.NO_SUCH_DEVELOPMENT: "there is no such development",
            Edited.OTHER_TYPE: f"{self.story_slug} and {self.other_slug} are of different types",
            Edited.OTHER_STORY: f"not all of them are developments of {self.story_slug}",
        }[self.outcome]


@dataclass(frozen=True, kw_only=True)
class StoryView:
    """One story with what told it: alerts by development, oldest first; reports by time.

    `asked` is the story that was asked for, when it was merged into this one. `follows` is the slug of
    the story it continues, `followed_by` and `merged` those of stories that continue it or went into it.
    """

    story: Story
    told: Mapping[int, tuple[Alert, ...]]
    reports: tuple[ReportView, ...]
    followed_by: tuple[str, ...] = ()
    merged: tuple[str, ...] = ()
    edits: tuple[StoryEdit, ...] = ()
    asked: str | None = None
