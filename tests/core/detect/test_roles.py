"""Who fights where, who goes where, who asks and who mediates: the shipped rules on sentences of our own."""

from __future__ import annotations

from datetime import date

import pytest

from monitor.core.detect.detector import RuleDetector
from monitor.core.model.report import Article
from monitor.settings.paths import shipped_config_dir
from monitor.settings.rules import load_ruleset


@pytest.fixture(scope="module")
def detector():
    return RuleDetector(load_ruleset([shipped_config_dir()]))


def report(detector, title, *, kind, text="", on=None):
    (found,) = (r for r in detector.detect(Article(title=title, text=text, published_on=on)) if r.type == kind)
    return found


@pytest.mark.parametrize(
    ("title", "parties", "places"),
    [
        # An army stands for its state, a people for itself; the land of a side is the theatre.
        ("Syrian army and Kurdish fighters agree a ceasefire in Aleppo", "Syria, Syrian Kurds", "Aleppo, Syria"),
        ("Palestinians and Israel agree to truce", "Palestinians, Israel", "Palestine, Israel"),
        ("Israel and Hezbollah agree 60-day ceasefire", "Israel, Hezbollah", "Lebanon"),
        ("Armenia and Azerbaijan declare ceasefire", "Armenia, Azerbaijan", "Armenia, Azerbaijan"),
        # Where talks are held is no theatre.
        ("Congo's army and M23 rebels sign ceasefire in Doha", "DR Congo, M23", "DR Congo"),
        ("Colombian government and ELN agree truce after Havana talks", "Colombia, ELN", "Colombia"),
        ("Ukraine and Russia open truce talks in Istanbul", "Ukraine, Russia", "Ukraine"),
        # A town brings its country, a theatre stands alone.
        ("Shelling continues in Kharkiv despite truce", "", "Kharkiv, Ukraine"),
        ("Truce in Tigray holds", "", "Tigray"),
        # Who usually mediates is a side when the truce is with it.
        ("Houthis declare ceasefire with Saudi Arabia", "Houthis, Saudi Arabia", "Yemen"),
        ("US agrees truce with the Houthis", "Houthis, United States", "Yemen"),
        # Nameless rebels are a side only where none has a name.
        ("Philippines and communist rebels agree ceasefire", "Philippines, communist rebels", "Philippines"),
        ("Turkey announces ceasefire with PKK", "PKK, Turkey", "Turkey"),
    ],
)  # fmt: skip
def test_sides_and_theatre_of_a_truce(detector, title, parties, places):
    found = report(detector, title, kind="ceasefire")
    assert ", ".join(found.roles.named("party")) == parties
    assert ", ".join(found.roles.named("place")) == places


@pytest.mark.parametrize(
    ("title", "role", "names"),
    [
        ("US, Egypt and Qatar urge truce in Gaza", "caller", ["United States", "Egypt", "Qatar"]),
        ("The US and the United Nations urge truce in Sudan", "caller", ["United States", "United Nations"]),
        ("Truce brokered by Egypt and Qatar holds in Gaza", "mediator", ["Egypt", "Qatar"]),
        ("Turkey-brokered truce takes effect in Tripoli", "mediator", ["Turkey"]),
    ],
)
def test_lists_of_callers_and_mediators_are_told_apart(detector, title, role, names):
    assert list(report(detector, title, kind="ceasefire").roles.named(role)) == names


