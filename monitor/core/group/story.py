"""Stories and developments as a report leaves them."""

from __future__ import annotations

import re
from dataclasses import replace

from monitor.core.group.assign import CERTAIN_ORIGINS, Placement, Step, has_known_actor
from monitor.core.group.names import folded, united
from monitor.core.group.resemblance import saying_of
from monitor.core.group.slots import Slots, slots_of
from monitor.core.model.event import EventType
from monitor.core.model.story import Development, FiledReport, Saying, Story

SAYINGS = 12  # of a development that are kept for comparison: later reports retell
_SLUG_WORDS = 4  # enough to be readable in an alert key


def new_story(filed: FiledReport, event: EventType, *, follows: Story | None = None) -> Story:
    """The story that begins with this report, and continues `follows`."""
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
        follows=follows.slug if follows else None,
    )


def grown_story(story: Story, filed: FiledReport, placement: Placement, event: EventType) -> Story:
    """The story after the report: wider in names and time; its phase and title follow news, not side mentions."""
    roles = filed.report.roles
    moves = filed.report.alert and placement.step in (Step.PHASE_CHANGED, Step.NEW_DEVELOPMENT)
    widens = filed.report.phase_stated  # a headline that only mentions a truce may name three conflicts
    is_first_news = filed.report.alert and not any(d.alerted for d in story.developments)
    return replace(
        story,
        title=filed.title if is_first_news else story.title,
        participants=united(story.participants, roles.named(*event.agent_roles)) if widens else story.participants,
        places=united(story.places, roles.named(*event.place_roles)) if widens else story.places,
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
        sayings=(saying_of(report, filed.title),),
    )


def grown_development(development: Development, filed: FiledReport, event: EventType, *, is_copy: bool) -> Development:
    """The development after one more report of it; roles stay those of its first report, filled up where empty.

    A copy, and what an outlet says again, is no further origin. A phase that was only implied gives way
    to one said in words, and an actor nobody knew to one who is known, while nothing was told.
    """
    said = saying_of(filed.report, filed.title)
    has_phase = any(saying.phase for saying in development.sayings)
    is_origin = not is_copy and filed.source not in development.origins
    roles, more = development.roles, filed.report.roles
    filled = {n.role for n in roles.names}
    return replace(
        development,
        phase=said.phase if said.phase and not has_phase and not development.alerted else development.phase,
        change=_change_after(development, said, slots_of([more], event), development.origin_count + is_origin),
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
        origin_count=development.origin_count + is_origin,
        sayings=(*development.sayings, said)[:SAYINGS],
    )


def _change_after(development: Development, said: Saying, slots: Slots, origin_count: int) -> str:
    """What it does to its story, now that one more report has told it.

    Two origins that tell an earlier phase as news are no stragglers: their reports conflict with the story.
    """
    if development.change == Step.EARLIER_PHASE and origin_count >= CERTAIN_ORIGINS:
        return Step.CONFLICTING.value
    if development.change == Step.UNNAMED_ACTOR and has_known_actor(said.lead, slots):
        return Step.NEW_DEVELOPMENT.value
    return development.change


def _slug(*parts: str) -> str:
    words = [re.sub(r"\s+", "-", " ".join(folded(p).split()[-_SLUG_WORDS:])) for p in dict.fromkeys(parts)]
    return "-".join(w.replace("_", "-") for w in words if w)
