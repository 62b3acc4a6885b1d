"""Our own sample articles, as values and as they would stand on two outlets' sites.

The RSS feed of "Lantern Daily" carries ten of them, the watched page of "Quay Herald" another ten;
`expected_alerts` says what a reader must be told of both together, each once.
"""

from __future__ import annotations

import html
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import yaml

_FILE = Path(__file__).parent / "samples" / "articles" / "articles.yaml"

FEED_OUTLET = "Lantern Daily"
INDEX_OUTLET = "Quay Herald"
INDEX_SELECTOR = "article.card h2 a"


@dataclass(frozen=True, kw_only=True)
class SampleReport:
    """What headline or lead reports as news; roles a type does not have are empty."""

    type: str
    phase: str
    places: tuple[str, ...] = ()
    parties: tuple[str, ...] = ()
    visitors: tuple[str, ...] = ()
    destinations: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class SampleArticle:
    """One article; `place` is feed, index or none."""

    id: str
    place: str
    minutes_ago: int
    title: str
    paragraphs: tuple[str, ...]
    reports: tuple[SampleReport, ...]

    @property
    def path(self) -> str:
        """Where its page stands below the site's root."""
        return f"/stories/{self.id}"

    @property
    def text(self) -> str:
        """The body, a paragraph a line."""
        return "\n".join(self.paragraphs)

    def published_at(self, now: datetime) -> datetime:
        """The moment of publication, to the second, counted back from `now`."""
        return now.astimezone(UTC).replace(microsecond=0) - timedelta(minutes=self.minutes_ago)


@dataclass(frozen=True, kw_only=True)
class SampleAlert:
    """One alert that must come, and the ids of the articles that tell it."""

    type: str
    phase: str
    told_in: tuple[str, ...]


def sample_articles(*places: str) -> tuple[SampleArticle, ...]:
    """The articles that stand in these places, or all of them, in file order."""
    return tuple(
        SampleArticle(
            **{
                **item,
                "paragraphs": tuple(item["paragraphs"]),
                "reports": tuple(
                    SampleReport(**{key: tuple(v) if isinstance(v, list) else v for key, v in report.items()})
                    for report in item["reports"]
                ),
            }
        )
        for item in _document()["articles"]
        if not places or item["place"] in places
    )


def expected_alerts() -> tuple[SampleAlert, ...]:
    """What feed and index together must lead to: nothing else, nothing twice."""
    return tuple(SampleAlert(**{**item, "told_in": tuple(item["told_in"])}) for item in _document()["alerts"])


def rss_feed(root: str, *, now: datetime) -> str:
    """The feed of FEED_OUTLET; `root` is the site's address without a slash at the end."""
    items = "".join(
        f"<item><title>{html.escape(a.title)}</title><link>{root}{a.path}</link><guid>{root}{a.path}</guid>"
        f"<pubDate>{format_datetime(a.published_at(now), usegmt=True)}</pubDate>"
        f"<description>{html.escape(a.paragraphs[0])}</description></item>"
        for a in sample_articles("feed")
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"><channel>'
        f"<title>{FEED_OUTLET}</title><link>{root}/</link><description>Samples</description>"
        f"<language>en</language>{items}</channel></rss>"
    )


def index_page(root: str, *, now: datetime) -> str:
    """The watched page of INDEX_OUTLET; INDEX_SELECTOR picks its links, each card states its date."""
    cards = "".join(
        f'<article class="card"><h2><a href="{root}{a.path}">{html.escape(a.title)}</a></h2>'
        f'<time datetime="{a.published_at(now).isoformat()}">today</time></article>'
        for a in sample_articles("index")
    )
    return (
        f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{INDEX_OUTLET}</title></head><body>'
        f'<nav><a href="{root}/weather">Weather</a></nav><main>{cards}</main>'
        f'<footer><a href="{root}/imprint">Imprint</a></footer></body></html>'
    )


def article_page(article: SampleArticle, *, outlet: str, now: datetime) -> str:
    """The article's own page, with the furniture and structured data that real ones have."""
    published = article.published_at(now).isoformat()
    described = json.dumps({"@type": "NewsArticle", "headline": article.title, "datePublished": published})
    body = "".join(f"<p>{html.escape(text)}</p>" for text in article.paragraphs)
    return (
        f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{html.escape(article.title)} | {outlet}'
        f'</title><script type="application/ld+json">{described}</script></head><body>'
        f'<nav><a href="/">{outlet}</a> <a href="/weather">Weather</a></nav>'
        f"<main><header><h1>{html.escape(article.title)}</h1></header><article>{body}</article></main>"
        f"<footer>{outlet} is made up: sample text, no report of real events.</footer></body></html>"
    )


def _document() -> dict[str, list[dict[str, object]]]:
    return yaml.safe_load(_FILE.read_text(encoding="utf-8"))
