"""The detector's speed, start-up and memory, beside the cost of merely finding the words; processor time."""

from __future__ import annotations

import gc
import importlib
import importlib.util
import re
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Sequence

from monitor.core.detect.detector import RuleDetector
from monitor.core.model.report import Article
from monitor.core.rules.compile import Ruleset
from monitor.core.rules.lexicon import PhraseNode
from monitor.settings.paths import shipped_config_dir
from monitor.settings.rules import load_ruleset
from tests.bench.texts import own_articles, own_headlines, real_articles, real_headlines

ROUNDS = 3  # the best counts: the others met somebody else's work
_WORDS = re.compile(r"\w+")
_START = (
    "import time\n"
    "from monitor.core.detect.detector import RuleDetector\n"
    "from monitor.core.model.report import Article\n"
    "from monitor.settings.paths import shipped_config_dir\n"
    "from monitor.settings.rules import load_ruleset\n"
    "detector = RuleDetector(load_ruleset([shipped_config_dir()]))\n"
    "print(time.process_time())\n"
    "from tests.bench.texts import golden_headlines\n"
    "headlines = golden_headlines()\n"
    "began = time.process_time()\n"
    "for headline in headlines: detector.detect(Article(title=headline, text=headline))\n"
    "print(time.process_time() - began)\n"
)
_RUN = (
    "import io, sys\n"
    "from monitor.cli.main import main\n"
    "sys.stdin = io.StringIO({lines!r} * {times})\n"
    "main(['detect', '--jsonl'])\n"
)


def main() -> None:
    """Print all figures."""
    ruleset = load_ruleset([shipped_config_dir()])
    print("detect")
    _start_up()
    for label, articles in (
        ("headlines, ours", own_headlines(3_000)),
        ("headlines, real", real_headlines(5_000)),
        ("articles of 5,000 signs, ours", own_articles(200)),
        ("articles of 5,000 signs, real", real_articles() * 10),
    ):
        if articles:
            _speed(label, articles, ruleset)
        else:
            print(f"  {label:<32} (no shared corpus beside this checkout)")
    print(f"  {'this process at its peak':<32} {_peak_mb(resource.RUSAGE_SELF):>8.0f} MB")


def _start_up() -> None:
    starts = [_started() for _ in range(ROUNDS)]
    print(f"  {'start-up: import, read, compile':<32} {min(s for s, _ in starts):>8.2f} s")
    print(f"  {'the first headlines, all rules cold':<32} {min(f for _, f in starts):>8.2f} s")
    line = '{"id": 1, "title": "Rebels sign truce", "text": "Rain is due on Monday."}\n'
    one = min(_child_s(_RUN.format(lines=line, times=1)) for _ in range(ROUNDS))
    print(f"  {'monitor detect --jsonl, one line':<32} {one:>8.2f} s")
    many = _child_s(_RUN.format(lines=line, times=20_000)) - one
    peak = _peak_mb(resource.RUSAGE_CHILDREN)
    print(f"  {'the same, 20,000 lines':<32} {20_000 / many:>8.0f} lines/s after start-up, at most {peak:.0f} MB")


def _started() -> tuple[float, float]:
    """Seconds until a new process can detect, and for its first headlines."""
    command = [sys.executable, "-c", _START]
    ran = subprocess.run(command, check=True, capture_output=True, text=True)
    ready, first = map(float, ran.stdout.split())
    return ready, first


def _child_s(program: str) -> float:
    """The processor time a new process takes for the program."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", program], check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _peak_mb(who: int) -> float:
    return resource.getrusage(who).ru_maxrss / 1024  # kB on Linux


def _speed(label: str, articles: Sequence[Article], ruleset: Ruleset) -> None:
    detector = RuleDetector(ruleset)
    ours = best_s(lambda: _each(articles, detector.detect)) / len(articles)
    words = best_s(lambda: _each(articles, _find_words)) / len(articles)
    print(
        f"  {label:<32} {1 / ours:>8.0f} items/s  {ours * 1000:>7.3f} ms an item"
        rf"  {ours / words:>6.1f} times one \w+ pass ({words * 1000:.3f} ms)"
    )
    reference = _phrase_matcher(ruleset)
    if reference is not None:
        took = best_s(lambda: _each(articles, reference)) / len(articles)
        print(f"  {'  spaCy tokenizer + PhraseMatcher':<32} {1 / took:>8.0f} items/s  {took * 1000:>7.3f} ms an item")


def _each(articles: Sequence[Article], work: Callable[[Article], object]) -> None:
    for article in articles:
        work(article)


def _find_words(article: Article) -> None:
    _WORDS.findall(article.title)
    _WORDS.findall(article.text)


def best_s(work: Callable[[], object]) -> float:
    """The shortest of some runs, in seconds of this process's own time: others may use the machine too."""
    times = []
    for _ in range(ROUNDS):
        gc.collect()
        began = time.process_time()
        work()
        times.append(time.process_time() - began)
    return min(times)


def _phrase_matcher(ruleset: Ruleset) -> Callable[[Article], object] | None:
    """What spaCy takes to cut the text and to look up our phrases and names; None where it is not installed."""
    if importlib.util.find_spec("spacy") is None:
        return None
    spacy, matching = importlib.import_module("spacy"), importlib.import_module("spacy.matcher")
    pipeline = spacy.blank("en")
    matcher = matching.PhraseMatcher(pipeline.vocab, attr="LOWER")
    names = [name for entry in ruleset.sources.entries for name in (entry.name, *entry.aliases)]
    matcher.add("all", [pipeline.make_doc(text) for text in (*names, *_phrases(ruleset))])

    def work(article: Article) -> object:
        return matcher(pipeline.make_doc(article.title)), matcher(pipeline.make_doc(article.text))

    return work


def _phrases(ruleset: Ruleset) -> list[str]:
    found = list(ruleset.lexicon.words)
    waiting: list[tuple[str, PhraseNode]] = list(ruleset.lexicon.phrases.items())
    while waiting:
        words, node = waiting.pop()
        if node.tags is not None:
            found.append(words)
        waiting.extend((f"{words} {word}", deeper) for word, deeper in node.next.items())
    return found
