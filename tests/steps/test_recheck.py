"""A page that told news is asked again a few times, and only real edits become revisions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from monitor.core.model.document import RecheckOutcome, RevisionCause
from monitor.core.model.history import PageView
from monitor.core.text.diff import sentence_diff
from tests.databases import KINDS
from tests.house import NOW, House, Item
from tests.steps.test_pipeline import FOOTBALL, TRUCE
from tests.web import Page

OpenHouse = Callable[..., House]
PATH = f"/{TRUCE.slug}.html"
CORRECTED = replace(TRUCE, text=TRUCE.text.replace("seven-day", "ten-day"))


def seen(house: House) -> PageView:
    with house.store() as store:
        view = store.history.page_seen(1)
    assert view is not None
    return view


def wordings(house: House):
    with house.store() as store:
        return store.history.revisions(1)


def published(house: House, item: Item = TRUCE, **page: object) -> House:
    """A feed with the one item, polled and read."""
    house.publish_feed("/feed.xml", [item])
    house.web[PATH] = Page(item.html(), **page)
    house.run_once()
    return house


def later(house: House, **parts: float) -> None:
    house.clock.advance(**parts)
    house.run_once()


@pytest.mark.parametrize("open_house", KINDS, indirect=True)
def test_an_edited_page_becomes_a_revision(open_house: OpenHouse) -> None:
    """Though its feed's item stays as it was: both texts are kept, with when and why."""
    house = published(open_house())
    house.web[PATH] = Page(CORRECTED.html())
    later(house, minutes=16)
    before, after = wordings(house)
    assert (before.revision, before.cause, before.seen_at) == (1, RevisionCause.FIRST_SEEN, NOW)
    assert (after.revision, after.cause) == (2, RevisionCause.PAGE_EDIT)
    assert after.seen_at == NOW + timedelta(minutes=16)
    (change,) = sentence_diff(before.text, after.text)
    assert change.was is not None
    assert change.now is not None
    assert ("seven-day" in change.was.text, "ten-day" in change.now.text) == (True, True)
    assert seen(house).recheck_outcome is RecheckOutcome.CHANGED


def test_an_edit_that_tells_another_phase_is_told(open_house: OpenHouse) -> None:
    """What the page now reports goes the way of any report."""
    house = published(open_house())
    collapsed = replace(
        TRUCE,
        text="The ceasefire between Sudan's army and the Rapid Support Forces collapsed on Tuesday, hours after it was "
        "signed, when both sides shelled each other's positions in El Fasher, the Saudi foreign ministry said.\n"
        + TRUCE.text,
    )
    house.web[PATH] = Page(collapsed.html())
    later(house, minutes=16)
    assert len(wordings(house)) == 2
    assert house.counts().reports > 1


def test_a_page_is_asked_few_times_and_conditionally(open_house: OpenHouse) -> None:
    """After 15 minutes, an hour and six hours, with its validators; then never again."""
    house = published(open_house(), etag='"1"', last_modified="Tue, 29 Oct 2024 11:40:00 GMT")
    asked = []
    for hours in (0.2, 0.1, 0.4, 0.5, 2, 4, 12, 24):
        later(house, hours=hours)
        asked.append(len(house.web.asked(PATH)))
    assert asked == [1, 2, 2, 3, 3, 4, 4, 4]
    assert house.web.asked(PATH)[0].header("if-none-match") is None
    assert {request.header("if-none-match") for request in house.web.asked(PATH)[1:]} == {'"1"'}
    assert len(wordings(house)) == 1
    assert (seen(house).recheck_outcome, seen(house).recheck_at) == (RecheckOutcome.NOT_MODIFIED, None)
    assert seen(house).recheck_count == 3


def test_stamps_counters_and_order_make_no_revision(open_house: OpenHouse) -> None:
    """A page that embeds the clock changes at every look and says the same."""
    first = replace(TRUCE, text=f"Updated 3 minutes ago\n{TRUCE.text}\n12 comments")
    house = published(open_house(), first)
    second = replace(
        TRUCE, text="\n".join(["Updated 19 minutes ago", *reversed(TRUCE.text.split("\n")), "31 comments"])
    )
    house.web[PATH] = Page(second.html())
    later(house, minutes=16)
    assert len(wordings(house)) == 1
    assert seen(house).recheck_outcome is RecheckOutcome.SAME_WORDING


