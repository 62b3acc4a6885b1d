"""`monitor sources politeness`."""

from __future__ import annotations


def test_publishers_are_shown_those_asked_most_first(history):
    """Hosts of one domain are one publisher; requests a day are over the time the monitor ran."""
    ran = history("sources", "politeness")
    titles, *rows = (line.split("\t") for line in ran.out.splitlines())
    assert [dict(zip(titles, row, strict=True)) for row in rows] == [
        {
            "publisher": "harbourpost.example",
            "requests_a_day": "200",
            "feeds": "40",
            "pages": "8",
            "robots": "2",
            "304_share": "93%",
            "least_gap_s": "1.0 s",
            "at_once": "2",
            "refused": "",
            "unanswered": "",
        },
        {
            "publisher": "gulf.example",
            "requests_a_day": "20",
            "feeds": "4",
            "pages": "0",
            "robots": "1",
            "304_share": "",
            "least_gap_s": "",
            "at_once": "1",
            "refused": "2",
            "unanswered": "1",
        },
    ]


def test_as_json_every_count_is_there(history):
    """For a sheet of one's own."""
    (gulf,) = history("sources", "politeness", "--json", "--host", "gulf").json
    assert (gulf["publisher"], gulf["hosts"], gulf["requests_a_day"], gulf["refused"]) == ("gulf.example", 1, 20.0, 2)
    assert gulf["not_modified_share"] is None


def test_nothing_asked_yet_is_said(cli):
    """And no empty table."""
    ran = cli("sources", "politeness")
    assert (ran.code, ran.out) == (0, "")
    assert "Nothing has been asked yet" in ran.err
