"""How likely a report tells a development that others have told.

A logistic model over a handful of things a desk editor would look at. The weights were fitted
(logistic regression, L2) on 330 headlines of four annotated windows of news, and rounded;
`docs/grouping.md` says how well they do on windows left out of the fit.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from monitor.core.group.names import folded
from monitor.core.group.slots import Likeness, Slots, likeness, place_likeness, shared_names
from monitor.core.group.terms import ORDINAL, Vocabulary, label_length, quantities, title_terms
from monitor.core.model.event import EventType, Identity
from monitor.core.model.report import Report
from monitor.core.model.span import Field
from monitor.core.model.story import Development, Saying

LONGEST_GAP_DAYS = 3.1  # between two reports of one development; the weights know nothing beyond
_NEAREST = 3  # sayings whose likeness is averaged: one alone may be alike by chance
_LONGEST_SAYING = 300  # code points
_LEAST_TELLING = 3  # "first" and "second" are said of many things
_LEADS = 3  # sayings that settle who leads and how many: later ones retell

BIAS = -3.67
WEIGHTS: Mapping[str, float] = {
    "words": 5.9,  # cosine of the headline with the nearest sayings, 0-1
    "words_when_implied": 4.0,  # the same again when one of the two only implies its phase
    "phase": 2.1,  # share of the sayings that have the report's phase
    "agents": 1.0,  # a shared agent
    "other_quantity": -1.5,  # "two days" against "a day", "12th" against "13th"
    "same_quantity": 1.9,
    "gap_days": -0.85,  # since its last report, beyond half a day
    "age_days": -1.5,  # since its first report
    "size": 0.63,  # natural logarithm of the number of sayings
    "by_agents": 0.84,  # the event type's stories are told apart by agents
}


@dataclass(frozen=True, kw_only=True)
class Sketch:
    """A report as far as it is compared."""

    at: datetime
    phase: str  # empty when only implied
    terms: frozenset[str]
    lead: frozenset[str]
    quantities: Mapping[str, frozenset[int]]
    slots: Slots


class Profile:
    """A development as far as reports are compared with it; sayings are added as it grows."""

    def __init__(self, development: Development, slots: Slots) -> None:
        self.development = development
        self.slots = slots
        self.terms: list[frozenset[str]] = []
        self.phases: list[str] = []
        self.lead: frozenset[str] = frozenset()
        self.quantities: list[Mapping[str, frozenset[int]]] = []
        self._lengths: list[float] = []
        self._measured_at = 0
        for saying in development.sayings:
            self._add(saying, slots)

    @property
    def states_phase(self) -> bool:
        """Whether any report said the phase in words."""
        return bool(self.phases)

    def lengths(self, vocabulary: Vocabulary) -> list[float]:
        """The lengths of the sayings' weight vectors, as of about now."""
        if len(self._lengths) != len(self.terms) or vocabulary.title_count > 1.05 * self._measured_at + 8:
            self._lengths = [vocabulary.length(terms) for terms in self.terms]
            self._measured_at = vocabulary.title_count
        return self._lengths

    def _add(self, saying: Saying, slots: Slots) -> None:
        self.terms.append(telling_terms(saying.words, slots))
        if saying.phase:
            self.phases.append(saying.phase)
        if len(self.terms) <= _LEADS:
            self.lead |= frozenset(map(folded, saying.lead))
        counted = quantities(saying.words)
        if counted and len(self.quantities) < _LEADS:
            self.quantities.append(counted)


def sketch_report(saying: Saying, slots: Slots, at: datetime) -> Sketch:
    """The report's features."""
    return Sketch(
        at=at,
        phase=saying.phase,
        terms=telling_terms(saying.words, slots),
        lead=frozenset(map(folded, saying.lead)),
        quantities=quantities(saying.words),
        slots=slots,
    )


def telling_terms(words: str, slots: Slots) -> frozenset[str]:
    """The telling words without those of names, which are compared as names."""
    names = {
        word
        for n in (*slots.agents, *slots.places, *slots.actors)
        for form in (n.name, n.surface)
        for word in title_terms(form)
    }
    terms = title_terms(words)
    return terms - names or terms


def saying_of(report: Report, title: str) -> Saying:
    """How the report tells its development: in its headline, or in the sentence that proves it."""
    proof = report.sentence
    words = proof.quote[:_LONGEST_SAYING] if proof and proof.field is Field.TEXT else title
    return Saying(words=words, phase=report.phase if report.phase_stated else "", lead=_lead(report, title))


