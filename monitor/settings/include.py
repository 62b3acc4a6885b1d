"""Source items out of the configuration, its included files, and the managed file beside it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import ValidationError

from monitor.errors import ConfigProblem
from monitor.settings.paths import shipped_seeds_dir
from monitor.settings.problems import problems_of, without_empty
from monitor.settings.schema import SourceInclude, SourceItem
from monitor.settings.yaml_lines import Path as NodePath
from monitor.settings.yaml_lines import Value, YamlDocument, did_you_mean, read_yaml

SEEDS = "seeds:"
_ENV_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@dataclass(frozen=True, kw_only=True)
class PlacedSource:
    """One configured source and where it is written; `managed` when that is the managed file."""

    item: SourceItem
    file: str
    line: int
    managed: bool = False

    @property
    def place(self) -> str:
        """ "file:line"."""
        return f"{self.file}:{self.line}"


@dataclass(kw_only=True)
class SourceReader:
    """Collects sources and problems over any number of files, each read once."""

    placed: list[PlacedSource] = field(default_factory=list)
    problems: list[ConfigProblem] = field(default_factory=list)
    _seen_files: set[Path] = field(default_factory=set)

    def read_list(self, document: YamlDocument, value: Value, *, at: NodePath, path: Path, managed: bool) -> None:
        """Take the items of one list, following its includes; `path` is the file the list stands in."""
        self._seen_files.add(path.resolve())
        if value is None:
            return
        if not isinstance(value, list):
            self.problems.append(document.problem(at, "sources must be a list: each item begins with '- '"))
            return
        for index, item in enumerate(value):
            self._read_item(document, item, at=(*at, index), path=path, managed=managed)

    def read_file(self, path: Path, *, managed: bool = False) -> None:
        """Take the sources of a file that is a list of items, or a mapping with `sources`."""
        if path.resolve() in self._seen_files:
            return
        document = read_yaml(path)
        self.problems.extend(document.problems)
        value = document.value
        if not isinstance(value, dict):
            self.read_list(document, value, at=(), path=path, managed=managed)
            return
        for key in value:
            if key != "sources":
                hint = did_you_mean(key, ["sources"]) or ": a file of sources is a list, or has the one key 'sources'"
                self.problems.append(document.problem((key,), f"unknown key '{key}'{hint}"))
        self.read_list(document, value.get("sources"), at=("sources",), path=path, managed=managed)

    def _read_item(self, document: YamlDocument, item: Value, *, at: NodePath, path: Path, managed: bool) -> None:
        if isinstance(item, str):
            hint = f"write '- url: {item}'" if "://" in item else f"write '- include: {item}'"
            self.problems.append(document.problem(at, f"a source is a mapping, not a word: {hint[:120]}"))
            return
        model = SourceInclude if isinstance(item, dict) and "include" in item else SourceItem
        try:
            read = model.model_validate(without_empty(item))
        except ValidationError as error:
            self.problems.extend(problems_of(error, document, at=at, model=model))
            return
        if isinstance(read, SourceInclude):
            self._include(read.include, document=document, at=at, path=path, managed=managed)
            return
        self.problems.extend(document.problem((*at, key), message) for key, message in _wrong_in(read))
        line = document.line_of((*at, "url"))
        self.placed.append(PlacedSource(item=read, file=document.file, line=line, managed=managed))

    def _include(self, pattern: str, *, document: YamlDocument, at: NodePath, path: Path, managed: bool) -> None:
        found = _matching_files(pattern, beside=path)
        if not found:
            where = "the shipped lists" if pattern.startswith(SEEDS) else str(path.parent)
            self.problems.append(document.problem(at, f"include: {pattern} matches no file in {where}"))
        for each in found:
            self.read_file(each, managed=managed)


def _matching_files(pattern: str, *, beside: Path) -> list[Path]:
    folder = beside.parent
    if pattern.startswith(SEEDS):
        folder, pattern = shipped_seeds_dir(), pattern.removeprefix(SEEDS)
    written = Path(pattern).expanduser()
    if written.is_absolute():
        folder, pattern = Path(written.anchor), str(written.relative_to(written.anchor))
    if not any(character in pattern for character in "*?["):
        return [folder / pattern] if (folder / pattern).is_file() else []
    return sorted(each for each in folder.glob(pattern) if each.is_file())


def _wrong_in(item: SourceItem) -> list[tuple[str, str]]:
    """What is wrong with one source by itself, as (key, message)."""
    wrong = [("url", message) for message in wrong_with_url(item.url)]
    for key in ("headers_env", "auth_env"):
        value = getattr(item, key)
        if value is not None and not is_variable_name(value):
            wrong.append((key, f"'{key}' takes the name of an environment variable, not the value itself"))
    return wrong


def is_variable_name(value: str) -> bool:
    """Whether it can name an environment variable, as a pasted token cannot."""
    return _ENV_NAME.fullmatch(value) is not None


def wrong_with_url(url: str) -> list[str]:
    """Why a URL cannot be a source's; the URL itself is not repeated, it may hold a secret."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return ["'url' is not a URL"]
    if parts.scheme not in ("http", "https") or not host or any(character.isspace() for character in url):
        return ["'url' must begin with https:// or http:// and name a host, without spaces"]
    if parts.username is not None:
        return ["'url' holds a user name or password: name an environment variable with auth_env instead"]
    return []


def is_source_url(url: str) -> bool:
    """Whether it can be a source's URL: http or https, a host, no credentials."""
    return not wrong_with_url(url)


def same_url_key(url: str) -> str:
    """What two spellings of one URL share: scheme and host in lower case, no fragment."""
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return url.strip()
    path = parts.path or "/"
    return f"{parts.scheme.lower()}://{parts.netloc.lower()}{path}" + (f"?{parts.query}" if parts.query else "")


def merge_managed(placed: list[PlacedSource]) -> tuple[list[PlacedSource], list[ConfigProblem]]:
    """Every URL once: an item of the managed file changes the keys it gives; other repeats are problems."""
    merged: dict[str, PlacedSource] = {}
    problems = []
    for each in placed:
        key = same_url_key(each.item.url)
        first = merged.get(key)
        if first is None:
            merged[key] = each
        elif each.managed and not first.managed:
            given = each.item.model_dump(include=each.item.model_fields_set - {"url"})
            item = first.item.model_copy(update=given)
            merged[key] = PlacedSource(item=item, file=each.file, line=each.line, managed=True)
        else:
            message = f"the same URL stands in {first.place} already"
            problems.append(ConfigProblem(file=each.file, line=each.line, message=message))
    return list(merged.values()), problems
