"""What people say of alerts, kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from monitor.core.model.feedback import Ack, Answer, Saying, SplitRequest, Verdict
from monitor.core.model.history import LabelledAlert


class FeedbackStore(Protocol):
    """Every method that says something has the parent messages of its story shown anew.

    What is said twice is stored once, and what was said earlier never replaces what was said later.
    """

    def ack(self, alert_id: int, saying: Saying) -> Answer:
        """Say that somebody has seen the story of the alert."""
        ...

    def label(self, alert_id: int, verdict: Verdict, saying: Saying) -> Answer:
        """Say whether the alert was worth telling; the latest word of each person counts."""
        ...

    def ask_split(self, alert_id: int, saying: Saying) -> Answer:
        """Ask that the alert's development be taken out of its story."""
        ...

    def story_of(self, alert_id: int) -> Answer:
        """The story that an alert is about, without saying anything of it; taken is STORED or NO_SUCH_ALERT."""
        ...

    def acks(self, story_ids: Sequence[int]) -> Mapping[int, tuple[Ack, ...]]:
        """By story, who has seen it, the first to say so first; stories nobody acknowledged are left out."""
        ...

    def split_requests(self) -> tuple[SplitRequest, ...]:
        """Those that wait, the oldest first."""
        ...

    def settle_split(self, development_id: int, *, outcome: str, at: datetime) -> None:
        """Say what became of a request; it waits no more."""
        ...

    def labelled(self) -> Iterator[LabelledAlert]:
        """Labelled alerts with the article as it stood when it was reported, by document."""
        ...


class StoryMuter(Protocol):
    def mute_story(self, slug: str, *, owner: str, reason: str, at: datetime, until: datetime) -> datetime:
        """Silence the story from `at` until `until`; when the silence now in force ends.

        One that ends as late or later is left as it is, so that the same wish twice is one silence.
        """
        ...


class StoryEditor(Protocol):
    """What may be changed about stories by hand."""

    def split(self, development_id: int) -> str:
        """Take the development out of its story into one of its own; what was done, in words.

        Posted messages stay where they are.
        """
        ...
