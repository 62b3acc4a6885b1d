"""`monitor stories`: conflicts and trips, what they have come to, and what is ahead."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from typing import Annotated

import typer

from monitor.cli import story_page
from monitor.cli.context import CliContext, context_of
from monitor.cli.detect import rule_folders
from monitor.cli.exits import CommandFailed
from monitor.cli.records import json_line
from monitor.cli.screen import complain, out, say
from monitor.cli.story_page import Reader
from monitor.cli.story_records import story_record, timeline_record, view_record
from monitor.cli.times import since_and_until
from monitor.core.group.book import closes_at
from monitor.core.group.timeline import timeline_of
from monitor.core.model.alert import Severity
from monitor.core.model.event import EventType, Identity, Phase
from monitor.core.model.story import Story
from monitor.core.model.story_view import StoryEdited, StoryFilter, StoryView
from monitor.settings.rules import load_event_types

app = typer.Typer(help="Conflicts and trips in time: list, show, timeline, merge, split.", no_args_is_help=True)

SCREENFUL = 50

Key = Annotated[
    str, typer.Argument(metavar="STORY", help="Its number or name, as `stories list` shows them.", show_default=False)
]
AsJson = Annotated[bool, typer.Option("--json", help="JSON, times in UTC.")]


@app.command(
    "list",
    epilog="""\b
Examples:
  monitor stories list
  monitor stories list --open --type visit
  monitor stories list --place Gaza --since 30d --json
""",
)
def list_stories(
    ctx: typer.Context,
    type_name: Annotated[str | None, typer.Option("--type", metavar="TYPE", help="ceasefire or visit.")] = None,
    phase: Annotated[str | None, typer.Option(metavar="PHASE", help="What it has come to, such as agreed.")] = None,
    since: Annotated[
        str | None, typer.Option(metavar="TIME", help="Reported at or after: a date, 24h, 7d, 'last month'.")
    ] = None,
    until: Annotated[
        str | None, typer.Option(metavar="TIME", help="Begun before, or within that day, week or month.")
    ] = None,
    only_open: Annotated[bool, typer.Option("--open", help="Only those that a new report may still join.")] = False,
    person: Annotated[str | None, typer.Option(metavar="NAME", help="A person or party in it.")] = None,
    place: Annotated[str | None, typer.Option(metavar="NAME", help="A place or country in it.")] = None,
    limit: Annotated[
        int | None,
        typer.Option(metavar="N", min=1, help=f"The last N; else {SCREENFUL} on a terminal, all elsewhere."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List stories, those last reported first, times in your zone."""
    context = context_of(ctx)
    start, end = since_and_until(since, until, now=context.now(), zone=context.zone)
    wanted = StoryFilter(
        since=start,
        until=end,
        type=type_name,
        phase=phase.replace("-", "_").replace(" ", "_") if phase else None,
        person=person,
        place=place,
    )
    found = _found(context, wanted, only_open=only_open)
    if as_json:
        _print_array(context, islice(found, limit))
        return
    screenful = SCREENFUL if limit is None and out().is_terminal else limit
    shown = list(islice(found, screenful + 1 if screenful else None))
    story_page.show_stories(shown[:screenful], _reader(context))
    if screenful is not None and len(shown) > screenful and limit is None:
        complain(f"The last {screenful} are shown; --limit N shows more.")
    if not shown:
        complain(_why_none(context, wanted, only_open=only_open))


@app.command(
    epilog="""\b
Examples:
  monitor stories show 1
  monitor stories show 1 --json
""",
)
def show(ctx: typer.Context, key: Key, as_json: AsJson = False) -> None:
    """Show one story with its developments, their reports, and what was done to it by hand."""
    context = context_of(ctx)
    view = story_view(context, key)
    timeline = timeline_of(view, _event(_events(context), view.story), now=context.now())
    if as_json:
        print(json_line(view_record(view, timeline)))
    else:
        story_page.show_story(view, timeline, _reader(context))


@app.command(
    epilog="""\b
Examples:
  monitor stories timeline 1
  monitor stories timeline 1 --json
""",
)
def timeline(ctx: typer.Context, key: Key, as_json: AsJson = False) -> None:
    """Show how a conflict or trip went: phases with their words, stops, and what is still ahead."""
    context = context_of(ctx)
    view = story_view(context, key)
    course = timeline_of(view, _event(_events(context), view.story), now=context.now())
    if as_json:
        print(json_line(timeline_record(course)))
    else:
        story_page.show_timeline(course, _reader(context))


