"""Which links of a page are its articles: told by their address, wording and place, and by the links beside them."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from lxml import etree

from monitor.core.parse.entries import absolute_link
from monitor.core.parse.link_pattern import Place, Steps, pattern_of, steps_of
from monitor.core.parse.markup import inner_text
from monitor.core.urls import same_site

# The evidence is added up; each line is worth about one doubling of the odds for every point. The
# weights are round numbers set once by what each kind of evidence means, not fitted to the sample pages.
_GOOD = 3.0
_MOST_OF_A_GROUP = 0.6  # must pass, or none of it counts
_LARGE_SHARE = 1 / 3
_NEARLY_ALL = 0.8  # then the others of it count too, unless more speaks against them
_MOST_LINKS = 3_000
_CARD_LEVELS = 6

_DATED_PATH = re.compile(r"/(?:19|20)\d\d[/-]?(?:0?[1-9]|1[0-2])(?:[/-]?(?:[0-2]?\d|3[01]))?(?=[/_.-]|$)")
_ALL_OF_A_DAY = re.compile(r"/(?:19|20)\d\d(?:/[01]?\d(?:/[0-3]?\d)?)?/?$")
_LONG_NUMBER = re.compile(r"(?<!\d)\d{4,}(?!\d)")
_NUMBERED = re.compile(r"\d{3,}")
_ID_QUERY = re.compile(r"(?:^|&)(?:\w*id|p|nid|aid|art\w*|story|news|item|no|idx)=\w*\d{3,}\w*(?:&|$)", re.IGNORECASE)
_PAGER = re.compile(
    r"(?:^|&)(?:(?:page|pg|paged|start|offset|from|before|after)=\d*|p=\d{0,2})(?:&|$)|/page/\d+/?$", re.IGNORECASE
)
_KEY = re.compile(r"^(?=.*[a-z])(?=.*(?:\d|[a-z][A-Z]))\w{8,}$")
_WORD_BREAK = re.compile(r"[-_+\s.]+")
_FILE = re.compile(
    r"\.(?:pdf|docx?|xlsx?|pptx?|zip|rar|jpe?g|png|gif|webp|svg|mp[34]|m4a|avi|mov|ics|xml|rss|atom|json|css|js|txt|apk|exe)$",
    re.IGNORECASE,
)
_TERMINUS = frozenset(
    "about accessibility account advert advertise advertisement advertising app apps audio author authors badge"
    " by careers cart categories category comment comments complaints contact contacts contactus cookie cookies"
    " copyright corrections disclaimer donate editors faq feed feeds forum galleries gallery help impressum"
    " imprint index jobs keyword keywords kontakt kontakty labels legal licensing list listen login logout"
    " media-kit member members membership newsletter newsletters people persons photo photos play podcast"
    " podcasts policy print privacy privacy-policy profile programmes promo register registration rss rubric"
    " schedule search section sections share shop shows sign-in sign-up signin signup sitemap sponsored staff"
    " subscribe subscription subscriptions support tag tags team terms topic topics user users vacancies video"
    " videos visa watch widget".split()
)
_PLACE_BAD = frozenset(["nav", "footer", "form", "menu", "dialog", "button", "label", "select"])
_ROLE_BAD = frozenset(["navigation", "contentinfo", "banner", "menu", "menubar", "search", "dialog", "tablist"])
_FURNITURE = re.compile(
    r"(?<![a-z])(?:nav|navbar|navigation|menu|submenu|topmenu|mainmenu|megamenu|foot|footer|breadcrumbs?|crumbs?|pager|pagination|paging"
    r"|share|sharing|social|tags?|tagcloud|categories|byline|authors?|cookies?|consent|newsletter|signup|subscribe"
    r"|promo|adverts?|advertisement|ads?|sponsor(?:ed)?|languages?|lang(?:uage)?[-_]?(?:switch(?:er)?|select(?:or)?|menu|nav|list|bar)|toolbar|skip|login|legal|copyright)(?![a-z])",
    re.IGNORECASE,
)
_BESIDE = re.compile(
    r"(?<![a-z])(?:sidebar|side|rail|aside|widget|popular|trending|related|recommended|recommendations|recent)(?![a-z])"
    r"|most[-_ ]?(?:read|viewed|popular|shared)|read[-_ ]?also|see[-_ ]?also",
    re.IGNORECASE,
)
_DATE_SHOWN = re.compile(
    r"\b\d{1,2}[./-]\d{1,2}[./-](?:\d{4}|\d{2})\b|\b\d{4}-\d{2}-\d{2}\b|\d{4}\s?[年년]|\b\d{1,2}:\d{2}\b"
    r"|\b\d{1,2}(?:st|nd|rd|th|er|\.|º)?\s(?:de\s|d['’])?[^\W\d_]{3,12}\.?,?\s(?:de\s)?\d{4}\b|\b[^\W\d_]{3,12}\.?\s\d{1,2},?\s\d{4}\b"
    r"|\b\d{1,2}\s?(?:h|hrs?|hours?)\b|\b\d{1,2}\s?(?:m|mins?|minutes?|days?|weeks?)\sago\b"
)
_HEADINGS = frozenset(["h1", "h2", "h3", "h4", "h5", "h6"])
_WITHOUT_SPACES = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_WORD = re.compile(r"\w[\w'’.-]*")


@dataclass(frozen=True, kw_only=True)
class ArticleLinks:
    """The links in page order, an address perhaps more than once, each with its title; and a selector for them.

    `links` is empty when none looks like an article's; `seen_count` counts the links looked at.
    """

    links: tuple[tuple[etree._Element, str], ...]
    pattern: str
    seen_count: int


@dataclass(kw_only=True)
class _Link:
    """One link element; `title` is its wording, or its card's heading."""

    element: etree._Element
    url: str
    steps: Steps
    shapes: tuple[str, str]
    by_address: float
    by_place: float
    title: str = ""
    by_card: float = 0.0
    by_words: float = 0.0
    by_shape: float = 0.0
    card: etree._Element | None = field(default=None, repr=False)

    @property
    def score(self) -> float:
        return self.by_address + self.by_place + self.by_card + self.by_words + self.by_shape

    @property
    def place(self) -> Place:
        return self.steps, self.element.get("href") or ""


