"""Who wrote an article, by name: bylines without what newsrooms put around them."""

from __future__ import annotations

import re
from collections.abc import Iterable

from monitor.core.parse.entries import plain_title

_LONGEST = 60  # code points of one name; longer is a sentence about the author
_MOST_WORDS = 6
_MOST = 20
_BY = re.compile(r"^(?:(?:written|reported|words|text|story|analysis|report|article)\s+)?by[\s:]+|^author[\s:]+", re.I)
_EMAIL = re.compile(r"[(<\[]?\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+\b[)>\]]?")
_HANDLE = re.compile(r"[(\[]?(?<!\w)@\w+[)\]]?")
_BRACKETS = re.compile(r"\s*[(\[][^()\[\]]{0,80}[)\]]")
# "Ann Reyes, Reuters", "Ann Reyes | The Post", "Ann Reyes – Associated Press writer": what follows is no name.
_AFTER = re.compile(r"\s+[|•·/–—]\s+.*|\s+-\s+.*", re.S)
_SEVERAL = re.compile(r"\s*(?:;|\n|,?\s+(?:and|und|et|y)\s+|\s&\s|\s+with\s+)\s*", re.I)
_PLACE = re.compile(r"\s+in\s+[A-Z][\w .'’-]{1,40}$")
# Words of which no person's name is made, so that the whole is a desk, a role or a house.
_ROLE_WORDS = frozenset(
    "staff reporter reporters correspondent correspondents editor editors editorial newsroom newsdesk desk team writer "
    "writers admin administrator webmaster contributor contributors agency agencies wire wires service services press "
    "news media online digital web bureau board department newspaper magazine website company corporation network "
    "broadcasting television tv radio journalist journalists producer producers columnist".split()
)
_PARTICLES = frozenset("de da di do du del della van von der den ten ter la le el al bin ibn bint abu y e".split())
_TITLES = re.compile(
    r",?\s*\b(?:(?:senior|chief|deputy|political|diplomatic|foreign|world|defen[cs]e|security|international|staff|"
    r"special|middle east|europe|africa|asia|global affairs|national|associate|managing|news)\s+){0,3}"
    r"(?:reporter|correspondent|editor|writer|journalist|columnist|producer|contributor)s?\b.*$",
    re.I,
)
_AGENCIES = frozenset(
    ["associated press", "the associated press", "ap", "reuters", "afp", "agence france-presse", "dpa", "efe", "ansa",
     "pa media", "press association", "xinhua", "tass", "bloomberg", "upi", "united press international", "kyodo",
     "yonhap", "anadolu agency"]
)  # fmt: skip


def clean_authors(names: Iterable[str], *, site: str) -> tuple[str, ...]:
    """Each author once, in the order given, without "By", addresses, roles and the site's own name.

    A news agency stays: it says whose report this is. A name in capitals throughout is put in
    ordinary case.
    """
    kept: dict[str, str] = {}
    for given in names:
        for part in _parts(given):
            name = _one_name(part, site)
            if name:
                kept.setdefault(name.casefold(), name)
    return tuple(kept.values())[:_MOST]


def _parts(given: str) -> list[str]:
    if given.strip().lower().startswith(("http:", "https:", "www.")):
        return []
    text = _EMAIL.sub(" ", _BRACKETS.sub("", plain_title(given[:2000])))
    text = _BY.sub("", _HANDLE.sub(" ", text).strip())
    parts: list[str] = []
    for part in _SEVERAL.split(text):
        # A comma stands between names, and before a role or a house.
        parts += part.split(",")
    return parts


def _one_name(part: str, site: str) -> str:
    name = _BY.sub("", _AFTER.sub("", part).strip())
    if name.casefold() in _AGENCIES:
        return name
    name = _PLACE.sub("", _TITLES.sub("", name)).strip(" .,:;-–—|")
    words = name.split()
    if not 0 < len(name) <= _LONGEST or len(words) > _MOST_WORDS or not any(c.isalpha() for c in name):
        return ""
    if words[0][0].islower() and words[0] not in _PARTICLES and len(words) > 1:
        return ""  # a sentence
    if _is_house(name, site) or any(word.casefold() in _ROLE_WORDS for word in words):
        return ""
    return _ordinary_case(name) if name.isupper() and len(words) > 1 else name


def _is_house(name: str, site: str) -> bool:
    def folded(text: str) -> str:
        return text.casefold().removeprefix("the ").removesuffix(".com").strip()

    return bool(site) and folded(name) == folded(site)


def _ordinary_case(name: str) -> str:
    """ "ANA O'NEILL-DÍAZ" as "Ana O'Neill-Díaz"."""
    return re.sub(r"[^\W\d_]+", lambda match: match[0].capitalize(), name)
