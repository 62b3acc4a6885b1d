"""Stories and developments as a report leaves them."""

from __future__ import annotations

import re
from dataclasses import replace

from monitor.core.group.assign import Placement, Step
from monitor.core.group.names import folded, united
from monitor.core.model.event import EventType
from monitor.core.model.story import Development, FiledReport, Story

_SLUG_WORDS = 4  # enough to be readable in an alert key


def new_story(filed: FiledReport, event: EventType) -> Story:
    """The story that begins with this report."""
    roles = filed.report.roles
    participants, places = roles.named(*event.agent_roles), roles.named(*event.place_roles)
    return Story(
        slug=_slug(
            event.name, *(places[:1] or participants[:1]), *participants[:2], filed.published_at.date().isoformat()
        ),
        type=event.name,
        title=filed.title,
        participants=participants,
        places=places,
        phase=filed.report.phase,
        first_seen_at=filed.published_at,
        last_seen_at=filed.published_at,
    )


def grown_story(story: Story, filed: FiledReport, placement: Placement, event: EventType) -> Story:
    """The story after the report: wider in names and time; its phase and title follow news, not side mentions."""
    roles = filed.report.roles
    moves = filed.report.alert and placement.step in (Step.PHASE_CHANGED, Step.NEW_DEVELOPMENT)
    is_first_news = filed.report.alert and not any(d.alerted for d in story.developments)
    return replace(
        story,
        title=filed.title if is_first_news else story.title,
        participants=united(story.participants, roles.named(*event.agent_roles)),
        places=united(story.places, roles.named(*event.place_roles)),
        phase=filed.report.phase if moves else story.phase,
        first_seen_at=min(story.first_seen_at, filed.published_at),
        last_seen_at=max(story.last_seen_at, filed.published_at),
        revision=story.revision + (1 if moves else 0),
    )


def new_development(filed: FiledReport, story: Story, step: Step, event: EventType) -> Development:
    """The development that begins with this report; its slug names story, phase, place and day."""
    report = filed.report
    places = report.roles.named(*event.place_roles)
    on = report.occurs_on or filed.published_at.date()
    return Development(
        story_id=story.id,
        slug="/".join((story.slug, _slug(report.phase, *places[:1], on.isoformat()))),
        type=event.name,
        phase=report.phase,
        roles=report.roles,
        place=places[0] if places else None,
        occurs_on=report.occurs_on,
        first_seen_at=filed.published_at,
        last_seen_at=filed.published_at,
        origins=(filed.source,),
        change=step.value,
    )


def grown_development(development: Development, filed: FiledReport) -> Development:
    """The development after one more report of it; roles stay those of its first report, filled up where empty."""
    roles, more = development.roles, filed.report.roles
    filled = {n.role for n in roles.names}
    return replace(
        development,
        roles=replace(
            roles,
            names=roles.names + tuple(n for n in more.names if n.role not in filled),
            texts=roles.texts or more.texts,
            times=roles.times or more.times,
            ordinal=roles.ordinal if roles.ordinal is not None else more.ordinal,
        ),
        first_seen_at=min(development.first_seen_at, filed.published_at),
        last_seen_at=max(development.last_seen_at, filed.published_at),
        report_count=development.report_count + 1,
        origins=tuple(dict.fromkeys((*development.origins, filed.source))),
    )


def _slug(*parts: str) -> str:
    words = [re.sub(r"\s+", "-", " ".join(folded(p).split()[-_SLUG_WORDS:])) for p in dict.fromkeys(parts)]
    return "-".join(w.replace("_", "-") for w in words if w)
