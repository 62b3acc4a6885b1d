"""An article becomes reports: alerts and mentions, with roles, evidence and reasons."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.core.detect.detector import RuleDetector
from monitor.core.detect.rule_tests import run_rule_tests
from monitor.core.detect.times import find_days, find_duration, find_ordinal
from monitor.core.model.report import Article, Modality
from monitor.core.model.span import Field
from monitor.core.rules.lint import lint
from monitor.core.text.normalise import nfc
from monitor.settings.paths import shipped_config_dir
from monitor.settings.rules import load_ruleset

RULESET = load_ruleset([shipped_config_dir()])
DETECTOR = RuleDetector(RULESET)

LEAD = (
    "Antony Blinken touched down in Israel on 3 June 2024, opening a tour of the region aimed at reviving ceasefire "
    "talks for the Gaza war. It is his eighth visit since the fighting began."
)
BODY = "The trip will include stops in Jordan and Doha, officials said. Schools reopened in the capital."


def article(title="", text="", on=date(2024, 6, 3)):
    return Article(title=title, text=text, published_on=on)


def one(kind, title, text=""):
    (found,) = [r for r in DETECTOR.detect(article(title, text)) if r.type == kind]
    return found


def test_shipped_rules_pass_their_own_tests():
    """Each rule's positive and negative sentences hold."""
    assert [f"{o.rule.at} {o.test.text}: {o.detail}" for o in run_rule_tests(RULESET) if not o.passed] == []


def test_shipped_rules_have_nothing_to_lint():
    """No dead phase, no shadowed, untested or costly rule."""
    assert [str(p) for p in lint(RULESET)] == []


def test_a_trip_is_told_with_all_its_roles():
    """Visitor, destination, stops named later, ordinal, date and purpose come from one article."""
    visit = one("visit", LEAD.split(". ")[0] + ".", f"{LEAD}\n{BODY}")
    assert (visit.phase, visit.alert, visit.modality) == ("under_way", True, Modality.ASSERTED)
    assert visit.roles.named("visitor") == ("Antony Blinken",)
    assert visit.roles.named("destination") == ("Israel",)
    assert visit.roles.named("stops") == ("Jordan", "Qatar")
    assert visit.roles.ordinal == 8
    assert visit.roles.texts_of("purpose") == ("reviving ceasefire talks for the Gaza war",)
    assert visit.occurs_on == date(2024, 6, 3)


def test_the_same_article_also_tells_of_talks():
    """A visit and a ceasefire stand beside each other."""
    talks = one("ceasefire", LEAD.split(". ")[0] + ".", LEAD)
    assert (talks.phase, talks.alert, talks.roles.named("place")) == ("talks", True, ("Gaza",))


@pytest.mark.parametrize(("title", "text"), [("", LEAD), ("Blinken’s café tour", LEAD), (LEAD, BODY)])
def test_every_quote_is_its_span(title, text):
    """Evidence points at exactly the words it quotes; there is one sentence and one trigger."""
    fields = {Field.TITLE: nfc(title), Field.TEXT: nfc(text)}
    for report in DETECTOR.detect(article(title, text)):
        assert [e.role for e in report.evidence[:2]] == ["sentence", "trigger"]
        assert all(e.span.slice(fields[e.field]) == e.quote for e in report.evidence)
        assert all(e.rule and e.at.startswith("events/") for e in report.evidence)


def test_every_filled_role_has_evidence():
    """Names, texts and dates are all proved by words of the article."""
    report = one("visit", "Macron lands in Beirut on Monday for talks on aid")
    roles = {e.role for e in report.evidence}
    assert {"visitor", "destination", "starts_on"} <= roles


def test_a_side_remark_is_a_mention():
    """What stands deep in an article about something else does not alert."""
    text = "Rain fell on the coast.\nFarmers were glad.\nPrices eased.\nSeparately, rebels and the army signed a truce."
    report = one("ceasefire", "Rain ends long drought", text)
    assert (report.alert, report.phase) == (False, "agreed")


@pytest.mark.parametrize(
    "title",
    ["Opinion: the Gaza truce is a trap", "What to know about the Sudan ceasefire", "Can the Gaza truce last?"],
)
def test_opinion_and_explanation_do_not_alert(title):
    """They are kept as mentions at most."""
    assert not any(r.alert for r in DETECTOR.detect(article(title)))


@pytest.mark.parametrize(
    ("title", "phase", "modality"),
    [
        ("Rebels refuse to sign truce", "rejected", Modality.ASSERTED),
        ("Rebels reportedly sign truce", "agreed", Modality.ALLEGED),
        ("Rebels may sign truce", "near", Modality.SPECULATIVE),
        ("Truce signed by rebels", "agreed", Modality.ASSERTED),
    ],
)
def test_how_firmly_it_is_said_changes_what_is_said(title, phase, modality):
    """Denied, reported, guessed and plain wording part ways."""
    report = one("ceasefire", title)
    assert (report.phase, report.modality) == (phase, modality)


