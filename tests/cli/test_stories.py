"""`monitor stories` on a truce and a trip."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

import pytest

from monitor.settings.paths import alembic_dir
from monitor.store.migrate import upgrade
from tests.cli import samples, story_samples
from tests.cli.conftest import Cli


@pytest.fixture(scope="session")
def story_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file with the sample stories."""
    file = tmp_path_factory.mktemp("stories") / "stories.db"
    upgrade(f"sqlite:///{file}", alembic_dir())
    story_samples.fill(f"sqlite:///{file}")
    return file


@pytest.fixture
def stories(cli: Cli, story_database: Path) -> Cli:
    """A command line on the sample stories; the reader is in Jerusalem."""
    file = shutil.copy(story_database, cli.folder / "stories.db")
    cli.write_config(samples.CONFIG.format(database=file))
    return cli


def slugs(cli: Cli, *options: str) -> list[str]:
    ran = cli("stories", "list", "--json", *options)
    assert (ran.code, ran.err) == (0, "")
    return [story["slug"] for story in ran.json]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ("", ["lind-tour", "arda", "arda-2025"]),
        ("--open", ["lind-tour", "arda"]),
        ("--type ceasefire", ["arda", "arda-2025"]),
        ("--type ceasefire --open", ["arda"]),
        ("--phase violated", ["arda"]),
        ("--phase called-for", ["arda-2025"]),
        ("--since 36h", ["lind-tour", "arda"]),
        ("--until 2026-01", ["arda-2025"]),
        ("--person lind", ["lind-tour"]),
        ("--place oman", ["lind-tour"]),
        ("--place Arda --limit 1", ["arda"]),
    ],
)
def test_a_filter_keeps_what_it_says(stories: Cli, options: str, expected: list[str]) -> None:
    """Those last reported come first."""
    assert slugs(stories, *options.split()) == expected


def test_a_listed_story_says_how_it_stands(stories: Cli) -> None:
    """Counts, names, times in UTC, and when it closes."""
    arda = stories("stories", "list", "--json", "--phase", "violated").json[0]
    assert {key: arda[key] for key in ("developments", "told", "reports", "origins", "is_open", "follows")} == {
        "developments": 4,
        "told": 3,
        "reports": 6,
        "origins": 3,
        "is_open": True,
        "follows": "arda-2025",
    }
    assert (arda["last_seen_at"], arda["closes_at"]) == ("2026-02-28T12:00:00Z", "2026-03-10T12:00:00Z")
    assert (arda["who"], arda["severity"]) == (["Vellania", "Northern Front"], "high")


def test_a_timeline_has_phases_deadlines_and_what_became_of_them(stories: Cli) -> None:
    """The late report of the talks is marked and was never told."""
    timeline = stories("stories", "timeline", "arda", "--json").json
    assert [(d["phase"], d["telling"], d["copies"]) for d in timeline["developments"]] == [
        ("talks", "told", 0),
        ("agreed", "told", 1),
        ("talks", "late", 0),
        ("violated", "told", 0),
    ]
    assert timeline["ahead"] == [{"what": "truce ends", "on": "2026-03-29"}]
    assert timeline["developments"][1]["words"] == "Both sides signed a 30-day truce on Thursday."


def test_a_trip_shows_stops_made_and_planned(stories: Cli) -> None:
    """As a page: made ones, planned ones, and the next."""
    ran = stories("stories", "timeline", "lind-tour")
    assert (ran.code, ran.err) == (0, "")
    lines = ran.out.splitlines()
    assert "stops made\tQatar (1 Mar 2026)" in lines
    assert "planned\tOman (3 Mar 2026), Jordan" in lines
    assert "ahead\tnext stop: Oman, 3 Mar 2026 (in 2 days)" in lines


def test_a_timeline_in_a_pipe_is_whole_and_plain(stories: Cli) -> None:
    """One line of what and when, then words, counts and link; nothing wrapped."""
    assert stories("stories", "timeline", "2").out.splitlines()[-8:] == [
        "2026-02-26T16:24:00+02:00  Ceasefire talks (late: the story had moved past it): "
        "Vellania and Northern Front · Arda Valley",
        "  “Delegates had met earlier.”",
        "  1 report, 1 origin: Nordlys",
        "  https://news.example/arda-3-0",
        "2026-02-28T14:00:00+02:00  Ceasefire violated: Vellania and Northern Front · Arda Valley",
        "  “Shells fell on Arda an hour before dawn.”",
        "  1 report, 1 origin: Steppe Radio World Service",
        "  https://news.example/arda/violated-4",
    ]


def test_a_list_in_a_pipe_is_tab_separated(stories: Cli) -> None:
    """Under one line of titles."""
    lines = stories("stories", "list").out.splitlines()
    assert lines[0].split("\t") == [
        "id", "last", "phase", "who_where", "told", "reports", "outlets", "standing", "slug",
    ]  # fmt: skip
    assert lines[2].split("\t")[2:] == [
        "Ceasefire violated", "Vellania and Northern Front · Arda Valley", "3", "6", "4", "open", "arda",
    ]  # fmt: skip