def story_view(context: CliContext, key: str) -> StoryView:
    """The story of this number or name. Raises: CommandFailed."""
    view = context.store.story_reader.story(key)
    if view is None:
        raise CommandFailed(f"there is no story {key}: `monitor stories list` shows them")
    return view


def _found(context: CliContext, wanted: StoryFilter, *, only_open: bool) -> Iterator[tuple[Story, EventType]]:
    events, now = _events(context), context.now()
    for story in context.store.story_reader.stories(wanted):
        event = _event(events, story)
        if not only_open or now <= closes_at(story, event):
            yield story, event


def _events(context: CliContext) -> dict[str, EventType]:
    return load_event_types(rule_folders(context))


def _event(events: dict[str, EventType], story: Story) -> EventType:
    """The story's event type; type or phase are made up where the rules that brought them were taken away."""
    nothing = EventType(
        name=story.type,
        phases=(),
        agent_roles=(),
        place_roles=(),
        actor_role=None,
        idle_days=0,
        identity=Identity.PLACES,
    )
    event = events.get(story.type, nothing)
    if any(phase.name == story.phase for phase in event.phases):
        return event
    unknown = Phase(name=story.phase, order=0, severity=Severity.NORMAL)
    return replace(event, phases=(*event.phases, unknown))


def _reader(context: CliContext) -> Reader:
    return Reader(zone=context.zone, now=context.now())


def _why_none(context: CliContext, wanted: StoryFilter, *, only_open: bool) -> str:
    if wanted == StoryFilter():
        return "No story is open." if only_open else "No stories yet: `monitor status` says why."
    types = _events(context)
    if wanted.type is not None and wanted.type not in types:
        return f"No stories match: there is no type {wanted.type!r}, only {', '.join(types)}."
    asked = [types[wanted.type]] if wanted.type else types.values()
    phases = [phase.name for each in asked for phase in each.phases]
    if wanted.phase is not None and wanted.phase not in phases:
        return f"No stories match: there is no phase {wanted.phase!r}, only {', '.join(dict.fromkeys(phases))}."
    return "No stories match."


def _print_array(context: CliContext, found: Iterator[tuple[Story, EventType]]) -> None:
    """One JSON array, a story a line, written as it is read."""
    separator, now = "[", context.now()
    for story, event in found:
        sys.stdout.write(separator + json_line(story_record(story, event, now=now)))
        separator = ",\n "
    sys.stdout.write("]\n" if separator != "[" else "[]\n")


By = Annotated[str | None, typer.Option("--by", metavar="NAME", help="Who says so; else the user you are.")]
Why = Annotated[str, typer.Option("--why", metavar="TEXT", help="Why; kept beside it.")]


@app.command(
    epilog="""\b
Examples:
  monitor stories merge 1 2 --why 'the same truce'
""",
)
def merge(
    ctx: typer.Context,
    one: Key,
    other: Annotated[str, typer.Argument(metavar="STORY", help="The other one.", show_default=False)],
    why: Why = "",
    by: By = None,
) -> None:
    """Make two stories one: the younger goes into the older. Posted messages stay where they are."""
    context = context_of(ctx)
    editor = context.store.story_editor
    _tell(editor.merge(one, other, by=by or user_name(context), why=why, at=context.now()))


@app.command(
    epilog="""\b
Examples:
  monitor stories split 1
  monitor stories split 1 --with 2 --why 'another war'
""",
)
def split(
    ctx: typer.Context,
    development: Annotated[
        int, typer.Argument(metavar="DEVELOPMENT", help="Its number, as `stories show` has it.", show_default=False)
    ],
    along: Annotated[
        list[int] | None, typer.Option("--with", metavar="N", help="Another that goes along; may be given repeatedly.")
    ] = None,
    why: Why = "",
    by: By = None,
) -> None:
    """Take a development out of its story into a new one. Posted messages stay where they are."""
    context = context_of(ctx)
    editor = context.store.story_editor
    _tell(
        editor.split(development, by=by or user_name(context), why=why, at=context.now(), with_ids=tuple(along or ()))
    )


def user_name(context: CliContext) -> str:
    """Who runs the command, as the environment has it; "cli" where it says nothing."""
    return context.environ.get("SUDO_USER") or context.environ.get("USER") or "cli"


def _tell(edited: StoryEdited) -> None:
    if not edited.is_done:
        raise CommandFailed(edited.words)
    say(edited.words)
