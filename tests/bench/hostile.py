"""What hostile texts cost at growing sizes: the time for a thousand signs must not grow with the text."""

from __future__ import annotations

import time

from monitor.core.detect.detector import LONGEST_TEXT, RuleDetector
from monitor.core.model.report import Article
from monitor.settings.paths import shipped_config_dir
from monitor.settings.rules import load_ruleset

# The first three are read in full; of the last two the detector reads the beginning only.
SIZES = (LONGEST_TEXT // 4, LONGEST_TEXT // 2, LONGEST_TEXT, 1_000_000, 2_000_000)
TEXTS = {
    "one letter": "a",
    "one CJK sign": "中",
    "spaces": " ",
    "line ends": "\n",
    "full stops": ". ",
    "initials": "A. ",
    "abbreviations": "U.S. ",
    "no spaces": "trucetalksagreed",
    "nested quotes": '“he said ‘she said "',
    "brackets": "(",
    "one trigger": "truce ",
    "names and triggers": "Hamas and Israel agree truce, ",
    "lists of officials": "Minister Lavrov meets Blinken and ",
    "titles without end": "foreign minister of the ",
    "commas": "a, ",
    "dashes": "- ",
    "digits": "1,",
    "years": "in 1999 ",
    "possessives": "'s ",
    "RTL marks": "\u200fتوقف \u202eقتال ",
    "zero width": "\u200d",
    "lone surrogates": "\ud800 truce \udfff",
    "accents apart": "e\u0301",
    "endless marks": "\u0301\u0316",
}


def main() -> None:
    """Print the time for each text and size, and how the cost of a sign grows from the first size to the third."""
    detector = RuleDetector(load_ruleset([shipped_config_dir()]))
    print("hostile texts: ms")
    print(f"  {'size in signs':<22}{''.join(f'{size:>11,}' for size in SIZES)}   ms/MB    growth")
    for name, unit in TEXTS.items():
        times = [_seconds(detector, (unit * (size // len(unit) + 1))[:size]) for size in SIZES]
        growth = (times[2] / SIZES[2]) / (times[0] / SIZES[0])
        a_mb = times[2] / SIZES[2] * 1_000_000 * 1000
        print(f"  {name:<22}{''.join(f'{took * 1000:>11.1f}' for took in times)}{a_mb:>8.0f}{growth:>10.2f}")


def _seconds(detector: RuleDetector, text: str) -> float:
    best = float("inf")
    for _ in range(3):
        began = time.perf_counter()
        detector.detect(Article(title=text[:200], text=text))
        best = min(best, time.perf_counter() - began)
    return best