@pytest.mark.parametrize(
    ("title", "text", "visitor", "host", "destination"),
    [
        ("Swedish foreign minister Tove Lind visits Hanoi and Jakarta", "", "Tove Lind", "", "Vietnam, Indonesia"),
        ("Modi hosts Macron in Delhi", "", "Emmanuel Macron", "Narendra Modi", "India"),
        ("Pope Francis leaves Rome for Bahrain", "", "Pope Francis", "", "Bahrain"),
        # Who has the higher office is visited, and is at home.
        ("Norway's foreign minister Maren Holt meets King Abdullah", "", "Maren Holt", "King Abdullah II", "Jordan"),
        # The dateline says where.
        ("French president arrives", "BEIRUT, Aug 6 - President Macron arrived for talks with Lebanese leaders.",
         "Emmanuel Macron", "", "Lebanon"),
        ("Macron meets Ruto on sidelines of summit in Nairobi", "", "Emmanuel Macron", "William Ruto", "Kenya"),
        # Peers who meet nobody says where both travel; who is met at home by most is not one of them.
        ("Erdogan and Putin to meet on grain deal", "", "Recep Tayyip Erdogan, Vladimir Putin", "", ""),
        ("Zelensky to meet Biden next week", "", "Volodymyr Zelensky", "Joe Biden", ""),
        ("Kerry meets Abbas in Ramallah", "", "John Kerry", "Mahmoud Abbas", "West Bank"),
        # Title and lead say who an office or a delegation is.
        ("Macron in Beirut: President holds talks with rivals", "", "Emmanuel Macron", "", "Lebanon"),
        ("Delegations land in Doha", "Kenyan and Omani delegations met.", "Kenyan and Omani delegations", "", "Qatar"),
        ("US energy secretary arrives in Accra", "", "US energy secretary", "", "Ghana"),
        ("Palestinian President Abbas to attend Egypt summit on ending war in Gaza", "", "Mahmoud Abbas", "", "Egypt"),
        # Text without case.
        ("pakistan pm imran khan arrives in beijing", "", "Imran Khan", "", "China"),
        ("RUTTE MEETS ERDOGAN IN ANKARA", "", "Mark Rutte", "Recep Tayyip Erdogan", "Turkey"),
    ],
)  # fmt: skip
def test_who_visits_whom_and_where(detector, title, text, visitor, host, destination):
    roles = report(detector, title, text=text, kind="visit", on=date(2024, 8, 7)).roles
    assert ", ".join(roles.named("visitor")) == visitor
    assert ", ".join(roles.named("host")) == host
    assert ", ".join(roles.named("destination")) == destination


@pytest.mark.parametrize(
    ("title", "on", "visitor"),
    [
        ("Rice arrives in Beirut for talks", date(2006, 7, 24), ["Condoleezza Rice"]),
        ("Rice arrives in Beirut for talks", date(2024, 7, 24), []),
        ("Jerry Rice arrives in Beirut for talks", date(2006, 7, 24), []),
    ],
)
def test_a_surname_that_is_a_word_is_read_only_in_office_and_alone(detector, title, on, visitor):
    found = [r for r in detector.detect(Article(title=title, text="", published_on=on)) if r.type == "visit"]
    assert [n for r in found for n in r.roles.named("visitor")] == visitor


@pytest.mark.parametrize(
    ("title", "days"),
    [
        ("Army and rebels agree truce from 1 September in Darfur", ["1 September"]),
        ("Army and rebels open truce talks on 1 September in Darfur", []),
        ("Rebels reject truce on 1 September in Darfur", []),
    ],
)
def test_only_a_truce_has_a_day_it_starts(detector, title, days):
    """The day of talks or of a refusal is none."""
    found = report(detector, title, kind="ceasefire", on=date(2024, 8, 7))
    assert [time.stated for time in found.roles.times if time.role == "starts_on"] == days


def test_signs_without_width_do_not_cut_words(detector):
    assert report(detector, "Cease\u200bfire agreed between Armenia and Azer\u200bbaijan", kind="ceasefire").alert


def test_the_body_is_read_where_its_words_are_named(detector):
    """`body` of event.yaml: a later sentence with one of its words makes a mention, others are passed over."""
    later = "The harvest was good. " * 30 + "Macron will visit Beirut on Monday. The harvest was good."
    found = report(detector, "Harvest report", text=later, kind="visit")
    assert not found.alert
    assert found.roles.named("destination") == ("Lebanon",)
