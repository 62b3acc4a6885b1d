"""`monitor explain` and `monitor why-not`, as a desk asks them."""

from __future__ import annotations

import sys

import pytest
from rich.console import Console

from monitor.cli import screen
from monitor.store.database import open_store
from tests.cli.samples import NOW
from tests.store import arrange
from tests.web import Page, Web

HEADLINE = "Macron lands in Beirut for truce talks"
PRICES = "Grocers agree ceasefire in price war"
STORY = "<html><head><title>{title}</title></head><body><article><h1>{title}</h1>{text}</article></body></html>"


def test_words_are_marked_in_a_pipe(history):
    """Each role's words stand in brackets under the role's name; the score's parts sum to the score."""
    ran = history("explain", HEADLINE)
    assert ran.code == 0
    assert ran.out.splitlines()[0].startswith("[visitor: Macron] [trigger: lands in] [destination: Beirut] for")
    assert "visit: alert" in ran.out
    assert "\x1b" not in ran.out
    parts = [line.split("\t") for line in ran.out.partition("visit · under way")[2].splitlines()]
    adds = [float(p[1]) for p in parts if len(p) == 3 and p[1][:1] in "+-" and p[0] != "score"][:5]
    assert any(p[0] == "score" for p in parts)
    assert adds


def test_json_has_reports_rules_gates_and_parts(history):
    """Parts sum to the score; spans quote the article."""
    told = history("explain", HEADLINE, "--json").json
    assert set(told) == {"title", "text", "verdicts", "developments", "rules", "gates", "idle"}
    for each in told["developments"]:
        assert sum(part["adds"] for part in each["parts"]) == pytest.approx(each["score"], abs=1e-9)
        assert each["alert"] is (each["score"] >= each["threshold"])
    for each in (*told["rules"], *told["gates"]):
        assert told[each["field"]][each["start"] : each["end"]] == each["quote"]


def test_the_gate_that_stopped_it_is_named(history):
    ran = history("explain", PRICES)
    assert "ceasefire: nothing  stopped: ceasefire.noun.truce: ceasefire.gate.trade" in ran.out
    assert "veto\tceasefire.gate.trade\tmatch\t" in ran.out
    assert "[veto: " in ran.out


def test_rules_with_only_a_trigger_word_are_counted_or_listed(history):
    assert "--all lists them" in history("explain", HEADLINE).out
    assert "Only a trigger word\nrule\tphase\twords\tat\n" in history("explain", HEADLINE, "--all").out


def test_colours_and_a_legend_on_a_terminal(history, monkeypatch):
    """The words themselves stay as they are; a legend names the colours."""

    def terminal(*, stderr):
        return Console(
            file=sys.stderr if stderr else sys.stdout, force_terminal=True, width=120, color_system="standard"
        )

    monkeypatch.setattr(screen, "_console", terminal)
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    ran = history("explain", f"{HEADLINE}. {PRICES}.")
    assert "\x1b[" in ran.out
    assert "[visitor:" not in ran.out
    legend = [line for line in ran.out.splitlines() if " visitor " in line and " destination " in line]
    assert legend


def test_a_file_and_standard_words_are_read(history):
    (history.folder / "story.txt").write_text("Rebels sign truce\nIt begins on Monday.", encoding="utf-8")
    told = history("explain", "story.txt", "--date", "2024-06-05", "--json").json
    assert (told["title"], told["text"]) == ("Rebels sign truce", "It begins on Monday.")
    titled = history("explain", "It begins on Monday.", "--title", "Rebels sign truce", "--json").json
    assert [d["phase"] for d in titled["developments"]] == [d["phase"] for d in told["developments"]]


@pytest.mark.parametrize("command", ["explain", "detect"])
def test_a_page_is_fetched(history, command):
    """Title and text are the article's; what is no article, or not there, is named."""
    text = "".join(f"<p>{HEADLINE} with ministers of the region, day {n}.</p>" for n in range(12))
    pages = {"/story": Page(STORY.format(title=HEADLINE, text=text)), "/empty": Page("<html></html>")}
    with Web(pages) as web:
        history.write_config(
            history.config.read_text() + "network: {allow_private: true, host_gap: 0.001}\nworkers: {count: 1}\n"
        )
        told = history(command, web.url("/story"), "--json").json
        assert told["title"] == HEADLINE
        assert "visit" in {d["type"] for d in told["developments"]}
        assert history(command, web.url("/empty")).code == 1
        gone = history(command, web.url("/gone"))
        assert (gone.code, "HTTP 404" in gone.err) == (1, True)


