"""YAML text -> plain values, with the line of every key and item; hostile documents are bounded."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path as FilePath

import yaml

from monitor.errors import ConfigProblem

Value = None | bool | int | float | str | list["Value"] | dict[str, "Value"]
Path = tuple[str | int, ...]

MAX_TEXT_BYTES = 16 * 2**20  # ten thousand sources take about 2 MB
MAX_DEPTH = 40  # the deepest configuration of our own is 5 levels
MAX_NODES = 300_000  # after aliases are expanded: what a "billion laughs" document runs into

_TAG = "tag:yaml.org,2002:"


# YAML 1.2's plain scalars: `no` is a word (and Norway), 1:30 is text, dates stay text.
_RESOLVERS: tuple[tuple[str, str, list[str]], ...] = (
    ("bool", r"^(?:true|True|TRUE|false|False|FALSE)$", list("tTfF")),
    ("null", r"^(?:~|null|Null|NULL|)$", ["~", "n", "N", ""]),
    ("int", r"^[-+]?[0-9]+$", list("-+0123456789")),
    ("float", r"^[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?$", list("-+.0123456789")),
    ("merge", r"^(?:<<)$", ["<"]),
)


class _Loader(yaml.SafeLoader):
    """In plain Python: readable messages and exact marks."""


# Ten times faster, but its messages are libyaml's; PyYAML's wheels carry it, a source build may not.
_CLoader: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _FastLoader(_CLoader):  # type: ignore[misc,valid-type]  # chosen at import
    """The same document, composed in C."""


_Loader.yaml_implicit_resolvers = {}
_FastLoader.yaml_implicit_resolvers = {}
for _name, _pattern, _first in _RESOLVERS:
    _Loader.add_implicit_resolver(f"{_TAG}{_name}", re.compile(_pattern), _first)
    _FastLoader.add_implicit_resolver(f"{_TAG}{_name}", re.compile(_pattern), _first)


@dataclass(kw_only=True)
class YamlDocument:
    """One file's content. `lines` has the 1-based line of every key and list item, by path."""

    file: str
    value: Value = None
    lines: dict[Path, int] = field(default_factory=dict)
    problems: list[ConfigProblem] = field(default_factory=list)

    def line_of(self, path: Path) -> int:
        """The line of the node at `path`, else of its nearest parent; 1 for the document itself."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)

    def problem(self, path: Path, message: str) -> ConfigProblem:
        """`message`, placed at the line of `path`."""
        return ConfigProblem(file=self.file, line=self.line_of(path), message=message)


def read_yaml(path: FilePath) -> YamlDocument:
    """The file's document, named as the reader would name it from the working folder."""
    file = os.path.relpath(path) if path.is_absolute() else str(path)
    file = str(path) if file.startswith("..") else file
    problem = ""
    text = ""
    try:
        if path.stat().st_size > MAX_TEXT_BYTES:
            problem = "larger than 16 MiB: not a configuration"
        else:
            text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        problem = f"not UTF-8 text: byte {error.object[error.start]:#04x} at offset {error.start}"
    except OSError as error:
        problem = f"cannot be read: {(error.strerror or type(error).__name__).lower()}"
    if problem:
        return YamlDocument(file=file, problems=[ConfigProblem(file=file, line=0, message=problem)])
    return parse_yaml(text, file=file)


def parse_yaml(text: str, *, file: str) -> YamlDocument:
    """The document with every problem of its own: bad syntax, duplicate keys, odd keys and tags.

    `value` is None for an empty document, and when the syntax is bad (then `problems` says where).
    """
    document = YamlDocument(file=file)
    try:
        node = _compose_fast(text)
    except yaml.MarkedYAMLError as error:
        document.problems.append(_syntax_problem(error, file))
        return document
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        message = f"the character U+{error.character:04X} is not allowed in YAML"
        document.problems.append(ConfigProblem(file=file, line=line, message=message))
        return document
    if node is not None:
        _Builder(document).build_root(node)
    return document


def compose(text: str) -> yaml.Node | None:
    """The node tree of the text's only document with exact marks, None when it is empty.

    Raises:
        yaml.YAMLError: bad syntax, two documents, or nesting deeper than MAX_DEPTH.
    """
    return _compose(text, _Loader)


def _compose_fast(text: str) -> yaml.Node | None:
    try:
        return _compose(text, _FastLoader)
    except (yaml.YAMLError, UnicodeEncodeError):
        return _compose(text, _Loader)


