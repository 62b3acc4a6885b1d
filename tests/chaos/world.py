"""Stories and alerts for the outbox, written the way the group step writes them."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from monitor.core.model.alert import Alert, AlertReason, Severity
from monitor.ports import NewAlert
from monitor.store.database import SqlStore
from tests.store import arrange

PHASES = ("talks", "proposed", "agreed", "in_effect")


@dataclass(frozen=True, kw_only=True)
class Told:
    """One alert as planned: its key, where it goes, and its place among its story's developments."""

    story: int
    number: int
    channels: tuple[str, ...]

    @property
    def key(self) -> str:
        return f"story-{self.story}/change-{self.number}/phase_changed"

    @property
    def phase(self) -> str:
        return PHASES[self.number]


def planned(alerts: int, channels: int, *, random: random.Random) -> list[Told]:
    """So many alerts of stories with one to four developments each, mixed, every story's own in order."""
    names = [f"desk{number}" for number in range(channels)]
    waiting: list[list[Told]] = []
    count = 0
    while count < alerts:
        length = min(random.randint(1, len(PHASES)), alerts - count)
        places = tuple(random.sample(names, random.choice((1, 1, 2))))
        waiting.append([Told(story=len(waiting), number=n, channels=places) for n in range(length)])
        count += length
    mixed: list[Told] = []
    while waiting:
        story = random.choice(waiting[:15])  # some stories at a time, as news comes
        mixed.append(story.pop(0))
        waiting = [each for each in waiting if each]
    return mixed


class Newsroom:
    """Stores alerts with their deliveries, each in one transaction."""

    def __init__(self, store: SqlStore) -> None:
        self._store = store
        self._stories: dict[int, int] = {}
        arrange.publish(store, arrange.entry("a"))
        arrange.read(store, arrange.report())
        with store.stories.grouping() as session:
            (filed,) = session.ungrouped_reports(limit=1)
            story = session.save_story(arrange.story())
            change = session.save_development(arrange.development(story_id=story.id))
            session.assign(filed.id, development_id=change.id, note="the report that all alerts quote")
        self._report_id = filed.id

    def tell(self, told: Told) -> None:
        now = datetime.now(UTC)
        with self._store.stories.grouping() as session:
            if told.story not in self._stories:
                story = arrange.story(f"story-{told.story}", type="ceasefire", last_seen_at=now)
                self._stories[told.story] = session.save_story(story).id
            story_id = self._stories[told.story]
            change = session.save_development(
                replace(
                    arrange.development(f"story-{told.story}-change-{told.number}"),
                    story_id=story_id,
                    type="ceasefire",
                    phase=told.phase,
                    first_seen_at=now,
                )
            )
            alert = Alert(
                key=told.key,
                story_id=story_id,
                development_id=change.id,
                report_id=self._report_id,
                reason=AlertReason.NEW_STORY if told.number == 0 else AlertReason.PHASE_CHANGED,
                severity=Severity.HIGH,
                created_at=now,
                message=arrange.message(type="ceasefire", phase=told.phase, quote=f"Told as {told.key}."),
            )
            assert session.save_alert(NewAlert(alert=alert, channels=told.channels))
