"""Feeds of every format: which parser a body gets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from monitor.core.model.entry import ParsedFeed
from monitor.core.model.feed import PollReason
from monitor.core.parse.charset import decode_body
from monitor.core.parse.formats import Format, Told, tell_format
from monitor.core.parse.hub import hub_in_json, hub_in_xml
from monitor.core.parse.jsonfeed import parse_json_feed
from monitor.core.parse.xmlfeed import parse_xml_feed
from monitor.errors import ParseError

FEED_PARSERS: dict[Format, Callable[[str, Told, str], ParsedFeed]] = {
    Format.XML_FEED: parse_xml_feed,
    Format.JSON: parse_json_feed,
}
"""Each takes the text, what was told of it, and the URL it came from. A new feed format is a line here."""

_INSTEAD = {
    Format.HTML: "an HTML page where a feed was promised",
    Format.OTHER: "neither XML nor JSON",
}


def parse_feed(body: bytes, *, url: str, content_type: str | None) -> ParsedFeed:
    """The feed in `body`, whatever `content_type` calls it; `url` resolves relative links.

    A malformed feed that still yields entries is returned with a warning; an empty one has none.

    Raises:
        ParseError: the body is empty, no feed, or broken beyond use; nothing else on any bytes.
    """
    decoded = decode_body(body, content_type=content_type)
    told = tell_format(decoded.text)
    if told.format is Format.NOTHING:
        raise ParseError(PollReason.EMPTY_BODY, f"{len(body)} bytes without any text")
    parser = FEED_PARSERS.get(told.format)
    if parser is None:
        found = _INSTEAD.get(told.format, f"XML with the root element <{told.root}>, which is no feed")
        if told.root.rpartition(":")[2] in ("urlset", "sitemapindex"):
            found = "a sitemap where a feed was promised: set kind: sitemap"
        raise ParseError(PollReason.NOT_A_FEED, found)
    feed = parser(decoded.text, told, url)
    look = hub_in_json if told.format is Format.JSON else hub_in_xml
    advertised = look(decoded.text[told.start :], url=url)
    feed = replace(feed, hub=advertised.hub, topic=advertised.topic)
    if decoded.replaced_count:
        count = decoded.replaced_count
        warning = f"{count} characters are not {decoded.charset} and were replaced"
        feed = replace(feed, warnings=(*feed.warnings, warning))
    return feed
