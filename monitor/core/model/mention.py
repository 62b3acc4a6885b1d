"""Names found in a text."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from monitor.core.model.span import Field, Span


class EntityKind(StrEnum):
    PERSON = "person"
    COUNTRY = "country"
    PLACE = "place"  # city, region, strait, territory, summit venue
    GROUP = "group"  # armed group or movement
    BODY = "body"  # international or governmental organisation


@dataclass(frozen=True, kw_only=True)
class Entity:
    """One known name: `id` is stable ("country:US", "person:antony-blinken").

    `country` is the common English name of the country a person serves, a place lies in or a
    body belongs to; None where there is none.
    """

    id: str
    kind: EntityKind
    name: str
    country: str | None = None
    office: str | None = None


@dataclass(frozen=True, kw_only=True)
class Mention:
    """An entity at a place in a text; an unlisted person has the id "unlisted: title, name"."""

    entity: Entity
    field: Field
    span: Span
    surface: str
    former: bool = False
