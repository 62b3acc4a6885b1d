"""Who, where, when and what for: the roles of one finding, with the words that fill them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from monitor.core.detect.conflict import parties, theatre, with_countries
from monitor.core.detect.filled import Filled, RoleSource, fill_from_units
from monitor.core.detect.finding import Finding
from monitor.core.detect.times import find_days, find_duration, find_ordinal
from monitor.core.detect.travel import nearer_visitor, settle_guests
from monitor.core.model.report import RoleText, RoleTime
from monitor.core.model.span import Span
from monitor.core.rules.gazetteer import Gazetteer
from monitor.core.rules.units import Sentence

_PURPOSE = re.compile(
    r"\b(?:aimed at|in (?:a )?(?:bid|push|effort|attempt) to|in order to|on|for|to (?=discuss|push|press|urge|seek|sign"
    r"|broker|secure|promote|attend|revive|restart|hold|boost|strengthen|meet|negotiate|mediate|persuade|talk))\b\s*"
    r"(?P<what>[^,.;:—–]{6,120})",
    re.IGNORECASE,
)
_MOST_PURPOSE_WORDS = 14

_WAR = frozenset("war conflict fighting violence bloodshed hostilities ceasefire truce peace".split())


def captured(finding: Finding, gazetteer: Gazetteer) -> list[Filled]:
    """The roles the rule's own pattern names."""
    sentence = finding.match.sentence
    found: list[Filled] = []
    for role, first, last in finding.match.roles:
        if role == "destination" and _is_at_war(sentence, first):
            continue
        found.extend(fill_from_units(role, sentence, first, last, gazetteer))
    return nearer_visitor(found, sentence, finding.match.trigger[0], gazetteer)


def _is_at_war(sentence: Sentence, unit: int) -> bool:
    """Whether a place is where a war is that people speak about: "a summit on ending war in Gaza"."""
    at = sentence.starts[unit]
    before = sentence.tokens.words[max(0, at - 2) : at]
    return len(before) == 2 and before[0] in _WAR and before[1] in ("in", "on")


def fill(finding: Finding, source: RoleSource, details: Iterable[Filled] = ()) -> list[Filled]:
    """All roles of a report: those of the pattern, then what the sentence, title and lead add.

    Of the `details` that other rules found, the places of fighting come before any guess at them.
    """
    wanted = set(source.event.type.roles)
    if finding.phase.undated:
        wanted -= {"starts_on", "ends_on"}
    found = captured(finding, source.gazetteer)
    if "party" in wanted:
        found.extend(parties(found, source))
        stated = [f for f in details if f.role == "place" and not _is_venue(f, source)]
        places = [f for f in found if f.role == "place"] or stated or theatre(found, source)
        found = [f for f in found if f.role != "place"] + with_countries(places, source)
    if "visitor" in wanted:
        found = settle_guests(found)
    found.extend(_texts(wanted, source))
    found.extend(_times(wanted, source))
    return _once(found)


def _is_venue(place: Filled, source: RoleSource) -> bool:
    """Whether a place lies in a country that mediates more often than it fights."""
    return place.home in source.event.type.third_parties


def _once(found: Iterable[Filled]) -> list[Filled]:
    seen: set[tuple[str, str]] = set()
    kept: list[Filled] = []
    for item in found:
        value = item.name.name if item.name else item.text.text if item.text else str(item.time or item.ordinal)
        key = (item.role, value.casefold())
        if key not in seen:
            seen.add(key)
            kept.append(item)
    return kept


def _texts(wanted: set[str], source: RoleSource) -> list[Filled]:
    if "purpose" not in wanted:
        return []
    sentence = source.main
    text = sentence.tokens.text[sentence.span.start : sentence.span.end]
    for match in _PURPOSE.finditer(text):
        words = match["what"].split()
        if match.group().lower().startswith("on ") or re.match(r"(?:a|the|its|his|her|first|talks$)\b", match["what"]):
            continue
        what = " ".join(words[:_MOST_PURPOSE_WORDS])
        start = sentence.span.start + match.start("what")
        end = (
            start + len(what)
            if text[match.start("what") :].startswith(what)
            else sentence.span.start + match.end("what")
        )
        span = Span(start=start, end=end)
        if any(mention.span == span for mention in sentence.names.values()):
            continue  # "leaves Rome for Bahrain": a goal, but no purpose
        return [
            Filled(
                role="purpose",
                field=sentence.field,
                span=span,
                text=RoleText(role="purpose", text=span.slice(sentence.tokens.text).strip()),
            )
        ]
    return []


def _times(wanted: set[str], source: RoleSource) -> list[Filled]:
    found: list[Filled] = []
    sentence = source.main
    text = sentence.tokens.text[sentence.span.start : sentence.span.end]
    base = sentence.span.start

    def shifted(span: Span) -> Span:
        return Span(start=base + span.start, end=base + span.end)

    duration = find_duration(text) if "duration" in wanted else None
    if duration:
        time = RoleTime(role="duration", stated=duration[0].slice(text), resolved=duration[1])
        found.append(Filled(role="duration", field=sentence.field, span=shifted(duration[0]), time=time))
    days = find_days(text, source.published_on)
    for role, is_end in (("starts_on", False), ("ends_on", True)):
        day = next((d for d in days if d.is_end is is_end), None) if role in wanted else None
        if day:
            time = RoleTime(role=role, stated=day.span.slice(text), resolved=day.on.isoformat() if day.on else None)
            found.append(Filled(role=role, field=sentence.field, span=shifted(day.span), time=time))
    if "ordinal" in wanted:
        found.extend(_ordinal(source))
    return found


def _ordinal(source: RoleSource) -> Iterator[Filled]:
    for sentence in (source.main, *source.others):
        ordinal = find_ordinal(sentence.tokens.text[sentence.span.start : sentence.span.end])
        if ordinal:
            span = Span(start=sentence.span.start + ordinal[0].start, end=sentence.span.start + ordinal[0].end)
            yield Filled(role="ordinal", field=sentence.field, span=span, ordinal=ordinal[1])
            return
