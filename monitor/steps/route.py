"""What routing asks of the store, and the alert as it is stored with what was decided."""

from __future__ import annotations

from collections.abc import Sequence

from monitor.core.alert.expiry import Shelf
from monitor.core.alert.match import AlertFacts, names_in
from monitor.core.alert.routing import BUDGET_SPAN, Standing, dispatches
from monitor.core.alert.told import Told, rises
from monitor.core.model.alert import Alert
from monitor.core.model.route import Outcome, Route
from monitor.core.model.story import FiledReport, Story
from monitor.ports import GroupSession, NewAlert


class Router:
    """Sends alerts along the routes; `escalates` when there is a way to acknowledge them."""

    def __init__(self, routes: Sequence[Route], *, escalates: bool, shelf: Shelf) -> None:
        self._routes = tuple(routes)
        self._shelf = shelf
        self._escalates = escalates

    def routed(
        self, session: GroupSession, alert: Alert, voice: FiledReport, *, story: Story, told: tuple[Told, ...]
    ) -> NewAlert:
        """The alert with its dispatches; `told` are the story's alerts before it."""
        persons, places = names_in(voice.report.roles)
        facts = AlertFacts(
            type=alert.message.type,
            phase=alert.message.phase,
            severity=alert.severity,
            reason=alert.reason,
            story=story.slug,
            source=voice.source,
            persons=persons,
            places=places,
            tags=session.source_tags(voice.feed_id),
        )
        has_budget = any(route.budget is not None for route in self._routes)
        standing = Standing(
            now=alert.created_at,
            told_in=session.told_in(story.id),
            parents=session.opened_since(alert.created_at - BUDGET_SPAN) if has_budget else {},
            silences=session.silences_in_force(alert.created_at),
            rises=rises(alert.severity, told),
            escalates=self._escalates,
        )
        decided = dispatches(facts, self._routes, standing)
        return NewAlert(
            alert=alert,
            channels=tuple(each.channel for each in decided if each.outcome is Outcome.NOW),
            dispatches=decided,
            expires_at=self._shelf.until(alert.reason, alert.severity, alert.created_at),
        )
