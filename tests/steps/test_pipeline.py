"""From served feeds to Slack's own log: nothing lost, nothing twice, nothing old."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from monitor.core.model.document import ReadReason
from monitor.core.model.feed import PollReason
from tests.databases import KINDS
from tests.house import NOW, House, Item
from tests.slack_server import Fault
from tests.web import Page

OpenHouse = Callable[..., House]
both_databases = pytest.mark.parametrize("open_house", KINDS, indirect=True)

TRUCE = Item(
    slug="sudan-truce",
    title="Sudan's army and the Rapid Support Forces sign a ceasefire",
    text=(
        "Sudan's army and the paramilitary Rapid Support Forces signed a seven-day ceasefire on Tuesday after talks in "
        "Jeddah, the Saudi foreign ministry said.\n"
        "The truce is to start on Thursday evening and would let aid convoys into El Fasher, where residents have been "
        "without bread and clean water for weeks. Both delegations left the hall without speaking to reporters."
    ),
)
VISIT = Item(
    slug="lammy-in-cairo",
    title="British foreign secretary David Lammy arrives in Egypt for talks on aid",
    text=(
        "British Foreign Secretary David Lammy arrived in Egypt on Tuesday for talks with his counterpart about aid "
        "convoys waiting at the border.\n"
        "He is due to see hospital ships in El Arish on Wednesday before he flies home, his office said in a note "
        "that gave no further details of the programme."
    ),
)
FOOTBALL = Item(
    slug="touchline",
    title="Rival coaches call touchline truce before cup final",
    text=(
        "The two coaches, who had to be kept apart last spring, agreed a touchline truce on Tuesday and promised a "
        "calm cup final.\nTheir clubs meet on Saturday in front of a sold-out stadium, and both squads are at full "
        "strength after a week of rest and light training at their camps by the sea."
    ),
)


@both_databases
def test_two_outlets_on_one_truce_bring_one_message(open_house: OpenHouse) -> None:
    """The second outlet is named in the alert, football stays silent, a second run sends nothing."""
    house = open_house()
    retold = Item(slug="retold", title="Ceasefire signed by Sudan's army and Rapid Support Forces", text=TRUCE.text)
    house.publish_feed("/one.xml", [TRUCE, FOOTBALL], name="Harbour Wire")
    house.publish_feed("/two.xml", [retold, VISIT], name="Meridian Post")
    house.run_once()
    assert house.told() == {("ceasefire", "agreed"), ("visit", "under_way")}
    assert len(house.slack.posts) == 2
    truce = house.alerts(type="ceasefire")[0].alert.message
    assert {truce.source, *truce.also_reported_by} == {"Harbour Wire", "Meridian Post"}
    house.clock.advance(minutes=30)
    house.run_once()
    assert len(house.slack.posts) == 2


def test_an_unchanged_feed_is_asked_conditionally(open_house: OpenHouse) -> None:
    """The second poll carries the ETag back and counts a 304."""
    house = open_house()
    house.publish_feed("/feed.xml", [VISIT])
    house.run_once()
    house.clock.advance(minutes=30)
    house.run_once()
    assert house.web.asked("/feed.xml")[1].header("if-none-match")
    assert dict(house.counts().polls_by_reason) == {"new_entries": 1, "not_modified": 1}


@pytest.mark.parametrize("hours", [25, 24 * 30])
def test_old_entries_are_stored_and_never_told(open_house: OpenHouse, hours: int) -> None:
    """A first run, or one after days, does not flood the desk."""
    house = open_house()
    old = Item(slug="old", title=TRUCE.title, text=TRUCE.text, published_at=NOW - timedelta(hours=hours))
    house.publish_feed("/feed.xml", [old])
    house.run_once()
    assert house.counts().reports > 0
    assert house.alerts() == []


def test_undated_entries_of_the_first_poll_count_as_old(open_house: OpenHouse) -> None:
    """What an index page shows at first sight is backlog; what it adds later is news."""
    house = open_house()
    undated = Item(slug="undated", title=TRUCE.title, text=TRUCE.text, published_at=None)
    later = Item(slug="later", title=VISIT.title, text=VISIT.text, published_at=None)
    house.publish_index("/world", [undated])
    house.run_once()
    assert house.alerts() == []
    house.clock.advance(hours=1)
    house.publish_index("/world", [later, undated])
    house.run_once()
    assert house.told() == {("visit", "under_way")}
    assert "undated" in house.alerts()[0].alert.message.marks


def test_max_age_none_tells_everything(open_house: OpenHouse) -> None:
    house = open_house(settings={"alerts": {"max_age": "none"}})
    undated = Item(slug="undated", title=TRUCE.title, text=TRUCE.text, published_at=None)
    house.publish_feed("/feed.xml", [undated])
    house.run_once()
    assert house.told() == {("ceasefire", "agreed")}


@both_databases
def test_an_edited_article_is_read_again_and_told_once(open_house: OpenHouse) -> None:
    """A new wording is a new revision; what it already told stays told."""
    house = open_house()
    house.publish_feed("/feed.xml", [TRUCE])
    house.run_once()
    edited = Item(slug=TRUCE.slug, title=TRUCE.title + " in Jeddah", text=TRUCE.text)
    house.clock.advance(minutes=20)
    house.publish_feed("/feed.xml", [edited])
    house.run_once()
    assert house.counts().entries == 1
    assert len(house.slack.posts) == 1


FAULTS: dict[str, tuple[Page, ReadReason]] = {
    "missing": (Page(status=404), ReadReason.PAGE_MISSING),
    "forbidden": (Page(status=403), ReadReason.PAGE_FORBIDDEN),
    "paywalled": (
        Page(
            '<html><head><script type="application/ld+json">'
            '{"@type": "NewsArticle", "isAccessibleForFree": false}</script>'
            "</head><body><article><p>Subscribe to read.</p></article></body></html>"
        ),
        ReadReason.PAGE_PAYWALLED,
    ),
    "too short": (Page("<html><body><article><p>More soon.</p></article></body></html>"), ReadReason.PAGE_TOO_SHORT),
    "picture": (Page(b"\x89PNG", content_type="image/png"), ReadReason.PAGE_NOT_HTML),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_without_its_page_an_article_is_read_from_the_feed(open_house: OpenHouse, fault: str) -> None:
    """The feed's own summary is searched, and the reason is stored."""
    house = open_house()
    page, reason = FAULTS[fault]
    item = Item(slug="item", title="Sudan: rivals end talks in Jeddah", summary=TRUCE.text)
    house.web["/item.html"] = page
    house.publish_feed("/feed.xml", [item])
    house.run_once()
    assert {type for type, _ in house.told()} == {"ceasefire"}
    assert house.documents() == {"Sudan: rivals end talks in Jeddah": reason}


