"""The four kinds of rule files, each read into its schema."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from monitor.core.model.mention import EntityKind
from monitor.core.rules.schema import (
    Concept,
    Effect,
    EventType,
    GazetteerEntry,
    Keywords,
    Language,
    Modalities,
    Phase,
    Place,
    Rule,
    RuleTest,
    Scope,
    StorySlots,
    Weights,
)
from monitor.settings.rule_reader import Reader
from monitor.settings.yaml_lines import Path, did_you_mean

_ENTITY_TEXTS = ("country", "office", "capital_of", "theatre", "party", "body")
_ENTITY_LISTS = ("aliases", "exact", "bare", "demonyms", "metonyms")
_ENTITY_KEYS = ("id", "name", "from", "until", "note", "source", *_ENTITY_TEXTS, *_ENTITY_LISTS)
_RULE_KEYS = (
    "id", "effect", "phase", "patterns", "keywords", "requires", "forbids", "scope", "places", "weight", "reaches",
    "below", "negated", "conditional", "speculative", "planned", "alleged", "background", "tests", "note",
)  # fmt: skip
_SEVERITIES = ("high", "normal", "low")


def read_language(reader: Reader, code: str) -> Language:
    """The words of one language file."""
    reader.keys((), ("concepts", "irregular", "plurals"))
    concepts = tuple(_concept(reader, name) for name in reader.keys(("concepts",)))
    irregular: list[tuple[str, tuple[str, str, str, str]]] = []
    for base in reader.keys(("irregular",)):
        forms = reader.texts(("irregular", base))
        if len(forms) == 4:
            irregular.append((base, (forms[0], forms[1], forms[2], forms[3])))
        else:
            reader.complain(("irregular", base), f"'{base}' needs four forms: [s, past, participle, ing]")
    plurals = tuple((word, reader.text(("plurals", word))) for word in reader.keys(("plurals",)))
    return Language(code=code, concepts=concepts, irregular=tuple(irregular), plurals=plurals)


def _concept(reader: Reader, name: str) -> Concept:
    path: Path = ("concepts", name)
    if isinstance(reader.value(path), list):
        return Concept(name=name, words=reader.texts(path), at=reader.at(path))
    reader.keys(path, ("verbs", "nouns", "words", "names"))
    return Concept(
        name=name,
        verbs=reader.texts((*path, "verbs")),
        nouns=reader.texts((*path, "nouns")),
        words=reader.texts((*path, "words")),
        names=reader.texts((*path, "names")),
        at=reader.at(path),
    )


def read_entries(reader: Reader) -> Iterator[GazetteerEntry]:
    """The names of one gazetteer file."""
    reader.keys((), ("reviewed", "entities", "note", "source", "sources"))
    seen: dict[str, str] = {}
    kinds = {kind.value: kind for kind in EntityKind}
    for index in range(reader.count(("entities",))):
        path: Path = ("entities", index)
        keys = reader.keys(path, _ENTITY_KEYS)
        entity_id = reader.text((*path, "id"), required=True)
        kind, _, rest = entity_id.partition(":")
        if entity_id in seen:
            reader.complain((*path, "id"), f"entity '{entity_id}' stands at {seen[entity_id]} already")
        seen[entity_id] = at = reader.at(path)
        if kind not in kinds or not rest:
            reader.complain((*path, "id"), f"'{entity_id}' must begin with one of {', '.join(kinds)} and a colon")
            continue
        # There are thousands of entries with a handful of keys each: only those are looked up.
        texts = {key: reader.text((*path, key)) or None for key in keys if key in _ENTITY_TEXTS}
        lists = {key: reader.texts((*path, key)) for key in keys if key in _ENTITY_LISTS}
        yield GazetteerEntry(
            id=entity_id,
            kind=kinds[kind],
            name=reader.text((*path, "name"), required=True),
            since=reader.day((*path, "from")) if "from" in keys else None,
            until=reader.day((*path, "until")) if "until" in keys else None,
            at=at,
            country=texts.get("country"),
            office=texts.get("office"),
            capital_of=texts.get("capital_of"),
            theatre=texts.get("theatre"),
            party=texts.get("party"),
            body=texts.get("body"),
            aliases=lists.get("aliases", ()),
            exact=lists.get("exact", ()),
            bare=lists.get("bare", ()),
            demonyms=lists.get("demonyms", ()),
            metonyms=lists.get("metonyms", ()),
        )


def read_event(reader: Reader, name: str) -> EventType | None:
    """The definition of one event type; None when it has no phases."""
    reader.keys(
        (),
        (
            "phases",
            "roles",
            "alert",
            "macros",
            "third_parties",
            "theatres",
            "subject",
            "phase_subjects",
            "body",
            "story",
            "inhibits",
            "changes",
            "note",
        ),
    )
    names = reader.keys(("phases",))
    if not names:
        reader.complain((), f"event type '{name}' has no phases")
        return None
    reader.keys(("alert",), ("threshold", "weights"))
    return EventType(
        name=name,
        phases=tuple(_phase(reader, phase, order, names) for order, phase in enumerate(names)),
        roles=reader.texts(("roles",)),
        threshold=reader.number(("alert", "threshold"), 0.5),
        weights=_weights(reader),
        macros=tuple((m, reader.text(("macros", m))) for m in reader.keys(("macros",))),
        third_parties=reader.texts(("third_parties",)),
        subject=reader.text(("subject",)),
        body=reader.text(("body",)),
        phase_subjects=tuple((k, reader.text(("phase_subjects", k))) for k in reader.keys(("phase_subjects",))),
        theatres=tuple((t, reader.text(("theatres", t))) for t in reader.keys(("theatres",))),
        story=_story(reader),
        inhibits=tuple(_inhibition(reader, phase, names) for phase in reader.keys(("inhibits",), names)),
        changes=tuple(_change(reader, role, names) for role in reader.keys(("changes",), reader.texts(("roles",)))),
        at=reader.at(()),
    )


def _story(reader: Reader) -> StorySlots:
    reader.keys(("story",), ("agents", "places", "actor", "idle_days", "ahead_days", "identity"))
    roles = set(reader.texts(("roles",)))
    named = {key: reader.texts(("story", key)) for key in ("agents", "places")}
    if not named["agents"] and not named["places"]:
        reader.complain((), "'story' must name the roles of agents and places, by which reports make stories")
    actor = reader.text(("story", "actor"))
    for role in (*named["agents"], *named["places"], *([actor] if actor else [])):
        if role not in roles:
            reader.complain(("story",), f"{role!r} is not one of the type's roles")
    return StorySlots(
        agents=named["agents"],
        places=named["places"],
        actor=actor,
        idle_days=reader.whole(("story", "idle_days"), 10),
        ahead_days=reader.whole(("story", "ahead_days"), 0),
        identity=reader.text(("story", "identity"), "agents", among=("agents", "places")),
    )


def _phase(reader: Reader, name: str, order: int, known: Collection[str]) -> Phase:
    path: Path = ("phases", name)
    reader.keys(
        path, ("severity", "rank", "after", "may_repeat", "undated", "acted", "needs_actor", "opposes", "looks_ahead")
    )
    after = reader.texts((*path, "after"))
    for other in after:
        if other not in known:
            reader.complain((*path, "after"), f"phase '{name}' follows '{other}', which is not a phase")
    opposes = reader.texts((*path, "opposes"))
    for other in opposes:
        if other not in known:
            reader.complain((*path, "opposes"), f"phase '{name}' opposes '{other}', which is not a phase")
    return Phase(
        name=name,
        order=order,
        severity=reader.text((*path, "severity"), "normal", required=True, among=_SEVERITIES),
        rank=reader.whole((*path, "rank"), 0),
        after=after,
        may_repeat=reader.flag((*path, "may_repeat"), False),
        undated=reader.flag((*path, "undated"), False),
        acted=reader.flag((*path, "acted"), False),
        needs_actor=reader.flag((*path, "needs_actor"), False),
        opposes=opposes,
        looks_ahead=reader.flag((*path, "looks_ahead"), False),
    )


def _inhibition(reader: Reader, phase: str, known: Collection[str]) -> tuple[str, tuple[str, ...], float]:
    path: Path = ("inhibits", phase)
    reader.keys(path, ("phases", "hours"))
    lesser = _phases(reader, (*path, "phases"), known)
    return phase, tuple(name for name in lesser if name != phase), float(reader.whole((*path, "hours"), 24))


def _change(reader: Reader, role: str, known: Collection[str]) -> tuple[str, tuple[str, ...]]:
    return role, _phases(reader, ("changes", role), known)


def _phases(reader: Reader, path: Path, known: Collection[str]) -> tuple[str, ...]:
    named = reader.texts(path)
    for name in named:
        if name not in known:
            reader.complain(path, f"'{name}' is not a phase{did_you_mean(name, list(known))}")
    return named


def _weights(reader: Reader) -> Weights:
    path: Path = ("alert", "weights")
    reader.keys(path, ("title", "lead", "body", "role", "demoted", "bare", "bare_below", "firmness", "tier"))
    default = Weights()

    def table(key: str) -> tuple[tuple[str, float], ...]:
        return tuple((k, reader.number((*path, key, k), 1.0)) for k in reader.keys((*path, key)))

    return Weights(
        title=reader.number((*path, "title"), default.title),
        lead=reader.number((*path, "lead"), default.lead),
        body=reader.number((*path, "body"), default.body),
        role=reader.number((*path, "role"), default.role),
        demoted=reader.number((*path, "demoted"), default.demoted),
        bare=reader.number((*path, "bare"), default.bare),
        bare_below=reader.number((*path, "bare_below"), default.bare_below),
        firmness=table("firmness"),
        tier=table("tier"),
    )


def read_rules(reader: Reader, event: str) -> Iterator[Rule]:
    """The rules of one file."""
    reader.keys((), ("rules", "note"))
    for index in range(reader.count(("rules",))):
        yield _rule(reader, ("rules", index), event)


def _rule(reader: Reader, path: Path, event: str) -> Rule:
    reader.keys(path, _RULE_KEYS)
    rule_id = reader.text((*path, "id"), required=True)
    effect = Effect(reader.text((*path, "effect"), Effect.REPORT, among=tuple(Effect)))
    phase = reader.text((*path, "phase"))
    if effect is Effect.REPORT and not phase:
        reader.complain(path, f"rule {rule_id}: 'phase' is missing")
    if effect is not Effect.REPORT and phase:
        reader.complain((*path, "phase"), f"rule {rule_id}: a {effect} rule has no phase")
    patterns = reader.texts((*path, "patterns"))
    keywords = _keywords(reader, (*path, "keywords"))
    if not patterns and keywords is None:
        reader.complain(path, f"rule {rule_id}: 'patterns' or 'keywords' is missing")
    places = tuple(Place(p) for p in reader.texts((*path, "places")) if p in set(Place))
    return Rule(
        id=rule_id,
        type=event,
        at=reader.at(path),
        effect=effect,
        phase=phase,
        patterns=patterns,
        keywords=keywords,
        requires=reader.texts((*path, "requires")),
        forbids=reader.texts((*path, "forbids")),
        scope=Scope(reader.text((*path, "scope"), Scope.SENTENCE, among=tuple(Scope))),
        places=places or tuple(Place),
        weight=reader.number((*path, "weight"), 0.8),
        reaches=reader.texts((*path, "reaches")),
        below=reader.number((*path, "below"), 2.0),
        modalities=_modalities(reader, path),
        tests=tuple(_tests(reader, (*path, "tests"))),
    )


def _modalities(reader: Reader, path: Path) -> Modalities:
    default = Modalities()
    return Modalities(
        negated=reader.text((*path, "negated"), default.negated),
        conditional=reader.text((*path, "conditional"), default.conditional),
        speculative=reader.text((*path, "speculative"), default.speculative),
        planned=reader.text((*path, "planned"), default.planned),
        alleged=reader.text((*path, "alleged"), default.alleged),
        background=reader.text((*path, "background"), default.background),
    )


def _keywords(reader: Reader, path: Path) -> Keywords | None:
    if not reader.keys(path, ("all", "any", "none", "near", "within")):
        return None
    return Keywords(
        all=reader.texts((*path, "all")),
        any=reader.texts((*path, "any")),
        none=reader.texts((*path, "none")),
        near=reader.texts((*path, "near")),
        within=reader.whole((*path, "within"), 5),
    )


def _tests(reader: Reader, path: Path) -> Iterator[RuleTest]:
    reader.keys(path, ("yes", "no"))
    for key, expected in (("yes", True), ("no", False)):
        for index in range(reader.count((*path, key))):
            item: Path = (*path, key, index)
            yield RuleTest(text=reader.text(item), expected=expected, line=reader.document.line_of(item))
