"""Places in a page's markup, and the CSS selector that stands for some of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

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


def pattern_of(wanted: Sequence[Place], others: Sequence[Place]) -> str:
    """A selector that picks the wanted links and hardly any others: its parts as short as that allows.

    Where no part can tell them apart the selector picks some of the others too; of very many
    places the rarest are left out.
    """
    left = list(wanted)
    parts: list[str] = []
    while left and len(parts) < _MOST_PARTS:
        counts: dict[Steps, int] = {}
        for steps, _ in left:
            counts[steps] = counts.get(steps, 0) + 1
        steps = max(counts, key=counts.__getitem__)
        part, address = _part_for(steps, left, others)
        parts.append(_css(part, address))
        left = [place for place in left if not _matches(part, address, place)]
    return ", ".join(parts)


def _part_for(steps: Steps, left: Sequence[Place], others: Sequence[Place]) -> tuple[Steps, str]:
    """The first part on offer that picks next to nothing else."""
    for part, address in _offers(steps, left):
        picked = sum(_matches(part, address, place) for place in left)
        strays = sum(_matches(part, address, place) for place in others)
        if picked and strays <= _STRAYS * picked:
            return part, address
    return steps, ""


def _offers(steps: Steps, left: Sequence[Place]) -> Iterator[tuple[Steps, str]]:
    """From few steps to many, bare, with the outermost's classes, with all; then with what addresses share."""
    parts = []
    for length in range(1, len(steps) + 1):
        full = steps[:length]
        bare = tuple((tag, ()) for tag, _ in full)
        parts += [bare, (*bare[:-1], full[-1]), full]
    yield from ((part, "") for part in parts)
    for part in parts[2:]:
        shared = _common_start([href for each, href in left if _matches(part, "", (each, href))])
        address = _ADDRESS_PART.match(shared)
        if address and len(address[0].strip("/.")) >= 3:
            yield part, address[0]


def _common_start(texts: Sequence[str]) -> str:
    first, last = min(texts), max(texts)
    return first[
        : next((at for at, pair in enumerate(zip(first, last, strict=False)) if pair[0] != pair[1]), len(first))
    ]


def _matches(wanted: Steps, address: str, place: Place) -> bool:
    steps, href = place
    return (
        len(wanted) <= len(steps)
        and address in href
        and all(
            tag == other_tag and set(classes) <= set(other_classes)
            for (tag, classes), (other_tag, other_classes) in zip(wanted, steps, strict=False)
        )
    )


def _css(steps: Steps, address: str) -> str:
    names = ["".join((tag if _TAG.fullmatch(tag) else "*", *(f".{name}" for name in names))) for tag, names in steps]
    if address:
        names[0] += f'[href*="{address}"]'
    return " > ".join(reversed(names))
