"""pydantic's complaints -> problems in the reader's words, each at its line; values are not repeated."""

from __future__ import annotations

from collections.abc import Iterable
from typing import get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from monitor.errors import ConfigProblem
from monitor.settings.schema import ChannelItem, Settings
from monitor.settings.yaml_lines import Path, Value, YamlDocument, did_you_mean

_CHANNEL_KINDS: dict[str, type[BaseModel]] = {
    get_args(model.model_fields["kind"].annotation)[0]: model for model in get_args(get_args(ChannelItem)[0])
}

_PLAIN_WORDS = {
    "string_type": "must be text (put it in quotes if it looks like something else)",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "float_parsing": "must be a number",
    "tuple_type": "must be a list",
    "list_type": "must be a list",
    "dict_type": "must be a mapping of keys and values",
    "model_type": "must be a mapping of keys and values",
    "model_attributes_type": "must be a mapping of keys and values",
    "string_too_short": "must not be empty",
}


def without_empty(value: Value) -> Value:
    """The value without keys that have none: `read:` alone means its default."""
    if isinstance(value, dict):
        return {key: without_empty(each) for key, each in value.items() if each is not None}
    if isinstance(value, list):
        return [without_empty(each) for each in value]
    return value


def problems_of(
    error: ValidationError, document: YamlDocument, *, at: Path = (), model: type[BaseModel] = Settings
) -> list[ConfigProblem]:
    """One problem for each complaint about the part of `document` at `at`, which was read as `model`."""
    problems = []
    for each in error.errors(include_url=False, include_context=True, include_input=False):
        path = _path_in(document, at, each["loc"])
        message = _message(each, model)
        problems.append(document.problem(path, message))
    return problems


def _path_in(document: YamlDocument, at: Path, loc: tuple[int | str, ...]) -> Path:
    """The complaint's place as a path of the document: pydantic's loc has union tags that no key bears."""
    path = at
    for step in loc:
        if (*path, step) in document.lines:
            path = (*path, step)
    return path


def _message(error: ErrorDetails, model: type[BaseModel]) -> str:
    loc, kind, context = error["loc"], error["type"], error.get("ctx", {})
    key = _last_name(loc)
    match kind:
        case "extra_forbidden":
            return f"unknown key '{key}'" + did_you_mean(key, _known_keys(model, loc[:-1]))
        case "missing":
            return f"'{key}' is missing"
        case "union_tag_not_found":
            return f"channel '{key}' has no kind: write kind: {_either(_CHANNEL_KINDS)}"
        case "union_tag_invalid":
            tag = str(context.get("tag", ""))
            suggestion = did_you_mean(tag, _CHANNEL_KINDS) or f": it is {_either(_CHANNEL_KINDS)}"
            return f"channel '{key}': unknown kind '{tag}'{suggestion}"
        case "enum" | "literal_error":
            return f"'{key}' must be {context.get('expected', 'another word')}"
        case "value_error":
            return f"'{key}': {error['msg'].removeprefix('Value error, ')}"
        case _:
            said = error["msg"].removeprefix("Input should be ")
            return f"'{key}' {_PLAIN_WORDS.get(kind, 'must be ' + said)}"


def _last_name(loc: tuple[int | str, ...]) -> str:
    """The key a complaint is about, with its index when it is an item of a list."""
    if len(loc) > 1 and isinstance(loc[-1], int):
        return f"{loc[-2]}[{loc[-1] + 1}]"
    return str(loc[-1]) if loc else "item"


def _known_keys(model: type[BaseModel], loc: tuple[int | str, ...]) -> Iterable[str]:
    """The keys allowed where `loc` leads, by alias of channel kinds."""
    for step in loc:
        if step in _CHANNEL_KINDS:
            model = _CHANNEL_KINDS[str(step)]
        elif (field := model.model_fields.get(str(step))) is not None:
            annotation = field.annotation
            if isinstance(annotation, type) and issubclass(annotation, BaseModel):
                model = annotation
    return model.model_fields


def _either(words: Iterable[str]) -> str:
    *others, last = words
    return f"{', '.join(others)} or {last}"
