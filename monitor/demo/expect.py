"""What the sample site must lead to, and how what was found differs from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml


@dataclass(frozen=True, kw_only=True)
class ExpectedAlert:
    """One development the sample site tells, and every outlet that tells it."""

    type: str
    phase: str
    place: str
    told_by: frozenset[str]

    def __str__(self) -> str:
        return f"{self.type} {self.phase} in {self.place}, told by {_listed(self.told_by)}"


@dataclass(frozen=True, kw_only=True)
class FoundAlert:
    """One alert of the database; `places` are all places its roles name."""

    type: str
    phase: str
    places: frozenset[str]
    told_by: frozenset[str]

    def __str__(self) -> str:
        return f"{self.type} {self.phase} in {_listed(self.places) or 'no place'}, told by {_listed(self.told_by)}"

    def is_about(self, expected: ExpectedAlert) -> bool:
        """Whether type, phase and place are the expected ones."""
        return (self.type, self.phase) == (expected.type, expected.phase) and expected.place in self.places


def load_expected(path: Path) -> tuple[ExpectedAlert, ...]:
    """The expected alerts of a shipped file.

    Raises:
        OSError, KeyError, TypeError: the file or a key is missing.
    """
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    return tuple(ExpectedAlert(**{**item, "told_by": frozenset(item["told_by"])}) for item in document["alerts"])


def differences(expected: Sequence[ExpectedAlert], found: Sequence[FoundAlert]) -> tuple[str, ...]:
    """What is missing, told twice, told by the wrong outlets or not expected; empty when all is as it should be."""
    complaints: list[str] = []
    for wanted in expected:
        same = [alert for alert in found if alert.is_about(wanted)]
        if not same:
            complaints.append(f"missing: {wanted}")
        elif len(same) > 1:
            complaints.append(f"told {len(same)} times: {wanted}")
        elif same[0].told_by != wanted.told_by:
            complaints.append(f"wrong outlets: {same[0]}; expected {_listed(wanted.told_by)}")
    surplus = [alert for alert in found if not any(alert.is_about(wanted) for wanted in expected)]
    return (*complaints, *(f"not expected: {alert}" for alert in surplus))


def _listed(names: frozenset[str]) -> str:
    return " and ".join(sorted(names))
