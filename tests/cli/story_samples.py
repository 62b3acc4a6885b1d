"""Two stories in our own words: a truce from talks to breach, and a trip with three stops."""

from __future__ import annotations

from datetime import date, timedelta

from monitor.core.model.alert import Severity
from monitor.core.model.report import RoleTime
from monitor.store.database import open_store
from tests.cli.samples import GULF, HARBOUR, NORDLYS, NOW, STEPPE
from tests.store.arrange import story
from tests.store.chains import Told, add_story

DAY = timedelta(days=1)
_SIDES = (("party", ("Vellania", "Northern Front")), ("place", ("Arda Valley",)))


def _time(role: str, resolved: str) -> RoleTime:
    return RoleTime(role=role, stated=resolved, resolved=resolved)


def _truce(phase: str, days_ago: float, quote: str, **more: object) -> Told:
    return Told(
        phase=phase,
        at=NOW - days_ago * DAY,
        quote=quote,
        names=_SIDES,
        who="Vellania and Northern Front",
        where="Arda Valley",
        **more,  # type: ignore[arg-type]
    )


def fill(url: str) -> None:
    """Store both stories, and a closed one that the truce continues."""
    store = open_store(url)
    add_story(
        store,
        story("arda-2025", type="ceasefire", title="Shelling stops for a day", participants=("Vellania",)),
        _truce("called_for", 60, "Aid groups urged a pause in the Arda Valley.", severity=Severity.LOW),
    )
    add_story(
        store,
        story(
            "arda",
            type="ceasefire",
            title="Talks open on a truce in the Arda Valley",
            participants=("Vellania", "Northern Front"),
            places=("Arda Valley",),
            follows="arda-2025",
        ),
        _truce("talks", 5, "Delegates met in Gulfport.", change="new_story", severity=Severity.LOW),
        _truce(
            "agreed",
            3,
            "Both sides signed a 30-day truce on Thursday.",
            outlets=(HARBOUR, STEPPE, GULF),
            copies=frozenset({2}),
            times=(_time("starts_on", "2026-02-27"), _time("duration", "P30D")),
        ),
        _truce("talks", 2.9, "Delegates had met earlier.", outlets=(NORDLYS,), is_told=False, change="earlier_phase"),
        _truce("violated", 1, "Shells fell on Arda an hour before dawn.", outlets=(STEPPE,)),
    )
    add_story(
        store,
        story(
            "lind-tour",
            title="Lind begins a tour",
            participants=("Karin Lind",),
            places=("Qatar", "Oman", "Jordan"),
        ),
        Told(
            phase="planned",
            at=NOW - 2 * DAY,
            quote="Lind will travel to Qatar, Oman and Jordan.",
            names=(("visitor", ("Karin Lind",)), ("destination", ("Qatar",)), ("stops", ("Oman", "Jordan"))),
            times=(_time("starts_on", "2026-03-01"),),
            severity=Severity.NORMAL,
            change="new_story",
            who="Karin Lind",
            where="Qatar, then Oman and Jordan",
        ),
        Told(
            phase="under_way",
            at=NOW - DAY / 12,
            quote="Lind landed in Doha.",
            names=(("visitor", ("Karin Lind",)), ("destination", ("Qatar",))),
            outlets=(GULF, HARBOUR),
            occurs_on=date(2026, 3, 1),
            who="Karin Lind",
            where="Qatar",
        ),
        Told(
            phase="planned",
            at=NOW - DAY / 24,
            quote="She goes on to Oman on Tuesday.",
            names=(("visitor", ("Karin Lind",)), ("destination", ("Oman",))),
            times=(_time("starts_on", "2026-03-03"),),
            outlets=(GULF,),
            severity=Severity.NORMAL,
            change="new_development",
            who="Karin Lind",
            where="Oman",
        ),
    )
    store.close()
