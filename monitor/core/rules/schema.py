"""What a rule folder says, as values: words, names, event types and rules. Nothing here is compiled yet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from monitor.core.model.mention import EntityKind


class Effect(StrEnum):
    """What a rule does when it matches."""

    REPORT = "report"  # says that the event type stands here, in the rule's phase
    VETO = "veto"  # what the other rules find in its scope is about something else
    DEMOTE = "demote"  # what the other rules find in its scope is no news: a mention at most
    DETAIL = "detail"  # fills roles of a report that other rules make


class Scope(StrEnum):
    MATCH = "match"  # the very words the rule matched
    BEFORE = "before"  # of the sentence, what stands before the trigger: a leading clause up to its comma
    AFTER = "after"  # of the sentence, what stands after the trigger: a clause that "as" or "despite" opens
    CLAUSE = "clause"
    SENTENCE = "sentence"
    FIELD = "field"
    ARTICLE = "article"


class Place(StrEnum):
    """Where in an article a sentence stands."""

    TITLE = "title"
    LEAD = "lead"
    BODY = "body"


class OnModality(StrEnum):
    """What becomes of a match that is not plainly asserted, where no phase is named instead."""

    KEEP = "keep"
    DROP = "drop"
    DEMOTE = "demote"


@dataclass(frozen=True, kw_only=True)
class Concept:
    """One meaning and its words. Verbs and nouns stand in their base form and are inflected.

    `names` are entities of the gazetteer, by their common name: wherever one is mentioned, in
    whatever form, the mention carries the concept too.
    """

    name: str
    verbs: tuple[str, ...] = ()
    nouns: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    at: str = ""


@dataclass(frozen=True, kw_only=True)
class Language:
    """The words of one language. `irregular` maps a base verb to (s, past, participle, ing)."""

    code: str
    concepts: tuple[Concept, ...]
    irregular: tuple[tuple[str, tuple[str, str, str, str]], ...] = ()
    plurals: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, kw_only=True)
class GazetteerEntry:
    """One known name with everything that may stand for it in a text.

    `country` and `theatre` are common English names; `since` and `until` bound the office held; `party` is what it
    is called as a fighting side, when not by its own name: an army fights for its state. `bare` are common
    surnames, which mean this person only while in office and where no other name adjoins.
    """

    id: str
    kind: EntityKind
    name: str
    country: str | None = None
    office: str | None = None
    since: date | None = None
    until: date | None = None
    aliases: tuple[str, ...] = ()
    exact: tuple[str, ...] = ()
    bare: tuple[str, ...] = ()
    demonyms: tuple[str, ...] = ()
    metonyms: tuple[str, ...] = ()
    capital_of: str | None = None
    theatre: str | None = None
    party: str | None = None
    body: str | None = None
    at: str = ""


@dataclass(frozen=True, kw_only=True)
class RuleTest:
    text: str
    expected: bool
    line: int


@dataclass(frozen=True, kw_only=True)
class Keywords:
    """A rule without grammar: a sentence with all of `all`, one of `any`, none of `none`.

    The words of `near` must follow each other at most `within` words apart, in any order.
    """

    all: tuple[str, ...] = ()
    any: tuple[str, ...] = ()
    none: tuple[str, ...] = ()
    near: tuple[str, ...] = ()
    within: int = 5


@dataclass(frozen=True, kw_only=True)
class Modalities:
    """What a match that is not plainly asserted means: the name of a phase, or an OnModality word."""

    negated: str = OnModality.DROP
    conditional: str = OnModality.DEMOTE
    speculative: str = OnModality.DEMOTE
    planned: str = OnModality.KEEP
    alleged: str = OnModality.KEEP
    background: str = OnModality.DROP


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One reading of a sentence. `at` is file:line relative to the configuration root.

    A gate reaches only findings of the phases in `reaches` (empty: of all) and of rules lighter than `below`.
    """

    id: str
    type: str
    at: str
    effect: Effect = Effect.REPORT
    phase: str = ""
    patterns: tuple[str, ...] = ()
    keywords: Keywords | None = None
    requires: tuple[str, ...] = ()
    forbids: tuple[str, ...] = ()
    scope: Scope = Scope.SENTENCE
    places: tuple[Place, ...] = (Place.TITLE, Place.LEAD, Place.BODY)
    weight: float = 0.8
    reaches: tuple[str, ...] = ()
    below: float = 2.0
    modalities: Modalities = Modalities()
    tests: tuple[RuleTest, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Phase:
    """One phase: `after` names the phases it may follow (empty: it may begin a story).

    A day beside an `undated` one is not the day it starts or ends: truce talks on Monday are no truce from Monday.
    `acted`, `opposes`, `needs_actor` and `looks_ahead` tell developments apart: see `monitor.core.model.event.Phase`.
    """

    name: str
    order: int
    severity: str
    rank: int
    after: tuple[str, ...] = ()
    may_repeat: bool = False
    undated: bool = False
    acted: bool = False
    needs_actor: bool = False
    opposes: tuple[str, ...] = ()
    looks_ahead: bool = False


@dataclass(frozen=True, kw_only=True)
class Weights:
    """How a report's score is made up; all between 0 and 1 (`config/events/<type>/event.yaml`).

    Below the headline a rule lighter than `bare_below`, which finds a noun and nothing said of it, counts `bare`.
    """

    title: float = 1.0
    lead: float = 0.8
    body: float = 0.4
    role: float = 0.05
    demoted: float = 0.5
    bare: float = 1.0
    bare_below: float = 0.0
    firmness: tuple[tuple[str, float], ...] = ()
    tier: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, kw_only=True)
class StorySlots:
    """How reports of a type make stories: the roles of agents and places, the leading role first.

    `actor` names the role whose holder makes a change of phase; "" when changes are not told
    apart by it. See `monitor.core.model.event.EventType`.
    """

    agents: tuple[str, ...]
    places: tuple[str, ...]
    actor: str
    idle_days: int
    ahead_days: int = 0
    identity: str


@dataclass(frozen=True, kw_only=True)
class EventType:
    """One kind of event. `third_parties` names those who mediate or call more often than they fight;
    `theatres` maps a party to the place its fighting is about when none is stated. `subject` is a set of
    concepts one of which a headline must hold for what stands only in the text to be its news;
    `phase_subjects` are the narrower sets of single phases, `body` the set one of which a later
    sentence must hold to be read at all. `inhibits` names a phase, those it outdoes, and for how many
    hours; `changes` a role and the phases in which a new value of it is news.
    """

    name: str
    phases: tuple[Phase, ...]
    roles: tuple[str, ...]
    threshold: float
    weights: Weights
    macros: tuple[tuple[str, str], ...] = ()
    third_parties: tuple[str, ...] = ()
    theatres: tuple[tuple[str, str], ...] = ()
    subject: str = ""
    body: str = ""
    phase_subjects: tuple[tuple[str, str], ...] = ()
    story: StorySlots
    inhibits: tuple[tuple[str, tuple[str, ...], float], ...] = ()
    changes: tuple[tuple[str, tuple[str, ...]], ...] = ()
    at: str = ""

    def phase(self, name: str) -> Phase | None:
        """The phase of that name."""
        return next((p for p in self.phases if p.name == name), None)


@dataclass(frozen=True, kw_only=True)
class RuleSources:
    """Everything read from the configuration roots, laid over each other; `digest` names its exact content."""

    languages: tuple[Language, ...]
    types: tuple[EventType, ...]
    rules: tuple[Rule, ...]
    entries: tuple[GazetteerEntry, ...]
    digest: str
