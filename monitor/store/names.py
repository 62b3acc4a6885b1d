"""Names and words as they are searched.

What these functions give is stored: whoever changes them adds a migration that fills
report_names, development_names and alert_search anew.
"""

from __future__ import annotations

import re
from enum import StrEnum

from monitor.core.model.report import RoleName, Roles
from monitor.core.text.normalise import fold
from monitor.store.types import storable

_WORD = re.compile(r"[^\W_]+")
_NAME_MAX = 200  # code points; a longer "name" is a parser's mistake, and PostgreSQL indexes no key beyond 2,700 bytes
_TOKEN_MAX = 100

PLACE_ROLES = frozenset({"place", "destination", "stops"})


class NameKind(StrEnum):
    """Which of the two filters finds a name."""

    PERSON = "person"  # who acts or is acted on: people, groups, bodies, and countries as parties
    PLACE = "place"  # where it happens or somebody goes


def kind_of(name: RoleName) -> NameKind:
    """By role; in any role outside the shipped event types a place is what the gazetteer calls one."""
    return NameKind.PLACE if name.role in PLACE_ROLES or name.entity_id.startswith("place:") else NameKind.PERSON


def search_keys(name: str) -> frozenset[str]:
    """The folded name and each whole word of it, split at blanks and at any other sign."""
    whole = folded_name(name)
    return frozenset({whole, *whole.split(), *_WORD.findall(whole)}) - {""}


def folded_name(name: str) -> str:
    """The name without case, accents and surplus blanks; cut where no real name is that long."""
    return " ".join(fold(storable(name)).split())[:_NAME_MAX]


def name_rows(roles: Roles) -> list[dict[str, str]]:
    """The columns kind, role, name and folded for every way to find a name of the roles, each row once."""
    rows = {
        (str(kind_of(name)), name.role, storable(name.name)[:_NAME_MAX], key)
        for name in roles.names
        for key in search_keys(name.name)
    }
    return [{"kind": k, "role": r, "name": n, "folded": f} for k, r, n, f in sorted(rows)]


def words_of(text: str) -> list[str]:
    """The folded words of a text, in order, for the full-text index."""
    return [word[:_TOKEN_MAX] for word in _WORD.findall(fold(storable(text)))]


def query_words(text: str) -> list[tuple[str, bool]]:
    """The words of a user's query, each with whether a `*` follows it; every other sign only parts words."""
    marked = re.finditer(r"([^\W_]+)(\*?)", fold(storable(text)))
    return [(match[1][:_TOKEN_MAX], bool(match[2])) for match in marked]
