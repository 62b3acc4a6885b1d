"""`monitor sources`: what is watched, and how to add, test, switch off, import and export."""

from __future__ import annotations

import json
from collections import deque
from concurrent.futures import ThreadPoolExecutor, as_completed
from difflib import get_close_matches
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from monitor.cli import source_health, source_page
from monitor.cli.context import CliContext, context_of
from monitor.cli.exits import CommandFailed, ExitCode
from monitor.cli.hubs import hubs
from monitor.cli.lead import EPILOG as LEAD_EXAMPLES
from monitor.cli.lead import lead
from monitor.cli.politeness import politeness
from monitor.cli.probe import open_prober
from monitor.cli.screen import complain, plain_cell, progress_over, say, working
from monitor.core.model.feed import Feed, FeedKind
from monitor.errors import ConfigError
from monitor.settings.include import is_source_url, same_url_key
from monitor.settings.load import load_settings
from monitor.settings.managed import Item, add_items, set_enabled
from monitor.settings.opml import OpmlFeed, read_opml, write_opml
from monitor.settings.sources import configured_feeds, host_name

app = typer.Typer(help="What is watched: list, add, test, import, export …", no_args_is_help=True)

app.command(
    short_help="Show what is asked of each publisher.",
    epilog="""\b
Examples:
  monitor sources politeness
  monitor sources politeness --days 1 --host bbc
  monitor sources politeness --json
""",
)(politeness)

app.command(short_help="Show which outlets are first with the news.", epilog=LEAD_EXAMPLES)(lead)

TEST_THREADS = 8
MAX_NAME = 100  # code points; some feeds give a whole sentence as their title


class AskedKind(StrEnum):
    """The kinds of source that a URL can be."""

    FEED = FeedKind.FEED.value
    SITEMAP = FeedKind.SITEMAP.value
    HTML_INDEX = FeedKind.HTML_INDEX.value


Named = Annotated[str, typer.Argument(metavar="NAME_OR_URL", help="A source's name or URL.")]
Watch = Annotated[bool, typer.Option("--watch", help="Where neither feed nor sitemap is found, watch the page itself.")]
Kind = Annotated[
    AskedKind | None, typer.Option("--kind", help="What the URL itself is to be read as; nothing else is looked for.")
]
AsJson = Annotated[bool, typer.Option("--json", help="JSON, times in UTC.")]


@app.command(
    "list",
    short_help="List sources and how their polls went.",
    epilog="""\b
Examples:
  monitor sources list
  monitor sources list --failing
  monitor sources list --json
""",
)
def list_sources(
    ctx: typer.Context,
    failing: Annotated[bool, typer.Option("--failing", help="Only enabled sources that do not answer.")] = False,
    tag: Annotated[str | None, typer.Option(metavar="TAG", help="Only sources with this tag.")] = None,
    as_json: AsJson = False,
) -> None:
    """List sources with their state, last answer, entries, and articles in other languages."""
    context = context_of(ctx)
    store = context.store_if_any
    views = store.history.feeds() if store else ()
    known = {same_url_key(view.feed.url): view for view in views if view.feed.kind is not FeedKind.INGEST}
    lines = [source_page.Line(feed=feed, view=known.get(same_url_key(feed.url))) for feed in _feeds(context)]
    lines += [source_page.Line(feed=view.feed, view=view) for view in views if view.feed.kind is FeedKind.INGEST]
    shown = [
        line for line in lines if not (failing and line.state != "failing") and (tag is None or tag in line.feed.tags)
    ]
    if as_json:
        print(json.dumps([source_page.line_record(line) for line in shown], ensure_ascii=False, indent=1))
        return
    source_page.show_lines(shown, now=context.now(), zone=context.zone)
    if not lines:
        complain("No sources: add one with `monitor sources add URL`.")
    elif not shown:
        complain(f"No source{f' with the tag {tag!r}' if tag else ''}{' fails' if failing else ''}.")


app.command("health", short_help="Say what is wrong with sources.", epilog=source_health.EPILOG)(source_health.health)