def find_article_links(tree: etree._Element, *, url: str, base: str) -> ArticleLinks:
    """The page's article links; those of menus, footers, tags, authors and the like are none.

    Links are judged by themselves, then in groups of one place in the markup: most of a group
    must pass. Deterministic, and free of the page's language but for what addresses and class
    names are called.
    """
    seen = list(_seen_links(tree, url, base))
    _judge_cards(tree, seen)
    cards_are_usual = _judge_shapes(seen)
    groups = _groups(seen, cards_are_usual=cards_are_usual)
    chosen = [link for group in groups for link in _accepted(group, cards_are_usual=cards_are_usual)]
    urls = {link.url for link in chosen}
    picked = [link for link in seen if link.url in urls and link.by_place > -_GOOD]
    outside = [link for link in seen if link.url not in urls]
    pattern = pattern_of([link.place for link in chosen], [link.place for link in outside])
    return ArticleLinks(
        links=tuple((link.element, link.title) for link in picked), pattern=pattern, seen_count=len(seen)
    )


def _seen_links(tree: etree._Element, url: str, base: str) -> Iterable[_Link]:
    """Links to other pages of the site that could be articles at all."""
    here = urlsplit(url)
    ours: dict[str, bool] = {}
    places: dict[etree._Element, float] = {}
    count = 0
    for element in tree.iter("a"):
        target = (absolute_link(element.get("href") or "", base=base) or "").partition("#")[0]
        if not target:
            continue
        parts = urlsplit(target)
        if parts.netloc not in ours:
            ours[parts.netloc] = same_site(target, url)
        is_above = (
            parts.netloc == here.netloc and not parts.query and here.path.startswith(parts.path.rstrip("/") or "/")
        )
        is_here = (parts.netloc, parts.path, parts.query) == (here.netloc, here.path, here.query)
        if not ours[parts.netloc] or is_above or is_here or (parts.path in ("", "/") and not parts.query):
            continue
        count += 1
        if count > _MOST_LINKS:
            return
        yield _Link(
            element=element,
            url=target,
            steps=steps_of(element),
            shapes=_shapes(parts.netloc, parts.path, parts.query),
            by_address=_address_score(parts.path, parts.query),
            by_place=_place_score(element, places),
            title=_own_title(element),
        )


