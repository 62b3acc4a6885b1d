"""Names that this beat cannot do without stand in the gazetteer, in every spelling newspapers use."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

FOLDER = Path(__file__).parents[3] / "config" / "gazetteer"
LISTS = ("aliases", "exact", "demonyms", "metonyms")


@pytest.fixture(scope="module")
def owners() -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for path in FOLDER.glob("*.yaml"):
        for entity in yaml.safe_load(path.read_text(encoding="utf-8"))["entities"]:
            for text in [entity["name"], *(text for key in LISTS for text in entity.get(key, []))]:
                found.setdefault(text, set()).add(entity["id"])
    return found


@pytest.mark.parametrize(
    ("entity_id", "spellings"),
    [
        ("person:volodymyr-zelensky", ["Zelensky", "Zelenskyy", "Zelenskiy", "Volodymyr Zelensky"]),
        ("person:abbas-araghchi", ["Araghchi", "Araqchi", "Abbas Araqchi"]),
        ("person:muammar-gaddafi", ["Gaddafi", "Kadhafi", "Qaddafi", "Gadhafi", "Khadafy"]),
        ("person:antony-blinken", ["Blinken", "Antony Blinken", "Secretary Blinken"]),
        ("person:moqtada-al-sadr", ["Moqtada al-Sadr", "Muqtada al-Sadr", "al-Sadr", "Sadr"]),
        ("person:condoleezza-rice", ["Condoleezza Rice", "Secretary Rice"]),
        ("country:turkey", ["Turkey", "Türkiye", "Turkish"]),
        ("country:dr-congo", ["DR Congo", "DRC", "Democratic Republic of Congo", "Congolese"]),
        ("country:ivory-coast", ["Ivory Coast", "Côte d'Ivoire", "Ivorian"]),
        ("country:united-states", ["US", "U.S.", "United States", "White House", "American"]),
        ("country:russia", ["Russia", "Kremlin", "Russian"]),
        ("country:gaza", ["Gaza", "Gaza Strip"]),
        ("group:houthis", ["Houthis", "Houthi", "Ansar Allah"]),
        ("group:rapid-support-forces", ["Rapid Support Forces", "RSF"]),
        ("group:tamil-tigers", ["Tamil Tigers", "LTTE", "Liberation Tigers of Tamil Eelam"]),
        ("group:israel-defense-forces", ["IDF", "Israeli military", "Israeli army"]),
        ("body:united-nations", ["UN", "U.N.", "United Nations"]),
        ("body:middle-east-quartet", ["Middle East Quartet"]),
        ("place:sharm-el-sheikh", ["Sharm el-Sheikh", "Sharm El Sheikh", "Sharm al-Sheikh"]),
        ("place:el-fasher", ["El Fasher", "Al-Fashir", "al-Fashir", "El-Fasher"]),
        ("place:strait-of-hormuz", ["Strait of Hormuz", "Hormuz"]),
        ("place:kyiv", ["Kyiv", "Kiev"]),
    ],
)
def test_all_spellings_lead_to_one_entity(owners: dict[str, set[str]], entity_id: str, spellings: list[str]) -> None:
    assert {text for text in spellings if entity_id not in owners.get(text, set())} == set()


@pytest.mark.parametrize("word", ["Nice", "Reading", "Mobile", "Orlando", "Salem", "Kennedy", "Batman", "Essen", "Van"])
def test_cities_that_are_ordinary_words_or_names_are_left_out(owners: dict[str, set[str]], word: str) -> None:
    assert word not in owners
