"""A source seen over hours: polls and looks at a stopped clock, and what the watchdog says of them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from monitor.core.model.alert import Notice
from monitor.core.model.condition import Condition, ConditionKind, SourceNorm
from monitor.core.model.document import ReadReason, TextOrigin
from monitor.core.model.feed import PollReason
from monitor.core.watch.facts import Answer, Appearance, ChannelFacts, PageSight, Round, SourceFacts
from monitor.core.watch.round import judge_round

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
NORM = SourceNorm(
    made_at=NOON,
    watched_since=NOON - timedelta(days=60),
    entries_per_day=24.0,
    arrival_count=800,
    longest_gap_s=3 * 86_400.0,
    quiet_s=9 * 86_400.0,
    quiet_count=200.0,
    shortest_quiet_s=4 * 86_400.0,
    week=(1.0,),
    dated_share=1.0,
    ahead_share=0.0,
    same_share=0.0,
    lag_s=600.0,
    page_share=1.0,
    text_length=3_000.0,
)


@dataclass
class Scene:
    """`sources` feeds on as many hosts, watched for months by default, each last heard of at `at`."""

    sources: int = 1
    norm: SourceNorm | None = NORM
    at: datetime = NOON
    standing: dict[tuple[str, ConditionKind], Condition] = field(default_factory=dict)
    ended: list[Condition] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    disabled: frozenset[int] = frozenset()
    bugs: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._facts = {
            number: SourceFacts(
                feed_id=number,
                name=f"Post {number}",
                url=f"https://{number}.example/rss",
                host=f"{number}.example",
                first_success_at=NOON - timedelta(days=60),
                last_success_at=self.at,
                last_entry_at=self.at,
                norm=self.norm,
            )
            for number in range(1, self.sources + 1)
        }
        self._parsed: dict[int, PollReason] = {}
        self._last_look = self.at

    def poll(self, reason: PollReason, *feeds: int, status: int | None = 200, **answer: object) -> None:
        """Each feed (all without any named) answers so now."""
        for number in feeds or self._facts:
            facts = self._facts[number]
            said = Answer(at=self.at, reason=reason, status=status, **answer)  # type: ignore[arg-type]
            is_good = reason.value in ("new_entries", "no_new_entries", "not_modified", "same_body", "empty_feed")
            self._facts[number] = replace(
                facts,
                answers=(*facts.answers, said),
                last_success_at=self.at if is_good else facts.last_success_at,
                last_entry_at=self.at if said.new_count else facts.last_entry_at,
            )

    def show(self, *, entries: tuple[Appearance, ...] = (), pages: tuple[PageSight, ...] = ()) -> None:
        """The first feed's newest entries and pages, for the next look."""
        self._facts[1] = replace(self._facts[1], entries=entries, pages=pages)

    def change(self, number: int = 1, **facts: object) -> None:
        """Change what is known of a feed."""
        self._facts[number] = replace(self._facts[number], **facts)  # type: ignore[arg-type]

    def look(self, *, channels: tuple[ChannelFacts, ...] = ()) -> list[Notice]:
        """What one look tells."""
        asked = [replace(f, last_parsed=self._parsed.get(n)) for n, f in self._facts.items() if f.answers]
        ends: dict[tuple[str, ConditionKind], int] = {}
        for each in self.ended:
            ends[each.subject, each.kind] = ends.get((each.subject, each.kind), 0) + 1
        outcome = judge_round(
            Round(
                sources=tuple(asked),
                channels=channels,
                enabled_count=len(self._facts),
                before=tuple(self.standing.values()),
                names={n: (f.name, f.url) for n, f in self._facts.items()},
                disabled=self.disabled,
                recent_ends=ends,
            ),
            now=self.at,
        )
        for change in outcome.changes:
            known = change.after or change.before
            assert known is not None
            self.standing.pop((known.subject, known.kind), None)
            if change.after is not None and change.after.ended_at is None:
                self.standing[known.subject, known.kind] = change.after
            elif change.ends and change.after is not None:
                self.ended.append(change.after)
        for facts in asked:
            for answer in facts.answers:
                if answer.reason.value in ("new_entries", "no_new_entries", "empty_feed"):
                    self._parsed[facts.feed_id] = answer.reason
            self._facts[facts.feed_id] = replace(facts, answers=(), entries=(), pages=())
        self.notices += outcome.notices
        self.bugs += outcome.bugs
        return list(outcome.notices)

    def go(
        self, hours: float, reason: PollReason, *feeds: int, every: timedelta = 20 * MINUTE, **answer: object
    ) -> None:
        """For so long, the feeds answer so, and are looked at."""
        end = self.at + timedelta(hours=hours)
        while self.at < end:
            self.at += every
            self.poll(reason, *feeds, **answer)  # type: ignore[arg-type]
            self.look()

    def told(self) -> list[str]:
        """Kind and state of every notice so far."""
        return [f"{notice.kind} {notice.state}" for notice in self.notices]

    def open(self) -> set[ConditionKind]:
        return {each.kind for each in self.standing.values() if each.is_open}


def seen(
    count: int, *, ago: timedelta = timedelta(0), lag: timedelta | None = 10 * MINUTE, at: datetime = NOON
) -> tuple[Appearance, ...]:
    """Entries that appeared one an hour, the newest first, each dated `lag` before (None: undated)."""
    times = [at - ago - number * HOUR for number in range(count)]
    return tuple(Appearance(seen_at=t, published_at=None if lag is None else t - lag) for t in times)


def pages(
    count: int = 10,
    *,
    reason: ReadReason = ReadReason.PAGE_READ,
    origin: TextOrigin = TextOrigin.PAGE,
    length: int = 3_000,
) -> tuple[PageSight, ...]:
    return tuple(PageSight(reason=reason, origin=origin, length=length) for _ in range(count))