def _address_score(path: str, query: str) -> float:
    if _FILE.search(path) or _PAGER.search(query) or _PAGER.search(path):
        return -6.0
    segments = [unquote(segment) for segment in path.split("/") if segment]
    last = re.sub(r"\.\w{2,5}$", "", segments[-1]).lower() if segments else ""
    words = [word for word in _WORD_BREAK.split(last) if word and not word.isdigit()]
    score = 0.0
    if any(segment.lower() in _TERMINUS for segment in [*segments[:-1], last]) or _ALL_OF_A_DAY.search(path):
        score -= 4.0
    elif len(segments) == 1 and words and words[0] in _TERMINUS:
        score -= 3.0
    dated = _DATED_PATH.search(path) is not None
    score += 2.0 if dated else 0.0
    if len(words) >= 4 or (len(words) == 3 and len(last) >= 20):
        score += 2.0
    elif len(words) == 3:
        score += 1.0
    elif len(words) <= 2 and not dated and not _NUMBERED.search(last) and not _ID_QUERY.search(query):
        # The bare name of a section, unless it is no name but a key ("/news/gT7xkQpLw").
        score += 0.5 if _KEY.search(segments[-1] if segments else "") else -1.5
    if _LONG_NUMBER.search(last) or _ID_QUERY.search(query):
        score += 1.5
    elif _NUMBERED.search(last):
        score += 0.5
    return score


def _shapes(host: str, path: str, query: str) -> tuple[str, str]:
    """What addresses of one kind share, closely and loosely: how deep they are, what each part is made of, and for the
    first also what the first part is called."""
    parts = []
    segments = path.split("/")[1:]
    for segment in segments:
        words = [word for word in _WORD_BREAK.split(unquote(segment)) if word]
        digits = sum(word.isdigit() for word in words)
        numbered = "w0" if _NUMBERED.search(segment) else "w"
        parts.append("0" if words and digits == len(words) else "slug" if len(words) > 2 else numbered)
    keys = sorted(part.partition("=")[0] for part in query.split("&") if part)
    if keys and parts:
        parts[-1] = segments[-1]  # the name of a script says what its numbers are of
    loose = f"{host}/{'/'.join(parts)}?{'&'.join(keys)}"
    return (f"{segments[0]} {loose}" if len(segments) > 1 else loose), loose


def _place_score(element: etree._Element, known: dict[etree._Element, float]) -> float:
    """How much its surroundings speak against it: navigation, footers, what stands beside the list."""
    trail = []
    score = 0.0
    node: etree._Element | None = element
    while node is not None:
        if node in known:
            score = known[node]
            break
        trail.append(node)
        node = node.getparent()
    for each in reversed(trail):
        score = min(score, _own_place_score(each))
        known[each] = score
    return score


def _own_place_score(element: etree._Element) -> float:
    tag, role = element.tag, (element.get("role") or "").lower()
    if tag in ("html", "body"):
        return 0.0
    named = re.sub(r"([a-z])([A-Z])", r"\1-\2", f"{element.get('class') or ''} {element.get('id') or ''}")
    if tag in _PLACE_BAD or role in _ROLE_BAD:
        return -4.0
    if _FURNITURE.search(named):
        return -3.0
    if tag == "aside" or role == "complementary" or _BESIDE.search(named):
        return -2.5
    return 0.0


def _own_title(element: etree._Element) -> str:
    heading = next((h for h in element.iter(*_HEADINGS)), None)
    picture = next((img for img in element.iter("img") if img.get("alt")), None)
    offered = (
        inner_text(heading) if heading is not None else "",
        inner_text(element),
        element.get("aria-label") or "",
        element.get("title") or "",
        (picture.get("alt") or "") if picture is not None else "",
    )
    return next((text for each in offered if (text := " ".join(each.split())[:500])), "")


def _judge_cards(tree: etree._Element, seen: Sequence[_Link]) -> None:
    """What each link's card says: the largest part of the page that leads to this one likely article alone."""
    leads_to = _sole_targets(tree, seen)
    by_title: dict[str, set[str]] = defaultdict(set)
    for link in seen:
        by_title[link.title.casefold()].add(link.url)
    facts: dict[etree._Element, tuple[str, bool]] = {}
    for link in seen:
        card = link.element
        for level, parent in enumerate(link.element.iterancestors()):
            if level >= _CARD_LEVELS or leads_to.get(parent) != link.url or parent.tag in ("body", "html"):
                break
            card = parent
        if card not in facts:
            facts[card] = _card_facts(card)
        heading, dated = facts[card]
        in_heading = any(parent.tag in _HEADINGS for parent in link.element.iterancestors())
        is_label = len(by_title[link.title.casefold()]) >= 3 or not link.title
        if is_label:  # "read more", a picture
            link.title = heading
        link.card = card
        link.by_card = (1.0 if heading or in_heading else 0.0) + (1.5 if dated else 0.0)
        link.by_words = _words_score(link.title)