def test_other_languages_are_stored_and_counted(open_house: OpenHouse) -> None:
    """A German article is kept with its reason and never searched."""
    house = open_house()
    german = Item(
        slug="de",
        title="Waffenruhe im Sudan: Armee und RSF unterzeichnen Abkommen",
        text=(
            "Die sudanesische Armee und die Miliz RSF haben am Dienstag in Dschidda eine Waffenruhe unterzeichnet, "
            "die am Donnerstag beginnen soll.\nSie soll Hilfskonvois den Weg in die belagerte Stadt öffnen, in der es "
            "seit Wochen weder Brot noch sauberes Wasser gibt, wie Helfer berichten."
        ),
    )
    house.publish_feed("/feed.xml", [german])
    house.run_once()
    assert house.counts().language_unsupported == 1
    assert house.alerts() == []


BAD_FEEDS: dict[str, tuple[Page, PollReason]] = {
    "html": (Page("<!doctype html><html><body><h1>Welcome</h1></body></html>"), PollReason.NOT_A_FEED),
    "empty": (Page(b""), PollReason.EMPTY_BODY),
    "broken": (Page(b"<rss><channel><item", content_type="application/rss+xml"), PollReason.INVALID_XML),
    "500": (Page(status=500), PollReason.HTTP_ERROR),
    "gone": (Page(status=410), PollReason.GONE),
    "stalled": (Page(stall=True), PollReason.TIMEOUT),
    "endless": (Page(b"x" * 65536, endless=True), PollReason.TOO_LARGE),
    "bomb": (Page(b"0" * 20_000_000, gzip=True), PollReason.TOO_LARGE),
    "no entries": (
        Page("<rss version='2.0'><channel><title>Quiet</title></channel></rss>", content_type="application/rss+xml"),
        PollReason.EMPTY_FEED,
    ),
}


@pytest.mark.parametrize("fault", BAD_FEEDS)
def test_a_bad_feed_is_named_and_loses_nothing(open_house: OpenHouse, fault: str) -> None:
    """The reason is stored, the good feed beside it is read, and the bad one is taken up once it is well."""
    house = open_house(settings={"network": {"max_body": "1MiB", "read_timeout": 0.3}})
    page, reason = BAD_FEEDS[fault]
    house.publish_feed("/bad.xml", [TRUCE], name="Bad")
    well = house.web_page("/bad.xml")
    house.web["/bad.xml"] = [page, well]
    house.publish_feed("/good.xml", [VISIT], name="Good")
    house.run_once()
    assert house.told() == {("visit", "under_way")}
    assert house.last_reasons()["Bad"] is reason
    house.clock.advance(hours=1)
    house.run_once()
    assert house.told() == {("visit", "under_way"), ("ceasefire", "agreed")}


def test_hostile_titles_reach_slack_as_text(open_house: OpenHouse) -> None:
    """Markup in a title calls nobody."""
    house = open_house()
    title = "<!channel> <@U1> &lt;b&gt; David Lammy arrives in Egypt for talks"
    house.publish_feed("/feed.xml", [Item(slug="x", title=title, text=VISIT.text)])
    house.run_once()
    assert [post.mentions() for post in house.slack.posts] == [[]]


@both_databases
@pytest.mark.parametrize("fault", [Fault.RESET_AFTER, Fault.ERROR_AFTER, Fault.RATE_LIMITED, Fault.RESET_BEFORE])
def test_a_lost_answer_of_slack_neither_loses_nor_doubles(open_house: OpenHouse, fault: Fault) -> None:
    house = open_house()
    house.slack.fail_next(fault)
    house.publish_feed("/feed.xml", [VISIT])
    house.run_once()
    house.clock.advance(minutes=20)
    house.run_once()
    assert len(house.slack.posts) == 1
    assert dict(house.counts().deliveries_by_status) == {"sent": 1}


def test_an_unknown_channel_parks_the_alert_until_it_is_mended(open_house: OpenHouse) -> None:
    house = open_house(settings={"channels": {"desk": {"channel": "nowhere"}}})
    house.publish_feed("/feed.xml", [VISIT])
    house.run_once()
    assert dict(house.counts().deliveries_by_status) == {"parked": 1}
    house.settings = {}
    house.run_once()
    assert len(house.slack.posts) == 1
