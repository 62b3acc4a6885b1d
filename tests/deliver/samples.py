"""Alerts of our own making, one a kind; `python -m tests.deliver.samples` prints and rewrites how they look."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

from monitor.core.alert.message import alert_message
from monitor.core.model.alert import AlertMessage, AlertReason, Message, Notice, NoticeState, Severity
from monitor.core.model.condition import ConditionKind
from monitor.core.model.report import Evidence, Modality, Report, RoleName, Roles, RoleText, RoleTime
from monitor.core.model.span import Field, Span
from monitor.core.model.story import FiledReport
from monitor.deliver.console import ConsoleChannel, TerminalConsole
from monitor.deliver.slack_blocks import slack_payload

GOLDEN = Path(__file__).parent / "golden"
PUBLISHED = datetime(2024, 10, 29, 12, 5, tzinfo=UTC)
NOW = PUBLISHED + timedelta(hours=2, minutes=15)
ZONE = timezone(timedelta(hours=2), "EET")


@dataclass(frozen=True)
class StoppedClock:
    """Always the same instant."""

    at: datetime = NOW

    def now(self) -> datetime:
        return self.at


def names(role: str, *given: str) -> tuple[RoleName, ...]:
    """One name a role; "surface=Name" where the article words it differently."""
    pairs = [text.rpartition("=") for text in given]
    return tuple(RoleName(role=role, name=name, surface=surface or name) for surface, _, name in pairs)


def report(
    type: str,
    phase: str,
    quote: str,
    roles: Roles,
    *,
    modality: Modality = Modality.ASSERTED,
    field: Field = Field.TEXT,
    occurs_on: date | None = None,
) -> Report:
    """A report proved by one sentence."""
    span = Span(start=0, end=len(quote))
    proof = Evidence(rule="sample", at="sample.yaml:1", role="sentence", field=field, span=span, quote=quote)
    return Report(
        type=type,
        phase=phase,
        modality=modality,
        score=0.9,
        alert=True,
        roles=roles,
        evidence=(proof,) if quote else (),
        occurs_on=occurs_on,
    )


def filed(
    said: Report,
    title: str,
    *,
    source: str = "Harbour Wire",
    url: str = "https://harbour-wire.example/world/4711?ref=feed&lang=en",
    dated: bool = True,
    published_at: datetime = PUBLISHED,
) -> FiledReport:
    """The report as the store hands it over."""
    return FiledReport(
        id=1,
        document_id=1,
        feed_id=1,
        source=source,
        tier="2",
        title=title,
        url=url,
        canonical_url=url,
        published_at=published_at,
        dated=dated,
        seen_at=published_at,
        backlog=False,
        text_digest="0",
        report=said,
    )


def tour() -> AlertMessage:
    """A minister lands, with stops ahead; the article the whole monitor began with, in other words."""
    roles = Roles(
        names=(
            *names("visitor", "US Secretary of State Antony Blinken=Antony Blinken"),
            *names("destination", "Israel"),
            *names("stops", "Jordan", "Doha=Qatar"),
        ),
        texts=(RoleText(role="purpose", text="ceasefire talks"),),
        times=(RoleTime(role="starts_on", stated="on Tuesday", resolved="2024-10-29"),),
        ordinal=11,
    )
    quote = (
        "US Secretary of State Antony Blinken touched down in Israel on Tuesday, his eleventh trip there since "
        "the war began, hoping to bring both sides back to the table."
    )
    said = report("visit", "under_way", quote, roles)
    return alert_message(
        filed(said, "Top US diplomat opens Middle East tour with Gaza on his mind"),
        reason=AlertReason.NEW_STORY,
        severity=Severity.HIGH,
        story_title="Antony Blinken in Israel",
        also_reported_by=(),
    )


def agreement() -> AlertMessage:
    """A truce is agreed; the headline says what the sentence says."""
    roles = Roles(
        names=(*names("party", "Israel", "Hamas"), *names("mediator", "Qatar", "Egypt"), *names("place", "Gaza")),
        texts=(RoleText(role="terms", text="hostage release"), RoleText(role="terms", text="aid deliveries")),
        times=(
            RoleTime(role="duration", stated="60-day", resolved="P60D"),
            RoleTime(role="starts_on", stated="Sunday", resolved="2024-11-03"),
        ),
    )
    quote = "Israel and Hamas have agreed to a 60-day truce in Gaza that begins on Sunday, Qatari mediators announced."
    said = report("ceasefire", "agreed", quote, roles)
    return alert_message(
        filed(said, "Israel and Hamas agree 60-day truce in Gaza, mediators announce", source="Meridian News"),
        reason=AlertReason.PHASE_CHANGED,
        severity=Severity.HIGH,
        story_title="Ceasefire talks: Israel, Hamas (Gaza)",
        also_reported_by=("Harbour Wire", "Northern Herald"),
    )


def planned() -> AlertMessage:
    """A visit is announced by one unnamed source; the article carries no date."""
    roles = Roles(
        names=(
            *names("visitor", "Emmanuel Macron"),
            *names("host", "Abdel Fattah el-Sisi", "Egypt"),
            *names("destination", "Egypt"),
        ),
        times=(RoleTime(role="starts_on", stated="7 April", resolved="2025-04-07"),),
    )
    quote = "Emmanuel Macron is expected in Cairo on 7 April to see President Sisi, a person close to the trip said."
    said = report("visit", "planned", quote, roles, modality=Modality.PLANNED)
    return alert_message(
        filed(said, "French leader’s Cairo trip takes shape", source="Delta Radio", dated=False),
        reason=AlertReason.NEW_STORY,
        severity=Severity.NORMAL,
        story_title="Emmanuel Macron in Egypt",
        also_reported_by=(),
    )


def alleged() -> AlertMessage:
    """A breach that one side claims, the day before, in a story that is known."""
    roles = Roles(names=(*names("party", "Sudan", "Rapid Support Forces"), *names("place", "Sudan", "Darfur")))
    quote = "The army accused the Rapid Support Forces of shelling El Fasher hours after the pause began."
    said = report("ceasefire", "violated", quote, roles, modality=Modality.ALLEGED, occurs_on=date(2024, 10, 28))
    return alert_message(
        filed(said, "Guns heard in Darfur as pause falters", source="Sahel Dispatch"),
        reason=AlertReason.PHASE_CHANGED,
        severity=Severity.HIGH,
        story_title="Sudan and Rapid Support Forces · Darfur",
        also_reported_by=("Harbour Wire",),
    )


def hostile() -> AlertMessage:
    """Every text tries to be something else."""
    attack = "<!channel> <@U1> &lt;b&gt; *bold* _x_ `code` <https://evil.example|click> \u202egnp.exe\u200b\x1b[31m"
    roles = Roles(names=(*names("visitor", f"Envoy {attack}"), *names("destination", "<#C1>|Israel")))
    said = report("visit", "under_way", f"He arrived, {attack}, on Monday.\n\nAll \x00 is well.", roles)
    return alert_message(
        filed(said, f"Breaking: {attack} @here", source="<!here> News", url="javascript:alert(1)"),
        reason=AlertReason.NEW_DEVELOPMENT,
        severity=Severity.LOW,
        story_title="<!everyone> trip",
        also_reported_by=("<@U2>", "Wire & Sons"),
    )


def longest() -> AlertMessage:
    """Everything far too long, and made of characters that grow when escaped."""
    many = [f"Delegation & Co <{number}> of the Very Long Name" for number in range(40)]
    roles = Roles(
        names=(*names("party", *many[:20]), *names("mediator", *many[20:]), *names("place", *many[::2])),
        texts=tuple(RoleText(role="terms", text=f"article {n} & annex " * 20) for n in range(30)),
        times=(RoleTime(role="duration", stated="&" * 500),),
        ordinal=1_000_003,
    )
    said = report("ceasefire", "proposed", "All sides & friends would lay down arms. " * 100, roles)
    return alert_message(
        filed(said, "Peace & plan " * 200, source="&" * 300, url="https://long.example/" + "a&" * 900),
        reason=AlertReason.NEW_STORY,
        severity=Severity.NORMAL,
        story_title="Peace & plan " * 50,
        also_reported_by=tuple(many),
    )


def trouble() -> Notice:
    """A source that has fallen silent, for the admin channel."""
    return Notice(
        key="feed:7/stale/2024-10-29T12:05:00+00:00/started",
        kind=ConditionKind.STALE,
        state=NoticeState.STARTED,
        severity=Severity.NORMAL,
        title="Harbour & Sons: stale",
        lines=(
            "Nothing new, where about 24 a day came and never 4 h passed without any.",
            "Compare with the site itself: if news stands there, the feed is abandoned and another must be found.",
        ),
        url="https://www.harbour.example/rss?a=1&b=2",
        since=PUBLISHED,
        created_at=NOW,
    )


def trouble_over() -> Notice:
    """The same when it is over."""
    return replace(
        trouble(),
        key="feed:7/stale/2024-10-29T12:05:00+00:00/ended",
        state=NoticeState.ENDED,
        severity=Severity.LOW,
        title="Over: Harbour & Sons: stale",
        lines=("It lasted 9 h.",),
    )


def hostile_trouble() -> Notice:
    """A source whose name wants to be more than a name, and is endless."""
    name = "<!channel> *Free* <https://evil.example|prize> \u202e&lt;" * 40
    return replace(trouble(), title=f"{name[:80]}: stale", lines=(name, "\u200b", name), url="javascript:alert(1)")


CASES: dict[str, Callable[[], Message]] = {
    "trouble": trouble,
    "trouble_over": trouble_over,
    "hostile_trouble": hostile_trouble,
    "tour": tour,
    "agreement": agreement,
    "planned": planned,
    "alleged": alleged,
    "hostile": hostile,
    "longest": longest,
}


def as_terminal(message: Message) -> str:
    """What an 80-column terminal shows, without its colours."""
    stream = io.StringIO()
    console = TerminalConsole(stream, width=80, force_terminal=False)
    ConsoleChannel("console", zone=ZONE, clock=StoppedClock(), console=console).send(message, key="k")
    return stream.getvalue()


def as_slack(message: Message) -> str:
    """The message as it goes to Slack."""
    payload = slack_payload(message, zone=ZONE)
    fields = {"text": payload.text, "blocks": payload.blocks}
    return json.dumps(fields, ensure_ascii=False, indent=2) + "\n"


def main() -> None:
    """Rewrite the golden files from today's code and print them."""
    for name, build in CASES.items():
        folder = GOLDEN / name
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "terminal.txt").write_text(as_terminal(build()), encoding="utf-8")
        (folder / "slack.json").write_text(as_slack(build()), encoding="utf-8")
        print(as_terminal(build()))


if __name__ == "__main__":
    main()
