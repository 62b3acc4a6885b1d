"""How well a detector agrees with items that people labelled."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum

from monitor.core.detect.likeness import agreement
from monitor.core.model.report import Article, Report


class Level(IntEnum):
    """How present an event type is in an item."""

    NONE = 0
    MENTIONED = 1  # a side clause; opinion; not asked for in recall
    REPORTED = 2


@dataclass(frozen=True, kw_only=True)
class GoldLabel:
    """What people say of one item and one event type; `roles` pairs the type's role names with the names they fill."""

    type: str
    level: Level
    phase: str = ""
    roles: tuple[tuple[str, tuple[str, ...]], ...] = ()


@dataclass(frozen=True, kw_only=True)
class GoldItem:
    id: str
    article: Article
    labels: tuple[GoldLabel, ...]


class Fault(StrEnum):
    """In what way a detector and a label disagree."""

    MISSED = "missed"
    FALSE_ALARM = "false_alarm"
    SIDE_MENTION = "side_mention"  # alerted although it is only mentioned
    PHASE = "phase"


@dataclass(frozen=True, kw_only=True)
class Disagreement:
    """One item on which the detector is wrong; a phase is empty where there is none."""

    fault: Fault
    item: GoldItem
    type: str
    expected: str
    got: str
    rule: str = ""


@dataclass(frozen=True, kw_only=True)
class RoleScore:
    role: str
    precision: float
    recall: float
    f1: float


@dataclass(frozen=True, kw_only=True)
class Scores:
    """How one event type came out; shares are 0–1, and 0 where there is nothing to divide by.

    `soft_count` counts alerts on items that only mention the type: they lower the strict
    precision and nothing else.
    """

    type: str
    tp_count: int
    fp_count: int
    fn_count: int
    tn_count: int
    soft_count: int
    phase_accuracy: float
    roles: tuple[RoleScore, ...]
    wrong: tuple[Disagreement, ...]

    @property
    def precision(self) -> float:
        return _share(self.tp_count, self.tp_count + self.fp_count)

    @property
    def strict_precision(self) -> float:
        return _share(self.tp_count, self.tp_count + self.fp_count + self.soft_count)

    @property
    def recall(self) -> float:
        return _share(self.tp_count, self.tp_count + self.fn_count)

    @property
    def f1(self) -> float:
        return f1_of(self.precision, self.recall)


def f1_of(precision: float, recall: float) -> float:
    """The harmonic mean, 0 when both are 0."""
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0


@dataclass
class _RoleTally:
    """Names over all true positives: how many were given and wanted, and how many of each met one of the other."""

    got: int = 0
    got_met: int = 0
    wanted: int = 0
    wanted_met: int = 0


@dataclass
class _Tally:
    outcomes: Counter[str] = field(default_factory=Counter)
    phases_right: int = 0
    roles: dict[str, _RoleTally] = field(default_factory=dict)
    wrong: list[Disagreement] = field(default_factory=list)


def evaluate(pairs: Iterable[tuple[GoldItem, tuple[Report, ...]]], types: Iterable[str]) -> tuple[Scores, ...]:
    """The scores of each type over items and what was detected in them.

    Level 2 counts against level 0; items of level 1 are left out but for the strict precision.
    Of several alerting reports of a type the highest score speaks, the first one among equals.
    Phases and roles are judged on true positives; a role nobody labelled says nothing.
    """
    tallies = {kind: _Tally() for kind in types}
    for item, reports in pairs:
        for label in item.labels:
            if label.type in tallies:
                _count(tallies[label.type], item, label, _speaking(reports, label.type))
    return tuple(_scores(kind, tally) for kind, tally in tallies.items())


def _speaking(reports: tuple[Report, ...], kind: str) -> Report | None:
    return max((r for r in reports if r.type == kind and r.alert), key=lambda r: r.score, default=None)


def _count(tally: _Tally, item: GoldItem, label: GoldLabel, told: Report | None) -> None:
    fault = _fault(label, told)
    match label.level:
        case Level.MENTIONED:
            tally.outcomes["soft"] += told is not None
        case Level.REPORTED:
            tally.outcomes["fn" if told is None else "tp"] += 1
        case Level.NONE:
            tally.outcomes["tn" if told is None else "fp"] += 1
    if label.level is Level.REPORTED and told is not None:
        tally.phases_right += told.phase == label.phase
        _count_roles(tally, label, told)
    if fault is not None:
        tally.wrong.append(
            Disagreement(
                fault=fault,
                item=item,
                type=label.type,
                expected=label.phase if label.level is Level.REPORTED else "",
                got=told.phase if told else "",
                rule=told.sentence.rule if told and told.sentence else "",
            )
        )


def _fault(label: GoldLabel, told: Report | None) -> Fault | None:
    if told is None:
        return Fault.MISSED if label.level is Level.REPORTED else None
    if label.level is Level.REPORTED:
        return None if told.phase == label.phase else Fault.PHASE
    return Fault.SIDE_MENTION if label.level is Level.MENTIONED else Fault.FALSE_ALARM


def _count_roles(tally: _Tally, label: GoldLabel, told: Report) -> None:
    for role, wanted in label.roles:
        if not wanted:
            continue
        got = [n.name if n.name == n.surface else f"{n.name} {n.surface}" for n in told.roles.filling(role)]
        met = agreement(wanted, got)
        counts = tally.roles.setdefault(role, _RoleTally())
        counts.got += len(got)
        counts.got_met += met.got_count
        counts.wanted += len(wanted)
        counts.wanted_met += met.wanted_count


def _scores(kind: str, tally: _Tally) -> Scores:
    hits = tally.outcomes["tp"]
    return Scores(
        type=kind,
        tp_count=hits,
        fp_count=tally.outcomes["fp"],
        fn_count=tally.outcomes["fn"],
        tn_count=tally.outcomes["tn"],
        soft_count=tally.outcomes["soft"],
        phase_accuracy=_share(tally.phases_right, hits),
        roles=tuple(_role_score(role, counts) for role, counts in tally.roles.items()),
        wrong=tuple(tally.wrong),
    )


def _role_score(role: str, counts: _RoleTally) -> RoleScore:
    precision, recall = _share(counts.got_met, counts.got), _share(counts.wanted_met, counts.wanted)
    return RoleScore(role=role, precision=precision, recall=recall, f1=f1_of(precision, recall))
