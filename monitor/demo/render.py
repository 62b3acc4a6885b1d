"""Layouts and placeholders to pages and feeds; everything is counted back from one moment."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

from monitor.demo.outlet import Article, Outlet

_MOMENT = re.compile(r"\{\{minus_(?P<count>\d+)(?P<unit>[mhd])(?P<weekday>:weekday)?\}\}")
_SLOT = re.compile(r"\{\{(\w+)\}\}")
_ITEMS = re.compile(r"\{\{#items\}\}(.*?)\{\{/items\}\}", re.DOTALL)
_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def moment(placeholder: str, *, now: datetime) -> datetime:
    """The instant a placeholder such as `{{minus_20m}}` stands for, in UTC to the second.

    Raises:
        ValueError: the text is no such placeholder.
    """
    match = _MOMENT.fullmatch(placeholder)
    if match is None or match["weekday"]:
        raise ValueError(f"{placeholder!r} is no moment: write {{{{minus_20m}}}}, {{{{minus_3h}}}} or {{{{minus_1d}}}}")
    return _instant(match, now)


def _instant(match: re.Match[str], now: datetime) -> datetime:
    return now.astimezone(UTC).replace(microsecond=0) - int(match["count"]) * _UNITS[match["unit"]]


def with_days(text: str, *, now: datetime) -> str:
    """The text with each `{{minus_20m:weekday}}` replaced by that moment's day of the week, in UTC."""
    return _MOMENT.sub(lambda match: _WEEKDAYS[_instant(match, now).weekday()], text)


def article_url(outlet: Outlet, article: Article, *, home: str) -> str:
    """The article's address below `home`, which ends in a slash."""
    return f"{home}{outlet.path}/{article.slug}"


def page(outlet: Outlet, article: Article, *, home: str, now: datetime) -> str:
    """The article's HTML page."""
    values = _values(outlet, article, home=home, now=now)
    paragraphs = "\n".join(f"<p>{html.escape(with_days(text, now=now))}</p>" for text in article.paragraphs)
    filled = {**_escaped(values), "paragraphs": paragraphs, "json_ld": _json_ld(outlet, values)}
    return _fill(outlet.page_layout, filled)


def feed(outlet: Outlet, *, round_number: int, home: str, now: datetime) -> str:
    """The outlet's RSS feed in a round, newest article first."""
    shown = sorted(outlet.shown_in(round_number), key=lambda a: moment(a.published, now=now), reverse=True)
    items = [_escaped(_values(outlet, article, home=home, now=now)) for article in shown]
    built = max((moment(article.published, now=now) for article in shown), default=now)
    with_items = _ITEMS.sub(lambda match: "".join(_fill(match[1], item) for item in items), outlet.feed_layout)
    return _fill(with_items, {"home": html.escape(home), "built_rfc": _rfc(built)})


def _values(outlet: Outlet, article: Article, *, home: str, now: datetime) -> dict[str, str]:
    published_at = moment(article.published, now=now)
    return {
        "slug": article.slug,
        "section": article.section,
        "byline": article.byline,
        "title": article.title,
        "summary": article.summary,
        "home": home,
        "url": article_url(outlet, article, home=home),
        "published_iso": published_at.isoformat(),
        "published_rfc": _rfc(published_at),
        "published_text": f"{published_at:%d.%m.%Y, %H:%M} UTC",
    }


def _rfc(instant: datetime) -> str:
    return format_datetime(instant.astimezone(UTC).replace(microsecond=0), usegmt=True)


def _escaped(values: Mapping[str, str]) -> dict[str, str]:
    return {key: html.escape(value) for key, value in values.items()}


def _json_ld(outlet: Outlet, values: Mapping[str, str]) -> str:
    described = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": values["title"],
        "datePublished": values["published_iso"],
        "author": {"@type": "Person", "name": values["byline"]},
        "publisher": {"@type": "NewsMediaOrganization", "name": outlet.name},
        "mainEntityOfPage": values["url"],
    }
    return json.dumps(described, ensure_ascii=False).replace("</", "<\\/")  # must not end the script element


def _fill(layout: str, values: Mapping[str, str]) -> str:
    """Slots without a value stay, so that a misspelt one is seen."""
    return _SLOT.sub(lambda match: values.get(match[1], match[0]), layout)
