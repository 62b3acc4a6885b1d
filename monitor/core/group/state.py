"""The newest state of a story, as its parent message shows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from monitor.core.alert.wording import REASON_MARKS, SINGLE_SOURCE
from monitor.core.group.ahead import ahead_of, ahead_words
from monitor.core.model.alert import Alert
from monitor.core.model.story import Development, Story
from monitor.core.model.story_state import StateStep, StoryState


def story_state(story: Story, told: Mapping[int, Sequence[Alert]], *, now: datetime) -> StoryState | None:
    """The state after the developments that were told; None if none was.

    `told` has the alerts of each development by its id, oldest first: the first gives a step its
    place in the order, the newest its words, so that a correction stays where the error stood.
    Outlets come in the order in which they reported. What is ahead has days but no distance to
    them, because a message that shows it may stand for long.
    """
    changes = [change for change in story.developments if told.get(change.id)]
    if not changes:
        return None
    changes.sort(key=lambda change: (told[change.id][0].created_at, told[change.id][0].id))
    steps = tuple(_step(change, told[change.id][-1]) for change in changes)
    last = steps[-1]
    return StoryState(
        story_id=story.id,
        slug=story.slug,
        type=story.type,
        phase=last.phase,
        severity=last.severity,
        title=story.title,
        who=last.who,
        where=last.where,
        steps=steps,
        ahead=tuple(map(ahead_words, ahead_of(story.type, changes, today=now.date()))),
        outlets=outlets_of(story.developments),
        report_count=sum(change.report_count for change in story.developments),
        origin_count=origins_of(story.developments),
        marks=last.marks,
        first_seen_at=story.first_seen_at,
        last_seen_at=story.last_seen_at,
        follows=story.follows,
    )


def outlets_of(developments: Sequence[Development]) -> tuple[str, ...]:
    """Those that tell any of the developments, the first to report first."""
    by_time = sorted(developments, key=lambda change: (change.first_seen_at, change.id))
    return tuple(dict.fromkeys(name for change in by_time for name in change.origins))


def origins_of(developments: Sequence[Development]) -> int:
    """How many independent outlets tell any of the developments: all but those that copied, at least."""
    copies = sum(max(len(change.origins) - change.origin_count, 0) for change in developments)
    most = max((change.origin_count for change in developments), default=0)
    return max(most, len(outlets_of(developments)) - copies)


def shown_marks(alert: Alert, change: Development) -> tuple[str, ...]:
    """The alert's marks and its reason's, without "single source" once a second origin tells the same."""
    marks = [m for m in alert.message.marks if m != SINGLE_SOURCE or change.origin_count < 2]
    mark = REASON_MARKS.get(alert.reason)
    return tuple(dict.fromkeys((*marks, *((mark,) if mark else ()))))


def _step(change: Development, alert: Alert) -> StateStep:
    message = alert.message
    return StateStep(
        development=change.slug,
        phase=message.phase,
        severity=alert.severity,
        at=message.published_at,
        who=message.who,
        where=message.where,
        quote=message.quote or message.headline,
        source=message.source,
        url=message.url,
        report_count=change.report_count,
        origin_count=change.origin_count,
        marks=shown_marks(alert, change),
        details=message.details,
    )
