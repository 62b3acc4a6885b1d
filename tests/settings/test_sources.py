"""Sources: inline, included, shipped and managed."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitor.core.model.feed import Feed, FeedKind, RobotsPolicy, Tier
from monitor.errors import ConfigError
from monitor.settings.load import load_settings
from monitor.settings.sources import configured_feeds


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("conf").mkdir()


def feeds(**files: str) -> tuple[Feed, ...]:
    for name, text in files.items():
        path = Path("conf", f"{name}.yaml")
        path.parent.mkdir(exist_ok=True, parents=True)
        path.write_text(text)
    return configured_feeds(load_settings(Path("conf/monitor.yaml"), environ={}))


def problems(**files: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        feeds(**files)
    return [str(problem) for problem in caught.value.problems]


def test_every_key_of_an_item_reaches_the_feed():
    (feed,) = feeds(
        monitor="""
sources:
  - name: Ministry
    url: https://ministry.example/press
    kind: html_index
    selector: h3 a
    interval: 90s
    tags: [official, asia]
    enabled: false
    headers_env: MINISTRY_HEADERS
    auth_env: MINISTRY_LOGIN
    robots: ignore
    tier: 1
    language: en
    country: Oman
    homepage: https://ministry.example/
    seen_in: https://list.example/
"""
    )
    assert feed == Feed(
        name="Ministry",
        url="https://ministry.example/press",
        kind=FeedKind.HTML_INDEX,
        selector="h3 a",
        interval_s=90,
        tags=("official", "asia"),
        enabled=False,
        headers_env="MINISTRY_HEADERS",
        auth_env="MINISTRY_LOGIN",
        robots=RobotsPolicy.IGNORE,
        tier=Tier.WIRE,
        language="en",
        country="Oman",
        homepage="https://ministry.example/",
        seen_in="https://list.example/",
    )


def test_a_source_without_a_name_goes_by_its_host():
    assert [f.name for f in feeds(monitor="sources: [{url: 'https://www.news.example/feed'}]")] == ["news.example"]


def test_files_and_globs_are_included_beside_the_including_file():
    """A list and a mapping both do; an included file may include; a file named twice counts once."""
    found = feeds(
        monitor="sources:\n  - include: lists/*.yaml\n  - include: lists/a.yaml\n  - url: https://inline.example/\n",
        **{
            "lists/a": "- url: https://a.example/\n",
            "lists/b": "sources:\n  - url: https://b.example/\n  - include: more/c.yaml\n",
            "lists/more/c": "- url: https://c.example/\n",
        },
    )
    assert [f.url[8:].split(".")[0] for f in found] == ["a", "b", "c", "inline"]


def test_shipped_lists_are_included_by_name():
    found = feeds(monitor="sources:\n  - include: seeds:*.yaml\n")
    assert len(found) >= 60
    assert all(f.seen_in for f in found)


@pytest.mark.parametrize("pattern", ["gone.yaml", "gone/*.yaml", "seeds:gone.yaml", "/nowhere/*.yaml"])
def test_an_include_that_matches_nothing_is_a_problem(pattern):
    (found,) = problems(monitor=f"sources:\n  - url: https://a.example/\n  - include: '{pattern}'\n")
    assert found.startswith(f"conf/monitor.yaml:3: include: {pattern} matches no file in ")


def test_problems_in_included_files_name_their_own_file_and_line():
    assert problems(
        monitor="sources:\n  - include: a.yaml\n  - include: b.yaml\n  - include: c.yaml\nlog: {level: loud}\n",
        a="- url: https://a.example/\n  intervall: 5m\n",
        b="sources:\n  - url: https://b.example/\nname: b\n",
        c="- url: [\n",
    ) == [
        "conf/monitor.yaml:5: 'level' must be 'debug', 'info', 'warning' or 'error'",
        "conf/a.yaml:2: unknown key 'intervall': did you mean 'interval'?",
        "conf/b.yaml:3: unknown key 'name': a file of sources is a list, or has the one key 'sources'",
        "conf/c.yaml:2: not valid YAML: expected the node content, but found '<stream end>' "
        "(while parsing a flow node that began in line 1)".replace(
            " (while parsing a flow node that began in line 1)", ""
        ),
    ]


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        ("https://a.example/", "a source is a mapping, not a word: write '- url: https://a.example/'"),
        ("lists.yaml", "a source is a mapping, not a word: write '- include: lists.yaml'"),
        ("{name: x}", "'url' is missing"),
        ("{url: a.example/feed}", "'url' must begin with https:// or http:// and name a host, without spaces"),
        ("{url: 'https://a b/'}", "'url' must begin with https:// or http:// and name a host, without spaces"),
        ("{url: 'https://[::1/'}", "'url' is not a URL"),
        ("{url: 'https://a.example:port/'}", "'url' is not a URL"),
        ("{url: https://a.example/, kind: rss}", "'kind' must be 'feed', 'html_index' or 'sitemap'"),
        ("{url: https://a.example/, interval: fast}", "'interval': 'fast' is not a duration"),
        ("{include: a.yaml, url: https://a.example/}", "unknown key 'url'"),
        ("7", "'item' must be a mapping of keys and values"),
    ],
)
def test_a_wrong_item_is_told_at_its_line(item, expected):
    (found,) = problems(monitor=f"sources:\n  - {item}\n")
    assert found.startswith(f"conf/monitor.yaml:2: {expected}")


def test_sources_that_are_no_list_are_told():
    assert problems(monitor="sources: {url: https://a.example/}\n") == [
        "conf/monitor.yaml:1: sources must be a list: each item begins with '- '"
    ]


def test_a_url_that_stands_twice_is_told_with_both_places():
    """Also over two files, and when only the case of the host differs."""
    assert problems(
        monitor="sources:\n  - url: https://A.example/x\n  - include: a.yaml\n  - url: https://a.example/X\n",
        a="- name: again\n  url: https://a.example/x\n",
    ) == ["conf/a.yaml:2: the same URL stands in conf/monitor.yaml:2 already"]


def test_the_managed_file_adds_sources_and_changes_those_that_stand_elsewhere():
    """It changes only the keys it gives: a source switched off keeps its name and tags."""
    first, second = feeds(
        monitor="sources:\n  - {name: A, url: https://a.example/, tags: [x]}\n",
        sources="- url: https://a.example/\n  enabled: false\n- url: https://b.example/\n",
    )
    assert (first.name, first.tags, first.enabled) == ("A", ("x",), False)
    assert (second.url, second.enabled) == ("https://b.example/", True)


def test_the_managed_file_may_also_be_included_by_name():
    assert [
        f.url for f in feeds(monitor="sources: [include: sources.yaml]", sources="- url: https://b.example/\n")
    ] == ["https://b.example/"]


def test_problems_in_the_managed_file_are_told():
    assert problems(monitor="", sources="- url: https://b.example/\n- url: https://b.example/\n") == [
        "conf/sources.yaml:2: the same URL stands in conf/sources.yaml:1 already"
    ]


def test_a_file_that_includes_itself_is_read_once():
    assert len(feeds(monitor="sources: [include: a.yaml]", a="- include: a.yaml\n- url: https://a.example/\n")) == 1
