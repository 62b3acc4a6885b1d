"""What an alert says."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.alert.message import QUOTE_LENGTH, alert_message, cut_at_word, says_the_same
from monitor.core.model.alert import AlertMessage, AlertReason, Severity
from monitor.core.model.report import Modality, Report, Roles, RoleText, RoleTime
from monitor.core.model.span import Field
from tests.deliver import samples


def message_of(said: Report, title: str = "Something else entirely", *, also: tuple[str, ...] = ()) -> AlertMessage:
    return alert_message(
        samples.filed(said, title),
        reason=AlertReason.NEW_STORY,
        severity=Severity.NORMAL,
        story_title="A story",
        also_reported_by=also,
    )


def visit(roles: Roles, *, phase: str = "under_way", modality: Modality = Modality.ASSERTED) -> Report:
    return samples.report("visit", phase, "The guest was met at the airport.", roles, modality=modality)


def truce(
    roles: Roles, *, phase: str = "agreed", modality: Modality = Modality.ASSERTED, occurs_on: date | None = None
) -> Report:
    said = "The guns will fall silent."
    return samples.report("ceasefire", phase, said, roles, modality=modality, occurs_on=occurs_on)


def test_a_visit_reads_from_visitor_to_destination_and_then_the_stops():
    message = samples.tour()
    assert (message.who, message.where) == ("Antony Blinken", "Israel, then Jordan and Qatar")
    assert message.details == ("11th visit", "for ceasefire talks", "Tuesday (29 Oct 2024)")


def test_a_ceasefire_names_parties_and_place_and_leaves_the_mediators_to_the_details():
    message = samples.agreement()
    assert (message.who, message.where) == ("Israel and Hamas", "Gaza")
    assert message.details == (
        "mediated by Qatar and Egypt",
        "for 60 days from Sunday (3 Nov 2024)",
        "hostage release; aid deliveries",
    )


def test_without_parties_the_caller_acts_and_is_not_named_again():
    roles = Roles(names=(*samples.names("caller", "António Guterres"), *samples.names("place", "Gaza")))
    message = message_of(truce(roles, phase="called_for"))
    assert (message.who, message.where, message.details) == ("António Guterres", "Gaza", ())


def test_a_place_that_is_a_party_is_named_once():
    roles = Roles(names=(*samples.names("party", "Russia", "Ukraine"), *samples.names("place", "Ukraine")))
    message = message_of(truce(roles))
    assert (message.who, message.where) == ("Russia and Ukraine", "")


def test_a_host_country_that_is_the_destination_is_named_once():
    message = samples.planned()
    assert message.where == "Egypt"
    assert message.details == ("with Abdel Fattah el-Sisi", "7 April")


def test_stops_alone_are_where():
    roles = Roles(names=(*samples.names("visitor", "Wang Yi"), *samples.names("stops", "Kenya", "Angola")))
    assert message_of(visit(roles)).where == "Kenya and Angola"


def test_many_names_are_counted_instead_of_listed():
    roles = Roles(names=samples.names("visitor", "A", "B", "C", "D", "E", "F"))
    assert message_of(visit(roles)).who == "A, B, C and 3 others"


def test_an_event_type_of_the_users_own_still_says_who_and_where():
    roles = Roles(names=(*samples.names("buyer", "Norway"), *samples.names("place", "Oslo")), ordinal=12)
    message = message_of(samples.report("arms_deal", "signed", "It was signed.", roles))
    assert (message.who, message.where, message.details) == ("Norway", "Oslo", ("12th of its kind",))


@pytest.mark.parametrize(
    ("phase", "modality", "mark"),
    [
        ("planned", Modality.PLANNED, None),
        ("under_way", Modality.PLANNED, "planned"),
        ("under_way", Modality.ALLEGED, "alleged"),
        ("planned", Modality.CONDITIONAL, "conditional"),
        ("planned", Modality.SPECULATIVE, "speculative"),
        ("cancelled", Modality.ASSERTED, None),
    ],
)
def test_the_modality_is_marked_unless_the_phase_says_it(phase, modality, mark):
    marks = message_of(visit(Roles(), phase=phase, modality=modality), also=("Other",)).marks
    assert marks == ((mark,) if mark else ())


def test_one_origin_is_marked_and_the_outlet_itself_is_no_second_one():
    assert "single source" in message_of(visit(Roles()), also=("Harbour Wire",)).marks
    corroborated = message_of(visit(Roles()), also=("Harbour Wire", "Delta Radio", "Delta Radio"))
    assert "single source" not in corroborated.marks
    assert corroborated.also_reported_by == ("Delta Radio",)


def test_a_missing_date_is_marked():
    assert "undated" in samples.planned().marks


@pytest.mark.parametrize(
    ("surface", "is_former"), [("former President Obama", True), ("ex-premier", True), ("President", False)]
)
def test_somebody_out_of_office_is_marked(surface, is_former):
    roles = Roles(names=samples.names("visitor", f"{surface}=Some Name"))
    assert ("former official" in message_of(visit(roles)).marks) is is_former


@pytest.mark.parametrize(
    "title",
    [
        "The guest was met at the airport",
        "Guest was met at the AIRPORT!",
        "Ministry: The guest was met at the airport.",
        "",
    ],
)
def test_a_headline_that_says_what_the_quote_says_is_left_out(title):
    assert message_of(visit(Roles()), title).headline == ""


def test_a_headline_that_says_more_stays():
    assert message_of(visit(Roles()), "Old rivals shake hands in Baku").headline == "Old rivals shake hands in Baku"


def test_a_report_proved_by_its_title_quotes_it_and_shows_no_headline():
    said = samples.report("visit", "under_way", "Lavrov lands in Ankara", Roles(), field=Field.TITLE)
    message = message_of(said, "Lavrov lands in Ankara")
    assert (message.quote, message.headline) == ("Lavrov lands in Ankara", "")


def test_a_report_without_a_sentence_keeps_its_headline():
    message = message_of(samples.report("visit", "under_way", "", Roles()), "Lavrov lands in Ankara")
    assert (message.quote, message.headline) == ("", "Lavrov lands in Ankara")


def test_a_long_quote_is_cut_at_a_word():
    said = samples.report("visit", "under_way", "one two three " * 60, Roles())
    quote = message_of(said).quote
    assert len(quote) <= QUOTE_LENGTH
    assert quote.endswith(("one…", "two…", "three…"))


@pytest.mark.parametrize(
    ("stated", "resolved", "shown"),
    [
        ("on 29 October", "2024-10-29", "from 29 October"),
        ("October 29th, 2024", "2024-10-29", "from October 29th, 2024"),
        ("2024-10-29", "2024-10-29", "from 2024-10-29"),
        ("next week", None, "from next week"),
        ("Sunday night", "2024-11-03", "from Sunday night (3 Nov 2024)"),
        ("", "2024-11-03", "from 3 Nov 2024"),
        ("midnight", "not a date", "from midnight"),
    ],
)
def test_dates_stand_as_stated_with_the_resolved_day_where_it_adds_one(stated, resolved, shown):
    roles = Roles(times=(RoleTime(role="starts_on", stated=stated, resolved=resolved),))
    assert message_of(truce(roles)).details == (shown,)


def test_an_end_and_a_beginning_make_one_span():
    times = (
        RoleTime(role="starts_on", stated="Monday", resolved="2024-11-04"),
        RoleTime(role="ends_on", stated="until Friday", resolved="2024-11-08"),
    )
    assert message_of(visit(Roles(times=times))).details == ("from Monday (4 Nov 2024) until Friday (8 Nov 2024)",)


@pytest.mark.parametrize(
    ("stated", "resolved", "shown"),
    [
        ("60-day", "P60D", "for 60 days"),
        ("two months", "P2M", "for two months"),
        ("72-hour", "PT72H", "for 72 hours"),
        ("week-long", None, "for week-long"),
    ],
)
def test_a_duration_is_readable(stated, resolved, shown):
    roles = Roles(times=(RoleTime(role="duration", stated=stated, resolved=resolved),))
    assert message_of(truce(roles)).details == (shown,)


def test_the_day_it_happened_is_said_when_it_is_not_the_day_of_publication():
    assert message_of(truce(Roles(), occurs_on=date(2024, 10, 28))).details == ("on 28 Oct 2024",)
    assert message_of(truce(Roles(), occurs_on=samples.PUBLISHED.date())).details == ()


def test_scope_and_purpose_are_said_once_each():
    texts = (
        RoleText(role="scope", text="humanitarian"),
        RoleText(role="scope", text="humanitarian"),
        RoleText(role="scope", text="no flights over cities"),
    )
    assert message_of(truce(Roles(texts=texts))).details == ("humanitarian truce", "no flights over cities")


@given(st.text(), st.integers(min_value=1, max_value=60))
def test_a_cut_text_never_outgrows_its_room(text, length):
    assert len(cut_at_word(text, length)) <= length


@given(st.text(alphabet="ab cé", min_size=1), st.text(alphabet="ab cé"))
def test_saying_the_same_does_not_depend_on_case(one, other):
    if one.strip() and other.strip():
        assert says_the_same(one, other) == says_the_same(one.upper(), other)
