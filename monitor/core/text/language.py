"""Which language a text is in, told by its script and its small words."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter

from monitor.core.text.function_words import CYRILLIC, ENGLISH, LATIN

_LOOKED_AT = 5000  # code points; more changes no verdict
_TOKEN = re.compile(r"[^\W\d_]+(?:[-'’][^\W\d_]+)*")
_LETTER = re.compile(r"[^\W\d_]")

# Code point ranges (Unicode blocks) of scripts that tell the language by themselves, or narrow it down.
_SCRIPTS = (
    (0x0041, 0x024F, "latin"), (0x1E00, 0x1EFF, "latin"), (0x0370, 0x03FF, "el"), (0x1F00, 0x1FFF, "el"),
    (0x0400, 0x052F, "cyrillic"), (0x0530, 0x058F, "hy"), (0x0590, 0x05FF, "he"), (0x0600, 0x06FF, "arabic"),
    (0x0750, 0x077F, "arabic"), (0xFB50, 0xFDFF, "arabic"), (0xFE70, 0xFEFF, "arabic"), (0x0780, 0x07BF, "dv"),
    (0x0900, 0x097F, "hi"), (0x0980, 0x09FF, "bn"), (0x0A00, 0x0A7F, "pa"), (0x0A80, 0x0AFF, "gu"),
    (0x0B00, 0x0B7F, "or"), (0x0B80, 0x0BFF, "ta"), (0x0C00, 0x0C7F, "te"), (0x0C80, 0x0CFF, "kn"),
    (0x0D00, 0x0D7F, "ml"), (0x0D80, 0x0DFF, "si"), (0x0E00, 0x0E7F, "th"), (0x0E80, 0x0EFF, "lo"),
    (0x0F00, 0x0FFF, "bo"), (0x1000, 0x109F, "my"), (0x10A0, 0x10FF, "ka"), (0x1200, 0x137F, "am"),
    (0x1780, 0x17FF, "km"), (0x1800, 0x18AF, "mn"), (0x3040, 0x30FF, "ja"), (0x31F0, 0x31FF, "ja"),
    (0x1100, 0x11FF, "ko"), (0x3130, 0x318F, "ko"), (0xAC00, 0xD7AF, "ko"), (0x3400, 0x4DBF, "han"),
    (0x4E00, 0x9FFF, "han"), (0xF900, 0xFAFF, "han"),
)  # fmt: skip
# Letters of one language among those that share the Arabic script; the first that occurs decides.
_ARABIC_LETTERS = (("ps", "ټډړږښګڼۍ"), ("ckb", "ێۆڕڵە"), ("ur", "ٹڈڑںےھہ"), ("ug", "ۇۋې"), ("fa", "پچژگکی"))
_CYRILLIC_LETTERS = (
    ("kk", "әғқңұү"), ("uk", "їєґ"), ("be", "ў"), ("mk", "ѓќѕ"), ("sr", "ђћљњџј"), ("ru", "ыэё"), ("bg", "щъ"),
)  # fmt: skip

# ISO 639-1, so that a country ("US") or a word where a language belongs does not count as one.
_CODES = frozenset(
    """
    aa ab ae af ak am an ar as av ay az ba be bg bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee el en eo es
    et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io is it iu ja jv ka kg ki
    kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb nd ne ng nl nn no
    nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg sh si sk sl sm sn so sq sr ss st su sv sw ta
    te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu
    """.split()
) | frozenset(["ckb", "fil", "haw", "kmr", "prs", "pap"])
_OLD_CODES = {"iw": "he", "in": "id", "ji": "yi", "nb": "no", "nn": "no", "fil": "tl", "prs": "fa"}
# A detector cannot tell these apart by small words; the declared one of a group is believed.
_NEAR = ({"hr", "sr", "bs", "sh", "sl"}, {"id", "ms"}, {"da", "no", "sv"}, {"cs", "sk"}, {"es", "ca", "gl", "pt"},
         {"hi", "mr", "ne", "sa"}, {"ar", "fa", "ur", "ps", "ckb", "sd", "ug", "ku"}, {"ru", "uk", "bg", "sr", "mk",
         "be", "kk", "ky", "tg", "mn"}, {"zh", "ja"}, {"bn", "as"}, {"he", "yi"}, {"am", "ti"})  # fmt: skip

# A word counts by how few of the languages share it: "de" says little, "según" says Spanish.
_SHARED = Counter(word for words in (ENGLISH, *LATIN.values()) for word in words)
_LONGEST_ELIDED = 4  # dell', qu'
_LONGEST_ENGLISH_SUFFIX = 2  # 's, 't, 're, 've, 'll
_ONE_LETTER_WORDS = frozenset("AIO")
# Particles before a capital are part of a name (von der Leyen, de la Cruz, al Sharaa), and no evidence.
_NAME_PARTICLES = re.compile(
    r"\b(?:[Vv]on der|[Vv]an (?:der?|den)|[Dd]e (?:la|las|los)|[Dd][ao]s?|[Dd]i|[Dd]el|[Dd]ella|[Ee]l|[Aa]l|bin"
    r"|ibn|ben)[ -](?=[A-Z][a-z])"
)
_FOREIGN_LETTERED = 0.7  # for a lower-case word with a letter English does not write ("après", "über")
# What must be there before Latin text is called other than English: to miss a foreign item costs
# a little time of the English rules, to drop an English one loses an alert.
_NEEDED = 1.5
_MARGIN = 1.25
_KINDS = 2


def detect_language(text: str, *, declared: str | None) -> str | None:
    """The primary BCP 47 subtag of the text's language ("en", "zh"), None when nothing tells.

    `declared` is what the page or feed says; it decides when the text does not. English text is
    hardly ever called anything else, however many foreign names it has; the reverse is tolerated
    in text of a few words.
    """
    text = unicodedata.normalize("NFC", text[:_LOOKED_AT])
    hint = primary_subtag(declared)
    script = _script(text)
    if script is None:
        return hint
    if script == "latin":
        return _latin_language(text, hint)
    found = _other_language(text, script)
    return hint if hint and any(hint in group and found in group for group in _NEAR) else found


def primary_subtag(declared: str | None) -> str | None:
    """The language of a tag such as "en-US" or "pt_BR", in lower case; None when it names none."""
    head = re.split(r"[-_.,;\s]", (declared or "").strip().lower(), maxsplit=1)[0]
    head = _OLD_CODES.get(head, head)
    return head if head in _CODES else None


def _script(text: str) -> str | None:
    """The script, or the language it belongs to alone, of most letters; None without letters."""
    counts: Counter[str] = Counter()
    for letter, count in Counter(_LETTER.findall(text)).items():
        code = ord(letter)
        name = next((name for first, last, name in _SCRIPTS if first <= code <= last), None)
        if name is not None:
            counts[name] += count
    if not counts:
        return None
    # One ideograph stands for a word of several letters; Japanese is Han with kana in between.
    counts["han"] *= 3
    if counts["ja"] and counts["ja"] * 8 >= counts["han"]:
        counts["ja"] += counts.pop("han", 0)
    return max(counts, key=lambda name: counts[name])


def _other_language(text: str, script: str) -> str:
    if script == "han":
        return "zh"
    if script == "arabic":
        return next((language for language, letters in _ARABIC_LETTERS if _share(text, letters) > 0.01), "ar")
    if script == "cyrillic":
        tokens = [token.lower() for token in _TOKEN.findall(text)]
        marked = next((language for language, letters in _CYRILLIC_LETTERS if _share(text, letters) > 0), None)
        hits = {language: sum(token in words for token in tokens) for language, words in CYRILLIC.items()}
        best = max(hits, key=lambda language: (hits[language], language == marked))
        return best if hits[best] else (marked or "ru")
    return script


def _share(text: str, letters: str) -> float:
    lowered = text.lower()
    total = len(_LETTER.findall(lowered))
    return sum(lowered.count(letter) for letter in letters) / total if total else 0.0


def _latin_language(text: str, hint: str | None) -> str | None:
    tokens = _TOKEN.findall(_NAME_PARTICLES.sub(" ", text))
    words = Counter(part for token in tokens for part in _words(token))
    english = _english_score(words)
    scores = {language: _score(words, known) for language, known in LATIN.items()}
    if hint in scores:
        scores[hint] *= _MARGIN
    best = max(scores, key=lambda language: scores[language])
    strange = _FOREIGN_LETTERED * sum(1 for token in tokens if token[0].islower() and _has_foreign_letter(token))
    foreign = scores[best] + strange
    if len(LATIN[best].intersection(words)) + (strange > 0) < _KINDS:
        foreign = 0.0  # one word alone may be a name: "Pro", "Meta", "Sit"
    needed = _NEEDED if hint is None or english == 0 else 2 * _NEEDED if hint == "en" else _NEEDED / 2
    if foreign >= needed and scores[best] > 0 and foreign > _MARGIN * english:
        near = any(hint in group and best in group for group in _NEAR)
        return hint if near else best
    if english > 0 and (hint in (None, "en") or english >= foreign):
        return "en"
    return hint


def _words(token: str) -> tuple[str, ...]:
    """The token as compared: an elided article (l'accord) apart, initials (D.C.) not at all."""
    word = token.lower().replace("’", "'")
    if len(token) == 1 and token.isupper() and token not in _ONE_LETTER_WORDS:
        return ()
    head, mark, tail = word.partition("'")
    elided = mark and len(head) <= _LONGEST_ELIDED and len(tail) > _LONGEST_ENGLISH_SUFFIX
    return (head + mark, tail) if elided else (word,)


def _score(words: Counter[str], known: frozenset[str]) -> float:
    # Each word at most five times: one repeated name that is also a small word decides nothing.
    return sum(min(count, 5) / _SHARED[word] for word, count in words.items() if word in known)


def _english_score(words: Counter[str]) -> float:
    score = _score(words, ENGLISH)
    for word, count in words.items():
        if word.endswith(("'s", "n't", "'re", "'ve", "'ll")):
            score += min(count, 5)
        elif word.endswith("ing") and len(word) > 5:
            score += 0.5 * min(count, 5)
    return score


def _has_foreign_letter(token: str) -> bool:
    return not token.isascii() and any("\x7f" < char <= "\u1eff" and char.isalpha() for char in token)
