"""What Slack accepts as blocks and mrkdwn, judged as strictly as it does."""

from __future__ import annotations

import html
import json
import re
from typing import Any

MOST_BLOCKS = 50
LONGEST_TEXT = 40_000
LONGEST_MESSAGE = 13_000

_MARKUP = re.compile(r"<([^<>]*)>")
_LINK = re.compile(r"https?://[^\s|<>]{1,3000}(\|[^|\n]*)?")
_DATE = re.compile(r"!date\^\d+\^[^|^]*(\^https?://[^|^]*)?\|[^|]+")
_MENTION = re.compile(r"[@#][A-Z0-9]+(\|.*)?|!(channel|here|everyone|subteam\^.*)")
_ENTITY = re.compile(r"&(?!(?:amp|lt|gt);)")


def length(text: str) -> int:
    """UTF-16 units, the strictest way to count."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def mentions(text: str) -> list[str]:
    """What Slack would resolve to a person, group or channel."""
    return [inner for inner in _MARKUP.findall(text) if _MENTION.fullmatch(inner)]


def links(text: str) -> list[str]:
    """Addresses Slack would link, unescaped."""
    found = (inner.partition("|")[0] for inner in _MARKUP.findall(text) if _LINK.fullmatch(inner))
    return [html.unescape(address) for address in found]


def shown(text: str) -> str:
    """Mrkdwn as a reader sees it in a client that cannot format dates: labels, fallbacks, entities resolved."""
    return html.unescape(_MARKUP.sub(lambda m: m[1].rpartition("|")[2], text))


def texts_of(blocks: list[dict[str, Any]]) -> list[str]:
    """Every text of the blocks, in reading order."""
    found: list[str] = []
    for block in blocks:
        for part in (block.get("text"), *block.get("fields", ()), *block.get("elements", ())):
            text = part.get("text") if isinstance(part, dict) else None
            found += [text["text"] if isinstance(text, dict) else text] if text else []
    return found


def problems(payload: dict[str, Any]) -> list[tuple[str, str]]:
    """Why Slack would refuse the message, as (error code, what); empty when it takes it."""
    text, blocks = payload.get("text") or "", payload.get("blocks") or []
    found: list[tuple[str, str]] = []
    if isinstance(blocks, str):
        blocks = json.loads(blocks)
    if not text and not blocks:
        found.append(("no_text", "neither text nor blocks"))
    if length(text) > LONGEST_TEXT:
        found.append(("msg_too_long", "text"))
    found += [("invalid_text", what) for what in _mrkdwn_problems(text)]
    if length(json.dumps(blocks, ensure_ascii=False)) > LONGEST_MESSAGE:
        found.append(("msg_blocks_too_long", "blocks"))
    if len(blocks) > MOST_BLOCKS:
        found.append(("invalid_blocks", f"{len(blocks)} blocks"))
    found += [("invalid_blocks", f"block {i}: {what}") for i, b in enumerate(blocks) for what in _block_problems(b)]
    return found


def _block_problems(block: dict[str, Any]) -> list[str]:
    judge = {
        "header": _header,
        "section": _section,
        "context": _context,
        "divider": lambda _: [],
        "actions": _actions,
    }.get(block.get("type", ""))
    if judge is None:
        return [f"unknown type {block.get('type')!r}"]
    extra = set(block) - {"type", "block_id", "text", "fields", "elements", "accessory", "expand"}
    long_id = ["block_id too long"] if length(block.get("block_id", "")) > 255 else []
    return [*judge(block), *long_id, *(f"unknown field {name}" for name in sorted(extra))]


def _header(block: dict[str, Any]) -> list[str]:
    return _text_problems(block.get("text"), 150, kinds=("plain_text",))


def _section(block: dict[str, Any]) -> list[str]:
    fields = block.get("fields")
    if fields is None:
        return _text_problems(block.get("text"), 3000)
    found = [] if 1 <= len(fields) <= 10 else [f"{len(fields)} fields"]
    return found + [what for field in fields for what in _text_problems(field, 2000)]


def _context(block: dict[str, Any]) -> list[str]:
    elements = block.get("elements") or []
    found = [] if 1 <= len(elements) <= 10 else [f"{len(elements)} context elements"]
    return found + [what for element in elements for what in _text_problems(element, 3000)]


def _actions(block: dict[str, Any]) -> list[str]:
    elements = block.get("elements") or []
    found = [] if 1 <= len(elements) <= 25 else [f"{len(elements)} actions"]
    ids = [button.get("action_id") for button in elements]
    found += [f"action_id {name!r} twice" for name in set(ids) if ids.count(name) > 1]
    for button in elements:
        if button.get("type") != "button":
            found.append(f"no button: {button.get('type')!r}")
        extra = set(button) - {"type", "text", "action_id", "value", "url", "style", "confirm", "accessibility_label"}
        found += [f"unknown field {name} of a button" for name in sorted(extra)]
        found += [f"style {button['style']!r}"] if button.get("style", "primary") not in ("primary", "danger") else []
        found += _text_problems(button.get("text"), 75, kinds=("plain_text",))
        limits = {"value": 2000, "url": 3000, "action_id": 255}
        found += [f"{name} too long" for name, most in limits.items() if length(button.get(name, "")) > most]
        found += ["a button without action_id"] if not button.get("action_id") else []
    return found


def _text_problems(text: Any, most: int, *, kinds: tuple[str, ...] = ("plain_text", "mrkdwn")) -> list[str]:
    if not isinstance(text, dict) or text.get("type") not in kinds or not isinstance(text.get("text"), str):
        return [f"not a text object of {kinds}: {text!r}"]
    said = text["text"]
    found = [] if 1 <= length(said) <= most else [f"text of {length(said)} characters, not 1 to {most}"]
    if "emoji" in text and text["type"] != "plain_text":
        found.append("emoji is for plain_text")
    if "verbatim" in text and text["type"] != "mrkdwn":
        found.append("verbatim is for mrkdwn")
    return found + (_mrkdwn_problems(said) if text["type"] == "mrkdwn" else [])


def _mrkdwn_problems(text: str) -> list[str]:
    """Markup left broken: an unknown <…>, a stray bracket, an entity cut in half."""
    known = (_LINK, _DATE, _MENTION)
    found = [f"unknown markup <{m}>" for m in _MARKUP.findall(text) if not any(k.fullmatch(m) for k in known)]
    if re.search(r"[<>]", re.sub(r"(?m)^>", "", _MARKUP.sub("", text))):
        found.append("stray < or >")
    if _ENTITY.search(text):
        found.append("unescaped &")
    return found
