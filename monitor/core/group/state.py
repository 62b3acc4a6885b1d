"""The newest state of a story, as its parent message shows it."""

from __future__ import annotations

from collections.abc import Mapping

from monitor.core.alert.wording import REASON_MARKS
from monitor.core.model.alert import Alert
from monitor.core.model.story import Development, Story
from monitor.core.model.story_state import StateStep, StoryState


def story_state(story: Story, told: Mapping[int, Alert]) -> StoryState | None:
    """The state after the developments that were told, `told` being the newest alert of each by id; None if none was.

    Outlets come in the order in which they reported.
    """
    steps = [(change, told[change.id]) for change in story.developments if change.id in told]
    if not steps:
        return None
    steps.sort(key=lambda step: (step[1].created_at, step[1].id))
    last = steps[-1][1]
    outlets = dict.fromkeys(name for change in story.developments for name in change.origins)
    return StoryState(
        story_id=story.id,
        slug=story.slug,
        type=story.type,
        phase=last.message.phase,
        severity=last.severity,
        title=story.title,
        who=last.message.who,
        where=last.message.where,
        steps=tuple(_step(change, alert) for change, alert in steps),
        outlets=tuple(outlets),
        report_count=sum(change.report_count for change in story.developments),
        origin_count=len(outlets),
        marks=_marks(last),
        first_seen_at=story.first_seen_at,
        last_seen_at=story.last_seen_at,
        follows=story.follows,
    )


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
        marks=_marks(alert),
        details=message.details,
    )


def _marks(alert: Alert) -> tuple[str, ...]:
    mark = REASON_MARKS.get(alert.reason)
    return (*alert.message.marks, mark) if mark else alert.message.marks
