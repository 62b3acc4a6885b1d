"""The stories of one event type while reports are filed, one after the other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

from monitor.core.group.assign import OpenStory, Placement, Step, place_report
from monitor.core.group.names import folded, key_words
from monitor.core.group.resemblance import LONGEST_GAP_DAYS, Profile, Sketch, saying_of, sketch_report
from monitor.core.group.slots import Slots, slots_of, title_words
from monitor.core.group.story import grown_development, grown_story, new_development, new_story
from monitor.core.group.terms import Vocabulary, title_terms
from monitor.core.model.event import EventType
from monitor.core.model.report import RoleName
from monitor.core.model.story import Development, FiledReport, Story

LOOK_BACK = timedelta(days=30)
"""How long a story is remembered: while it is open, and then as one that a new story may follow."""

_LATE_REPORTS = timedelta(days=LONGEST_GAP_DAYS)  # behind the newest: how old a report may be and find its development
_SWEEP = timedelta(hours=1)
_FEWEST_WORDS = 2  # that two headlines without a common name must share to be worth comparing
_COMMON = 100  # developments that share a word: beyond, the word alone makes none worth comparing


class StoryBook:
    """Says what each report makes of its story; whoever keeps the result gives it ids and puts it back.

    What the book says of a report follows from the stories put, and a little from the headlines met
    since it was opened: these say which words are common.
    """

    def __init__(self, event: EventType, stories: Iterable[Story] = ()) -> None:
        self.event = event
        self._vocabulary = Vocabulary()
        self._stories: dict[int, OpenStory] = {}
        self._story_of: dict[int, int] = {}
        self._swept_at: datetime | None = None
        self._by_name: dict[str, set[int]] = {}
        self._by_token: dict[str, set[int]] = {}
        for story in stories:
            self._open(story)

    def __len__(self) -> int:
        """How many developments a report may join."""
        return len(self._story_of)

    def place(self, filed: FiledReport) -> Placement:
        """Where the report belongs among the stories put so far."""
        slots = slots_of([filed.report.roles], self.event)
        sketch = sketch_report(saying_of(filed.report, filed.title), slots, filed.published_at)
        self._vocabulary.count_in(sketch.terms)
        words = title_words(filed.title)
        return place_report(
            filed,
            sketch,
            profiles=self._near(sketch),
            stories=self._fitting(slots, words, filed.published_at),
            title_words=words,
            event=self.event,
            vocabulary=self._vocabulary,
        )

    def story_after(self, filed: FiledReport, placement: Placement) -> Story:
        """The report's story with it; a new one has id 0 and no developments."""
        if placement.story is None:
            return new_story(filed, self.event, follows=placement.follows)
        return grown_story(placement.story, filed, placement, self.event)

    def development_after(self, filed: FiledReport, placement: Placement, story: Story) -> Development:
        """The report's development with it, in its (kept) story; a new one has id 0."""
        if placement.development is None:
            return new_development(filed, story, placement.step, self.event)
        return grown_development(placement.development, filed, self.event, is_copy=placement.copy_of is not None)

    def put(self, story: Story, development: Development) -> None:
        """Keep story and development as they now are."""
        known = self._stories.get(story.id)
        others = tuple(d for d in story.developments if d.id != development.id)
        kept = replace(story, developments=(*others, development))
        if known is None:
            self._open(kept)
            return
        known.story = kept
        if _widens(development):
            known.slots = _united(known.slots, slots_of([development.roles], self.event))
        known.title_words = title_words(kept.title)
        self._index_story(known)
        self._index_development(known, development)

    def development(self, development_id: int) -> tuple[Story, Development]:
        """A development that was put, and its story."""
        story = self._stories[self._story_of[development_id]].story
        return story, next(d for d in story.developments if d.id == development_id)

    def stories(self) -> tuple[Story, ...]:
        """All stories remembered."""
        return tuple(known.story for known in self._stories.values())

    def forget(self, story_id: int) -> None:
        """Let go of a story, as after it was merged into another."""
        known = self._stories.pop(story_id)
        for index in (self._by_name, self._by_token):
            ids = {story_id} if index is self._by_name else set(known.profiles)
            for found in index.values():
                found -= ids
        for development_id in known.profiles:
            self._story_of.pop(development_id, None)

    def close_idle(self, now: datetime) -> None:
        """Let go of what no report of `now` or later can join or follow; looks at most every _SWEEP."""
        if self._swept_at is not None and now - self._swept_at < _SWEEP:
            return
        self._swept_at = now
        for story_id in [s for s, known in self._stories.items() if known.story.last_seen_at < now - LOOK_BACK]:
            self.forget(story_id)
        oldest = now - _LATE_REPORTS - timedelta(days=1)
        for known in self._stories.values():
            past = [i for i, p in known.profiles.items() if p.development.last_seen_at < oldest]
            for development_id in past:
                profile = known.profiles.pop(development_id)
                for token in _tokens(profile):
                    self._by_token.get(token, set()).discard(development_id)

    def _open(self, story: Story) -> None:
        known = OpenStory(
            story=story,
            slots=slots_of((d.roles for d in story.developments if _widens(d)), self.event),
            title_words=title_words(story.title),
        )
        self._stories[story.id] = known
        self._index_story(known)
        for development in story.developments:
            self._index_development(known, development)
            for saying in development.sayings:
                self._vocabulary.count_in(title_terms(saying.words))

    def _index_story(self, known: OpenStory) -> None:
        names = (*known.slots.agents, *known.slots.places)
        for token in (*_name_tokens(names), *known.title_words):
            self._by_name.setdefault(token, set()).add(known.story.id)

    def _index_development(self, known: OpenStory, development: Development) -> None:
        self._story_of[development.id] = known.story.id
        profile = Profile(development, slots_of([development.roles], self.event))
        known.profiles[development.id] = profile
        for token in _tokens(profile):
            self._by_token.setdefault(token, set()).add(development.id)

    def _near(self, sketch: Sketch) -> Iterator[tuple[Story, Profile]]:
        """Developments that share a name or several rare words with the report, in the order they came."""
        names = _name_tokens((*sketch.slots.agents, *sketch.slots.places))
        found = _found(self._by_token, names=names, words=sketch.terms)
        for development_id in sorted(found):
            known = self._stories[self._story_of[development_id]]
            profile = known.profiles[development_id]
            if abs(sketch.at - profile.development.last_seen_at) <= _LATE_REPORTS:
                yield known.story, profile

    def _fitting(self, slots: Slots, words: frozenset[str], at: datetime) -> Iterator[tuple[OpenStory, bool]]:
        """Stories that share a name or word with the report, each with whether it was open then."""
        found = _found(self._by_name, names=_name_tokens((*slots.agents, *slots.places)), words=words)
        for story_id in sorted(found):
            known = self._stories[story_id]
            story, is_open = known.story, at <= closes_at(known.story, self.event)
            is_long_ago = not is_open and at - story.last_seen_at > LOOK_BACK
            if not is_long_ago and story.first_seen_at - at <= LOOK_BACK:
                yield known, is_open