def _compose(text: str, loader: type[yaml.SafeLoader]) -> yaml.Node | None:
    # Composers recurse: ten thousand "[" would end in a crash instead of a line number.
    depth = 0
    for event in yaml.parse(text, Loader=loader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > MAX_DEPTH:
            message = f"nested more than {MAX_DEPTH} levels deep"
            raise yaml.MarkedYAMLError(problem=message, problem_mark=event.start_mark)  # type: ignore[arg-type]
    return yaml.compose(text, Loader=loader)


def _syntax_problem(error: yaml.MarkedYAMLError, file: str) -> ConfigProblem:
    mark = error.problem_mark or error.context_mark
    what = error.problem or error.context or "cannot be read"
    if "another document" in what:
        what = "one file is one document: '---' begins a second one"
    if "\\t" in what:
        what = "a tab cannot be used for indentation: use spaces"
    began = error.context_mark
    if "document" not in what and began is not None and mark is not None and began.line != mark.line and error.context:
        what += f" ({error.context} that began in line {began.line + 1})"
    return ConfigProblem(file=file, line=mark.line + 1 if mark else 0, message=f"not valid YAML: {what}")


class _TooManyNodes(Exception):
    """The document expands beyond MAX_NODES."""


class _Builder:
    """Turns one node tree into values; keeps going after a problem."""

    def __init__(self, document: YamlDocument) -> None:
        self._document = document
        self._count = 0
        self._open: set[int] = set()

    def build_root(self, node: yaml.Node) -> None:
        try:
            self._document.value = self._value(node, ())
        except _TooManyNodes:
            message = f"expands to more than {MAX_NODES:,} values: too many aliases"
            self._document.problems.append(ConfigProblem(file=self._document.file, line=0, message=message))
            self._document.value = None

    def _value(self, node: yaml.Node, path: Path) -> Value:
        self._count += 1
        if self._count > MAX_NODES:
            raise _TooManyNodes
        self._document.lines.setdefault(path, node.start_mark.line + 1)
        if id(node) in self._open:
            self._complain(node, "an alias that contains itself")
            return None
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node)
        self._open.add(id(node))
        try:
            if isinstance(node, yaml.SequenceNode):
                self._refuse_tag(node, f"{_TAG}seq")
                return [self._value(child, (*path, index)) for index, child in enumerate(node.value)]
            self._refuse_tag(node, f"{_TAG}map")
            return self._mapping(node, path)
        finally:
            self._open.discard(id(node))

    def _mapping(self, node: yaml.Node, path: Path) -> dict[str, Value]:
        result: dict[str, Value] = {}
        merged: dict[str, Value] = {}
        first_lines: dict[str, int] = {}
        for key_node, value_node in node.value:
            key, line = key_node.value, key_node.start_mark.line + 1
            if not isinstance(key_node, yaml.ScalarNode):
                self._complain(key_node, "a key must be a word, not a list or mapping")
                continue
            if key_node.tag == f"{_TAG}merge":
                merged.update(self._merged(value_node, path))
                continue
            if key in first_lines:
                self._complain(key_node, f"duplicate key '{key}': it stands in line {first_lines[key]} already")
                continue
            first_lines[key] = line
            self._document.lines[(*path, key)] = line
            result[key] = self._value(value_node, (*path, key))
        return {**merged, **result}

    def _merged(self, node: yaml.Node, path: Path) -> dict[str, Value]:
        nodes = node.value if isinstance(node, yaml.SequenceNode) else [node]
        merged: dict[str, Value] = {}
        for each in reversed(nodes):
            value = self._value(each, path)
            if isinstance(value, dict):
                merged.update(value)
            else:
                self._complain(each, "'<<' takes a mapping")
        return merged

    def _scalar(self, node: yaml.ScalarNode) -> Value:
        tag, text = node.tag, node.value
        try:
            match tag.removeprefix(_TAG):
                case "null":
                    return None
                case "bool":
                    return {"true": True, "false": False}[text.lower()]
                case "int":
                    return int(text)
                case "float":
                    return float(text)
                case "str":
                    return str(text)
        except (KeyError, ValueError):
            self._complain(node, f"'{text[:40]}' does not fit its tag {tag.removeprefix(_TAG)}")
            return None
        self._complain(node, f"the tag {tag} is not allowed")
        return None

    def _refuse_tag(self, node: yaml.Node, expected: str) -> None:
        if node.tag != expected:
            self._complain(node, f"the tag {node.tag} is not allowed")

    def _complain(self, node: yaml.Node, message: str) -> None:
        problem = ConfigProblem(file=self._document.file, line=node.start_mark.line + 1, message=message)
        if problem not in self._document.problems:
            self._document.problems.append(problem)


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """ ": did you mean 'channel'?" when one of the known words is close, else ""."""
    close = get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f": did you mean '{close[0]}'?" if close else ""
