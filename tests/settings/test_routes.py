"""Routes as they are configured: read into what the core knows, and refused with file and line."""

from __future__ import annotations

from datetime import UTC, time
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from monitor.core.model.alert import Severity
from monitor.core.model.route import DigestTimes, Escalation, Every, Match, Quiet, Route
from monitor.errors import ConfigError
from monitor.settings.load import LoadedSettings, load_settings
from monitor.settings.routes import check_events, routes_of
from tests.builders import CEASEFIRE, VISIT

CHANNELS = "channels:\n  desk: {kind: console}\n  mail: {kind: console}\n  ops: {kind: console}\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def load(routes: str) -> LoadedSettings:
    Path("monitor.yaml").write_text(f"{CHANNELS}{routes}", encoding="utf-8")
    return load_settings(Path("monitor.yaml"), environ={})


def problems(routes: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load(routes)
    return [str(problem).removeprefix("monitor.yaml:") for problem in caught.value.problems]


def test_everything_a_route_says_is_read(folder):
    loaded = load("""\
routes:
  - name: breaking
    match: {type: ceasefire, phase: [agreed, in_effect], severity: high, person: Blinken, place: Gaza, tag: world,
      source: Harbour Post, reason: [new_story, phase_changed], story: gaza-2024}
    channels: desk
    continue: true
    quiet: {from: 22:30, to: 07:00, days: [monday, friday], timezone: Europe/Berlin, breakthrough: none}
    budget: 10
    escalate: {after: 30m, to: mail}
  - {channels: [mail], digest: daily}
""")
    breaking, rest = routes_of(loaded.settings, UTC)
    assert breaking == Route(
        name="breaking",
        channels=("desk",),
        match=Match(
            types=("ceasefire",),
            phases=("agreed", "in_effect"),
            least=Severity.HIGH,
            persons=("Blinken",),
            places=("Gaza",),
            tags=("world",),
            sources=("Harbour Post",),
            reasons=("new_story", "phase_changed"),
            stories=("gaza-2024",),
        ),
        goes_on=True,
        quiet=Quiet(
            start=time(22, 30),
            end=time(7),
            zone=ZoneInfo("Europe/Berlin"),
            days=frozenset({0, 4}),
            lets_through=None,
        ),
        budget=10,
        escalation=Escalation(after_s=1800, channels=("mail",)),
    )
    assert rest == Route(
        name="route 2", channels=("mail",), digest=DigestTimes(every=Every.DAY, zone=UTC, at=time(8), day=0)
    )


@pytest.mark.parametrize(
    ("routes", "expected"),
    [
        ("routes:\n- {channels: dsk}\n", ["6: no channel is called 'dsk': did you mean 'desk'?"]),
        (
            "admin: {channels: [ops]}\nroutes:\n- channels: ops\n",
            ["7: channel 'ops' takes notices and no alerts, unless admin.alerts_too is true"],
        ),
        (
            "routes:\n- {channels: desk}\n- {channels: mail, name: late}\n",
            ["7: no alert comes to 'late': a route before it takes all and does not continue"],
        ),
        (
            "routes:\n- {name: a, channels: desk, continue: true}\n- {name: a, channels: mail}\n",
            ["7: route 1 is called 'a' too"],
        ),
        ("routes:\n- {channels: desk, mach: {}}\n", ["6: unknown key 'mach'"]),
        (
            "routes:\n- {channels: desk, quiet: {from: 22:00, to: 22:00}}\n",
            ["6: 'quiet' ends when it begins: for whole days write from: 00:00 and to: 24:00"],
        ),
        (
            "routes:\n- {channels: desk, quiet: {from: '9', to: 22:00}}\n",
            ["6: 'from': '9' is not a time of day: write 07:30"],
        ),
        (
            "routes:\n- {channels: desk, digest: {every: daily, timezone: Mars/Base}}\n",
            ["6: 'timezone' is not a zone's name: write UTC, Europe/Berlin …"],
        ),
        (
            "routes:\n- {channels: desk, digest: daily, budget: 3}\n",
            ["6: 'budget' is for alerts told at once: this route tells a digest"],
        ),
        ("routes:\n- {channels: []}\n", ["6: route 'route 1' has no channels"]),
    ],
)
def test_what_cannot_be_used_is_refused_where_it_stands(folder, routes, expected):
    assert problems(routes) == expected


def test_a_phase_that_no_rule_has_is_refused(folder):
    settings = load("routes:\n- {channels: desk, match: {type: ceasfire, phase: [agreed, planed]}}\n").settings
    with pytest.raises(ConfigError) as caught:
        check_events(settings, {"ceasefire": CEASEFIRE, "visit": VISIT}, file="monitor.yaml")
    assert [problem.message for problem in caught.value.problems] == [
        "routes: route 1: no type is called 'ceasfire': did you mean 'ceasefire'?",
        "routes: route 1: no phase is called 'planed': did you mean 'planned'?",
    ]
