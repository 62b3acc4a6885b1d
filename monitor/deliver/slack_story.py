"""A story's messages in Slack: the parent that shows its state, and the replies that tell each development."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import tzinfo

from monitor.core.alert.message import cut_at_word
from monitor.core.alert.wording import MODALITY_MARKS, REASON_MARKS, listed, phase_phrase
from monitor.core.model.alert import AlertMessage
from monitor.core.model.story_state import StateStep, StoryState
from monitor.core.model.thread import ThreadPlace
from monitor.deliver.layout import DETAILS_LENGTH, NAMES_LENGTH, SHORT_LENGTH, clean, safe_url, scene_of, time_words
from monitor.deliver.slack_blocks import slack_payload
from monitor.deliver.slack_parts import (
    LINE_LENGTH,
    SHORTER,
    Block,
    Payload,
    bold,
    context,
    escape,
    header,
    italic,
    link,
    linkable,
    moment,
    section,
)

ACK, MUTE, RELEVANT, NOT_RELEVANT, SPLIT = "ack", "mute_24h", "relevant", "not_relevant", "split"
"""The action ids of the buttons; their value is {"alert": id, "story": id} as compact JSON."""

_LABELS = {
    ACK: "Ack",
    MUTE: "Mute 24 h",
    RELEVANT: "Relevant",
    NOT_RELEVANT: "Not relevant",
    SPLIT: "Split",
}
_OF_A_PARENT = tuple(_LABELS)
_OF_A_REPLY = (RELEVANT, NOT_RELEVANT, SPLIT)  # acks and mutes are of the story, and stand at its head
_QUOTE_LENGTH = 400
_MOST_STEPS = 12  # of the history line; older ones are counted
_PHASE_MARKS = frozenset({*MODALITY_MARKS.values(), *REASON_MARKS.values()})


def parent_payload(place: ThreadPlace, *, zone: tzinfo, buttons: bool) -> Payload:
    """The story's state, at most MESSAGE_LENGTH characters."""
    for length in (_QUOTE_LENGTH, *SHORTER):
        payload = _parent(place, zone, buttons=buttons, length=length)
        if payload.fits():
            break
    return payload


def minimal_parent(place: ThreadPlace) -> Payload:
    """The state in one line with its link and no blocks, for when Slack refuses the blocks."""
    last = place.state.steps[-1]
    url = linkable(safe_url(last.url))
    line = _line(place.state)
    return Payload(text=f"{line}\n{link(url, 'Article')}" if url else line, blocks=())


def reply_payload(message: AlertMessage, place: ThreadPlace, *, zone: tzinfo, buttons: bool) -> Payload:
    """One development, at most MESSAGE_LENGTH characters; its story's title is left to the parent."""
    payload = slack_payload(replace(message, story_title=""), zone=zone)
    if not buttons:
        return payload
    return replace(payload, blocks=(*payload.blocks, _actions(place, _OF_A_REPLY)))


def digest_of(payload: Payload) -> str:
    """What tells two payloads apart."""
    shown = json.dumps([payload.text, payload.blocks], ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(shown.encode("utf-8", "replace")).hexdigest()[:32]


def _parent(place: ThreadPlace, zone: tzinfo, *, buttons: bool, length: int) -> Payload:
    state, last = place.state, place.state.steps[-1]
    scene = cut_at_word(_scene(state), min(NAMES_LENGTH, length))
    details = cut_at_word(" · ".join(filter(None, map(clean, last.details))), min(DETAILS_LENGTH, length))
    ahead = cut_at_word(" · ".join(filter(None, map(clean, state.ahead))), length)
    quote = cut_at_word(clean(last.quote), length)
    blocks: list[Block] = [header(_title(state))]
    blocks += section(
        "\n".join(filter(None, (bold(scene), escape(details), f"Ahead: {escape(ahead)}" if ahead else "")))
    )
    blocks += section(f">“{escape(quote)}”" if quote else "")
    url = linkable(safe_url(last.url))
    blocks += context(
        escape(cut_at_word(clean(last.source), min(SHORT_LENGTH, length))),
        moment(last.at, zone),
        italic(cut_at_word(_caveats(state), length)),
        link(url, "Read article") if url else "",
    )
    blocks += context(escape(cut_at_word(_history(state), length)))
    blocks += context(*_counts(state, length))
    blocks += context(
        f"✓ {escape(cut_at_word(clean(state.acked_by), SHORT_LENGTH))}" if state.acked_by else "",
        f"muted until {escape(time_words(state.muted_until, zone))}" if state.muted_until else "",
        f"continues {escape(cut_at_word(clean(state.follows), SHORT_LENGTH))}" if state.follows else "",
    )
    if buttons:
        blocks.append(_actions(place, _OF_A_PARENT))
    return Payload(text=_line(state), blocks=tuple(blocks))


def _title(state: StoryState) -> str:
    phase = cut_at_word(clean(phase_phrase(state.type, state.phase)), SHORT_LENGTH) or "News"
    firm = [mark for mark in map(clean, state.marks) if mark in _PHASE_MARKS]
    return f"{phase} ({', '.join(dict.fromkeys(firm))})" if firm else phase


def _caveats(state: StoryState) -> str:
    return " · ".join(m for m in map(clean, state.marks) if m and m not in _PHASE_MARKS)


def _scene(state: StoryState) -> str:
    return scene_of(state.type, state.who, state.where)


def _line(state: StoryState) -> str:
    title, scene = _title(state), cut_at_word(_scene(state), NAMES_LENGTH)
    last = state.steps[-1]
    quote = cut_at_word(clean(last.quote), SHORT_LENGTH)
    told = f"{title}: {scene}" if scene else title
    return escape(cut_at_word(" — ".join(filter(None, (told, quote, clean(last.source)))), LINE_LENGTH))


def _history(state: StoryState) -> str:
    """ "talks → agreed → in effect"; empty while there is one step only."""
    if len(state.steps) < 2:
        return ""
    shown = state.steps[-_MOST_STEPS:]
    hidden = len(state.steps) - len(shown)
    words = [f"{hidden} earlier"] if hidden else []
    return " → ".join((*words, *map(_step, shown)))


def _step(step: StateStep) -> str:
    marks = [mark for mark in map(clean, step.marks) if mark in _PHASE_MARKS]
    phase = cut_at_word(clean(step.phase.replace("_", " ")), SHORT_LENGTH // 4) or "news"
    return f"{phase} ({', '.join(marks)})" if marks else phase


def _counts(state: StoryState, length: int) -> tuple[str, str]:
    names = listed([clean(name) for name in state.outlets if clean(name)])
    reports = "1 report" if state.report_count == 1 else f"{state.report_count} reports"
    origins = "" if state.origin_count == state.report_count else f" of {state.origin_count} origins"
    return f"{reports}{origins}", escape(cut_at_word(names, length))


def _actions(place: ThreadPlace, ids: tuple[str, ...]) -> Block:
    value = json.dumps({"alert": place.alert_id, "story": place.state.story_id}, separators=(",", ":"))
    return {
        "type": "actions",
        "elements": [
            {
                "type": "button",
                "text": {"type": "plain_text", "text": _LABELS[action], "emoji": False},
                "action_id": action,
                "value": value,
            }
            for action in ids
        ],
    }
