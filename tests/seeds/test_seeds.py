"""The starter lists can be read, name each feed once, and say where each address was found."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import pytest
import yaml

from monitor.core.model.feed import Tier
from monitor.settings.paths import shipped_seeds_dir
from monitor.settings.schema import SourceItem

LISTS = sorted(shipped_seeds_dir().glob("*.yaml"))
WANTED_LISTS = {
    "wires-and-world.yaml",
    "middle-east.yaml",
    "ukraine-russia.yaml",
    "africa.yaml",
    "south-asia.yaml",
    "east-asia.yaml",
    "un-and-ministries.yaml",
}
REQUIRED = {"name", "url", "homepage", "country", "language", "tier", "tags", "seen_in"}
PUBLIC_HOSTS = {"github.com", "raw.githubusercontent.com", "pastebin.com"}


def items_of(path: Path) -> list[dict[str, object]]:
    """The raw items of one list, as a reader of the file sees them."""
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert list(document) == ["sources"], path.name
    return document["sources"]


ALL = [(path.name, item) for path in LISTS for item in items_of(path)]


def test_every_region_has_its_list():
    """The wire services, each region and the official sources have a file of their own."""
    assert {path.name for path in LISTS} >= WANTED_LISTS


def test_a_newcomer_starts_with_at_least_seventy_feeds():
    """The lists together are enough to watch the world with."""
    assert len(ALL) >= 70


@pytest.mark.parametrize(("list_name", "item"), ALL, ids=[str(item.get("name")) for _, item in ALL])
def test_every_item_is_complete_and_valid(list_name, item):
    """Each item has all fields, fits the configuration's shape and is in English."""
    assert set(item) == REQUIRED, list_name
    source = SourceItem.model_validate(item)
    assert source.language == "en"
    assert source.tier in set(Tier)
    assert source.tags
    for address in (source.url, source.homepage):
        assert urlsplit(address).scheme == "https"
        assert urlsplit(address).hostname


@pytest.mark.parametrize(("list_name", "item"), ALL, ids=[str(item.get("name")) for _, item in ALL])
def test_every_address_was_found_in_a_public_place(list_name, item):
    """`seen_in` is a file or page anybody can open; files of repositories are named down to their path."""
    seen = urlsplit(str(item["seen_in"]))
    assert seen.scheme == "https", list_name
    assert seen.hostname in PUBLIC_HOSTS
    if seen.hostname == "github.com":
        owner, repository, blob, commit, *path = seen.path.strip("/").split("/")
        assert owner
        assert repository
        assert blob == "blob"
        assert commit
        assert path


@pytest.mark.parametrize("field", ["name", "url"])
def test_nothing_is_listed_twice(field):
    """Names and addresses are unique over all lists, whatever their spelling."""
    seen = [str(item[field]).casefold().rstrip("/").removesuffix("/feed") for _, item in ALL]
    assert sorted({value for value in seen if seen.count(value) > 1}) == []
