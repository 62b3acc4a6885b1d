"""What became of the alerts, read from the far side's own log and from nothing else."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from monitor.core.alert.wording import phase_phrase
from tests.chaos.world import Told


@dataclass(kw_only=True)
class Verdict:
    """Counts, and each wrong thing in words."""

    wanted: int
    accepted: int
    parents: int
    replies: int
    broadcasts: int
    edits: int
    faults: Counter[str] = field(default_factory=Counter)
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    out_of_order: list[str] = field(default_factory=list)
    too_fast: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    stale: list[str] = field(default_factory=list)

    @property
    def complaints(self) -> list[str]:
        kinds = ("lost", "doubled", "out_of_order", "too_fast", "refused", "stale")
        return [f"{kind}: {each}" for kind in kinds for each in getattr(self, kind)]


def read_log(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def judge(told: Sequence[Told], log: Iterable[dict[str, Any]], *, gap_s: float, burst: int) -> Verdict:
    """Lost, doubled, out of order in a thread, faster than allowed, refused for form, or with a parent left behind."""
    entries = list(log)
    posts = [entry for entry in entries if entry["what"] == "post"]
    edits = [entry for entry in entries if entry["what"] == "edit"]
    wanted = {f"{each.key}@{channel}" for each in told for channel in each.channels}
    counted = Counter(post["key"] for post in posts)
    verdict = Verdict(
        wanted=len(wanted),
        accepted=len(posts),
        parents=sum(1 for post in posts if post["thread"] is None),
        replies=sum(1 for post in posts if post["thread"] is not None),
        broadcasts=sum(1 for post in posts if post["broadcast"]),
        edits=len(edits),
        faults=Counter(entry["fault"] for entry in entries if entry["what"] == "fault"),
        lost=sorted(wanted - set(counted)),
        doubled=sorted(key for key, count in counted.items() if count > 1),
        refused=[entry["error"] for entry in entries if entry["what"] == "refused"],
    )
    verdict.too_fast += _too_fast([*posts, *edits], gap_s, burst)
    _judge_threads(verdict, told, posts, edits)
    return verdict


def _judge_threads(
    verdict: Verdict, told: Sequence[Told], posts: list[dict[str, Any]], edits: list[dict[str, Any]]
) -> None:
    by_key = {post["key"]: post for post in posts}
    threads: dict[tuple[int, str], list[Told]] = defaultdict(list)
    for each in told:
        for channel in each.channels:
            threads[each.story, channel].append(each)
    shown = {post["ts"]: post["text"] for post in posts}
    for edit in edits:
        shown[edit["ts"]] = edit["text"]
    for (story, channel), chain in threads.items():
        found = [by_key[key] for each in chain if (key := f"{each.key}@{channel}") in by_key]
        if not found:
            continue
        parent, *replies = found
        place = f"story {story} in {channel}"
        if parent["thread"] is not None or any(reply["thread"] != parent["ts"] for reply in replies):
            verdict.out_of_order.append(f"{place}: not one parent with its replies")
        if [float(post["ts"]) for post in found] != sorted(float(post["ts"]) for post in found):
            verdict.out_of_order.append(f"{place}: {[post['key'] for post in found]}")
        newest = phase_phrase("ceasefire", chain[-1].phase)
        if not shown[parent["ts"]].startswith(newest):
            verdict.stale.append(f"{place}: shows {shown[parent['ts']]!r}, not {newest!r}")


def _too_fast(calls: list[dict[str, Any]], gap_s: float, burst: int) -> list[str]:
    """Where a bucket of `burst` that fills every `gap_s` would have run out."""
    found = []
    levels: dict[str, tuple[float, float]] = {}
    for call in sorted(calls, key=lambda each: each["at"]):
        level, at = levels.get(call["channel"], (float(burst), call["at"]))
        level = min(float(burst), level + (call["at"] - at) / gap_s) - 1
        if level < -1e-6:
            found.append(f"{call['channel']} at {call['at']:.3f}")
        levels[call["channel"]] = (max(level, 0.0), call["at"])
    return found