def _widens(development: Development) -> bool:
    """Whether its names may tie further reports to its story: a headline that only mentions a truce may name three."""
    return development.change == Step.NEW_STORY or any(saying.phase for saying in development.sayings)


def closes_at(story: Story, event: EventType) -> datetime:
    """When the story is over unless something is reported before."""
    days = [day for d in story.developments for day in _days_of(d)]
    last = max([story.last_seen_at, *(datetime.combine(day, time(), tzinfo=UTC) for day in days)])
    is_undated_plan = event.phase(story.phase).looks_ahead and last == story.last_seen_at
    return last + timedelta(days=event.ahead_days if is_undated_plan and event.ahead_days else event.idle_days)


def _days_of(development: Development) -> Iterator[date]:
    if development.occurs_on is not None:
        yield development.occurs_on
    for moment in development.roles.times:
        try:
            yield date.fromisoformat(moment.resolved or "")
        except ValueError:  # a duration, or nothing resolved
            continue


def _found(index: Mapping[str, set[int]], *, names: Iterable[str], words: frozenset[str]) -> set[int]:
    """Ids that share a name, or a third of the words among those that are not too common."""
    found = set[int]().union(*(index.get(name, ()) for name in names))
    shared = Counter[int]()
    for word in words:
        ids = index.get(word, ())
        if len(ids) <= _COMMON:
            shared.update(ids)
    least = max(_FEWEST_WORDS, len(words) // 3)
    return found | {each for each, count in shared.items() if count >= min(least, len(words))}


def _tokens(profile: Profile) -> frozenset[str]:
    names = _name_tokens((*profile.slots.agents, *profile.slots.places))
    return frozenset(names).union(*profile.terms)


def _name_tokens(names: Iterable[RoleName]) -> Iterator[str]:
    for name in names:
        for word in key_words(name.name):
            yield f"@{word}"
        if name.home:
            yield f"@{folded(name.home)}"


def _united(slots: Slots, more: Slots) -> Slots:
    def both(ones: tuple[RoleName, ...], others: tuple[RoleName, ...]) -> tuple[RoleName, ...]:
        return tuple(dict.fromkeys((*ones, *others)))

    return Slots(
        agents=both(slots.agents, more.agents),
        actors=both(slots.actors, more.actors),
        places=both(slots.places, more.places),
    )
