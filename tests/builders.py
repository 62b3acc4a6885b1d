"""Values for tests, with everything that does not matter filled in."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from monitor.core.model.alert import Severity
from monitor.core.model.event import EventType, Identity, Phase
from monitor.core.model.report import Evidence, Modality, Report, RoleName, Roles
from monitor.core.model.span import Field, Span
from monitor.core.model.story import FiledReport

NOON = datetime(2024, 10, 29, 12, tzinfo=UTC)

CEASEFIRE = EventType(
    name="ceasefire",
    phases=tuple(
        Phase(
            name=name,
            order=order,
            severity=severity,
            after=() if order > 4 else ("collapsed", "rejected"),
            acted=name in ("called_for", "proposed", "agreed", "rejected"),
        )
        for order, (name, severity) in enumerate(
            [
                ("called_for", Severity.LOW),
                ("talks", Severity.LOW),
                ("proposed", Severity.NORMAL),
                ("near", Severity.NORMAL),
                ("agreed", Severity.HIGH),
                ("in_effect", Severity.HIGH),
                ("extended", Severity.NORMAL),
                ("violated", Severity.HIGH),
                ("collapsed", Severity.HIGH),
                ("rejected", Severity.NORMAL),
            ]
        )
    ),
    agent_roles=("party",),
    place_roles=("place",),
    actor_role="caller",
    idle_days=10,
    identity=Identity.PLACES,
)
VISIT = EventType(
    name="visit",
    phases=tuple(
        Phase(name=name, order=order, severity=Severity.NORMAL, after=("postponed",) if order < 2 else ())
        for order, name in enumerate(["planned", "under_way", "concluded", "postponed", "cancelled"])
    ),
    agent_roles=("visitor",),
    place_roles=("destination", "stops"),
    actor_role=None,
    idle_days=5,
    identity=Identity.AGENTS,
)


QUOTES = {
    "called_for": "The bishop appealed for an end to the shelling.",
    "talks": "Envoys met in Cairo to resume truce talks.",
    "proposed": "Mediators handed both sides a new draft.",
    "near": "Negotiators said only one clause was still open.",
    "agreed": "Both delegations signed the accord on Monday night.",
    "in_effect": "Guns fell silent along the front at dawn.",
    "extended": "The calm was prolonged for another week.",
    "violated": "Rockets hit a village hours after the signing.",
    "collapsed": "Full-scale fighting resumed across the province.",
    "rejected": "The general dismissed the draft as surrender.",
    "planned": "The minister is expected next week.",
    "under_way": "His plane landed shortly before noon.",
    "concluded": "She flew home after a last round of meetings.",
    "postponed": "The journey was put off without a new date.",
    "cancelled": "The journey was called off.",
}
"""How each phase is told, unless a test says otherwise."""


def role_name(role: str, words: str) -> RoleName:
    """A filled role: "Hamas", "Norway" (a country), "Ingrid Solheim of Norway", "a minister of Norway" (unnamed)."""
    name, _, home = words.partition(" of ")
    if name.startswith("a "):
        return RoleName(role=role, name=words, surface=words, home=home)
    kind = "country" if name in ("Norway", "Kenya", "Israel") else "person"
    return RoleName(role=role, name=name, surface=name, entity_id=f"{kind}:{name}", home=home or name)


def report(
    type: str = "ceasefire",
    phase: str = "talks",
    *,
    alert: bool = True,
    score: float = 0.8,
    occurs_on: date | None = None,
    quote: str = "",
    **names: str | tuple[str, ...],
) -> Report:
    """A report; further keywords fill roles: party=("Israel", "Hamas"), place="Gaza"."""
    filled = [
        role_name(role, name)
        for role, given in names.items()
        for name in ((given,) if isinstance(given, str) else given)
    ]
    quote = quote or QUOTES.get(phase, "Envoys met in Cairo to resume truce talks.")
    proof = Evidence(
        rule="r", at="r.yaml:1", role="sentence", field=Field.TEXT, span=Span(start=0, end=len(quote)), quote=quote
    )
    return Report(
        type=type,
        phase=phase,
        modality=Modality.ASSERTED,
        score=score,
        alert=alert,
        roles=Roles(names=tuple(filled)),
        evidence=(proof,),
        occurs_on=occurs_on,
    )


def filed(
    said: Report,
    *,
    id: int = 1,
    source: str = "Harbour Wire",
    title: str = "",
    hours: float = 0.0,
    tier: str = "2",
    backlog: bool = False,
    dated: bool = True,
) -> FiledReport:
    """The report as filed from one outlet, published `hours` after NOON.

    A title that is given tells the report, unless the report brings words of its own.
    """
    proof = said.sentence
    if title and proof and proof.quote in QUOTES.values():
        span = Span(start=0, end=len(title))
        said = replace(said, evidence=(replace(proof, field=Field.TITLE, span=span, quote=title),))
    title = title or "Envoys meet in Cairo"
    at = NOON + timedelta(hours=hours)
    url = f"https://news.example/{source.replace(' ', '-').lower()}/{id}"
    return FiledReport(
        id=id,
        document_id=id,
        feed_id=1,
        source=source,
        tier=tier,
        title=title,
        url=url,
        canonical_url=url,
        published_at=at,
        dated=dated,
        seen_at=at,
        backlog=backlog,
        text_digest=str(id),
        report=said,
    )
