"""The shipped gazetteer keeps to its format, so that a slip of the hand shows before an article does."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

FOLDER = Path(__file__).parents[3] / "config" / "gazetteer"
KINDS = {
    "countries": "country",
    "places": "place",
    "groups": "group",
    "bodies": "body",
    "people": "person",
    "people-1985-2010": "person",
}
LISTS = ("aliases", "exact", "demonyms", "metonyms")
KEYS = {"party", "bare", "id", "name", "country", "body", "office", "from", "until", "capital_of", "theatre", *LISTS}
# A bare word shorter than this is an ordinary word, an initial or a code too often to be read in any case.
SHORTEST_NAME = 4

Entity = dict[str, Any]


@pytest.fixture(scope="module")
def files() -> dict[str, dict[str, Any]]:
    return {stem: yaml.safe_load((FOLDER / f"{stem}.yaml").read_text(encoding="utf-8")) for stem in KINDS}


@pytest.fixture(scope="module")
def entities(files: dict[str, dict[str, Any]]) -> list[Entity]:
    return [entity for stem in KINDS for entity in files[stem]["entities"]]


@pytest.fixture(scope="module")
def names(files: dict[str, dict[str, Any]]) -> dict[str, set[str]]:
    return {KINDS[stem]: {entity["name"] for entity in files[stem]["entities"]} for stem in KINDS}


def spellings(entity: Entity) -> Iterator[str]:
    yield entity["name"]
    for key in LISTS:
        yield from entity.get(key, [])


def folded(text: str) -> str:
    plain = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return " ".join(re.sub("['’‘]", "", plain.casefold()).replace("-", " ").split())


def test_every_entity_has_only_known_fields_of_the_right_type(entities: list[Entity]) -> None:
    for entity in entities:
        assert set(entity) <= KEYS, entity["id"]
        assert all(isinstance(text, str) and text == text.strip() != "" for text in spellings(entity)), entity["id"]
        assert all(isinstance(entity.get(key, []), list) for key in LISTS), entity["id"]
        assert all(isinstance(entity[key], date) for key in ("from", "until") if key in entity), entity["id"]


def test_ids_are_unique_slugs_of_the_files_kind(files: dict[str, dict[str, Any]]) -> None:
    ids = [entity["id"] for stem in KINDS for entity in files[stem]["entities"]]
    assert len(ids) == len(set(ids))
    for stem, kind in KINDS.items():
        for entity in files[stem]["entities"]:
            assert re.fullmatch(kind + ":[a-z0-9]+(?:-[a-z0-9]+)*", entity["id"]), entity["id"]


def test_every_file_says_when_it_was_reviewed(files: dict[str, dict[str, Any]]) -> None:
    assert all(isinstance(file["reviewed"], date) for file in files.values())


def test_a_spelling_belongs_to_one_entity_except_names_that_people_share(entities: list[Entity]) -> None:
    """Two Clintons, four popes: which one is meant follows from the article's date. Nothing else is shared."""
    owners: dict[str, set[str]] = defaultdict(set)
    for entity in entities:
        for text in spellings(entity):
            owners[folded(text)].add(entity["id"])
    shared = {text: ids for text, ids in owners.items() if len(ids) > 1}
    assert {text: ids for text, ids in shared.items() if not all(id_.startswith("person:") for id_ in ids)} == {}


def test_no_entity_lists_a_spelling_twice(entities: list[Entity]) -> None:
    for entity in entities:
        said = list(spellings(entity))
        twice = {text for text in said if said.count(text) > 1}
        assert twice <= {entity["name"]} & set(entity.get("exact", [])), entity["id"]


def test_short_latin_names_match_only_as_spelled(entities: list[Entity]) -> None:
    for entity in entities:
        for text in spellings(entity):
            assert len(text) >= SHORTEST_NAME or not text.isascii() or text in entity.get("exact", []), entity["id"]


def test_spellings_with_a_small_first_letter_match_only_as_spelled(entities: list[Entity]) -> None:
    for entity in entities:
        loose = [entity["name"], *entity.get("aliases", [])]
        assert not any(text[0].islower() for text in loose), entity["id"]


def test_what_an_entity_refers_to_exists(entities: list[Entity], names: dict[str, set[str]]) -> None:
    for entity in entities:
        assert entity.get("country") is None or entity["country"] in names["country"], entity["id"]
        assert entity.get("capital_of") is None or entity["capital_of"] in names["country"], entity["id"]
        assert entity.get("body") is None or entity["body"] in names["body"], entity["id"]
        assert entity.get("theatre") is None or entity["theatre"] in names["country"] | names["place"], entity["id"]


def test_people_hold_an_office_within_sane_dates(files: dict[str, dict[str, Any]]) -> None:
    reviewed = files["people"]["reviewed"]
    for person in files["people"]["entities"]:
        since, until = person.get("from"), person.get("until")
        assert not ("country" in person and "body" in person), person["id"]
        assert "office" in person or person["id"] == "person:dalai-lama", person["id"]
        assert since is None or date(1920, 1, 1) <= since <= reviewed, person["id"]
        assert until is None or until <= reviewed, person["id"]
        assert since is None or until is None or since < until, person["id"]


def test_common_surnames_never_stand_alone(files: dict[str, dict[str, Any]]) -> None:
    common = {"dar", "wong", "shah", "kim", "lee", "park", "salam", "khan", "singh", "brown", "rice", "johnson", "may"}
    common |= {
        "straw",
        "major",
        "howard",
        "hunt",
        "harris",
        "austin",
        "burns",
        "sullivan",
        "cohen",
        "wang",
        "li",
        "abe",
    }
    for person in files["people"]["entities"]:
        assert not common & {folded(text) for text in spellings(person)}, person["id"]


def test_every_country_but_the_smallest_has_its_capital(files: dict[str, dict[str, Any]]) -> None:
    capitals = {place["capital_of"] for place in files["places"]["entities"] if "capital_of" in place}
    big = ["United States", "Russia", "China", "Ukraine", "Israel", "Egypt", "Sudan", "DR Congo", "Turkey", "India"]
    assert capitals >= set(big)
    assert len(capitals) > 150


@pytest.mark.parametrize(
    ("stem", "least"), [("countries", 200), ("places", 1500), ("groups", 120), ("bodies", 80), ("people", 280)]
)
def test_no_file_shrinks_by_accident(files: dict[str, dict[str, Any]], stem: str, least: int) -> None:
    assert len(files[stem]["entities"]) >= least
