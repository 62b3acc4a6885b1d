"""Which hub and topic a feed names, wherever it does."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.model.entry import ParsedFeed
from monitor.core.model.subscription import Advertised
from monitor.core.parse.feed import parse_feed
from monitor.core.parse.hub import advertised_by, hub_in_json, hub_in_xml

URL = "https://harbour.example/feed"
HUB = "https://hub.example/"
TOPIC = "https://harbour.example/feed?full=1"
BOTH = Advertised(hub=HUB, topic=TOPIC)
LINKS = f'<link rel="hub" href="{HUB}"/><link rel="self" href="{TOPIC.replace("&", "&amp;")}"/>'
ATOM_LINKS = LINKS.replace("<link", "<atom:link")
RSS = '<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel><title>T</title>{}</channel></rss>'
ATOM = '<feed xmlns="http://www.w3.org/2005/Atom"><title>T</title>{}</feed>'
ITEM = "<item><title>One</title><link>https://harbour.example/1</link></item>"
ENTRY = '<entry><id>1</id><title>One</title><link rel="alternate" href="https://harbour.example/1"/></entry>'


@pytest.mark.parametrize(
    "body",
    [
        ATOM.format(LINKS),
        ATOM.format(LINKS + ENTRY * 2),
        ATOM.format(ENTRY * 2 + LINKS),
        RSS.format(ATOM_LINKS + ITEM),
        RSS.format(ITEM + ATOM_LINKS),
        RSS.format(ATOM_LINKS.replace("atom:", "atom10:")).replace("xmlns:atom", "xmlns:atom10"),
        '<?xml version="1.0" encoding="ISO-8859-1"?>' + RSS.format(ATOM_LINKS + ITEM),
        '<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a "b">]>' + RSS.format(ATOM_LINKS + ITEM),
        RSS.format("<title>A & B</title>" + ATOM_LINKS + ITEM),
        RSS.format(ATOM_LINKS + "<item><title>cut off"),
        ATOM.format(LINKS.replace("https://harbour.example/feed?full=1", "?full=1")),
        ATOM.format(LINKS.replace('rel="self"', 'rel="SELF alternate"').replace('"hub"', "'hub'")),
    ],
)
def test_a_feeds_own_head_names_them(body: str) -> None:
    feed = parse_feed(body.encode(), url=URL, content_type=None)
    assert (feed.hub, feed.topic) == (HUB, TOPIC)


@pytest.mark.parametrize(
    "body",
    [
        RSS.format(ITEM),
        RSS.format(ITEM.replace("</item>", f"{ATOM_LINKS}</item>")),
        RSS.format(f"<image>{ATOM_LINKS}</image>{ITEM}"),
        RSS.format("<description>&lt;link rel='hub' href='https://hub.example/'&gt;</description>" + ITEM),
        RSS.format(ATOM_LINKS.replace(HUB, "javascript:alert(1)") + ITEM),
        RSS.format(ATOM_LINKS.replace(HUB, "https://user:pass@hub.example/") + ITEM),
    ],
)
def test_what_others_wrote_or_is_no_address_names_none(body: str) -> None:
    """An item's text is not the publisher's head; a hub's address is http or https, without credentials."""
    assert parse_feed(body.encode(), url=URL, content_type=None).hub is None


def test_a_json_feed_names_them() -> None:
    body = f'{{"version": "https://jsonfeed.org/version/1.1", "items": [], "feed_url": "{TOPIC}", "hubs": %s}}'
    kinds = body % f'[{{"type": "rssCloud", "url": "https://c.example/"}}, {{"type": "WebSub", "url": "{HUB}"}}]'
    assert hub_in_json(kinds, url=URL) == BOTH
    assert parse_feed(kinds.encode(), url=URL, content_type=None).hub == HUB
    for odd in ("[]", "{}", '"WebSub"', "[3, null]", '[{"type": "WebSub"}]'):
        assert hub_in_json(body % odd, url=URL).hub is None


@pytest.mark.parametrize(
    "values",
    [
        (f'<{HUB}>; rel="hub", <{TOPIC}>; rel="self"',),
        (f"<{TOPIC}>; rel=self", f"<{HUB}>;rel=hub"),
        (f'</>; rel="alternate"; title="a, b", <{HUB}>; type="x"; rel="hub nofollow", <{TOPIC}>; REL=self',),
    ],
)  # fmt: skip
def test_headers_go_first(values: tuple[str, ...]) -> None:
    """WebSub, section 4: Link headers before what the document says."""
    feed = ParsedFeed(hub="https://other.example/", topic="https://other.example/feed")
    headers = [("content-type", "text/xml"), *(("link", value) for value in values)]
    assert advertised_by(feed, headers, url=URL) == BOTH


def test_without_a_self_the_address_asked_for_is_the_topic() -> None:
    assert advertised_by(ParsedFeed(hub=HUB), [], url=URL) == Advertised(hub=HUB, topic=URL)
    assert advertised_by(ParsedFeed(topic=TOPIC), [], url=URL) == Advertised()


def test_a_name_that_is_none_does_not_raise() -> None:
    """A recovering parse lets braces into the names of elements."""
    odd = f'<a xmlns="http://www.w3.org/2005/At}}om"><feed>{LINKS}</feed><b:feed}}x>{LINKS}</b:feed}}x></a>'
    assert hub_in_xml(odd, url=URL) == BOTH


@pytest.mark.parametrize("part", ["href", "rel", "title"])
def test_a_reference_to_half_a_character_costs_only_its_link(part: str) -> None:
    odd = f'<link {part}="&#xD800;hub" rel="hub"/><l&#xDFFF;ink/>'
    assert hub_in_xml(f"<feed>{odd}{LINKS}</feed>", url=URL) == BOTH


@given(st.text(max_size=200), st.sampled_from(["", "<rss><channel>", "<feed>", "<a "]))
def test_no_text_raises(text: str, before: str) -> None:
    hub_in_xml(f'{before}{text}<link rel="hub" href="{text}"/>{text}', url=URL)
    hub_in_json(f'{{"hubs": {text}}}', url=text)
    advertised_by(ParsedFeed(), [("link", text), ("link", f"<{text}>; rel=hub")], url=text)
