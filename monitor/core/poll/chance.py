"""Chances that can be repeated: the same seed, thing and time give the same draw."""

from __future__ import annotations

import hashlib
from datetime import datetime

_RANGE = 2**64


def chance(seed: str, *, feed_id: int, at: datetime | None, purpose: str) -> float:
    """A number in [0, 1), evenly spread over feeds, times and purposes, and the same for the same arguments."""
    text = f"{seed}\0{feed_id}\0{'' if at is None else at.isoformat()}\0{purpose}"
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest()) / _RANGE
