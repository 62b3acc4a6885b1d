"""Fuzzes the parsers named, or all, for so many CPU seconds each.

python -m tests.fuzz [--only feed,index] [--seconds 60] [--seed 1] [--one NUMBER]

Input NUMBER of a parser follows from the seed alone, so that `--one` runs it again. Findings are
exceptions other than the parser's own refusal, results that break a law, and inputs that take
longer than 20 s of CPU; each is saved under var/fuzz with its numbers in the name.
"""

from __future__ import annotations

import argparse
import logging
import random
import resource
import signal
import sys
import time
import traceback
import warnings
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from tests.fuzz.mutations import mutated
from tests.fuzz.targets import MAY_BE_ABSENT, Target, targets

HANG_S = 20.0  # of CPU time, so that a busy machine makes no findings
_MOST_MEMORY_BYTES = 4 << 30
_SAVED_MOST = 20
_STOP: list[int] = []  # signals that ask for an end: the figures so far are printed
_FOLDER = Path(__file__).parents[2] / "var" / "fuzz"


class HangError(BaseException):
    """No `Exception`: a parser that catches everything must not catch this."""


@dataclass
class Tally:
    """What one parser's inputs came to; seconds are CPU time."""

    count: int = 0
    cpu_s: float = 0.0
    refused_count: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    findings: Counter[str] = field(default_factory=Counter)
    slowest_s: float = 0.0
    slowest: str = ""

    def line(self, name: str) -> str:
        return (
            f"{name:<10}{self.count:>10,}{self.cpu_s:>9.0f}{self.refused_count:>10,}{len(self.outcomes):>10}"
            f"{sum(self.findings.values()):>10}{self.slowest_s:>9.2f}  {self.slowest}"
        )


def fuzz(name: str, target: Target, *, seconds: float, seed: int, one: int | None = None) -> Tally:
    """Run inputs until `seconds` of CPU are used up in the parser, or the one with that number."""
    tally = Tally()
    number = -1 if one is None else one - 1
    while not _STOP and ((one is None and tally.cpu_s < seconds) or (one is not None and number < one)):
        number += 1
        rng = random.Random(f"{seed}/{name}/{number}")
        body = mutated(rng, target.seeds, target.words)
        began = time.process_time()
        outcome, fault = _outcome(target, body, rng)
        took_s = time.process_time() - began
        if fault is None and took_s > HANG_S:
            fault = f"took {took_s:.0f} s"
        tally.count += 1
        tally.cpu_s += took_s
        tally.refused_count += outcome.startswith("refused")
        tally.outcomes[outcome] += 1
        if took_s > tally.slowest_s:
            tally.slowest_s, tally.slowest = took_s, f"number {number}, {len(body):,} bytes: {outcome[:60]}"
        if fault is not None:
            _report(name, number, seed, body, fault, tally)
    return tally


def _outcome(target: Target, body: bytes, rng: random.Random) -> tuple[str, str | None]:
    """What came out in a few words, and the fault if it is one."""
    signal.setitimer(signal.ITIMER_PROF, HANG_S)
    try:
        return target.run(body, rng), None
    except target.refusals as error:
        return f"refused: {getattr(error, 'reason', type(error).__name__)}", None
    except HangError:
        return "hang", f"hangs: more than {HANG_S:g} s"
    except Exception as error:
        place = traceback.extract_tb(error.__traceback__)[-1]
        kind = f"{type(error).__name__}: {str(error)[:100]} ({Path(place.filename).name}:{place.lineno})"
        return kind, kind
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def _report(name: str, number: int, seed: int, body: bytes, fault: str, tally: Tally) -> None:
    tally.findings[fault] += 1
    if tally.findings[fault] > 1 or len(tally.findings) > _SAVED_MOST:
        return
    _FOLDER.mkdir(parents=True, exist_ok=True)
    path = _FOLDER / f"{name}-{seed}-{number}.bin"
    path.write_bytes(body)
    print(f"  finding in {name}: {fault}\n    {path}", flush=True)


def _stop(number: int, frame: FrameType | None) -> None:
    _STOP.append(number)


def _ring(number: int, frame: FrameType | None) -> None:
    raise HangError


def main(arguments: list[str]) -> int:
    """Exit code 1 when there are findings, 2 for a parser that is not known."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description="Mutation fuzzing of the parsers.")
    parser.add_argument("--only", default="", help="names of parsers, with commas")
    parser.add_argument("--seconds", type=float, default=60.0, help="CPU seconds for each")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--one", type=int, help="run this input again and show what it raises")
    options = parser.parse_args(arguments)
    known = targets()
    names = [name for name in options.only.split(",") if name] or list(known)
    names = [name for name in names if name in known or name not in MAY_BE_ABSENT]
    if unknown := [name for name in names if name not in known]:
        print(f"no parser is called {', '.join(unknown)}: there are {', '.join(known)}", file=sys.stderr)
        return 2
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    resource.setrlimit(resource.RLIMIT_AS, (_MOST_MEMORY_BYTES, _MOST_MEMORY_BYTES))
    signal.signal(signal.SIGPROF, _ring)
    signal.signal(signal.SIGTERM, _stop)
    print(f"fuzzing with seed {options.seed}: {options.seconds:g} CPU seconds a parser")
    print(f"{'parser':<10}{'inputs':>10}{'CPU s':>9}{'refused':>10}{'outcomes':>10}{'findings':>10}{'slowest':>9}")
    found = False
    for name in names:
        tally = fuzz(name, known[name], seconds=options.seconds, seed=options.seed, one=options.one)
        print(tally.line(name), flush=True)
        found = found or bool(tally.findings)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
