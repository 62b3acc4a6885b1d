"""Places in a page's markup, and the CSS selector that stands for some of them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from lxml import etree

Step = tuple[str, tuple[str, ...]]
"""A tag with those of its classes that can name a kind of element."""
Steps = tuple[Step, ...]
"""From an element upwards."""
Place = tuple[Steps, str]
"""Where a link stands, and its address as written."""

LEVELS = 6
_KIND = re.compile(r"[A-Za-z_]+(?:--?[A-Za-z_]+)*")
_STATE = frozenset("active first last odd even current selected open visible lazy loaded".split())
_TAG = re.compile(r"[a-z][a-z0-9]*")
_ADDRESS_PART = re.compile(r"[^\d\"\\\s]+")
_MOST_PARTS = 6
_SHORTEST_ADDRESS = 3
_STRAYS = 0.1  # links beside the wanted ones that a part may pick, as a share


def steps_of(element: etree._Element) -> Steps:
    """The element and what it stands in, LEVELS at most, without body and html."""
    found: list[Step] = []
    node: etree._Element | None = element
    while node is not None and len(found) < LEVELS and node.tag not in ("body", "html"):
        tag = node.tag if isinstance(node.tag, str) else ""
        classes = (node.get("class") or "").split()
        # A class with a digit numbers one element (post-1234) or is made by a machine (css-1x2y3z).
        found.append((tag, tuple(sorted({name for name in classes if _KIND.fullmatch(name) and name not in _STATE}))))
        node = node.getparent()
    return tuple(found)


@dataclass(frozen=True, kw_only=True)
class _Part:
    """One selector of a pattern: places by their steps, narrowed by what their addresses and classes hold or lack."""

    steps: Steps
    address: str = ""
    without_class: str = ""
    without_address: str = ""

    def picks(self, place: Place) -> bool:
        steps, href = place
        return (
            len(self.steps) <= len(steps)
            and all(
                tag == other_tag and set(classes) <= set(other_classes)
                for (tag, classes), (other_tag, other_classes) in zip(self.steps, steps, strict=False)
            )
            and self.address in href
            and not (self.without_class and self.without_class in steps[0][1])
            and not (self.without_address and self.without_address in href)
        )

    def css(self) -> str:
        names = [
            "".join((tag if _TAG.fullmatch(tag) else "*", *(f".{name}" for name in classes)))
            for tag, classes in self.steps
        ]
        if self.address:
            names[0] += f'[href*="{self.address}"]'
        if self.without_class:
            names[0] += f":not(.{self.without_class})"
        if self.without_address:
            names[0] += f':not([href*="{self.without_address}"])'
        return " > ".join(reversed(names))


def pattern_of(wanted: Sequence[Place], others: Sequence[Place]) -> str:
    """A selector that picks the wanted links and hardly any others: its parts as short as that allows.

    Where no part can tell them apart the selector picks some of the others too; of very many
    places the rarest are left out.
    """
    left = list(wanted)
    parts: list[_Part] = []
    while left and len(parts) < _MOST_PARTS:
        steps = Counter(steps for steps, _ in left).most_common(1)[0][0]
        part = _part_for(steps, left, others)
        parts.append(part)
        left = [place for place in left if not part.picks(place)]
    return ", ".join(part.css() for part in parts)


def _part_for(steps: Steps, left: Sequence[Place], others: Sequence[Place]) -> _Part:
    """The first part on offer that picks next to nothing else, else the one with the fewest strays."""
    fewest, best = float("inf"), _Part(steps=steps)
    for part in _offers(steps, left, others):
        picked = sum(part.picks(place) for place in left)
        strays = sum(part.picks(place) for place in others)
        if picked and strays <= _STRAYS * picked:
            return part
        if picked and strays < fewest:
            fewest, best = strays, part
    return best


def _offers(steps: Steps, left: Sequence[Place], others: Sequence[Place]) -> Iterator[_Part]:
    """From few steps to many: bare, with the outermost's classes, with all; then narrowed by classes and addresses."""
    parts = []
    for length in range(1, len(steps) + 1):
        full = steps[:length]
        bare = tuple((tag, ()) for tag, _ in full)
        parts += [_Part(steps=each) for each in dict.fromkeys((bare, (*bare[:-1], full[-1]), full))]
    yield from parts
    for part in parts:
        picked = [place for place in left if part.picks(place)]
        strays = [place for place in others if part.picks(place)]
        shared = _shared_class(strays) - {name for place in picked for name in place[0][0][1]}
        if shared:
            yield replace(part, without_class=min(shared))
        address = _shared_address(picked)
        if address and part.steps != ((steps[0][0], ()),):
            yield replace(part, address=address)
        address = _shared_address(strays)
        if address and not any(address in href for _, href in picked):
            yield replace(part, without_address=address)


def _shared_class(places: Sequence[Place]) -> set[str]:
    """The classes that all these links have themselves."""
    return set.intersection(*(set(steps[0][1]) for steps, _ in places)) if places else set()


def _shared_address(places: Sequence[Place]) -> str:
    """How all these addresses begin, up to the first digit, when that says anything."""
    if not places:
        return ""
    first, last = min(href for _, href in places), max(href for _, href in places)
    length = next(
        (at for at, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), min(len(first), len(last))
    )
    address = _ADDRESS_PART.match(first[:length])
    return address[0] if address and len(address[0].strip("/.")) >= _SHORTEST_ADDRESS else ""
