"""What people say of alerts: seen it, relevant or not, two things told as one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Via(StrEnum):
    """The way somebody's word came in."""

    CLI = "cli"
    SLACK = "slack"


class Verdict(StrEnum):
    RELEVANT = "relevant"
    NOT_RELEVANT = "not_relevant"


@dataclass(frozen=True, kw_only=True)
class Saying:
    """Who said something, when and by which way.

    `at` is when it was said, not when it came in: what is delivered twice or late changes nothing
    that was said after it.
    """

    by: str
    via: Via
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Ack:
    """Somebody has seen a story; `saying` is the latest time that person said so."""

    story_id: int
    saying: Saying


@dataclass(frozen=True, kw_only=True)
class Label:
    """Somebody's latest word on whether an alert was worth telling."""

    alert_id: int
    verdict: Verdict
    saying: Saying


@dataclass(frozen=True, kw_only=True)
class SplitRequest:
    """Somebody says that the alert's development tells more than one thing, or belongs to another story."""

    development_id: int
    alert_id: int
    saying: Saying


class Taken(StrEnum):
    """What became of something that was said."""

    STORED = "stored"
    REPEATED = "repeated"  # the same was said before, by the same person
    OUTDATED = "outdated"  # that person has said something else since
    NO_SUCH_ALERT = "no_such_alert"


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What became of it, and the story it is about; id 0 and empty texts when there is no such alert.

    `others` are the people who had said the same of it before.
    """

    taken: Taken
    story_id: int = 0
    story_slug: str = ""
    story_title: str = ""
    development_id: int = 0
    others: tuple[str, ...] = ()
