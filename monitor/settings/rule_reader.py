"""Typed reading of YAML values: a wrong one becomes a problem with file and line, and its default."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from monitor.errors import ConfigProblem
from monitor.settings.yaml_lines import Path, Value, YamlDocument, did_you_mean


class Reader:
    """One file's values by path. Nothing is raised: problems gather in the list it was given."""

    def __init__(self, document: YamlDocument, problems: list[ConfigProblem]) -> None:
        self.document = document
        self._problems = problems

    def complain(self, path: Path, message: str) -> None:
        self._problems.append(self.document.problem(path, message))

    def at(self, path: Path) -> str:
        """file:line of a node."""
        return f"{self.document.file}:{self.document.line_of(path)}"

    def value(self, path: Path) -> Value:
        """The value at `path`, None when there is none."""
        node = self.document.value
        for step in path:
            if isinstance(node, dict) and isinstance(step, str):
                node = node.get(step)
            elif isinstance(node, list) and isinstance(step, int) and step < len(node):
                node = node[step]
            else:
                return None
        return node

    def keys(self, path: Path, known: Collection[str] | None = None) -> tuple[str, ...]:
        """The keys of the mapping at `path`; those not in `known` are problems."""
        node = self.value(path)
        if node is None:
            return ()
        if not isinstance(node, dict):
            self.complain(path, "a mapping (key: value) is expected here")
            return ()
        for key in node:
            if known is not None and key not in known:
                self.complain((*path, key), f"unknown key '{key}'{did_you_mean(key, list(known))}")
        return tuple(node)

    def count(self, path: Path) -> int:
        """The length of the list at `path`."""
        node = self.value(path)
        if node is None:
            return 0
        if not isinstance(node, list):
            self.complain(path, "a list is expected here")
            return 0
        return len(node)

    def text(self, path: Path, default: str = "", *, required: bool = False, among: Collection[str] = ()) -> str:
        """The text at `path`; numbers and truth values count as the text they were written as."""
        node = self.value(path)
        if node is None:
            if required:
                self.complain(path, f"'{path[-1]}' is missing")
            return default
        if isinstance(node, list | dict):
            self.complain(path, f"'{path[-1]}' must be one word or text")
            return default
        text = str(node).lower() if isinstance(node, bool) else str(node)
        if among and text not in among:
            self.complain(path, f"'{text}' is not one of {', '.join(among)}{did_you_mean(text, list(among))}")
            return default
        return text

    def texts(self, path: Path) -> tuple[str, ...]:
        """The texts of the list at `path`; a single text counts as a list of one."""
        node = self.value(path)
        if node is None:
            return ()
        if isinstance(node, str):
            return (node,)
        if isinstance(node, list) and all(type(item) is str and item for item in node):
            return tuple(map(str, node))
        return tuple(t for i in range(self.count(path)) if (t := self.text((*path, i))))

    def number(self, path: Path, default: float) -> float:
        """The number between 0 and 1 at `path`."""
        node = self.value(path)
        if node is None:
            return default
        if isinstance(node, bool) or not isinstance(node, int | float) or not 0 <= node <= 1:
            self.complain(path, f"'{path[-1]}' must be a number from 0 to 1")
            return default
        return float(node)

    def whole(self, path: Path, default: int) -> int:
        """The whole number at `path`."""
        node = self.value(path)
        if node is None:
            return default
        if isinstance(node, bool) or not isinstance(node, int):
            self.complain(path, f"'{path[-1]}' must be a whole number")
            return default
        return node

    def flag(self, path: Path, default: bool) -> bool:
        node = self.value(path)
        if node is None:
            return default
        if not isinstance(node, bool):
            self.complain(path, f"'{path[-1]}' must be true or false")
            return default
        return node

    def day(self, path: Path) -> date | None:
        """The date at `path`; YYYY and YYYY-MM mean their first day."""
        text = self.text(path)
        if not text:
            return None
        try:
            return date.fromisoformat({4: f"{text}-01-01", 7: f"{text}-01"}.get(len(text), text))
        except ValueError:
            self.complain(path, f"'{text}' is not a date: write YYYY-MM-DD")
            return None