def test_a_stored_alert_or_document_is_explained(history):
    """By number; the note says that the rules have changed since."""
    alert = history("alerts", "show", "1", "--json").json
    told = history("explain", "alert:1", "--json")
    assert told.json["title"] == "Headline truce"
    assert told.json == history("explain", f"document:{alert['document']}", "--json").json
    assert "The rules have changed since this was read" in told.err


@pytest.mark.parametrize("what", ["alert:99", "document:99"])
def test_what_is_not_stored_is_named(history, what):
    kind, _, number = what.partition(":")
    ran = history("explain", what)
    assert (ran.code, f"there is no {kind} {number}" in ran.err) == (1, True)


def test_a_wrong_date_is_wrong_usage(history):
    assert history("explain", HEADLINE, "--date", "soon").code == 2


@pytest.fixture
def desk(history):
    """The sample history with one more article in each place where it may stop."""
    store = open_store(f"sqlite:///{history.folder}/history.db")
    by = arrange.feed("Harbour Post")
    unread = arrange.entry("unread", title="Not read yet")
    plain = arrange.entry("plain", title="Brazil talks up coffee")
    arrange.publish(store, plain, by=by, now=NOW)
    arrange.read(store, now=NOW, text=PRICES)
    arrange.publish(store, unread, by=by, now=NOW)
    store.close()
    return history


def stage(cli, url):
    return cli("why-not", url, "--json").json["stage"]


def test_why_not_says_where_an_article_stands(desk):
    """Told, pending, without a report, in a language that is not searched."""
    told = desk("alerts", "show", "1", "--json").json
    assert stage(desk, f"document:{told['document']}") == "told"
    assert stage(desk, "https://www.harbourpost.example/unread") == "pending"
    assert stage(desk, "https://www.harbourpost.example/plain?utm_source=x") == "no_report"
    assert stage(desk, "https://nordlys.example/n") == "language_unsupported"


def test_why_not_explains_what_nearly_fired(desk):
    """The page names entry, reading, near rules and how to see more."""
    ran = desk("why-not", "https://www.harbourpost.example/plain")
    assert ran.code == 0
    assert "entry\tHarbour Post, seen 1 Mar 2026" in ran.out
    assert "No rule reports anything in it" in ran.out
    assert "ceasefire.noun.truce\tceasefire\tceasefire.gate.trade" in ran.out
    assert "monitor explain document:" in ran.out


def test_why_not_names_the_alert_and_its_deliveries(desk):
    told = desk("alerts", "show", "3", "--json").json
    ran = desk("why-not", f"document:{told['document']}")
    assert "it made an alert" in ran.out
    assert "delivery\tdesk, parked, channel, not_in_channel: invite the bot" in ran.out
    record = desk("why-not", f"document:{told['document']}", "--json").json
    assert [(s["stage"], s["alert"], s["status"]) for s in record["standings"]] == [("told", 3, "parked")]


def test_why_not_knows_its_neighbours(desk):
    """An address that no feed brought ends with 1, and the known ones of its site are offered."""
    ran = desk("why-not", "https://harbourpost.example/plane")
    assert ran.code == 1
    assert ran.out == ""
    lines = ran.err.splitlines()
    assert lines[0] == "https://harbourpost.example/plane: no feed has brought it"
    assert lines[1] == "known of that site: https://harbourpost.example/plain"
    record = desk("why-not", "https://harbourpost.example/plane", "--json")
    assert (record.code, record.json["stage"]) == (1, "not_in_any_feed")
    elsewhere = desk("why-not", "https://elsewhere.example/plane")
    assert (elsewhere.code, "Nothing of that site is known" in elsewhere.err) == (1, True)
