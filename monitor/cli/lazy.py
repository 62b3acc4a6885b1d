"""A group whose commands are imported when they are asked for: one command line pays for its own imports only."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping
from typing import Any

import typer
from typer.core import TyperGroup


class LazyCommands(Mapping[str, Any]):
    """Command name -> command, its module imported at the first look.

    `places` says where each stands as `module:attribute`: a function, or a `typer.Typer` with commands of its own;
    after a space what `--help` says of it, else the start of its own text.
    """

    def __init__(self, places: Mapping[str, str]) -> None:
        self._places = places
        self._loaded: dict[str, Any] = {}

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)

    def __getitem__(self, name: str) -> Any:
        """Raises: KeyError, no such command."""
        if name not in self._loaded:
            place, _, short_help = self._places[name].partition(" ")
            module, _, attribute = place.partition(":")
            self._loaded[name] = _command(name, getattr(importlib.import_module(module), attribute), short_help)
        return self._loaded[name]


def lazy_group(places: Mapping[str, str]) -> type[TyperGroup]:
    """A class of groups with these commands, for `typer.Typer(cls=…)`."""

    class LazyGroup(TyperGroup):
        def __init__(self, **attributes: Any) -> None:
            super().__init__(**attributes)
            self.commands = LazyCommands(places)  # type: ignore[assignment]  # nothing is ever added to it

    return LazyGroup


def _command(name: str, found: Any, short_help: str) -> Any:
    if isinstance(found, typer.Typer):
        found.rich_markup_mode = None  # plain help, as in the group above
        group = typer.main.get_group(found)
        group.name = name
        return group
    alone = typer.Typer(add_completion=False, rich_markup_mode=None)
    alone.command(name, short_help=short_help or None)(found)
    return typer.main.get_command(alone)
