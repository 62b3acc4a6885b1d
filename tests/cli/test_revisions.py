"""`monitor explain --revisions`: how an article's wording changed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from monitor.core.model.document import PageSeen, StatedDate
from monitor.store.database import open_store
from tests.cli.samples import NOW
from tests.store import arrange

URL = "https://www.harbourpost.example/a"
FIRST = "The envoy landed on Monday.\nTwelve people died in the shelling.\nUpdated 3 minutes ago"
SECOND = "The envoy landed on Monday.\nEleven people died in the shelling.\nUpdated 9 minutes ago\nNobody was hurt."


@pytest.fixture
def reworded(cli):
    """One article, read twice."""
    cli("db", "upgrade")
    with_store = open_store(f"sqlite:///{cli.folder}/var/monitor.db")
    arrange.publish(with_store, arrange.entry("a", title="Envoy lands"), now=NOW)
    claim = arrange.claimed_document(with_store, now=NOW)
    page = PageSeen(
        title="Envoy lands",
        authors=("Mara Quill",),
        published=StatedDate(at=NOW, on=NOW.date(), utc_offset_min=-210),
        modified=StatedDate(on=NOW.date()),
    )
    with_store.documents.record_read(claim, replace(arrange.read_result(claim, text=FIRST), page=page), now=NOW)
    arrange.poll(with_store, arrange.entry("a", title="Envoy has landed"), now=NOW)
    arrange.read(with_store, text=SECOND, title="Envoy has landed", now=NOW)
    with_store.close()
    return cli


@pytest.mark.parametrize("what", [URL, "document:1"])
def test_each_revision_shows_what_it_changed(reworded, what):
    """Headline and sentences as - and + lines; a time that ticked is no change."""
    ran = reworded("explain", what, "--revisions")
    assert ran.code == 0
    lines = ran.out.splitlines()
    assert [line for line in lines if line.startswith(("- ", "+ "))] == [
        "- Envoy lands",
        "+ Envoy has landed",
        "- Twelve people died in the shelling.",
        "+ Eleven people died in the shelling.",
        "+ Nobody was hurt.",
    ]
    assert [line.split("  ")[0] for line in lines if line.startswith("revision")] == ["revision 1", "revision 2"]
    assert any(line.startswith("authors\tMara Quill") for line in lines)
    assert any(line.startswith("published\t") and line.endswith("(stated at UTC-03:30)") for line in lines)


def test_json_quotes_by_offset(reworded):
    """Offsets point into each revision's text."""
    told = reworded("explain", "document:1", "--revisions", "--json").json
    assert set(told) == {"document_id", "url", "page", "revisions"}
    assert told["page"]["modified"] == {
        "at": None,
        "on": NOW.date().isoformat(),
        "precision": "day",
        "utc_offset_min": None,
    }
    first, second = told["revisions"]
    assert (first["cause"], first["changes"], second["cause"]) == ("first_seen", [], "feed_edit")
    changed, added = second["changes"]
    assert (changed["kind"], added["kind"]) == ("changed", "added")
    assert FIRST[changed["was_start"] :].startswith(changed["was"])
    assert SECOND[changed["now_start"] :].startswith(changed["now"])


def test_an_unknown_article_is_said_to_be(reworded):
    """With what can be asked for."""
    ran = reworded("explain", "https://nowhere.example/x", "--revisions")
    assert ran.code == 1
    assert "no stored article" in ran.err
