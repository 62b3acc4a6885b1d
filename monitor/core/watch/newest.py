"""What a source's newest entries and pages say: drifting dates, short texts, walls."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from statistics import median

from monitor.core.model.condition import ConditionKind, SourceNorm
from monitor.core.model.document import ReadReason, TextOrigin
from monitor.core.watch.facts import Appearance, PageSight, SourceFacts
from monitor.core.watch.norm import NEWEST, ahead_share, readable, same_share
from monitor.core.watch.signs import ABSENT, UNKNOWN, Seen, Sign
from monitor.core.watch.words import span_words

OF_PAGES = (
    ConditionKind.PAYWALL,
    ConditionKind.PAGES_REFUSED_BY_ROBOTS,
    ConditionKind.PAGES_FAILING,
    ConditionKind.TEMPLATE_CHANGE,
)

_FEWEST = 5  # below this a share is an accident
_MOST = 0.8  # from this share on, something is the rule
_FEW = 0.2
# Between the two a wall neither begins nor ends: the share of one in three or so moves with the topic.
_WALLED = 0.6
_OPEN = 0.3
# A zone is mistaken by half an hour at least; less is a slow editor.
_SHIFT_S = 45 * 60.0
_SHORT_TEXT = 0.35  # of the former median: teasers and consent texts are shorter, a slow news day is not
_LONG_TEXT = 0.6
_TEXT_LENGTH = 600.0  # below this the source never gave whole articles
_ONE_DATE_FOR = timedelta(days=2)  # a source that gives days only has one date for a day

_WALLS = {
    ReadReason.PAGE_PAYWALLED: "paywall",
    ReadReason.PAGE_CONSENT: "consent page",
    ReadReason.PAGE_BOT_WALL: "bot wall",
    ReadReason.PAGE_LOGIN: "login",
    ReadReason.PAGE_FORBIDDEN: "access refused",
}
_NO_ANSWER = frozenset(
    {
        ReadReason.PAGE_MISSING,
        ReadReason.PAGE_HTTP_ERROR,
        ReadReason.PAGE_RATE_LIMITED,
        ReadReason.PAGE_TIMEOUT,
        ReadReason.PAGE_UNREACHABLE,
        ReadReason.PAGE_ADDRESS_REFUSED,
    }
)
_NOT_ASKED = frozenset({ReadReason.PAGES_OFF, ReadReason.NO_URL, ReadReason.TEXT_GIVEN})


def date_sign(facts: SourceFacts) -> Sign:
    """Whether the newest entries are dated unlike those before them; unknown without new ones, or a norm.

    Ahead of their first sight, all alike, not at all where they were, or much earlier than they
    appear (a shifted time zone, or a year of its own).
    """
    norm, first = facts.norm, facts.first_success_at
    newest = [entry for entry in facts.entries if first is None or entry.seen_at > first][:NEWEST]
    if norm is None or norm.dated_share is None or len(newest) < _FEWEST:
        return UNKNOWN
    if len({entry.seen_at for entry in newest}) < 2:
        return UNKNOWN  # one poll's entries may well share what is odd about them
    detail = _oddity(newest, norm)
    if not detail:
        return ABSENT
    return Sign(seen=Seen.PRESENT, detail=detail, since=min(entry.seen_at for entry in newest))


def _oddity(newest: Sequence[Appearance], norm: SourceNorm) -> str:
    """What is odd about the newest dates, empty when nothing is."""
    count = len(newest)
    dated = [(entry.seen_at, entry.published_at) for entry in newest if entry.published_at is not None]
    if (norm.dated_share or 0.0) < _MOST:
        return ""
    if len(dated) <= _FEW * count:
        return f"{count - len(dated)} of the last {count} entries without a usable date, where nearly all had one"
    if ahead_share(newest) >= _MOST and (norm.ahead_share or 0.0) < 1 - _MOST:
        return f"{_counted(ahead_share(newest), dated)} of the last {count} entries dated in the future"
    if _have_one_date(dated) and _is_odd_sharing(newest, norm):
        return f"the last {len(dated)} entries all have the same date"
    # The earliest that any of them shows: a shifted zone shifts them all, a slow editor only some.
    shift_s = min((seen - at).total_seconds() for seen, at in dated) - (norm.lag_s or 0.0)
    if shift_s >= _SHIFT_S and shift_s >= 2 * (norm.lag_s or 0.0):
        return f"the last {len(dated)} entries are dated {span_words(shift_s)} earlier than usual for their appearance"
    return ""


def _counted(share: float, dated: Sequence[object]) -> str:
    return f"{round(share * len(dated))}"


def _have_one_date(dated: Sequence[tuple[datetime, datetime]]) -> bool:
    return len(dated) >= _FEWEST and len({at for _, at in dated}) == 1


def _is_odd_sharing(newest: Sequence[Appearance], norm: SourceNorm) -> bool:
    """Whether one date for all is unlike the source, or goes on for longer than a day can last."""
    seen = [entry.seen_at for entry in newest]
    is_new = same_share(newest) >= _MOST and (norm.same_share or 0.0) < 1 - _MOST
    return is_new or max(seen) - min(seen) >= _ONE_DATE_FOR


def page_signs(facts: SourceFacts) -> dict[ConditionKind, Sign]:
    """What the newest articles say of their pages; nothing without new ones.

    Of several causes the first counts: behind a wall, texts are short as well.
    """
    pages = readable(facts.pages)[:NEWEST]
    asked = [page for page in pages if page.reason not in _NOT_ASKED]
    signs = dict.fromkeys(OF_PAGES, UNKNOWN)
    if len(asked) >= NEWEST:
        signs |= {
            ConditionKind.PAYWALL: _wall_sign(asked),
            ConditionKind.PAGES_REFUSED_BY_ROBOTS: _share_sign(
                sum(page.reason is ReadReason.PAGE_REFUSED_BY_ROBOTS for page in asked), asked, "refused by robots.txt"
            ),
            ConditionKind.PAGES_FAILING: _share_sign(
                sum(page.reason in _NO_ANSWER for page in asked), asked, "did not answer"
            ),
        }
    if all(sign.seen is not Seen.PRESENT for sign in signs.values()) and len(pages) >= NEWEST:
        signs[ConditionKind.TEMPLATE_CHANGE] = _text_sign(pages, facts.norm)
    return signs


def _wall_sign(pages: Sequence[PageSight]) -> Sign:
    walls = Counter(_WALLS[page.reason] for page in pages if page.reason in _WALLS)
    kinds = ", ".join(kind for kind, _ in walls.most_common())
    return _share_sign(walls.total(), pages, f"behind a wall ({kinds})")


def _share_sign(count: int, pages: Sequence[PageSight], what: str) -> Sign:
    share = count / len(pages)
    if share >= _WALLED:
        return Sign(seen=Seen.PRESENT, detail=f"{count} of the last {len(pages)} articles {what}")
    return ABSENT if share <= _OPEN else UNKNOWN


def _text_sign(pages: Sequence[PageSight], norm: SourceNorm | None) -> Sign:
    if norm is None or norm.text_length is None or norm.page_share is None:
        return UNKNOWN
    count = len(pages)
    asked_count = sum(page.reason not in _NOT_ASKED for page in pages)
    read_count = sum(page.origin is TextOrigin.PAGE for page in pages)
    length = median(page.length for page in pages)
    had_pages = norm.page_share >= _MOST and asked_count == count
    had_texts = norm.text_length >= _TEXT_LENGTH
    if had_pages and read_count <= _FEW * count:
        detail = f"{count - read_count} of the last {count} articles gave no text of their page, where nearly all did"
        return Sign(seen=Seen.PRESENT, detail=detail)
    if had_texts and length < _SHORT_TEXT * norm.text_length:
        detail = (
            f"the last {count} articles have {length:.0f} characters (median), where they had {norm.text_length:.0f}"
        )
        return Sign(seen=Seen.PRESENT, detail=detail)
    is_whole = (not had_pages or read_count >= _OPEN * count) and length >= _LONG_TEXT * norm.text_length
    return ABSENT if is_whole or not (had_pages or had_texts) else UNKNOWN