def _lead(report: Report, title: str) -> tuple[str, ...]:
    """Who is named before the telling words of the headline, and after its label."""
    trigger = next((e for e in report.evidence if e.role == "trigger"), None)
    if trigger is None or trigger.field is not Field.TITLE:
        return ()
    label = label_length(title)
    ahead = {
        (e.role, e.quote)
        for e in report.evidence
        if e.field is Field.TITLE and label <= e.span.start < trigger.span.start
    }
    # "Lebanon truce" names a place, whatever Lebanon is beside.
    places = {n.name for n in report.roles.names if n.role in _NOT_ACTING}
    named = (n for n in report.roles.names if n.name not in places and (n.role, n.surface) in ahead)
    return tuple(dict.fromkeys(n.name for n in named))


_NOT_ACTING = frozenset({"place", "destination", "stops"})


def contradiction(sketch: Sketch, profile: Profile, event: EventType) -> str | None:
    """Why the report cannot tell this development, in a word; None when nothing known speaks against it."""
    development = profile.development
    if abs((sketch.at - development.last_seen_at).total_seconds()) > LONGEST_GAP_DAYS * 86400:
        return "too_long_ago"
    agents = likeness(sketch.slots.agents, profile.slots.agents)
    places = place_likeness(sketch.slots, profile.slots)
    if event.identity is Identity.AGENTS:
        if agents is Likeness.OTHER:
            return "other_agents"
        if places is Likeness.OTHER:
            return "other_place"
    elif places is Likeness.OTHER and shared_names(sketch.slots.agents, profile.slots.agents) < 2:
        return "other_place"
    elif agents is Likeness.OTHER and places is not Likeness.SAME:
        return "other_agents"
    if sketch.phase and event.phase(sketch.phase).acted and _are_others(sketch, profile):
        return "other_actor"
    if any(_tells_apart(sketch.quantities, known) for known in profile.quantities):
        return "other_number"
    if sketch.phase and profile.states_phase and event.are_opposed(sketch.phase, development.phase):
        return "opposed_phase"
    return None


def _are_others(sketch: Sketch, profile: Profile) -> bool:
    """Whether those who act are known on both sides, and none on both."""
    if likeness(sketch.slots.actors, profile.slots.actors) is Likeness.OTHER:
        return True
    return bool(sketch.lead and profile.lead) and not sketch.lead & profile.lead


def _tells_apart(ours: Mapping[str, frozenset[int]], theirs: Mapping[str, frozenset[int]]) -> bool:
    """Whether both count what they tell of, and differently: the 12th package is not the 13th."""
    numbers = [{number for number in found.get(ORDINAL, ()) if number >= _LEAST_TELLING} for found in (ours, theirs)]
    return all(numbers) and not numbers[0] & numbers[1]


def resemblance(sketch: Sketch, profile: Profile, event: EventType, vocabulary: Vocabulary) -> dict[str, float]:
    """The features by the names of WEIGHTS."""
    development = profile.development
    words = _likeness_of_words(sketch.terms, profile, vocabulary)
    both_state = bool(sketch.phase) and profile.states_phase
    gap_days = abs((sketch.at - development.last_seen_at).total_seconds()) / 86400
    pairs = [
        (sketch.quantities[unit], known[unit])
        for known in profile.quantities
        for unit in sketch.quantities.keys() & known.keys()
    ]
    return {
        "words": words,
        "words_when_implied": 0.0 if both_state else words,
        "phase": profile.phases.count(sketch.phase) / len(profile.phases) if both_state else 0.0,
        "agents": float(likeness(sketch.slots.agents, profile.slots.agents) is Likeness.SAME),
        "other_quantity": float(any(not ours & theirs for ours, theirs in pairs)),
        "same_quantity": float(any(ours & theirs for ours, theirs in pairs)),
        "gap_days": max(0.0, gap_days - 0.5),
        "age_days": abs((sketch.at - development.first_seen_at).total_seconds()) / 86400,
        "size": math.log(max(1, len(profile.terms))),
        "by_agents": float(event.identity is Identity.AGENTS),
    }


def probability(features: Mapping[str, float]) -> float:
    """How likely report and development tell the same, 0-1."""
    return 1 / (1 + math.exp(-(BIAS + sum(WEIGHTS[name] * value for name, value in features.items()))))


def _likeness_of_words(terms: frozenset[str], profile: Profile, vocabulary: Vocabulary) -> float:
    """The mean cosine with the nearest sayings."""
    length = vocabulary.length(terms)
    if not length:
        return 0.0
    cosines: list[float] = []
    for known, known_length in zip(profile.terms, profile.lengths(vocabulary), strict=True):
        shared = terms & known
        cosines.append(sum(map(vocabulary.squared, shared)) / (length * known_length) if shared else 0.0)
    nearest = sorted(cosines, reverse=True)[:_NEAREST]
    return sum(nearest) / len(nearest) if nearest else 0.0
