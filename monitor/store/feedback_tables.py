"""The tables of what people say of alerts."""

from __future__ import annotations

from sqlalchemy import Column

from monitor.core.model.feedback import Verdict, Via
from monitor.store.columns import at, index, one_of, ref, table, words
from monitor.store.types import RowId

acks = table(
    "acks",
    ref("story_id", "stories.id", primary_key=True),
    words("by", primary_key=True),
    words("via"),
    at("first_at"),
    at("at"),  # the latest
    one_of("via", Via),
)

labels = table(
    "labels",
    ref("alert_id", "alerts.id", primary_key=True),
    words("by", primary_key=True),
    words("verdict"),
    words("via"),
    at("at"),
    one_of("verdict", Verdict),
    one_of("via", Via),
)

split_requests = table(
    "split_requests",
    ref("development_id", "developments.id", primary_key=True),
    Column("alert_id", RowId, nullable=False),
    words("by"),
    words("via"),
    at("at"),
    at("settled_at", nullable=True),
    words("outcome", nullable=True),
    one_of("via", Via),
)
index(split_requests, "at", where="settled_at IS NULL")