def test_history_is_no_news():
    """A year before the article's own, or an anniversary, ends the match."""
    assert DETECTOR.detect(article("The 1994 ceasefire brought calm to the valley")) == ()
    assert DETECTOR.detect(article("Town marks anniversary of truce")) == ()


def test_a_trip_at_home_is_no_visit():
    """The visitor's own country is no destination; the same words abroad are."""
    assert DETECTOR.detect(article("Macron visits Marseille")) == ()
    assert one("visit", "Scholz visits Marseille").roles.named("destination") == ("France",)


def test_who_is_at_home_receives():
    """Of two who meet, the one whose country it is plays host; in a third country both travel."""
    at_home = one("visit", "Macron meets Scholz in Paris")
    assert (at_home.roles.named("visitor"), at_home.roles.named("host")) == (("Olaf Scholz",), ("Emmanuel Macron",))
    abroad = one("visit", "Macron meets Scholz in Vienna")
    assert set(abroad.roles.named("visitor")) == {"Emmanuel Macron", "Olaf Scholz"}


def test_unknown_sources_weigh_a_little_less():
    """The tier scales the score, named in the explanation."""
    known = DETECTOR.detect(Article(title="Rebels sign truce", text="", tier="1"))[0]
    unknown = DETECTOR.detect(Article(title="Rebels sign truce", text="", tier="3"))[0]
    assert unknown.score < known.score


@pytest.mark.parametrize(
    "text",
    ["", "\ud800 truce", "a" * 200_000, "ceasefire " * 3000, "\u202eسلام\u200f ceasefire", "—" * 5000, "🕊" * 500],
)
def test_odd_texts_get_an_answer(text):
    """Empty, huge, broken, right-to-left: no exception, bounded work."""
    DETECTOR.detect(article(text, text))


@given(st.text(st.sampled_from("abc ceasefire truce Blinken visits Israel ,.'’-—:?\n"), max_size=200))
@settings(max_examples=60, deadline=None)
def test_quotes_hold_for_any_arrangement_of_words(text):
    """Spans index the text they quote, whatever it is."""
    for report in DETECTOR.detect(article(text[:60], text)):
        fields = {Field.TITLE: nfc(text[:60]), Field.TEXT: nfc(text)}
        assert all(e.span.slice(fields[e.field]) == e.quote for e in report.evidence)


@pytest.mark.parametrize(
    ("text", "iso"),
    [("a 60-day truce", "P60D"), ("for two weeks", "P2W"), ("a three-month pause", "P3M"), ("72 hours", "PT72H")],
)
def test_durations_are_resolved(text, iso):
    """Numbers in words and figures, hyphens or not."""
    assert find_duration(text)[1] == iso


@pytest.mark.parametrize(
    ("text", "resolved"),
    [
        ("on 29 October 2024", "2024-10-29"),
        ("on Oct. 5", "2024-10-05"),
        ("on Tuesday", "2024-10-29"),
        ("on Monday", "2024-10-28"),
        ("early next week", None),
        ("tomorrow", "2024-10-30"),
        ("on 31 February", None),
    ],
)
def test_dates_are_resolved_against_the_article(text, resolved):
    """Stated dates, weekdays and relative words."""
    assert [d.on for d in find_days(text, date(2024, 10, 29))] == [date.fromisoformat(resolved) if resolved else None]


@pytest.mark.parametrize(
    ("text", "starts", "ends"),
    [
        ("The truce runs until Friday", None, "2024-11-01"),
        ("The truce, which began on Monday, expires at midnight on 3 November", "2024-10-28", "2024-11-03"),
        ("He visits Oslo from 5 to 7 November", "2024-11-05", "2024-11-07"),
        ("She visits Oslo Nov. 5-7, 2024", "2024-11-05", "2024-11-07"),
        ("They meet from Thursday to Saturday", "2024-10-31", "2024-11-02"),
        ("The visit was put off to Thursday", "2024-10-31", None),
        ("The visit begins on Thursday, a spokesman said on Monday", "2024-10-31", None),
    ],
)
def test_beginnings_and_ends_are_told_apart(text, starts, ends):
    """What lasts until a day ends then; a day on which something was said is neither."""
    days = find_days(text, date(2024, 10, 29))
    assert [d.on.isoformat() for d in days if not d.is_end and d.on] == ([starts] if starts else [])
    assert [d.on.isoformat() for d in days if d.is_end and d.on] == ([ends] if ends else [])


@pytest.mark.parametrize(
    ("text", "number"),
    [("his eleventh visit since", 11), ("her 3rd official trip", 3), ("the first day of talks", None)],
)
def test_ordinals_count_visits_only(text, number):
    """Days and stages are not visits."""
    found = find_ordinal(text)
    assert (found[1] if found else None) == number


def test_a_purpose_begins_at_a_word_of_its_own() -> None:
    """The "for" of "Foreign" is none."""
    for report in DETECTOR.detect(article("French Foreign Minister Barrot arrives in Beirut for talks on aid")):
        assert all(not purpose.startswith("eign") for purpose in report.roles.texts_of("purpose"))
