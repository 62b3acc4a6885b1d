"""A Slack that misbehaves by plan, in a process of its own: `python -m tests.chaos.slack LOG --seed 1 …`.

It prints its address, keeps an append-only log of what it accepted, refuses and stalls as its seed
says, drops no repeat, and ends when its standard input does. Nobody's tables are asked who posted what.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import threading
import time
from pathlib import Path
from typing import Any

from tests.slack_server import FakeSlack, Fault, _Answer, _Scripted

CLIENT_PATIENCE_S = 1.0  # of the daemon under test: the shortest its client knows
_STALL_S = CLIENT_PATIENCE_S + 0.3

# What a post may meet, with its share among the faults.
_POST_FAULTS: tuple[tuple[Fault | str, int], ...] = (
    (Fault.RATE_LIMITED, 3),
    (Fault.ERROR_BEFORE, 2),
    (Fault.ERROR_AFTER, 3),
    (Fault.RESET_BEFORE, 2),
    (Fault.RESET_AFTER, 4),
    (Fault.STALL_BEFORE, 1),
    (Fault.STALL_AFTER, 2),
    (Fault.LATE, 3),
    (Fault.GARBAGE_BEFORE, 1),
    (Fault.GARBAGE_AFTER, 2),
    ("internal_error", 1),
    ("service_unavailable", 1),
)
_OTHER_FAULTS: tuple[tuple[Fault | str, int], ...] = (
    (Fault.RATE_LIMITED, 2),
    (Fault.ERROR_BEFORE, 2),
    (Fault.RESET_BEFORE, 2),
    (Fault.STALL_BEFORE, 1),
    ("internal_error", 1),
)


class ChaosSlack(FakeSlack):
    """`fault_share` of the calls go wrong; a post accepted out of sight shows within `settle_s`."""

    def __init__(self, log: Path, *, seed: int, fault_share: float, settle_s: float, **options: Any) -> None:
        super().__init__(**options)
        self._log = log.open("a", encoding="utf-8")
        self._random = random.Random(seed)
        self._fault_share = fault_share
        self._settle_s = settle_s

    def wait_for_release(self) -> None:
        time.sleep(_STALL_S)

    def answer(self, method: str, arguments: dict[str, Any], token: str) -> _Answer:
        answer = super().answer(method, arguments, token)
        if answer.fault == Fault.LATE and answer.body["ok"]:
            delay_s = self._random.uniform(0.1, 0.8) * self._settle_s
            timer = threading.Timer(delay_s, self._show, (answer.body["ts"],))
            timer.daemon = True
            timer.start()
        return answer

    def _show(self, ts: str) -> None:
        for post in self.posts:
            if post.ts == ts:
                post.is_visible = True

    def _next_fault(self, method: str) -> _Scripted | None:
        """Called once a call, under the server's lock."""
        if self._random.random() >= self._fault_share:
            return None
        faults = _POST_FAULTS if method == "chat.postMessage" else _OTHER_FAULTS
        (fault,) = self._random.choices([f for f, _ in faults], [share for _, share in faults])
        self._note(what="fault", method=method, fault=str(fault))
        return _Scripted(method=method, fault=fault, retry_after_s=self._random.uniform(0.1, 0.6))

    def _post(self, arguments: dict[str, Any]) -> _Answer:
        answer = super()._post(arguments)
        if answer.body["ok"]:
            post = self._state.posts[-1]
            self._note(
                what="post",
                key=post.key,
                channel=post.channel,
                ts=post.ts,
                thread=post.thread_ts,
                broadcast=bool(arguments.get("reply_broadcast")),
                text=post.texts[-1],
            )
        else:
            self._note(what="refused", error=answer.body["error"], key=str(arguments.get("metadata")))
        return answer

    def _update(self, arguments: dict[str, Any]) -> _Answer:
        answer = super()._update(arguments)
        if answer.body["ok"]:
            self._note(what="edit", channel=answer.body["channel"], ts=answer.body["ts"], text=answer.body["text"])
        else:
            self._note(what="refused", error=answer.body["error"])
        return answer

    def _note(self, **entry: Any) -> None:
        self._log.write(json.dumps({"at": self._now(), **entry}, ensure_ascii=False) + "\n")
        self._log.flush()


def main() -> None:
    """Serve until standard input ends."""
    parser = argparse.ArgumentParser()
    parser.add_argument("log", type=Path)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--channels", type=int, required=True)
    parser.add_argument("--gap", type=float, required=True)
    parser.add_argument("--burst", type=int, required=True)
    parser.add_argument("--faults", type=float, required=True)
    parser.add_argument("--settle", type=float, required=True)
    given = parser.parse_args()
    channels = {f"desk{number}": f"C0DESK{number:05}" for number in range(given.channels)}
    with ChaosSlack(
        given.log,
        seed=given.seed,
        fault_share=given.faults,
        settle_s=given.settle,
        channels=channels,
        gap_s=given.gap,
        burst=given.burst,
    ) as slack:
        print(slack.url, flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
