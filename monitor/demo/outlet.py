"""The sample outlets as they lie on disk: articles, and the layout of pages and feed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import yaml


@dataclass(frozen=True, kw_only=True)
class Article:
    """One article of an outlet, dates still written as placeholders; shown from `round` on (1 is the first)."""

    slug: str
    round: int
    published: str
    section: str
    byline: str
    title: str
    summary: str
    paragraphs: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Outlet:
    """One outlet; `path` is the first part of its articles' addresses, the layouts are templates."""

    name: str
    path: str
    articles: tuple[Article, ...]
    page_layout: str
    feed_layout: str

    def shown_in(self, round_number: int) -> tuple[Article, ...]:
        """The articles that stand on the site in a round."""
        return tuple(article for article in self.articles if article.round <= round_number)


def load_outlets(folder: Path) -> tuple[Outlet, ...]:
    """The outlets of a folder, one sub-folder each with outlet.yaml, page.html and feed.xml, by folder name.

    Raises:
        OSError, KeyError, TypeError: a file or key is missing; these files are shipped, not configured.
    """
    return tuple(_load(path.parent) for path in sorted(folder.glob("*/outlet.yaml")))


def _load(folder: Path) -> Outlet:
    document = yaml.safe_load((folder / "outlet.yaml").read_text(encoding="utf-8"))
    return Outlet(
        name=document["name"],
        path=document["path"],
        articles=tuple(
            Article(**{**article, "paragraphs": tuple(article["paragraphs"])}) for article in document["articles"]
        ),
        page_layout=(folder / "page.html").read_text(encoding="utf-8"),
        feed_layout=(folder / "feed.xml").read_text(encoding="utf-8"),
    )
