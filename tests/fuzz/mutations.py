"""Bodies that are nearly what a parser expects: seeds, bent by a random number generator that is handed in."""

from __future__ import annotations

import copy
import json
import random
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

LONGEST_BYTES = 200_000
"""A body's cap: what only size makes slow is the business of the byte and time limits."""

_TAG = re.compile(rb"<[^<>]{1,2000}>")
_ATTRIBUTE = re.compile(rb"""\s[\w:-]{1,60}\s*=\s*(?:"[^"<]{0,500}"|'[^'<]{0,500}')""")
_NUMBER = re.compile(rb"\d{1,20}")
_CHARSETS = ("utf-16", "utf-16-le", "utf-32", "utf-8-sig", "cp1251", "iso-8859-1", "shift_jis", "gb18030", "koi8-r")
_DECLARED = (b"utf-8", b"UTF-16", b"windows-1251", b"zlib", b"us-ascii", b"utf-7", b"iso-2022-jp", b"", b"x" * 60)
_NUMBERS = (b"0", b"-1", b"2147483648", b"18446744073709551616", b"1e999", b"9" * 400, b"0001", b"NaN", b"\xd9\xa3")
_BYTES = (b"\0", b"\xff\xfe", b"\xef\xbb\xbf", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xc0\x80", b"\x1b$B", b"\x85")

_VALUES: tuple[Any, ...] = (
    *(None, True, 0, -1.5, 10**30, "", [], {}, [[]], [None], {"name": None}, [{"name": 1}], "\ud800", "\0", "x" * 5000),
    *("http://[", "//x.example", "javascript:a", "2025-13-40", "0001-01-01T00:00:00Z", "&#" + "9" * 5000 + ";", "<p>&"),
)

_Mutation = Callable[[random.Random, bytes, Sequence[bytes], Sequence[bytes]], bytes]


def mutated(rng: random.Random, seeds: Sequence[bytes], words: Sequence[bytes]) -> bytes:
    """A body made of one of the seeds, one to eight mutations away from it."""
    body = rng.choice(seeds)
    for _ in range(rng.choice((1, 1, 2, 3, 5, 8))):
        body = rng.choice(_MUTATIONS)(rng, body, seeds, words)[:LONGEST_BYTES]
    return body


def _flip(rng: random.Random, body: bytes, seeds: Sequence[bytes], words: Sequence[bytes]) -> bytes:
    changed = bytearray(body)
    for _ in range(rng.choice((1, 1, 4, 16)) if changed else 0):
        at = rng.randrange(len(changed))
        changed[at] = rng.choice((changed[at] ^ (1 << rng.randrange(8)), rng.randrange(256), 0x3C, 0x26, 0x00))
    return bytes(changed)


def _splice(rng: random.Random, body: bytes, seeds: Sequence[bytes], words: Sequence[bytes]) -> bytes:
    other = rng.choice(seeds)
    return body[: rng.randint(0, len(body))] + other[rng.randint(0, len(other)) :]


def _graft(rng: random.Random, body: bytes, seeds: Sequence[bytes], words: Sequence[bytes]) -> bytes:
    other = rng.choice(seeds)
    start = rng.randint(0, len(other))
    at = rng.randint(0, len(body))
    return body[:at] + other[start : start + rng.choice((10, 100, 1000))] + body[at:]


def _cut_off(rng: random.Random, body: bytes, seeds: Sequence[bytes], words: Sequence[bytes]) -> bytes:
    return body[: rng.randint(0, len(body))]


def _cut_out(rng: random.Random, body: bytes, seeds: Sequence[bytes], words: Sequence[bytes]) -> bytes:
    at = rng.randint(0, len(body))
    return body[:at] + body[at + rng.choice((1, 1, 2, 10, 100, 2000)) :]


def _repeat(rng: random.Random, body: bytes, seeds: Sequence[bytes], words: Sequence[bytes]) -> bytes:
    start = rng.randint(0, len(body))
    part = body[start : start + rng.choice((1, 2, 5, 20, 200))]
    return body[:start] + part * rng.choice((2, 3, 10, 100, 3000)) + body[start:]


def _put_word(rng: random.Random, body: bytes, seeds: Sequence[bytes], words: Sequence[bytes]) -> bytes:
    at = rng.choice([match.start() for match in _TAG.finditer(body)] or [0]) if rng.random() < 0.5 else -1
    at = at if at >= 0 else rng.randint(0, len(body))
    return body[:at] + rng.choice((*words, *_BYTES)) * rng.choice((1, 1, 1, 2, 300)) + body[at:]


def _double_tag(rng: random.Random, body: bytes, seeds: Sequence[bytes], words: Sequence[bytes]) -> bytes:
    """A tag again somewhere else, or in place of another."""
    tags = list(_TAG.finditer(body))
    if len(tags) < 2:
        return body
    one, other = rng.choice(tags), rng.choice(tags)
    end = other.end() if rng.random() < 0.5 else other.start()
    return body[: other.start()] + one[0] + body[end:]


def _double_attribute(rng: random.Random, body: bytes, seeds: Sequence[bytes], words: Sequence[bytes]) -> bytes:
    """An attribute into another tag, or many times into one."""
    attributes, tags = list(_ATTRIBUTE.finditer(body)), list(_TAG.finditer(body))
    if not attributes or not tags:
        return body
    at = rng.choice(tags).end() - 1
    return body[:at] + rng.choice(attributes)[0] * rng.choice((1, 1, 2, 500)) + body[at:]


def _swap_number(rng: random.Random, body: bytes, seeds: Sequence[bytes], words: Sequence[bytes]) -> bytes:
    numbers = list(_NUMBER.finditer(body))
    if not numbers:
        return body
    found = rng.choice(numbers)
    return body[: found.start()] + rng.choice(_NUMBERS) + body[found.end() :]


def _recode(rng: random.Random, body: bytes, seeds: Sequence[bytes], words: Sequence[bytes]) -> bytes:
    return body.decode("utf-8", errors="replace").encode(rng.choice(_CHARSETS), errors="replace")


def _declare(rng: random.Random, body: bytes, seeds: Sequence[bytes], words: Sequence[bytes]) -> bytes:
    declaration = b'<?xml version="1.0" encoding="' + rng.choice(_DECLARED) + b'"?>'
    return declaration + re.sub(rb"^\s*<\?xml[^>]{0,200}>", b"", body)


def _change_value(rng: random.Random, body: bytes, seeds: Sequence[bytes], words: Sequence[bytes]) -> bytes:
    """JSON that stays JSON: one value replaced, left out or put in another's place."""
    try:
        data = json.loads(body)
        holders = list(_holders(data))
        if holders:
            _change_one(rng, rng.choice(holders), rng.choice(holders))
        return json.dumps(data).encode("ascii")
    except (ValueError, RecursionError):
        return body


def _change_one(rng: random.Random, holder: Any, other: Any) -> None:
    place, other_place = (rng.choice(list(_places(found))) for found in (holder, other))
    match rng.randrange(4):
        case 0:
            del holder[place]
        case 1:
            other[other_place] = copy.deepcopy(holder[place])
        case _:
            holder[place] = rng.choice(_VALUES)


def _holders(value: Any) -> Iterator[Any]:
    """All objects and lists in a value that have something in them."""
    if isinstance(value, dict | list) and value:
        yield value
        for place in _places(value):
            yield from _holders(value[place])


def _places(holder: Any) -> Iterable[Any]:
    return holder if isinstance(holder, dict) else range(len(holder))


_MUTATIONS: tuple[_Mutation, ...] = (
    *(_flip, _flip, _splice, _graft, _cut_off, _cut_out, _repeat, _put_word, _put_word, _double_tag, _double_tag),
    *(_double_attribute, _swap_number, _recode, _declare, _change_value, _change_value),
)