@app.command(
    short_help="Add a source, or the feed or sitemap behind a home page.",
    epilog="""\b
Examples:
  monitor sources add https://feeds.bbci.co.uk/news/world/rss.xml
  monitor sources add www.aljazeera.com --name 'Al Jazeera' --tag middle-east
  monitor sources add https://www.gov.example/press --watch
  monitor sources add https://www.gov.example/press --selector 'article h3 a'
""",
)
def add(
    ctx: typer.Context,
    url: Annotated[str, typer.Argument(metavar="URL", help="A feed, or a home page whose feed is looked for.")],
    name: Annotated[str | None, typer.Option(metavar="NAME", help="Else the feed's own title.")] = None,
    tag: Annotated[list[str] | None, typer.Option("--tag", metavar="TAG", help="May be given repeatedly.")] = None,
    selector: Annotated[
        str | None, typer.Option(metavar="CSS", help="Watch the page itself: which links are articles.")
    ] = None,
    kind: Kind = None,
    watch: Watch = False,
    force: Annotated[bool, typer.Option("--force", help="Add it even if it does not answer now.")] = False,
) -> None:
    """Add a source after a look at it; a home page's feed, or else its sitemap, is found by itself."""
    context = context_of(ctx)
    asked = _asked(url, selector, kind, name=name)
    _refuse_known(context, asked.url)
    with working(f"looking at {asked.url} …"), open_prober(context) as prober:
        probe = prober.discover(asked, watch=watch) if kind is None else prober.look(asked)
    source_page.show_probe(probe, zone=context.zone, now=context.now())
    if not probe.is_usable and not force:
        raise CommandFailed(f"not added: {asked.url} cannot be used now (--force adds it all the same)")
    if probe.feed.url != asked.url:
        _refuse_known(context, probe.feed.url)
    feed = probe.feed
    item: dict[str, str | bool | list[str]] = {"name": _name(name or probe.title, feed.url), "url": feed.url}
    if feed.kind is not FeedKind.FEED:
        item["kind"] = feed.kind.value
    if feed.selector:
        item["selector"] = feed.selector
    if tag:
        item["tags"] = tag
    _change(context, [item])
    say(f"added to {context.loaded.managed_sources}; a running monitor takes it up on SIGHUP or at its next start")


@app.command(
    "test",
    short_help="Fetch sources now and say what they serve.",
    epilog="""\b
Examples:
  monitor sources test https://feeds.bbci.co.uk/news/world/rss.xml
  monitor sources test 'BBC News World'
  monitor sources test --all
""",
)
def try_sources(
    ctx: typer.Context,
    url: Annotated[
        str | None, typer.Argument(metavar="URL", help="A feed, a home page, or the name of a source.")
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="All enabled sources.")] = False,
    selector: Annotated[str | None, typer.Option(metavar="CSS", help="For a page: which links are articles.")] = None,
    kind: Kind = None,
    watch: Watch = False,
) -> None:
    """Fetch sources now and say what they serve; nothing is stored. Exit code 1 when one fails."""
    if every == (url is not None):
        raise typer.BadParameter("give a URL, or --all")
    context = context_of(ctx)
    if url is None:
        _test_all(context)
        return
    known = next((each for each in _feeds(context) if _is_meant(each, url)), None) if not (selector or kind) else None
    feed = known or _asked(url, selector, kind, name=None)
    with working(f"looking at {feed.url} …"), open_prober(context) as prober:
        probe = prober.discover(feed, watch=watch) if kind is None else prober.look(feed)
    source_page.show_probe(probe, zone=context.zone, now=context.now())
    if not probe.is_usable:
        raise typer.Exit(ExitCode.FAILED)


@app.command(
    "import",
    short_help="Add the feeds of an OPML list.",
    epilog="""\b
Example:
  monitor sources import feeds.opml
""",
)
def import_list(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE.opml", help="A list of feeds from another reader.")],
    tag: Annotated[list[str] | None, typer.Option("--tag", metavar="TAG", help="Put on every feed.")] = None,
) -> None:
    """Add the feeds of an OPML list; folders become tags, known feeds are skipped."""
    context = context_of(ctx)
    found = read_opml(file)
    known = {same_url_key(feed.url) for feed in configured_feeds(context.loaded)}
    new = [feed for feed in found.feeds if same_url_key(feed.url) not in known]
    if new:
        _change(context, [_item_of(feed, tag or []) for feed in new])
    skipped = len(found.feeds) - len(new)
    twice = f", {found.duplicate_count} twice in the list" if found.duplicate_count else ""
    say(f"{len(new)} added, {skipped} known already{twice}")
    for name in found.invalid:
        complain(f"skipped: {name}: its address is not an http URL")
    if new:
        say("see whether they answer: monitor sources test --all")


@app.command(
    epilog="""\b
Examples:
  monitor sources export > feeds.opml
  monitor sources export --output feeds.opml
"""
)
def export(
    ctx: typer.Context,
    output: Annotated[Path | None, typer.Option(metavar="FILE", help="Write here instead of to the screen.")] = None,
) -> None:
    """Write the enabled feeds as an OPML list, for any reader."""
    feeds = [feed for feed in _feeds(context_of(ctx)) if feed.enabled]
    text = write_opml(feeds, title="Sources of the news monitor")
    if output is None:
        typer.echo(text, nl=False)
    else:
        try:
            output.write_text(text, encoding="utf-8")
        except OSError as error:
            raise CommandFailed(f"{output}: cannot be written: {(error.strerror or '').lower()}") from error
    others = sum(feed.kind is not FeedKind.FEED for feed in feeds)
    if others:
        what = "page or sitemap is" if others == 1 else "pages or sitemaps are"
        complain(f"{others} {what} left out: OPML lists feeds only")


app.command(
    "hubs",
    short_help="List feeds that name a hub, and subscriptions there.",
    epilog="""\b
Examples:
  monitor sources hubs
  monitor sources hubs --json
""",
)(hubs)


