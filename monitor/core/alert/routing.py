"""Where an alert goes: its channels, and for each whether now, in a digest, after quiet hours, or not at all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from monitor.core.alert.calendar import next_digest_at, next_hour, quiet_until
from monitor.core.alert.match import AlertFacts, matches
from monitor.core.alert.told import is_higher
from monitor.core.model.alert import Severity
from monitor.core.model.route import Dispatch, DispatchReason, Outcome, Route, StandingSilence

BUDGET_SPAN = timedelta(hours=1)

Parents = Mapping[tuple[str, str], int]
"""How many stories were opened within BUDGET_SPAN, by route and channel."""


@dataclass(frozen=True, kw_only=True)
class Standing:
    """What routing knows besides the alert. `told_in` gives the route by channel where the story was told before.

    `rises`: the alert is more severe than all that was told of its story.
    """

    now: datetime
    told_in: Mapping[str, str] = field(default_factory=dict)
    parents: Parents = field(default_factory=dict)
    silences: Sequence[StandingSilence] = ()
    rises: bool = False
    escalates: bool = False


def dispatches(facts: AlertFacts, routes: Sequence[Route], standing: Standing) -> tuple[Dispatch, ...]:
    """One dispatch for each channel; one without a channel when no route takes the alert.

    The first route that matches takes it, and each after one that goes on. A channel where the
    story was told before by a route that still leads there gets it too, by that route: its thread goes on.
    """
    targets = _continued(routes, standing.told_in)
    for route in taking(facts, routes):
        for channel in route.channels:
            known = targets.get(channel)
            if known is None or known[0] == route:
                targets[channel] = (route, DispatchReason.MATCHED)
    if not targets:
        return (Dispatch(channel="", route="", outcome=Outcome.UNROUTED, reason=DispatchReason.NO_ROUTE),)
    silence = standing_silence(facts, standing.silences, standing.now)
    if silence is not None:
        return tuple(
            Dispatch(
                channel=channel,
                route=route.name,
                outcome=Outcome.SILENCED,
                reason=DispatchReason.SILENCE,
                detail=f"silence {silence.id} of {silence.owner}: {silence.reason}",
            )
            for channel, (route, _) in targets.items()
        )
    return tuple(_dispatch(facts, channel, *target, standing) for channel, target in targets.items())


def taking(facts: AlertFacts, routes: Iterable[Route]) -> tuple[Route, ...]:
    """The routes that take an alert like this, in order."""
    found: list[Route] = []
    for route in routes:
        if matches(route.match, facts):
            found.append(route)
            if not route.goes_on:
                break
    return tuple(found)


def standing_silence(facts: AlertFacts, silences: Iterable[StandingSilence], now: datetime) -> StandingSilence | None:
    """The silence in force that means the alert, the one that lasts longest of several."""
    found = [s for s in silences if s.created_at <= now < s.expires_at and matches(s.match, facts)]
    return max(found, key=lambda s: (s.expires_at, -s.id), default=None)


def _continued(routes: Sequence[Route], told_in: Mapping[str, str]) -> dict[str, tuple[Route, DispatchReason]]:
    by_name = {route.name: route for route in routes}
    return {
        channel: (by_name[name], DispatchReason.CONTINUES)
        for channel, name in told_in.items()
        if name in by_name and channel in by_name[name].channels
    }


def _dispatch(facts: AlertFacts, channel: str, route: Route, reason: DispatchReason, standing: Standing) -> Dispatch:
    now = standing.now
    opens = channel not in standing.told_in
    escalates_at = None
    if standing.escalates and route.escalation and not is_higher(route.escalation.least, facts.severity):
        escalates_at = now + timedelta(seconds=route.escalation.after_s)

    def told(why: DispatchReason) -> Dispatch:
        return Dispatch(
            channel=channel, route=route.name, outcome=Outcome.NOW, reason=why, opens=opens, escalates_at=escalates_at
        )

    def kept(outcome: Outcome, why: DispatchReason, due_at: datetime) -> Dispatch:
        return Dispatch(channel=channel, route=route.name, outcome=outcome, reason=why, due_at=_loud(route, due_at))

    if route.digest is not None:
        return kept(Outcome.DIGEST, DispatchReason.DIGEST_ROUTE, next_digest_at(route.digest, now))
    until = quiet_until(route.quiet, now) if route.quiet else None
    if until is not None and route.quiet:
        if route.quiet.lets_through is None or is_higher(route.quiet.lets_through, facts.severity):
            return kept(Outcome.HELD, DispatchReason.QUIET_HOURS, until)
        reason = DispatchReason.BREAKS_THROUGH
    if opens and route.budget is not None and standing.parents.get((route.name, channel), 0) >= route.budget:
        if not standing.rises and facts.severity is not Severity.HIGH:
            return kept(Outcome.DIGEST, DispatchReason.OVER_BUDGET, next_hour(now))
        reason = DispatchReason.BREAKS_THROUGH
    return told(reason)


def _loud(route: Route, at: datetime) -> datetime:
    """The moment, or the end of the quiet hours in which it lies."""
    return (quiet_until(route.quiet, at) if route.quiet else None) or at
