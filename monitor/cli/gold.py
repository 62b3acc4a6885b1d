"""Annotated items as `monitor eval` reads them: one JSON object a line."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from monitor.cli.exits import CommandFailed
from monitor.cli.jsonl import article_of, opened_lines
from monitor.core.detect.evaluate import GoldItem, GoldLabel, Level


@dataclass(frozen=True, kw_only=True)
class GoldLine:
    """An item and the value of the field by which items are grouped."""

    item: GoldItem
    group: str


def read_gold(path: Path, *, roles: Mapping[str, tuple[str, ...]], by: str | None) -> list[GoldLine]:
    """The items of the file; `roles` are the event types in force with their role names.

    Raises:
        CommandFailed: a line is not an annotated item; names its number.
    """
    with opened_lines(path) as lines:
        return list(_lines(lines, path, roles, by))


def _lines(
    lines: Iterable[str], path: Path, roles: Mapping[str, tuple[str, ...]], by: str | None
) -> Iterable[GoldLine]:
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
            item = _item(record, roles)
            group = str(record.get(by, "")) if by else ""
        except (ValueError, TypeError, AttributeError, KeyError, RecursionError) as error:
            raise CommandFailed(f"{path}:{number}: not an annotated item: {error}") from error
        if by and by not in record:
            raise CommandFailed(f"{path}:{number}: the item has no field {by!r} to group by")
        yield GoldLine(item=item, group=group)


def _item(record: Mapping[str, Any], roles: Mapping[str, tuple[str, ...]]) -> GoldItem:
    labels = tuple(_label(kind, record[kind], roles[kind]) for kind in roles if kind in record)
    if not labels:
        raise ValueError(f"labels none of {', '.join(roles)}")
    return GoldItem(id=str(record["id"]), article=article_of(record), labels=labels)


def _label(kind: str, said: Mapping[str, Any], roles: tuple[str, ...]) -> GoldLabel:
    named = {key: value for key, value in said.items() if isinstance(value, list)}
    return GoldLabel(
        type=kind,
        level=Level(said["level"]),
        phase=str(said.get("phase") or ""),
        roles=tuple((role, tuple(map(str, names))) for key, names in named.items() if (role := _role(key, roles))),
    )


def _role(key: str, roles: tuple[str, ...]) -> str | None:
    """The role an annotation's key means: "party" and "parties" are one."""
    singular = key[:-3] + "y" if key.endswith("ies") else key.removesuffix("s")
    return next((role for role in (key, singular) if role in roles), None)