@app.command(
    epilog="""\b
Examples:
  monitor sources disable 'BBC News Africa'
  monitor sources disable https://feeds.bbci.co.uk/news/world/africa/rss.xml
"""
)
def disable(ctx: typer.Context, named: Named) -> None:
    """Stop polling a source; its entries and alerts stay."""
    _switch(context_of(ctx), named, enabled=False)


@app.command(
    epilog="""\b
Example:
  monitor sources enable 'BBC News Africa'
"""
)
def enable(ctx: typer.Context, named: Named) -> None:
    """Poll a source again."""
    _switch(context_of(ctx), named, enabled=True)


def _feeds(context: CliContext) -> tuple[Feed, ...]:
    return configured_feeds(context.loaded)


def _asked(url: str, selector: str | None, kind: AskedKind | None, *, name: str | None) -> Feed:
    if selector and kind not in (None, AskedKind.HTML_INDEX):
        raise typer.BadParameter("--selector goes with --kind html_index only")
    full = url if "://" in url else f"https://{url}"
    if not is_source_url(full):
        raise typer.BadParameter(f"{url!r} is not an http or https URL, nor the name of a source")
    meant = FeedKind(kind) if kind else FeedKind.HTML_INDEX if selector else FeedKind.FEED
    return Feed(name=name or host_name(full), url=full, kind=meant, selector=selector)


def _is_meant(feed: Feed, named: str) -> bool:
    return feed.name.casefold() == named.casefold() or same_url_key(feed.url) == same_url_key(named)


def _one_of(context: CliContext, named: str) -> Feed:
    feeds = _feeds(context)
    meant = [feed for feed in feeds if _is_meant(feed, named)]
    if len(meant) == 1:
        return meant[0]
    if meant:
        listed = "".join(f"\n  {feed.url}" for feed in meant)
        raise CommandFailed(f"{len(meant)} sources are called {named!r}; give the URL:{listed}")
    close = get_close_matches(named.casefold(), [feed.name.casefold() for feed in feeds], n=1)
    hint = next((f": did you mean {feed.name!r}?" for feed in feeds if [feed.name.casefold()] == close), "")
    raise CommandFailed(f"no source is called {named!r}{hint or ': `monitor sources list` shows them'}")


def _switch(context: CliContext, named: str, *, enabled: bool) -> None:
    feed = _one_of(context, named)
    word = "enabled" if enabled else "disabled"
    if feed.enabled == enabled:
        say(f"{feed.name}: was {word} already")
        return
    managed = context.loaded.managed_sources
    before = managed.read_bytes() if managed.exists() else None
    set_enabled(managed, feed.url, enabled)
    _check_again(context, before)
    say(f"{feed.name}: {word}; a running monitor takes it up on SIGHUP or at its next start")


def _refuse_known(context: CliContext, url: str) -> None:
    known = next((p for p in context.loaded.sources if same_url_key(p.item.url) == same_url_key(url)), None)
    if known is not None:
        hint = "" if known.item.enabled else "; `monitor sources enable` switches it on"
        raise CommandFailed(f"{url} stands in {known.place} already{hint}")


def _name(title: str, url: str) -> str:
    """The title on one line, of a length that fits a screen; the URL's host when it has none."""
    return plain_cell(title)[:MAX_NAME] or host_name(url)


def _item_of(feed: OpmlFeed, tags: list[str]) -> Item:
    item: dict[str, str | bool | list[str]] = {"name": _name(feed.name, feed.url), "url": feed.url}
    if feed.homepage:
        item["homepage"] = feed.homepage
    if all_tags := list(dict.fromkeys((*feed.tags, *tags))):
        item["tags"] = all_tags
    return item


def _change(context: CliContext, items: list[Item]) -> None:
    managed = context.loaded.managed_sources
    before = managed.read_bytes() if managed.exists() else None
    add_items(managed, items)
    _check_again(context, before)


def _check_again(context: CliContext, before: bytes | None) -> None:
    """Read the whole configuration with the changed file; put the file back when that fails."""
    try:
        load_settings(context.config, environ=context.environ)
    except ConfigError:
        managed = context.loaded.managed_sources
        if before is None:
            managed.unlink()
        else:
            managed.write_bytes(before)
        raise


def _test_all(context: CliContext) -> None:
    feeds = [feed for feed in _feeds(context) if feed.enabled]
    threads = ThreadPoolExecutor(TEST_THREADS)
    try:
        with open_prober(context) as prober:
            looks = [threads.submit(prober.look, feed) for feed in feeds]
            with progress_over(as_completed(looks), total=len(feeds), what="testing") as going:
                deque(going, maxlen=0)
    finally:
        threads.shutdown(cancel_futures=True)  # on Ctrl-C, what has not begun is dropped
    probes = [look.result() for look in looks]
    source_page.show_probes(probes, now=context.now(), zone=context.zone)
    failed = sum(not probe.is_usable for probe in probes)
    complain(f"{len(probes) - failed} of {len(probes)} sources answer")
    if failed:
        raise typer.Exit(ExitCode.FAILED)
