"""Stories of our own making as Slack shows them; run as a module, it rewrites docs/slack-messages.md."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from monitor.core.model.alert import AlertReason, Digest, DigestLine, Severity
from monitor.core.model.story_state import StateStep, StoryState
from monitor.core.model.thread import ThreadPlace
from monitor.deliver.slack_blocks import slack_payload
from monitor.deliver.slack_parts import Payload
from monitor.deliver.slack_story import minimal_parent, parent_payload, reply_payload
from tests.deliver import samples

PAGE = Path(__file__).parents[2] / "docs" / "slack-messages.md"
_URL = "https://meridian-news.example/gaza/60-day-truce"


def step(phase: str, quote: str, *, hours: float, **changes: object) -> StateStep:
    """One development of the truce, so many hours after the first."""
    made = StateStep(
        development=f"israel-hamas-gaza-{phase}",
        phase=phase,
        severity=Severity.HIGH,
        at=samples.PUBLISHED + timedelta(hours=hours),
        who="Israel and Hamas",
        where="Gaza",
        quote=quote,
        source="Meridian News",
        url=_URL,
        report_count=5,
        origin_count=3,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def truce() -> StoryState:
    """A truce that came into effect after talks and an agreement."""
    return StoryState(
        story_id=3,
        slug="israel-hamas-gaza",
        type="ceasefire",
        phase="in_effect",
        severity=Severity.HIGH,
        title="Ceasefire: Israel, Hamas (Gaza)",
        who="Israel and Hamas",
        where="Gaza",
        steps=(
            step("talks", "Envoys of both sides returned to Doha on Monday.", hours=0),
            step("agreed", "Israel and Hamas have agreed to a 60-day truce in Gaza.", hours=30),
            step(
                "in_effect",
                "The truce in Gaza took hold at dawn on Sunday, mediators said.",
                hours=100,
                details=("for 60 days", "hostage release"),
            ),
        ),
        ahead=("first stage ends 15 Dec 2024",),
        outlets=("Meridian News", "Harbour Wire", "Northern Herald", "Delta Radio", "Sahel Dispatch", "Lake Post"),
        report_count=14,
        origin_count=6,
        first_seen_at=samples.PUBLISHED,
        last_seen_at=samples.PUBLISHED + timedelta(hours=101),
        acked_by="Noor",
    )


def place() -> ThreadPlace:
    """The truce in a thread that has a parent."""
    return ThreadPlace(state=truce(), alert_id=12, parent="C0ALERTS001:1730203500.000100")


def new_trip() -> ThreadPlace:
    """A visit that has just been announced by one outlet."""
    quote = "Emmanuel Macron is expected in Cairo on 7 April to see President Sisi, a person close to the trip said."
    only = step(
        "planned",
        quote,
        hours=0,
        development="macron-egypt-planned",
        severity=Severity.NORMAL,
        who="Emmanuel Macron",
        where="Egypt",
        source="Delta Radio",
        url="https://delta-radio.example/a/19",
        report_count=1,
        origin_count=1,
        details=("7 April (7 Apr 2025)",),
    )
    state = replace(
        truce(),
        story_id=4,
        slug="macron-egypt",
        type="visit",
        phase="planned",
        severity=Severity.NORMAL,
        title="Emmanuel Macron in Egypt",
        who="Emmanuel Macron",
        where="Egypt",
        steps=(only,),
        ahead=(),
        outlets=("Delta Radio",),
        report_count=1,
        origin_count=1,
        marks=("single source",),
        acked_by=None,
    )
    return ThreadPlace(state=state, alert_id=13)


def retracted() -> ThreadPlace:
    """The truce after the article that told its beginning was withdrawn; muted meanwhile."""
    *before, last = truce().steps
    state = replace(
        truce(),
        steps=(*before, replace(last, marks=("retracted",))),
        marks=("retracted",),
        muted_until=samples.NOW + timedelta(hours=24),
        follows="israel-hamas-gaza-2023",
    )
    return replace(place(), state=state)


def digest() -> Digest:
    """Two stories of a night."""
    line = DigestLine(
        story="israel-hamas-gaza",
        type="ceasefire",
        phase="agreed",
        severity=Severity.HIGH,
        title="Ceasefire: Israel, Hamas (Gaza)",
        who="Israel and Hamas",
        where="Gaza",
        steps=("talks", "agreed"),
        report_count=9,
        source="Meridian News",
        url=_URL,
        at=samples.PUBLISHED,
    )
    trip = replace(
        line,
        story="macron-egypt",
        type="visit",
        phase="planned",
        severity=Severity.NORMAL,
        title="Emmanuel Macron in Egypt",
        who="Emmanuel Macron",
        where="Egypt",
        steps=("planned",),
        report_count=1,
        source="Delta Radio",
        url="https://delta-radio.example/a/19",
    )
    return Digest(
        key="desk/night/2024-10-29",
        title="Quiet hours 23:00–07:00",
        since=samples.PUBLISHED - timedelta(hours=8),
        until=samples.PUBLISHED,
        lines=(line, trip),
        created_at=samples.NOW,
    )


def _reply(reason: AlertReason) -> Payload:
    return reply_payload(replace(samples.agreement(), reason=reason), place(), zone=samples.ZONE, buttons=False)


MESSAGES: dict[str, tuple[str, Callable[[], Payload]]] = {
    "A new story": (
        "The first alert of a story is its parent. It shows the state that the story has when it is sent.",
        lambda: parent_payload(new_trip(), zone=samples.ZONE, buttons=False),
    ),
    "A story after three developments, with buttons": (
        "The same message later, edited quietly: phase, history, how many tell it, what is ahead, who has seen to it.",
        lambda: parent_payload(place(), zone=samples.ZONE, buttons=True),
    ),
    "A story whose last step was withdrawn": (
        "What qualifies the state stands behind the phase, also in the history; the last line says what people did.",
        lambda: parent_payload(retracted(), zone=samples.ZONE, buttons=False),
    ),
    "A later development": (
        "A reply in the thread; of a phase listed in `broadcast`, it shows in the channel too.",
        lambda: _reply(AlertReason.PHASE_CHANGED),
    ),
    "A correction": (
        "The mark behind the phase says what it is: `corrected`, `retracted`, `conflicting reports` or `changed`.",
        lambda: _reply(AlertReason.CORRECTED),
    ),
    "A digest": (
        "As many stories as find room in 50 blocks and 8,000 characters, the most severe first; the rest are counted.",
        lambda: slack_payload(digest(), zone=samples.ZONE),
    ),
    "A notice about the monitor itself": (
        "For the channels of `admin.channels`.",
        lambda: slack_payload(samples.trouble(), zone=samples.ZONE),
    ),
    "When Slack refuses the blocks": (
        "The parent once more in its plainest form, a single text.",
        lambda: minimal_parent(place()),
    ),
}


def page() -> str:
    """The page of docs with every kind of message."""
    parts = [
        "# Slack messages",
        "What is handed to Slack for each kind of message: `text` for notifications, `blocks` for the eye. The page\n"
        "is made from the code by `python -m tests.deliver.story_samples`, and a test holds it to that. Paste the\n"
        "blocks into Slack's Block Kit Builder to see them.",
    ]
    for title, (words, build) in MESSAGES.items():
        payload = build()
        fields = {"text": payload.text} | ({"blocks": payload.blocks} if payload.blocks else {})
        parts += [f"## {title}", words, f"```json\n{json.dumps(fields, ensure_ascii=False, indent=2)}\n```"]
    return "\n\n".join(parts) + "\n"


def main() -> None:
    """Rewrite the page from today's code."""
    PAGE.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
