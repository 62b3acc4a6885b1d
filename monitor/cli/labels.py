"""What people say of alerts, as annotated items: one an article."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby

from monitor.cli.gold import GoldLine
from monitor.cli.records import Record, utc
from monitor.core.alert.verdict import verdict_of
from monitor.core.detect.evaluate import GoldItem, GoldLabel, Level
from monitor.core.model.feedback import Verdict
from monitor.core.model.history import LabelledAlert
from monitor.core.model.report import Article


@dataclass(frozen=True, kw_only=True)
class JudgedItem:
    """An article and what people agree on, by event type; types nobody judged are not in it."""

    document_id: int
    alerts: Mapping[str, LabelledAlert]
    verdicts: Mapping[str, Verdict]

    @property
    def article(self) -> LabelledAlert:
        """Any of its alerts: all have the article."""
        return next(iter(self.alerts.values()))


def judged_items(labelled: Iterable[LabelledAlert]) -> Iterator[JudgedItem]:
    """The articles with a verdict, from labelled alerts in the order of their documents.

    Of several alerts of one type a relevant one speaks; what people disagree on evenly is left out.
    """
    for document_id, group in groupby(labelled, key=lambda alert: alert.document_id):
        judged = [(alert, verdict) for alert in group if (verdict := verdict_of(alert.labels).verdict) is not None]
        judged.sort(key=lambda pair: pair[1] is Verdict.RELEVANT)
        if judged:
            yield JudgedItem(
                document_id=document_id,
                alerts={alert.type: alert for alert, _ in judged},
                verdicts={alert.type: verdict for alert, verdict in judged},
            )


def label_record(item: JudgedItem) -> Record:
    """The item in the format of annotations, without roles: whoever finds an alert relevant has not checked them."""
    article = item.article
    return {
        "id": _item_id(item),
        "alerts": sorted(alert.alert_id for alert in item.alerts.values()),
        "date": utc(article.published_at),
        "source": article.source,
        "title": article.title,
        "text": article.text,
    } | {label.type: _said(label) for label in _gold_labels(item)}


def gold_line(item: JudgedItem, *, by: str | None) -> GoldLine:
    """The item as `monitor eval` scores it. Raises: KeyError: items have no field `by`."""
    article = item.article
    read = Article(
        title=article.title,
        text=article.text,
        published_on=article.published_at.date() if article.published_at else None,
        source=article.source,
        tier=article.tier,
    )
    gold = GoldItem(id=_item_id(item), article=read, labels=_gold_labels(item))
    return GoldLine(item=gold, group=str(label_record(item)[by]) if by else "")


def _item_id(item: JudgedItem) -> str:
    return f"document:{item.document_id}"


def _gold_labels(item: JudgedItem) -> tuple[GoldLabel, ...]:
    return tuple(
        GoldLabel(type=kind, level=Level.REPORTED, phase=item.alerts[kind].phase)
        if verdict is Verdict.RELEVANT
        else GoldLabel(type=kind, level=Level.NONE)
        for kind, verdict in item.verdicts.items()
    )


def _said(label: GoldLabel) -> Record:
    return {"level": label.level.value} | ({"phase": label.phase} if label.phase else {})
