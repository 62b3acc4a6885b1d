"""What one document says: reports, their roles and the words that prove them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from monitor.core.model.span import Field, Span


class Modality(StrEnum):
    """How firmly the words assert it."""

    ASSERTED = "asserted"
    PLANNED = "planned"
    ALLEGED = "alleged"
    CONDITIONAL = "conditional"
    SPECULATIVE = "speculative"
    NEGATED = "negated"


@dataclass(frozen=True, kw_only=True)
class RoleName:
    """A role filled by a named person, group or place; `name` is the common English one.

    `entity_id` is empty when the text only describes ("Norway's foreign minister"). `home` is the
    country or body somebody serves, or the country a place lies in; empty when unknown.
    """

    role: str
    name: str
    surface: str
    entity_id: str = ""
    home: str = ""


@dataclass(frozen=True, kw_only=True)
class RoleText:
    """A role filled by words: purpose, terms, scope."""

    role: str
    text: str


@dataclass(frozen=True, kw_only=True)
class RoleTime:
    """A role filled by a date or duration: as stated, and as ISO 8601 resolved against the article's date.

    `resolved` is a date ("2024-10-29"), or for durations an ISO 8601 duration ("P60D");
    None when the statement cannot be resolved.
    """

    role: str
    stated: str
    resolved: str | None = None


@dataclass(frozen=True, kw_only=True)
class Roles:
    """Who, where, when and what for; the role names are those of the event type's definition."""

    names: tuple[RoleName, ...] = ()
    texts: tuple[RoleText, ...] = ()
    times: tuple[RoleTime, ...] = ()
    ordinal: int | None = None

    def named(self, *roles: str) -> tuple[str, ...]:
        """The names filling any of `roles`, in order, each once."""
        return tuple(dict.fromkeys(n.name for n in self.names if n.role in roles))

    def filling(self, *roles: str) -> tuple[RoleName, ...]:
        """The names filling any of `roles` with what is known of them, in order."""
        return tuple(n for n in self.names if n.role in roles)

    def texts_of(self, role: str) -> tuple[str, ...]:
        """The words filling `role`, in order."""
        return tuple(t.text for t in self.texts if t.role == role)

    def time_of(self, role: str) -> RoleTime | None:
        """The first date or duration filling `role`."""
        return next((t for t in self.times if t.role == role), None)


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """Why: the rule that fired, where it is written, and the words it fired on.

    `at` is "events/ceasefire/rules/agreed.yaml:12"; `role` is "trigger", "sentence" or the role
    the words fill. The sentence that proves a report has the role "sentence".
    """

    rule: str
    at: str
    role: str
    field: Field
    span: Span
    quote: str


@dataclass(frozen=True, kw_only=True)
class Report:
    """One thing that one article says as news.

    `score` is 0–1. `alert` is the detector's own decision that a desk should be told; False
    marks a side mention. `occurs_on` is the day it happens when the text states one.
    `phase_stated` is False when nothing but a noun stands there and the phase is what it usually means.
    """

    type: str
    phase: str
    modality: Modality
    score: float
    alert: bool
    roles: Roles
    evidence: tuple[Evidence, ...]
    occurs_on: date | None = None
    phase_stated: bool = True

    @property
    def sentence(self) -> Evidence | None:
        """The quoted sentence that proves the report."""
        return next((e for e in self.evidence if e.role == "sentence"), None)


@dataclass(frozen=True, kw_only=True)
class Article:
    """What the detector reads. Both texts are NFC; `source` and `tier` only weigh the score."""

    title: str
    text: str
    published_on: date | None = None
    source: str = ""
    tier: str = ""