def test_a_story_is_shown_with_its_reports(stories: Cli) -> None:
    """By number, slug or a development's slug; copies and mentions are marked."""
    pages = {stories("stories", "show", key).out for key in ("2", "arda", "arda/agreed-2")}
    assert len(pages) == 1
    (page,) = pages
    assert (
        "2026-02-26T14:02:00+02:00\tGulf Ledger\tBoth sides signed a 30-day truce on Thursday. (arda-2-2)\tcopy" in page
    )
    assert "Delegates had met earlier. (arda-3-0)\tmention" in page
    record = stories("stories", "show", "arda", "--json").json
    assert [len(d["articles"]) for d in record["developments"]] == [1, 3, 1, 1]
    assert (record["edits"], record["asked"]) == ([], None)


def test_a_closed_story_names_the_one_that_continues_it(stories: Cli) -> None:
    """Follow-up links go both ways."""
    page = stories("stories", "show", "arda-2025").out
    assert "continued\tarda" in page
    assert "closed since" in page
    assert "continues\tarda-2025" in stories("stories", "show", "arda").out


def test_what_is_not_there_is_told(stories: Cli) -> None:
    """With the way to what is."""
    ran = stories("stories", "show", "nothing")
    assert (ran.code, ran.out) == (1, "")
    assert "there is no story nothing" in ran.err
    for options, said in (
        ("--type flood", "there is no type 'flood'"),
        ("--phase gone", "there is no phase 'gone'"),
        ("--place Atlantis", "No stories match."),
    ):
        ran = stories("stories", "list", *options.split())
        assert (ran.code, ran.out) == (0, "")
        assert said in ran.err


def test_stories_are_merged_and_split_by_hand(stories: Cli) -> None:
    """Said in words, kept with who and why, and a merged name still finds its story."""
    ran = stories("stories", "merge", "arda", "arda-2025", "--why", "the same war", USER="desk")
    assert (ran.code, ran.out) == (0, "arda was merged into arda-2025: 4 developments moved\n")
    assert stories("stories", "merge", "1", "2").out == "they are one story already: arda-2025\n"
    page = stories("stories", "show", "arda").out
    assert page.startswith("arda was merged into this story\n")
    assert "merged arda into arda-2025, 4 developments, by desk: the same war" in page
    (first,) = (d["id"] for d in stories("stories", "show", "arda", "--json").json["developments"][:1])
    ran = stories("stories", "split", str(first), "--by", "Ann", "--why", "an older one")
    assert (ran.code, ran.out) == (
        0,
        "1 development of arda-2025 went to a new story: arda-2025-called-for\n",
    )
    edits = stories("stories", "show", "arda-2025-called-for", "--json").json["edits"]
    assert [(e["kind"], e["by"], e["why"]) for e in edits] == [("split", "Ann", "an older one")]


def test_what_cannot_be_edited_is_told(stories: Cli) -> None:
    """Unknown stories and developments, and stories of two types."""
    for options, said in (
        ("merge arda nothing", "there is no story nothing"),
        ("merge arda lind-tour", "of different types"),
        ("split 999", "there is no such development"),
        ("split 2 --with 7", "not all of them are developments of arda"),
    ):
        ran = stories("stories", *options.split())
        assert (ran.code, ran.out) == (1, "")
        assert said in ran.err


def test_outlets_are_shown_by_how_early_they_are(stories: Cli) -> None:
    """Harbour Post was first with the agreement, Gulf Ledger with the landing; minutes are behind the first report."""
    lines = [line.split("\t") for line in stories("sources", "lead").out.splitlines()]
    assert lines == [
        ["outlet", "developments", "first", "alone", "reports", "copies", "median_min", "p90_min"],
        ["Harbour Post", "4", "3", "2", "4", "0", "1", "1"],
        ["Gulf Ledger", "3", "2", "1", "3", "1", "2", "2"],
        ["Steppe Radio World Service", "2", "1", "1", "2", "0", "1", "1"],
    ]
    record = stories("sources", "lead", "--since", "36h", "--limit", "1", "--json").json
    assert record["since"] == "2026-02-28T00:00:00Z"
    assert record["outlets"] == [
        {
            "outlet": "Gulf Ledger",
            "developments": 2,
            "first": 2,
            "alone": 1,
            "reports": 2,
            "copies": 0,
            "median_behind_min": None,
            "p90_behind_min": None,
        }
    ]


def test_no_news_has_no_first(stories: Cli) -> None:
    """It is said beside the output."""
    ran = stories("sources", "lead", "--since", "now")
    assert (ran.code, ran.out, ran.err) == (0, "", "No outlet reported anything since then.\n")


def test_a_story_of_a_phase_that_rules_no_longer_have_is_still_shown(stories: Cli) -> None:
    """Type and phase are as stored."""
    with sqlite3.connect(stories.folder / "stories.db") as database:
        database.execute("UPDATE stories SET phase = 'paused' WHERE slug = 'arda'")
        database.execute("UPDATE stories SET type = 'flood' WHERE slug = 'lind-tour'")
    found = {story["slug"]: story for story in stories("stories", "list", "--json").json}
    assert (found["arda"]["phase"], found["arda"]["severity"]) == ("paused", "normal")
    assert (found["lind-tour"]["type"], found["lind-tour"]["developments"]) == ("flood", 3)
    assert stories("stories", "timeline", "lind-tour").code == 0
