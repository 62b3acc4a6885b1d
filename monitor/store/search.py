"""Full-text search of alerts: words folded by us, so that both databases find the same.

SQLite keeps them in an FTS5 table without content, PostgreSQL as tsvector lexemes; neither gets
to split, stem or fold anything itself, and no sign a user types reaches a query language.
"""

from __future__ import annotations

from sqlalchemy import Connection, TextClause, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import Text

from monitor.core.model.alert import AlertMessage
from monitor.core.model.report import Roles
from monitor.store.names import query_words, words_of

_ADD_SQLITE = text("INSERT INTO alert_search (rowid, words) VALUES (:alert_id, :words)")
_ADD_POSTGRES = text(
    "INSERT INTO alert_search (alert_id, words) VALUES (:alert_id, array_to_tsvector(:words))"
).bindparams(bindparam("words", type_=ARRAY(Text())))


def searched_text(message: AlertMessage, *, title: str, roles: Roles) -> str:
    """Everything about an alert that a full-text query may name."""
    named = (part for name in roles.names for part in (name.name, name.surface))
    return "\n".join(
        (
            message.type,
            message.phase,
            message.phase.replace("_", " "),
            message.who,
            message.where,
            message.quote,
            message.headline,
            *message.details,
            *message.marks,
            message.source,
            message.story_title,
            title,
            *named,
            *(t.text for t in roles.texts),
        )
    )


def add_to_search(connection: Connection, alert_id: int, searched: str) -> None:
    """Index a new alert's words."""
    words = list(dict.fromkeys(words_of(searched)))
    if connection.dialect.name == "sqlite":
        connection.execute(_ADD_SQLITE, {"alert_id": alert_id, "words": " ".join(words)})
    else:
        connection.execute(_ADD_POSTGRES, {"alert_id": alert_id, "words": words})


def has_words(query: str, *, is_sqlite: bool) -> TextClause:
    """The condition that an alert has all words of the query; no alert has a query without any word."""
    words = query_words(query)
    if not words:
        return text("1 = 0")
    if is_sqlite:
        bound = " ".join(f'"{word}"*' if prefix else f'"{word}"' for word, prefix in words)
        found = "SELECT rowid FROM alert_search WHERE alert_search MATCH :searched"
    else:
        bound = " & ".join(f"'{word}':*" if prefix else f"'{word}'" for word, prefix in words)
        found = "SELECT alert_id FROM alert_search WHERE words @@ CAST(:searched AS tsquery)"
    return text(f"alerts.id IN ({found})").bindparams(searched=bound)  # only our own constants
