"""Files reports into stories by hand and has them told, on a real store: what grouping decides is the test's word."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from monitor.core.group.assign import Placement, Reason, Step
from monitor.core.group.book import StoryBook
from monitor.core.model.alert import AlertReason
from monitor.core.model.event import EventType
from monitor.core.model.feed import Feed, Tier
from monitor.core.model.history import AlertFilter, AlertView
from monitor.core.model.report import Report
from monitor.core.model.route import Route
from monitor.core.model.story import Development, FiledReport, Story
from monitor.steps.release import ReleaseStep
from monitor.steps.tell import Filed, Teller
from monitor.store.database import SqlStore
from tests.builders import CEASEFIRE
from tests.house import StoppedClock
from tests.store.arrange import NOON, entry, publish, read
from tests.store.arrange import feed as feed_of

DAY = timedelta(hours=24)
HOLD = timedelta(minutes=10)


@dataclass
class Desk:
    """One story at a time; each `report` is an article of its own."""

    store: SqlStore
    event: EventType = CEASEFIRE
    teller: Teller = field(default_factory=lambda: Teller(channels=["desk"], max_age=DAY, hold=HOLD))
    clock: StoppedClock = field(default_factory=lambda: StoppedClock(NOON))
    routes: tuple[Route, ...] = ()
    count: int = 0

    def report(
        self,
        said: Report,
        *,
        by: str = "Harbour Post",
        tier: str = "2",
        tags: Sequence[str] = (),
        text: str = "Some text.",
    ) -> FiledReport:
        """An article of the outlet that says it, read and waiting to be filed."""
        self.count += 1
        source: Feed = feed_of(by, tier=Tier(tier), tags=tuple(tags))
        at = self.clock.now()
        url = f"https://{by.lower().replace(' ', '')}.example/{self.count}"
        publish(self.store, entry(f"{by}-{self.count}", url=url, published_at=at), by=source, now=at)
        read(self.store, said, now=at, text=text)
        with self.store.stories.grouping() as session:
            return session.ungrouped_reports(limit=1)[0]

    def file(
        self,
        *reports: FiledReport,
        change: Step = Step.NEW_STORY,
        story: Story | None = None,
        development: Development | None = None,
        origins: int | None = None,
    ) -> tuple[Story, Development]:
        """File the reports as one development, new or known, and have it judged; as both are then stored."""
        first = reports[0]
        with self.store.stories.grouping() as session:
            story = story or session.save_story(
                Story(
                    slug=f"story-{first.id}",
                    type=first.report.type,
                    title=first.title,
                    participants=(),
                    places=(),
                    phase=first.report.phase,
                    first_seen_at=first.published_at,
                    last_seen_at=first.published_at,
                )
            )
            development = development or Development(
                story_id=story.id,
                slug=f"{story.slug}/{first.report.phase}-{first.id}",
                type=first.report.type,
                phase=first.report.phase,
                roles=first.report.roles,
                first_seen_at=first.published_at,
                last_seen_at=first.published_at,
                change=change.value,
            )
            outlets = tuple(dict.fromkeys((*development.origins, *(r.source for r in reports))))
            count = len(outlets) if origins is None else origins
            development = session.save_development(replace(development, origins=outlets, origin_count=count))
            book = StoryBook(self.event)
            book.put(story, development)
            placement = Placement(story=story, development=development, step=change, reason=Reason.SAME_PLACE)
            placed = [Filed(filed=r, placement=placement, development_id=development.id) for r in reports]
            for one in placed:  # as grouping does before it has anything told
                session.assign(one.filed.id, development_id=development.id, note="")
            self.teller.tell(session, placed, book, self.clock.now())
            kept_story, kept = book.development(development.id)
            return replace(kept_story, developments=()), kept

    def release(self) -> None:
        """Work the release step until it has nothing to do."""
        step = ReleaseStep(
            store=self.store.stories, clock=self.clock, events={self.event.name: self.event}, teller=self.teller
        )
        while works := step.claim(1):
            for work in works:
                work()

    def alerts(self) -> list[AlertView]:
        """All stored alerts, oldest first."""
        return list(self.store.history.alerts(AlertFilter()))[::-1]

    def told(self) -> list[tuple[AlertReason, str]]:
        """Reason and source of each alert, oldest first."""
        return [(view.alert.reason, view.alert.message.source) for view in self.alerts()]

    def note(self, filed: FiledReport) -> str:
        """What was noted beside the report."""
        trail = self.store.history.trail_of(filed.document_id)
        assert trail is not None
        return trail.reports[0].note

    def advance(self, **parts: float) -> datetime:
        self.clock.advance(**parts)
        return self.clock.now()
