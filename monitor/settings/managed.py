"""The managed `sources.yaml`: what `monitor sources` adds and switches, the reader's own words kept."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import yaml

from monitor.errors import ConfigError, ConfigProblem
from monitor.settings.include import same_url_key
from monitor.settings.yaml_lines import Value, compose, parse_yaml, read_yaml

_HEADER = """\
# Sources added with `monitor sources`, read after the configuration beside this file.
# An item whose URL stands elsewhere changes the keys it gives there (enabled: false switches it off).
"""

_WHITE, _END = " \n", "\n..."
Item = Mapping[str, str | bool | Sequence[str]]


def add_items(path: Path, items: Sequence[Item]) -> None:
    """Append the items to the managed file, which is made if need be; all that stands in it stays.

    Raises:
        ConfigError: the file is broken or its form leaves no room; it is unchanged then.
    """
    text = _current_text(path)
    before = _items_in(text, path)
    new_text = _appended(text, items, path)
    _replace(path, new_text, expected=[*before, *(_plain(item) for item in items)])


def set_enabled(path: Path, url: str, enabled: bool) -> None:
    """Switch a source on or off: in its own item where it has one, else by a new item of its URL.

    Raises:
        ConfigError: the file is broken or its form leaves no room; it is unchanged then.
    """
    text = _current_text(path)
    before = _items_in(text, path)
    found = next((i for i, each in enumerate(before) if _is_of(each, url)), None)
    if found is None:
        add_items(path, [{"url": url, "enabled": enabled}])
        return
    item = before[found]
    expected = [*before[:found], {**item, "enabled": enabled} if isinstance(item, dict) else item, *before[found + 1 :]]
    _replace(path, _switched(text, found, enabled, path), expected=expected)


def _current_text(path: Path) -> str:
    if not path.exists():
        return _HEADER
    document = read_yaml(path)
    if document.problems:
        raise ConfigError(tuple(document.problems))
    return path.read_text(encoding="utf-8-sig")


def _items_in(text: str, path: Path) -> list[Value]:
    document = parse_yaml(text, file=str(path))
    value = document.value
    if isinstance(value, dict):
        value = value.get("sources")
    if document.problems or not (value is None or isinstance(value, list)):
        problems = document.problems or [document.problem((), "must be a list of sources")]
        raise ConfigError(tuple(problems))
    return value or []


def _is_of(item: Value, url: str) -> bool:
    written = item.get("url") if isinstance(item, dict) else None
    return isinstance(written, str) and same_url_key(written) == same_url_key(url)


def _plain(item: Item) -> dict[str, Value]:
    return {key: value if isinstance(value, str | bool) else list(value) for key, value in item.items()}


def _list_node(text: str) -> tuple[yaml.SequenceNode | None, yaml.MappingNode | None]:
    """The node of the list of sources, and the mapping it stands in; None where there is none."""
    root = compose(text)
    if isinstance(root, yaml.SequenceNode):
        return root, None
    if isinstance(root, yaml.MappingNode):
        for key, value in root.value:
            if key.value == "sources" and isinstance(value, yaml.SequenceNode):
                return value, root
        return None, root
    return None, None


def _appended(text: str, items: Sequence[Item], path: Path) -> str:
    node, mapping = _list_node(text)
    if mapping is not None and (node is None or len(mapping.value) > 1):
        raise _no_room(path)
    indent = 0
    if node is not None:
        if node.flow_style and node.value:
            raise _no_room(path)
        if node.flow_style:
            text = text[: node.start_mark.index] + text[node.end_mark.index :]
        indent = 0 if node.flow_style else node.start_mark.column
    ending = "" if not text or text.endswith("\n") else "\n"
    return text + ending + "".join(_written(item, indent) for item in items)


def _written(item: Item, indent: int) -> str:
    """One item in block style; each value quoted only where YAML needs it."""
    lines = []
    for key, value in item.items():
        shown = yaml.safe_dump(
            value if isinstance(value, str | bool) else list(value),
            default_flow_style=True,
            allow_unicode=True,
            width=10**9,
        )
        # A plain scalar is dumped as a document of its own, closed by "...".
        lines.append(f"{key}: {shown.strip(_WHITE).removesuffix(_END).strip(_WHITE)}")
    margin = " " * indent
    return f"{margin}- " + f"\n{margin}  ".join(lines) + "\n"


def _switched(text: str, index: int, enabled: bool, path: Path) -> str:
    node, _ = _list_node(text)
    if node is None or not isinstance(node.value[index], yaml.MappingNode):
        raise _no_room(path)
    item = node.value[index]
    pairs = {key.value: (key, value) for key, value in item.value}
    word = "true" if enabled else "false"
    if "enabled" in pairs:
        written = pairs["enabled"][1]
        gap = "" if text[written.start_mark.index - 1 : written.start_mark.index].isspace() else " "
        return text[: written.start_mark.index] + gap + word + text[written.end_mark.index :]
    key, written = pairs["url"]
    end = written.end_mark.index
    if item.flow_style:
        return f"{text[:end]}, enabled: {word}{text[end:]}"
    line_end = text.find("\n", end)
    line_end = len(text) if line_end < 0 else line_end
    return f"{text[:line_end]}\n{' ' * key.start_mark.column}enabled: {word}{text[line_end:]}"


def _replace(path: Path, text: str, *, expected: list[Value]) -> None:
    """Write the file whole or not at all, and only when it reads back as expected."""
    if _items_in(text, path) != expected:
        raise _no_room(path)
    target = path.resolve()
    target.parent.mkdir(parents=True, exist_ok=True)
    mode = target.stat().st_mode & 0o7777 if target.exists() else 0o644
    handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, mode)
        os.replace(temporary, target)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _no_room(path: Path) -> ConfigError:
    message = "cannot be changed safely by a command: write it as a list with each item beginning with '- '"
    return ConfigError((ConfigProblem(file=str(path), line=0, message=message),))
