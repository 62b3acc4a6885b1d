"""Rule folders -> rule sources and the compiled ruleset; every problem with file and line.

A configuration root holds `events/<type>/event.yaml`, `events/<type>/rules/*.yaml`,
`languages/<code>.yaml` and `gazetteer/*.yaml`. Roots are laid over each other, the shipped one
first: a later rule, concept, entity or phase of the same id replaces the earlier one.
"""

from __future__ import annotations

import gc
import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from monitor.core.model.event import EventType as StoryType
from monitor.core.rules.compile import Ruleset, compile_rules, story_type
from monitor.core.rules.schema import EventType, GazetteerEntry, Language, Rule, RuleSources
from monitor.errors import ConfigError, ConfigProblem
from monitor.settings.rule_files import read_entries, read_event, read_language, read_rules
from monitor.settings.rule_reader import Reader
from monitor.settings.yaml_lines import parse_yaml


def load_ruleset(folders: Sequence[Path]) -> Ruleset:
    """The compiled ruleset of these configuration roots, later ones over earlier ones.

    Raises:
        ConfigError: everything wrong in any of the files, in file order.
    """
    with _collector_paused():
        sources = load_rule_sources(folders)
        # A reload that leaves the rules alone keeps their built expressions, which cost seconds.
        ruleset = _compiled.get(sources.digest)
        if ruleset is None:
            ruleset = compile_rules(sources)
            _compiled.clear()
            _compiled[sources.digest] = ruleset
    return ruleset


_compiled: dict[str, Ruleset] = {}


@contextmanager
def _collector_paused() -> Iterator[None]:
    """Almost all that loading makes stays; the collector would go through it again and again."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def load_rule_sources(folders: Sequence[Path]) -> RuleSources:
    """What the folders say, uncompiled.

    Raises:
        ConfigError: a folder is missing, or files have problems.
    """
    collected = _Collected()
    for folder in folders:
        collected.add_folder(Path(folder))
    collected.check_references()
    if collected.problems:
        raise ConfigError(tuple(collected.problems))
    return RuleSources(
        languages=tuple(collected.languages.values()),
        types=tuple(collected.types.values()),
        rules=tuple(collected.rules.values()),
        entries=tuple(collected.entries.values()),
        digest=collected.digest.hexdigest()[:16],
    )


def load_event_types(folders: Sequence[Path]) -> dict[str, StoryType]:
    """The event types as stories and alerts see them, by name; no rule, word or name is read, so that it is quick.

    Raises:
        ConfigError: a definition has problems.
    """
    collected = _Collected()
    for folder in folders:
        for event_folder in event_folders(folder):
            collected.add_definition(event_folder, folder)
    if collected.problems:
        raise ConfigError(tuple(collected.problems))
    return {name: story_type(event) for name, event in collected.types.items()}


def event_folders(folder: Path) -> list[Path]:
    """The folders of event types in a configuration root, by name."""
    return sorted(path for path in folder.glob("events/*") if path.is_dir())


class _Collected:
    def __init__(self) -> None:
        self.problems: list[ConfigProblem] = []
        self.languages: dict[str, Language] = {}
        self.types: dict[str, EventType] = {}
        self.rules: dict[str, Rule] = {}
        self.entries: dict[str, GazetteerEntry] = {}
        self.digest = hashlib.sha256()

    def add_folder(self, folder: Path) -> None:
        if not folder.is_dir():
            self.problems.append(ConfigProblem(file=str(folder), line=0, message="no such folder of rules"))
            return
        for path in sorted(folder.glob("languages/*.yaml")):
            self._add_language(self._reader(path, folder), path.stem)
        for path in sorted(folder.glob("gazetteer/*.yaml")):
            for entry in read_entries(self._reader(path, folder)):
                self.entries[entry.id] = entry
        for event_folder in event_folders(folder):
            self._add_type(event_folder, folder)

    def add_definition(self, event_folder: Path, folder: Path) -> None:
        """Read what an event type is, without its rules."""
        name = event_folder.name
        definition = event_folder / "event.yaml"
        if definition.is_file():
            event = read_event(self._reader(definition, folder), name)
            if event is not None:
                self.types[name] = event
        elif name not in self.types:
            file = definition.relative_to(folder).as_posix()
            self.problems.append(ConfigProblem(file=file, line=0, message=f"event type {name!r} has no event.yaml"))

    def _add_type(self, event_folder: Path, folder: Path) -> None:
        name = event_folder.name
        self.add_definition(event_folder, folder)
        in_this_folder: dict[str, Rule] = {}
        for path in sorted(event_folder.glob("rules/*.yaml")):
            for rule in read_rules(self._reader(path, folder), name):
                if rule.id in in_this_folder:
                    first = in_this_folder[rule.id].at
                    self._complain(rule.at, f"rule {rule.id!r} stands at {first} already")
                in_this_folder[rule.id] = rule
        self.rules.update(in_this_folder)

    def _add_language(self, reader: Reader, code: str) -> None:
        new = read_language(reader, code)
        old = self.languages.get(code)
        if old is not None:
            concepts = {c.name: c for c in old.concepts} | {c.name: c for c in new.concepts}
            new = Language(
                code=code,
                concepts=tuple(concepts.values()),
                irregular=tuple((dict(old.irregular) | dict(new.irregular)).items()),
                plurals=tuple((dict(old.plurals) | dict(new.plurals)).items()),
            )
        self.languages[code] = new

    def check_references(self) -> None:
        """Rules must name phases that their type has."""
        for rule in self.rules.values():
            event = self.types.get(rule.type)
            if event is None:
                continue
            named = [rule.phase] if rule.phase else []
            m = rule.modalities
            named += [m.negated, m.conditional, m.speculative, m.planned, m.alleged, m.background]
            for phase in named:
                if phase not in ("keep", "drop", "demote") and event.phase(phase) is None:
                    self._complain(rule.at, f"rule {rule.id}: {rule.type} has no phase {phase!r}")

    def _complain(self, at: str, message: str) -> None:
        file, _, line = at.rpartition(":")
        self.problems.append(ConfigProblem(file=file, line=int(line), message=message))

    def _reader(self, path: Path, folder: Path) -> Reader:
        file = path.relative_to(folder).as_posix()
        try:
            text = path.read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            self.problems.append(ConfigProblem(file=file, line=0, message=f"cannot be read: {error}"))
            text = ""
        self.digest.update(f"{file}\n{text}\0".encode(errors="surrogatepass"))
        document = parse_yaml(text, file=file)
        self.problems.extend(document.problems)
        return Reader(document, self.problems)