def test_a_new_headline_on_the_page_is_a_revision(open_house: OpenHouse) -> None:
    """The text may stay: what is corrected is what everybody reads."""
    house = published(open_house())
    house.web[PATH] = Page(replace(TRUCE, title="Correction: no ceasefire was signed in Sudan").html())
    later(house, minutes=16)
    assert [wording.title for wording in wordings(house)] == [
        TRUCE.title,
        "Correction: no ceasefire was signed in Sudan",
    ]


@pytest.mark.parametrize(
    ("page", "outcome"),
    [
        (Page(status=404), RecheckOutcome.WITHDRAWN),
        (Page(status=410), RecheckOutcome.WITHDRAWN),
        (Page(status=403), RecheckOutcome.WALLED),
        (Page("<html><head><title>Just a moment...</title></head><body></body></html>"), RecheckOutcome.WALLED),
        (Page("<html><body><p>Moved.</p></body></html>"), RecheckOutcome.UNREADABLE),
        (Page(status=500), RecheckOutcome.UNREACHABLE),
    ],
)
def test_a_page_that_lost_its_article_changes_nothing(
    open_house: OpenHouse, page: Page, outcome: RecheckOutcome
) -> None:
    """The text stays, the outcome is stored, and the page is asked again at its next time."""
    house = published(open_house())
    house.web[PATH] = [page, Page(CORRECTED.html())]
    later(house, minutes=16)
    assert [wording.text for wording in wordings(house)] == [TRUCE.text]
    assert seen(house).recheck_outcome is outcome
    later(house, minutes=46)
    assert len(wordings(house)) == 2


SECTION = replace(
    FOOTBALL,
    slug="world",
    title="World news",
    text="Fishmongers open their stalls again after the strike.\n" * 3 + FOOTBALL.text,
)


def test_a_redirect_to_another_text_withdraws_the_article(open_house: OpenHouse) -> None:
    """Sites send readers of what they took down to a section's page, which is no new wording."""
    house = published(open_house())
    house.web["/world.html"] = Page(SECTION.html())
    house.web[PATH] = Page(redirect="/world.html", status=301)
    later(house, minutes=16)
    assert [wording.text for wording in wordings(house)] == [TRUCE.text]
    assert seen(house).recheck_outcome is RecheckOutcome.WITHDRAWN


def test_a_new_address_for_the_same_article_is_followed(open_house: OpenHouse) -> None:
    """An address is often reworded with its headline."""
    house = published(open_house())
    house.web["/renamed.html"] = Page(CORRECTED.html())
    house.web[PATH] = Page(redirect="/renamed.html", status=301)
    later(house, minutes=16)
    assert [wording.text for wording in wordings(house)] == [TRUCE.text, CORRECTED.text]


def test_what_told_nothing_is_not_asked_again(open_house: OpenHouse) -> None:
    """Nor what is old, nor anything while rechecks are off."""
    quiet = published(open_house(), replace(FOOTBALL, slug=TRUCE.slug))
    later(quiet, hours=24)
    assert len(quiet.web.asked(PATH)) == 1


def test_old_news_is_not_asked_again(open_house: OpenHouse) -> None:
    """It is hardly corrected any more."""
    house = published(open_house(), replace(TRUCE, published_at=NOW - timedelta(days=3)))
    later(house, hours=1)
    assert len(house.web.asked(PATH)) == 1


def test_an_empty_list_turns_rechecks_off(open_house: OpenHouse) -> None:
    """The setting is `read.recheck`."""
    house = published(open_house(settings={"read": {"recheck": []}}))
    later(house, hours=1)
    assert len(house.web.asked(PATH)) == 1


def test_an_edited_item_whose_article_stays_makes_no_revision(open_house: OpenHouse) -> None:
    """Its summary or a counter changed: the wording kept apart is dropped again, its time stands."""
    house = published(open_house(), replace(TRUCE, summary="Seen 3 times."))
    house.publish_feed("/feed.xml", [replace(TRUCE, summary="Seen 9 times.")])
    later(house, minutes=5)
    (wording,) = wordings(house)
    assert (wording.cause, wording.seen_at, wording.text) == (RevisionCause.FIRST_SEEN, NOW, TRUCE.text)


def test_an_edited_item_is_a_revision_when_its_headline_changed(open_house: OpenHouse) -> None:
    """As the feed has it."""
    house = published(open_house())
    house.publish_feed("/feed.xml", [replace(TRUCE, title="Ceasefire in Sudan in doubt")])
    later(house, minutes=5)
    assert [(w.cause, w.title) for w in wordings(house)] == [
        (RevisionCause.FIRST_SEEN, TRUCE.title),
        (RevisionCause.FEED_EDIT, "Ceasefire in Sudan in doubt"),
    ]
