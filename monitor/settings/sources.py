"""The feeds a configuration asks for."""

from __future__ import annotations

from urllib.parse import urlsplit

from monitor.core.model.feed import Feed
from monitor.settings.include import PlacedSource
from monitor.settings.load import LoadedSettings


def configured_feeds(loaded: LoadedSettings) -> tuple[Feed, ...]:
    """All feeds of the configuration, disabled ones too, in the order they are written, each URL once."""
    return tuple(feed_of(each) for each in loaded.sources)


def feed_of(placed: PlacedSource) -> Feed:
    """One source as a feed; without a name it goes by its host, less "www."."""
    item = placed.item
    return Feed(
        name=item.name or host_name(item.url),
        url=item.url,
        kind=item.kind,
        selector=item.selector,
        interval_s=item.interval,
        tags=item.tags,
        enabled=item.enabled,
        headers_env=item.headers_env,
        auth_env=item.auth_env,
        robots=item.robots,
        tier=item.tier,
        language=item.language,
        country=item.country,
        homepage=item.homepage,
        seen_in=item.seen_in,
    )


def host_name(url: str) -> str:
    """The URL's host, less a leading "www."; the URL itself when it has none."""
    return (urlsplit(url).hostname or url).removeprefix("www.")
