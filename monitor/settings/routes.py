"""The configured routes: what is wrong with them, and as the core knows them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import time, tzinfo
from typing import get_args
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from monitor.core.model.alert import Severity
from monitor.core.model.event import EventType
from monitor.core.model.route import DigestTimes, Escalation, Match, Quiet, Route
from monitor.errors import ConfigError, ConfigProblem
from monitor.settings.schema import DigestItem, MatchItem, QuietItem, RouteItem, Settings, Weekday
from monitor.settings.yaml_lines import Path as NodePath
from monitor.settings.yaml_lines import did_you_mean

_WEEKDAYS = get_args(Weekday)


def routes_of(settings: Settings, zone: tzinfo) -> tuple[Route, ...]:
    """The routes in order; `zone` is the clock of those that name none. Without a name, a route has its number's."""
    return tuple(
        Route(
            name=_name(index, item),
            channels=tuple(dict.fromkeys(item.channels)),
            match=_match(item.match),
            goes_on=item.goes_on,
            quiet=_quiet(item.quiet, zone) if item.quiet else None,
            digest=_digest(item.digest, zone) if item.digest else None,
            budget=item.budget,
            escalation=Escalation(
                after_s=item.escalate.after, channels=tuple(item.escalate.to), least=item.escalate.severity
            )
            if item.escalate
            else None,
        )
        for index, item in enumerate(settings.routes)
    )


def check_events(settings: Settings, events: Mapping[str, EventType], *, file: str) -> None:
    """Whether every type and phase that routes name is one of the rules'.

    Raises:
        ConfigError: with every name that no rule knows, for such a route would never match.
    """
    problems = []
    phases = {phase.name for event in events.values() for phase in event.phases}
    for index, item in enumerate(settings.routes):
        for what, words, known in (("type", item.match.type, events.keys()), ("phase", item.match.phase, phases)):
            for word in words:
                if word not in known:
                    message = f"routes: {_name(index, item)}: no {what} is called '{word}'{did_you_mean(word, known)}"
                    problems.append(ConfigProblem(file=file, line=0, message=message))
    if problems:
        raise ConfigError(tuple(problems))


def has_ack_path(settings: Settings) -> bool:
    """Whether anybody can acknowledge an alert, without which nothing is escalated."""
    return settings.alerts.ack or any(each.hears_people for each in settings.channels.values() if each.kind == "slack")


def wrong_in_routes(settings: Settings) -> Iterator[tuple[NodePath, str]]:
    """What no single key shows: channels that are not there or take no alerts, zones, routes nothing reaches."""
    names: dict[str, int] = {}
    is_closed = False
    for index, item in enumerate(settings.routes):
        at: NodePath = ("routes", index)
        name = _name(index, item)
        if name in names:
            yield (*at, "name"), f"route {names[name] + 1} is called '{name}' too"
        names[name] = index
        if is_closed:
            yield at, f"no alert comes to '{name}': a route before it takes all and does not continue"
        is_closed = is_closed or (item.match == MatchItem() and not item.goes_on)
        if not item.channels:
            yield at, f"route '{name}' has no channels"
        yield from _wrong_channels(settings, (*at, "channels"), item.channels)
        if item.escalate is not None:
            yield from _wrong_channels(settings, (*at, "escalate", "to"), item.escalate.to)
        yield from _wrong_times(at, item)


def _wrong_channels(settings: Settings, at: NodePath, channels: Collection[str]) -> Iterator[tuple[NodePath, str]]:
    for channel in channels:
        if channel not in settings.channels:
            yield at, f"no channel is called '{channel}'{did_you_mean(channel, settings.channels)}"
        elif channel not in settings.alert_channels:
            yield at, f"channel '{channel}' takes notices and no alerts, unless admin.alerts_too is true"


def _wrong_times(at: NodePath, item: RouteItem) -> Iterator[tuple[NodePath, str]]:
    if item.quiet is not None:
        if item.quiet.begins == item.quiet.ends:
            yield (*at, "quiet"), "'quiet' ends when it begins: for whole days write from: 00:00 and to: 24:00"
        if item.quiet.begins == "24:00":
            yield (*at, "quiet", "from"), "'from' is at most 23:59"
    if item.digest is not None and item.digest.at == "24:00":
        yield (*at, "digest", "at"), "'at' is at most 23:59"
    if item.digest is not None and item.budget is not None:
        yield (*at, "budget"), "'budget' is for alerts told at once: this route tells a digest"
    for key, part in (("quiet", item.quiet), ("digest", item.digest)):
        if part is not None and part.timezone is not None and not _is_zone(part.timezone):
            yield (*at, key, "timezone"), "'timezone' is not a zone's name: write UTC, Europe/Berlin …"


def _name(index: int, item: RouteItem) -> str:
    return item.name or f"route {index + 1}"


def _match(item: MatchItem) -> Match:
    return Match(
        types=item.type,
        phases=item.phase,
        persons=item.person,
        places=item.place,
        sources=item.source,
        tags=item.tag,
        stories=item.story,
        reasons=tuple(reason.value for reason in item.reason),
        least=item.severity,
    )


def _quiet(item: QuietItem, zone: tzinfo) -> Quiet:
    return Quiet(
        start=time.fromisoformat(item.begins),
        end=None if item.ends == "24:00" else time.fromisoformat(item.ends),
        zone=ZoneInfo(item.timezone) if item.timezone else zone,
        days=frozenset(_WEEKDAYS.index(day) for day in item.days),
        lets_through=None if item.breakthrough == "none" else Severity(item.breakthrough),
    )


def _digest(item: DigestItem, zone: tzinfo) -> DigestTimes:
    return DigestTimes(
        every=item.every,
        zone=ZoneInfo(item.timezone) if item.timezone else zone,
        at=time.fromisoformat(item.at),
        day=_WEEKDAYS.index(item.day),
    )


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True
