"""What a later report changes about a told development, and whose word it takes."""

from __future__ import annotations

from dataclasses import replace

from monitor.core.alert.changes import change_key, is_vouched, role_changes
from monitor.core.alert.told import Told
from monitor.core.group.assign import Step
from monitor.core.group.story import new_development, new_story
from monitor.core.model.alert import AlertReason, Severity
from monitor.core.model.report import Roles, RoleTime
from monitor.core.model.story import Development
from tests.builders import NOON, VISIT, filed, report

EVENT = replace(
    VISIT,
    changes=(
        ("destination", ("planned", "under_way")),
        ("stops", ("planned", "under_way")),
        ("starts_on", ("planned", "postponed")),
    ),
)


def roles(*, on: str | None = None, **names: str | tuple[str, ...]) -> Roles:
    times = (RoleTime(role="starts_on", stated="then", resolved=on),) if on else ()
    return replace(report("visit", "planned", **names).roles, times=times)


def development(said: Roles, phase: str = "planned") -> Development:
    first = filed(replace(report("visit", phase), roles=said))
    return replace(new_development(first, new_story(first, EVENT), Step.NEW_STORY, EVENT), id=1)


def changes(first: Roles, later: Roles, phase: str = "planned"):
    told = Told(
        development_id=1,
        reason=AlertReason.NEW_STORY,
        phase=phase,
        severity=Severity.NORMAL,
        at=NOON,
        roles=first,
    )
    return role_changes(later, development(first, phase), (told,), EVENT)


def test_a_new_stop_is_named():
    found = changes(roles(destination="Israel"), roles(destination=("Israel", "Kenya")))
    assert [each.words for each in found] == ["new stop: Kenya"]
    assert change_key(found) == "destination=kenya"


def test_a_stop_named_in_two_roles_is_one_change():
    found = changes(roles(destination="Israel"), roles(destination=("Israel", "Kenya"), stops="Kenya"))
    assert [each.words for each in found] == ["new stop: Kenya"]


def test_a_place_where_none_was_known_is_no_new_stop():
    assert changes(roles(visitor="Ingrid Solheim of Norway"), roles(destination="Israel")) == ()


def test_a_place_that_is_only_described_is_no_new_stop():
    assert changes(roles(destination="Israel"), roles(destination=("Israel", "a base of Kenya"))) == ()


def test_another_day_is_a_new_date():
    found = changes(roles(on="2024-11-04"), roles(on="2024-11-11"))
    assert [each.words for each in found] == ["new date: 11 Nov 2024"]


def test_the_first_day_named_fills_up_a_plan_but_is_news_of_what_was_put_off():
    assert changes(roles(), roles(on="2024-11-11")) == ()
    assert [c.words for c in changes(roles(), roles(on="2024-11-11"), "postponed")] == ["new date: 11 Nov 2024"]


def test_a_week_is_no_day():
    assert changes(roles(on="2024-11-04"), roles(on="2024-W46")) == ()


def test_a_phase_without_watched_roles_never_changes():
    assert changes(roles(on="2024-11-04"), roles(on="2024-11-11"), "concluded") == ()


def test_a_change_takes_a_first_rate_outlet_or_two_of_others():
    first, later = roles(destination="Israel"), roles(destination=("Israel", "Kenya"))
    found = changes(first, later)
    says = replace(report("visit", "planned"), roles=later)
    silent = filed(replace(says, roles=first), id=1, source="Morning Post")
    mine = filed(says, id=2, source="Harbour Wire")
    assert not is_vouched(found, mine, [silent, mine])
    assert not is_vouched(found, mine, [mine, filed(says, id=3, source="Harbour Wire")])
    assert is_vouched(found, mine, [mine, filed(says, id=3, source="Evening Post")])
    assert is_vouched(found, replace(mine, tier="1"), [])
