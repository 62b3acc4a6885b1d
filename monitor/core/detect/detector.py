"""Articles in, reports out."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass

from monitor.core.detect.assemble import Assembled, assemble
from monitor.core.detect.finding import CONTEXT_SENTENCES, Findings, PlacedSentence, Reading, find_all
from monitor.core.detect.modality import ladder_of
from monitor.core.model.report import Article, Report
from monitor.core.model.span import Field
from monitor.core.rules.compile import Ruleset
from monitor.core.rules.encode import People
from monitor.core.rules.match import Miss
from monitor.core.rules.schema import Place
from monitor.core.rules.units import Sentence
from monitor.core.text.normalise import nfc
from monitor.core.text.sentences import split_sentences
from monitor.core.text.tokens import Tokens, tokenise

LONGEST_TEXT = 60_000  # code points read; no news article is longer, and what follows cannot be its news
LEAD_SENTENCES = 2
_READ_WHOLE = 6  # sentences, where an article tells its news and who is who; of the others see `telling_words`


@dataclass(frozen=True, kw_only=True)
class Examined:
    """All that was seen in one article: for each type its findings, what was stopped, and the reports made."""

    reading: Reading
    findings: tuple[tuple[str, Findings], ...]
    assembled: tuple[Assembled, ...]


class RuleDetector:
    """Implements `ports.Detector` with one ruleset; safe to share between threads."""

    def __init__(self, ruleset: Ruleset) -> None:
        self._ruleset = ruleset
        self._ladder = ladder_of(ruleset.alphabet)
        self._telling = telling_words(ruleset)

    @property
    def version(self) -> str:
        """Digest of the rules, words and names in force."""
        return self._ruleset.version

    @property
    def thresholds(self) -> dict[str, float]:
        """The score from which a report of each type alerts."""
        return {event.type.name: event.type.threshold for event in self._ruleset.types}

    def detect(self, article: Article) -> tuple[Report, ...]:
        """The article's reports, strongest first. Never raises on any text."""
        return tuple(a.report for a in self.examine(article).assembled)

    def examine(self, article: Article, miss: Miss | None = None) -> Examined:
        """The reports with everything that led to them or was stopped on the way; `miss` hears of what nearly held."""
        reading = self.read(article)
        ruleset = self._ruleset
        findings: list[tuple[str, Findings]] = []
        assembled: list[Assembled] = []
        for event in ruleset.types:
            found = find_all(event, reading, ruleset.alphabet, self._ladder, miss)
            findings.append((event.type.name, found))
            assembled.extend(
                assemble(
                    event, found, reading, gazetteer=ruleset.gazetteer, alphabet=ruleset.alphabet, tier=article.tier
                )
            )
        assembled.sort(key=lambda a: (-a.report.alert, -a.report.score, a.report.type))
        return Examined(reading=reading, findings=tuple(findings), assembled=tuple(assembled))

    def read(self, article: Article) -> Reading:
        """The article's sentences, encoded. The text is read first, so that surnames in the title find their owners."""
        people = People(on=article.published_on)
        text = self._encoded(nfc(article.text), Field.TEXT, people)
        title = self._encoded(nfc(article.title), Field.TITLE, people)
        if not title and text:
            places = [Place.TITLE, *[Place.LEAD] * LEAD_SENTENCES]
        else:
            places = [Place.LEAD] * LEAD_SENTENCES
        # Archives put whole paragraphs where a headline belongs: its first sentence is the headline.
        placed = [
            PlacedSentence(sentence=s, place=Place.LEAD if index else Place.TITLE, present=frozenset(s.codes))
            for index, s in enumerate(title)
        ]
        for sentence in text:
            place = places[sentence.index] if sentence.index < len(places) else Place.BODY
            placed.append(PlacedSentence(sentence=sentence, place=place, present=frozenset(sentence.codes)))
        stop = self._ruleset.codes.signs["."]
        title_codes = stop.join(s.codes for s in title)
        text_codes = stop.join(s.codes for s in text[:CONTEXT_SENTENCES])
        return Reading(
            sentences=tuple(placed),
            title_codes=title_codes,
            text_codes=text_codes,
            article_codes=f"{title_codes}{stop}{text_codes}",
            published_on=article.published_on,
        )

    def _encoded(self, text: str, where: Field, people: People) -> list[Sentence]:
        text = text[:LONGEST_TEXT]
        tokens = tokenise(text)
        words, telling = tokens.words, self._telling
        return [
            self._ruleset.encoder.encode(tokens, first, last, where=where, index=index, people=people)
            for index, (first, last) in enumerate(_token_ranges(text, tokens))
            if index < _READ_WHOLE or not telling.isdisjoint(words[first:last])
        ]


def telling_words(ruleset: Ruleset) -> frozenset[str]:
    """Words of which a sentence of the body needs one so that it is read: those of each type's `body`, or else of all
    its triggers; of a phrase its longest word that is no mere function word."""
    wanted = frozenset[str]().union(*(event.body or event.anchors for event in ruleset.types))
    function = ruleset.alphabet.by_tag.get("function", frozenset())
    codes = ruleset.codes.words
    found = {word for word, code in codes.items() if code in wanted}
    for words, tags in ruleset.lexicon.all_phrases():
        if ruleset.codes.of(tags) in wanted:
            found.update(sorted((w for w in words if codes.get(w) not in function), key=len)[-1:])
    return frozenset(found)


def _token_ranges(text: str, tokens: Tokens) -> list[tuple[int, int]]:
    """The tokens of each sentence, half-open; sentences without any token are left out."""
    ranges: list[tuple[int, int]] = []
    position = 0
    for span in split_sentences(text):
        first = position
        position = bisect_left(tokens.starts, span.end, first)
        if position > first:
            ranges.append((first, position))
    return ranges
