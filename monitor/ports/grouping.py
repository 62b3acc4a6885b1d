"""What grouping keeps, inside its one transaction."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol

from monitor.core.group.decision import Decision
from monitor.core.model.story import Development, FiledReport, Story
from monitor.core.model.work import NewAlert, Original
from monitor.ports.telling import TellSession


class GroupSession(TellSession, Protocol):
    """One serialised transaction over stories; nothing is visible before it commits."""

    def ungrouped_reports(self, *, limit: int, types: Collection[str] | None = None) -> tuple[FiledReport, ...]:
        """Reports without a development, of these types or of all, ordered by (published_at, canonical_url, id)."""
        ...

    def recent_stories(self, *, type: str, since: datetime) -> tuple[Story, ...]:
        """Unmerged stories of the type last seen at or after `since`, with all developments, oldest first."""
        ...

    def slug_is_taken(self, slug: str) -> bool:
        """Whether a story or development already has the slug."""
        ...

    def save_story(self, story: Story) -> Story:
        """Insert (id 0) or update the story's own row; back with its id. Developments are not touched."""
        ...

    def save_development(self, development: Development) -> Development:
        """Insert (id 0) or update; back with its id."""
        ...

    def version(self) -> int:
        """A number that grows with every change of stories: what was read at one version holds while it stays."""
        ...

    def advance(self) -> int:
        """Say that stories are changed; the new version."""
        ...

    def originals(self, development_id: int) -> tuple[Original, ...]:
        """The development's reports that are no copies of others, the first to be filed first, some dozens at most."""
        ...

    def note_decision(self, report_id: int, decision: Decision) -> None:
        """Keep why the report was filed where it is, and of which report it is a copy."""
        ...

    def assign(self, report_id: int, *, development_id: int, note: str) -> None:
        """File the report under a development; `note` says why."""
        ...

    def save_alert(self, new: NewAlert) -> bool:
        """Store the alert and its deliveries; False when the key already exists (nothing is written)."""
        ...

    def note_also_reported(self, development_id: int, *, sources: tuple[str, ...]) -> None:
        """Put the outlets that tell the development beside its alert, for the history."""
        ...

    def show_change(self, story_id: int, *, due_at: datetime) -> None:
        """Have the story's parent messages edited at `due_at`, or when that was to happen anyhow."""
        ...

    def note_burst(self, feed_id: int, *, until: datetime, poll_by: datetime) -> None:
        """Prolong the feed's burst to `until`, never shorten it, and have it polled by `poll_by`.

        The next poll stays where it is after a failure, and where the server, or the feed's own
        interval, put it.
        """
        ...


class StoryStore(Protocol):
    def is_waiting(self, types: Collection[str] | None = None) -> bool:
        """Whether any report, of these types or of all, has no development yet; a cheap read."""
        ...

    def is_release_due(self, now: datetime, types: Sequence[str]) -> bool:
        """Whether any development of these types has waited long enough for a second origin; a cheap read."""
        ...

    def grouping(self) -> AbstractContextManager[GroupSession]:
        """The one grouping transaction at a time, over all processes; commits unless an exception leaves it."""
        ...