def _sole_targets(tree: etree._Element, seen: Sequence[_Link]) -> dict[etree._Element, str | None]:
    """For each element with likely links in it the one address they lead to, None when there are more."""
    found: dict[etree._Element, str | None] = {}
    for link in seen:
        if link.by_address < 0 or link.by_place <= -_GOOD:
            continue
        for node in (link.element, *link.element.iterancestors()):
            if node not in found:
                found[node] = link.url
            elif found[node] is None:
                break  # and so it is for all above
            elif found[node] != link.url:
                found[node] = None
    return found


def _card_facts(card: etree._Element) -> tuple[str, bool]:
    """The card's heading, "" without one, and whether a date is shown in it."""
    heading = next((text for h in card.iter(*_HEADINGS) if (text := inner_text(h)[:500])), "")
    dated = next(card.iter("time"), None) is not None or bool(_DATE_SHOWN.search(inner_text(card)[:600]))
    return heading, dated


def _words_score(title: str) -> float:
    wide = len(_WITHOUT_SPACES.findall(title))
    count = len(_WORD.findall(_WITHOUT_SPACES.sub("", title))) + wide / 2
    return 2.0 if count >= 5 else 1.0 if count >= 4 else 0.0 if count >= 3 else -2.0


def _judge_shapes(seen: Sequence[_Link]) -> bool:
    """Addresses built like those of the other likely articles gain, those built like no other lose.

    Whether the page shows its articles with headings or dates: then only those so shown are likely.
    """
    good = {link.url: link for link in seen if link.score >= _GOOD}
    shown = {link.url: link for link in seen if link.score >= _GOOD and link.by_card}
    cards_are_usual = len(shown) >= max(3, _LARGE_SHARE * len(good))
    likely = {url: link.shapes for url, link in (shown if cards_are_usual else good).items()}
    close = Counter(shape for shape, _ in likely.values())
    loose = Counter(shape for _, shape in likely.values())
    for link in seen:
        kin, cousins = close[link.shapes[0]], loose[link.shapes[1]]
        if kin >= 3 and kin >= _LARGE_SHARE * len(likely):
            link.by_shape = 1.0
        elif cousins >= 3 and cousins >= _LARGE_SHARE * len(likely):
            link.by_shape = 0.5
        else:
            link.by_shape = -1.0 if cousins <= 1 and len(likely) >= 3 else 0.0
    return cards_are_usual


def _groups(seen: Sequence[_Link], *, cards_are_usual: bool) -> list[list[_Link]]:
    """Links of one place in the markup.

    Only where the tags of a place mix good links with bad, or shown with bare ones, are class names
    told apart too, and only where those do, what the addresses are built like.
    """
    groups = _split(seen, lambda link: [tag for tag, _ in link.steps])
    for key in (lambda link: link.steps, lambda link: link.shapes[1]):
        groups = [
            finer
            for group in groups
            for finer in (_split(group, key) if _is_mixed(group, cards_are_usual) else [group])
        ]
    return groups


def _is_mixed(group: Sequence[_Link], cards_are_usual: bool) -> bool:
    good_count = sum(link.score >= _GOOD for link in group)
    shown_count = sum(link.by_card > 0 for link in group) if cards_are_usual else 0
    return any(0 < count < _NEARLY_ALL * len(group) for count in (good_count, shown_count))


def _split(group: Sequence[_Link], key: Callable[[_Link], object]) -> list[list[_Link]]:
    finer: dict[str, list[_Link]] = defaultdict(list)
    for link in group:
        finer[repr(key(link))].append(link)
    return list(finer.values())


def _accepted(group: Sequence[_Link], *, cards_are_usual: bool) -> list[_Link]:
    """Those of a group that count as articles.

    A link alone needs more to speak for it than one in company, and on a page that shows its
    articles with headings or dates so do groups without either.
    """
    count = len({link.url for link in group})
    wanted = _GOOD - 0.5 if count >= 5 else _GOOD if count >= 3 else _GOOD + 1.5
    if cards_are_usual and not any(link.by_card for link in group):
        wanted = max(wanted, _GOOD + 2.0)
    passing = [link for link in group if link.score >= wanted]
    share = len({link.url for link in passing}) / count
    mean = sum(link.score for link in group) / len(group)
    if share < _MOST_OF_A_GROUP and not (share >= _LARGE_SHARE and mean >= wanted and count >= 5):
        return []
    if count < 5 or (share < _NEARLY_ALL and mean < wanted):
        return passing
    return [link for link in group if link.score >= -1.0]
