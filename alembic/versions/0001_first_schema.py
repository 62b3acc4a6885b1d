"""The first schema."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import TSVECTOR

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
COUNT = sa.Integer()
NUMBER = sa.Double().with_variant(sa.REAL(), "sqlite")
WORDS = sa.Text()
AT = sa.TIMESTAMP(timezone=True).with_variant(sa.Text(), "sqlite")
DAY = sa.Date().with_variant(sa.Text(), "sqlite")
FLAG = sa.Boolean().with_variant(sa.Integer(), "sqlite")

TABLES = (
    "feeds",
    "stories",
    "developments",
    "documents",
    "feed_states",
    "polls",
    "development_names",
    "document_revisions",
    "entries",
    "reports",
    "alerts",
    "report_names",
    "deliveries",
)


def where(condition: str) -> dict[str, sa.TextClause]:
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}


def upgrade() -> None:
    op.create_table(
        "feeds",
        sa.Column("id", ID, nullable=False),
        sa.Column("name", WORDS, nullable=False),
        sa.Column("url", WORDS, nullable=False),
        sa.Column("kind", WORDS, nullable=False),
        sa.Column("selector", WORDS, nullable=True),
        sa.Column("interval_s", NUMBER, nullable=True),
        sa.Column("tags", WORDS, nullable=False),
        sa.Column("enabled", FLAG, nullable=False),
        sa.Column("headers_env", WORDS, nullable=True),
        sa.Column("auth_env", WORDS, nullable=True),
        sa.Column("robots", WORDS, nullable=False),
        sa.Column("tier", WORDS, nullable=False),
        sa.Column("language", WORDS, nullable=True),
        sa.Column("country", WORDS, nullable=True),
        sa.Column("homepage", WORDS, nullable=True),
        sa.Column("seen_in", WORDS, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_feeds"),
        sa.UniqueConstraint("url", name="uq_feeds_url"),
        sqlite_strict=True,
    )
    op.create_table(
        "stories",
        sa.Column("id", ID, nullable=False),
        sa.Column("slug", WORDS, nullable=False),
        sa.Column("type", WORDS, nullable=False),
        sa.Column("title", WORDS, nullable=False),
        sa.Column("participants", WORDS, nullable=False),
        sa.Column("places", WORDS, nullable=False),
        sa.Column("phase", WORDS, nullable=False),
        sa.Column("first_seen_at", AT, nullable=False),
        sa.Column("last_seen_at", AT, nullable=False),
        sa.Column("revision", COUNT, nullable=False),
        sa.Column("merged_into", ID, nullable=True),
        sa.ForeignKeyConstraint(["merged_into"], ["stories.id"], name="fk_stories_merged_into"),
        sa.PrimaryKeyConstraint("id", name="pk_stories"),
        sa.UniqueConstraint("slug", name="uq_stories_slug"),
        sqlite_strict=True,
    )
    op.create_index("ix_stories_type_last_seen_at", "stories", ["type", "last_seen_at"], **where("merged_into IS NULL"))
    op.create_table(
        "developments",
        sa.Column("id", ID, nullable=False),
        sa.Column("story_id", ID, nullable=False),
        sa.Column("slug", WORDS, nullable=False),
        sa.Column("type", WORDS, nullable=False),
        sa.Column("phase", WORDS, nullable=False),
        sa.Column("roles", WORDS, nullable=False),
        sa.Column("place", WORDS, nullable=True),
        sa.Column("occurs_on", DAY, nullable=True),
        sa.Column("first_seen_at", AT, nullable=False),
        sa.Column("last_seen_at", AT, nullable=False),
        sa.Column("report_count", COUNT, nullable=False),
        sa.Column("origins", WORDS, nullable=False),
        sa.Column("change", WORDS, nullable=False),
        sa.Column("alerted", FLAG, nullable=False),
        sa.ForeignKeyConstraint(["story_id"], ["stories.id"], name="fk_developments_story_id"),
        sa.PrimaryKeyConstraint("id", name="pk_developments"),
        sa.UniqueConstraint("slug", name="uq_developments_slug"),
        sqlite_strict=True,
    )
    op.create_index("ix_developments_story_id", "developments", ["story_id"])
    op.create_table(
        "documents",
        sa.Column("id", ID, nullable=False),
        sa.Column("feed_id", ID, nullable=False),
        sa.Column("canonical_url", WORDS, nullable=False),
        sa.Column("url", WORDS, nullable=False),
        sa.Column("title", WORDS, nullable=False),
        sa.Column("text", WORDS, nullable=False),
        sa.Column("text_digest", WORDS, nullable=False),
        sa.Column("language", WORDS, nullable=True),
        sa.Column("published_at", AT, nullable=False),
        sa.Column("dated", FLAG, nullable=False),
        sa.Column("backlog", FLAG, nullable=False),
        sa.Column("seen_at", AT, nullable=False),
        sa.Column("revision", COUNT, nullable=False),
        sa.Column("status", WORDS, nullable=False),
        sa.Column("origin", WORDS, nullable=False),
        sa.Column("reason", WORDS, nullable=True),
        sa.Column("detail", WORDS, nullable=False),
        sa.Column("ruleset_version", WORDS, nullable=True),
        sa.Column("read_at", AT, nullable=True),
        sa.Column("kept_since", AT, nullable=True),
        sa.Column("due_at", AT, nullable=True),
        sa.Column("attempts", COUNT, nullable=False),
        sa.Column("postponed", COUNT, nullable=False),
        sa.Column("lease_owner", WORDS, nullable=True),
        sa.Column("fence", COUNT, nullable=False),
        sa.CheckConstraint("status IN ('pending', 'read', 'unreadable', 'skipped')", name=op.f("ck_documents_status")),
        sa.ForeignKeyConstraint(["feed_id"], ["feeds.id"], name="fk_documents_feed_id"),
        sa.PrimaryKeyConstraint("id", name="pk_documents"),
        sa.UniqueConstraint("canonical_url", name="uq_documents_canonical_url"),
        sqlite_strict=True,
    )
    op.create_index("ix_documents_due_at_id", "documents", ["due_at", "id"], **where("due_at IS NOT NULL"))
    op.create_index("ix_documents_feed_id", "documents", ["feed_id"], **where("reason = 'language_unsupported'"))
    op.create_index("ix_documents_kept_since", "documents", ["kept_since"], **where("kept_since IS NOT NULL"))
    op.create_index("ix_documents_lease_owner", "documents", ["lease_owner"], **where("lease_owner IS NOT NULL"))
    op.create_index("ix_documents_status", "documents", ["status"])
    op.create_table(
        "feed_states",
        sa.Column("feed_id", ID, nullable=False),
        sa.Column("etag", WORDS, nullable=True),
        sa.Column("last_modified", WORDS, nullable=True),
        sa.Column("body_digest", WORDS, nullable=True),
        sa.Column("interval_s", NUMBER, nullable=True),
        sa.Column("next_poll_at", AT, nullable=True),
        sa.Column("failures", NUMBER, nullable=False),
        sa.Column("last_reason", WORDS, nullable=False),
        sa.Column("last_detail", WORDS, nullable=False),
        sa.Column("first_success_at", AT, nullable=True),
        sa.Column("last_success_at", AT, nullable=True),
        sa.Column("last_polled_at", AT, nullable=True),
        sa.Column("found_homepage", WORDS, nullable=True),
        sa.Column("found_language", WORDS, nullable=True),
        sa.Column("lease_until", AT, nullable=True),
        sa.Column("lease_owner", WORDS, nullable=True),
        sa.Column("fence", COUNT, nullable=False),
        sa.ForeignKeyConstraint(["feed_id"], ["feeds.id"], name="fk_feed_states_feed_id"),
        sa.PrimaryKeyConstraint("feed_id", name="pk_feed_states"),
        sqlite_strict=True,
    )
    op.create_index("ix_feed_states_lease_owner", "feed_states", ["lease_owner"], **where("lease_owner IS NOT NULL"))
    op.create_index("ix_feed_states_next_poll_at", "feed_states", ["next_poll_at"])
    op.create_table(
        "polls",
        sa.Column("id", ID, nullable=False),
        sa.Column("feed_id", ID, nullable=False),
        sa.Column("started_at", AT, nullable=False),
        sa.Column("finished_at", AT, nullable=False),
        sa.Column("reason", WORDS, nullable=False),
        sa.Column("detail", WORDS, nullable=False),
        sa.Column("status", COUNT, nullable=True),
        sa.Column("new_count", COUNT, nullable=False),
        sa.Column("edited_count", COUNT, nullable=False),
        sa.Column("known_count", COUNT, nullable=False),
        sa.ForeignKeyConstraint(["feed_id"], ["feeds.id"], name="fk_polls_feed_id"),
        sa.PrimaryKeyConstraint("id", name="pk_polls"),
        sqlite_strict=True,
    )
    op.create_index("ix_polls_feed_id", "polls", ["feed_id"])
    op.create_index("ix_polls_finished_at", "polls", ["finished_at"])
    op.create_index("ix_polls_reason", "polls", ["reason"])
    op.create_table(
        "development_names",
        sa.Column("development_id", ID, nullable=False),
        sa.Column("kind", WORDS, nullable=False),
        sa.Column("role", WORDS, nullable=False),
        sa.Column("name", WORDS, nullable=False),
        sa.Column("folded", WORDS, nullable=False),
        sa.ForeignKeyConstraint(["development_id"], ["developments.id"], name="fk_development_names_development_id"),
        sa.PrimaryKeyConstraint("development_id", "kind", "role", "name", "folded", name="pk_development_names"),
        sqlite_strict=True,
    )
    op.create_index(
        "ix_development_names_kind_folded_development_id", "development_names", ["kind", "folded", "development_id"]
    )
    op.create_table(
        "document_revisions",
        sa.Column("document_id", ID, nullable=False),
        sa.Column("revision", COUNT, autoincrement=False, nullable=False),
        sa.Column("title", WORDS, nullable=False),
        sa.Column("text", WORDS, nullable=False),
        sa.Column("published_at", AT, nullable=False),
        sa.ForeignKeyConstraint(["document_id"], ["documents.id"], name="fk_document_revisions_document_id"),
        sa.PrimaryKeyConstraint("document_id", "revision", name="pk_document_revisions"),
        sqlite_strict=True,
    )
    op.create_table(
        "entries",
        sa.Column("id", ID, nullable=False),
        sa.Column("feed_id", ID, nullable=False),
        sa.Column("guid", WORDS, nullable=False),
        sa.Column("url", WORDS, nullable=True),
        sa.Column("canonical_url", WORDS, nullable=False),
        sa.Column("title", WORDS, nullable=False),
        sa.Column("summary", WORDS, nullable=False),
        sa.Column("content", WORDS, nullable=False),
        sa.Column("authors", WORDS, nullable=False),
        sa.Column("published_at", AT, nullable=True),
        sa.Column("updated_at", AT, nullable=True),
        sa.Column("seen_at", AT, nullable=False),
        sa.Column("digest", WORDS, nullable=False),
        sa.Column("document_id", ID, nullable=False),
        sa.Column("brought_revision", COUNT, nullable=False),
        sa.ForeignKeyConstraint(["document_id"], ["documents.id"], name="fk_entries_document_id"),
        sa.ForeignKeyConstraint(["feed_id"], ["feeds.id"], name="fk_entries_feed_id"),
        sa.PrimaryKeyConstraint("id", name="pk_entries"),
        sa.UniqueConstraint("feed_id", "guid", name="uq_entries_feed_id_guid"),
        sqlite_strict=True,
    )
    op.create_index("ix_entries_canonical_url", "entries", ["canonical_url"])
    op.create_index("ix_entries_document_id_brought_revision", "entries", ["document_id", "brought_revision"])
    op.create_index("ix_entries_feed_id_seen_at", "entries", ["feed_id", "seen_at"])
    op.create_table(
        "reports",
        sa.Column("id", ID, nullable=False),
        sa.Column("document_id", ID, nullable=False),
        sa.Column("document_revision", COUNT, nullable=False),
        sa.Column("type", WORDS, nullable=False),
        sa.Column("phase", WORDS, nullable=False),
        sa.Column("modality", WORDS, nullable=False),
        sa.Column("score", NUMBER, nullable=False),
        sa.Column("alert", FLAG, nullable=False),
        sa.Column("roles", WORDS, nullable=False),
        sa.Column("evidence", WORDS, nullable=False),
        sa.Column("occurs_on", DAY, nullable=True),
        sa.Column("ruleset_version", WORDS, nullable=False),
        sa.Column("development_id", ID, nullable=True),
        sa.Column("note", WORDS, nullable=False),
        sa.ForeignKeyConstraint(["development_id"], ["developments.id"], name="fk_reports_development_id"),
        sa.ForeignKeyConstraint(["document_id"], ["documents.id"], name="fk_reports_document_id"),
        sa.PrimaryKeyConstraint("id", name="pk_reports"),
        sqlite_strict=True,
    )
    op.create_index("ix_reports_development_id", "reports", ["development_id"])
    op.create_index("ix_reports_document_id", "reports", ["document_id"])
    op.create_index("ix_reports_id", "reports", ["id"], **where("development_id IS NULL"))
    op.create_table(
        "alerts",
        sa.Column("id", ID, nullable=False),
        sa.Column("key", WORDS, nullable=False),
        sa.Column("story_id", ID, nullable=False),
        sa.Column("development_id", ID, nullable=False),
        sa.Column("report_id", ID, nullable=False),
        sa.Column("feed_id", ID, nullable=False),
        sa.Column("type", WORDS, nullable=False),
        sa.Column("phase", WORDS, nullable=False),
        sa.Column("reason", WORDS, nullable=False),
        sa.Column("severity", WORDS, nullable=False),
        sa.Column("created_at", AT, nullable=False),
        sa.Column("message", WORDS, nullable=False),
        sa.Column("also_reported_by", WORDS, nullable=False),
        sa.ForeignKeyConstraint(["development_id"], ["developments.id"], name="fk_alerts_development_id"),
        sa.ForeignKeyConstraint(["feed_id"], ["feeds.id"], name="fk_alerts_feed_id"),
        sa.ForeignKeyConstraint(["report_id"], ["reports.id"], name="fk_alerts_report_id"),
        sa.ForeignKeyConstraint(["story_id"], ["stories.id"], name="fk_alerts_story_id"),
        sa.PrimaryKeyConstraint("id", name="pk_alerts"),
        sa.UniqueConstraint("key", name="uq_alerts_key"),
        sqlite_strict=True,
    )
    op.create_index("ix_alerts_created_at_id", "alerts", ["created_at", "id"])
    op.create_index("ix_alerts_development_id", "alerts", ["development_id"])
    op.create_index("ix_alerts_feed_id_created_at_id", "alerts", ["feed_id", "created_at", "id"])
    op.create_index("ix_alerts_phase_created_at_id", "alerts", ["phase", "created_at", "id"])
    op.create_index("ix_alerts_report_id", "alerts", ["report_id"])
    op.create_index("ix_alerts_type_created_at_id", "alerts", ["type", "created_at", "id"])
    op.create_table(
        "report_names",
        sa.Column("report_id", ID, nullable=False),
        sa.Column("kind", WORDS, nullable=False),
        sa.Column("role", WORDS, nullable=False),
        sa.Column("name", WORDS, nullable=False),
        sa.Column("folded", WORDS, nullable=False),
        sa.ForeignKeyConstraint(["report_id"], ["reports.id"], name="fk_report_names_report_id"),
        sa.PrimaryKeyConstraint("report_id", "kind", "role", "name", "folded", name="pk_report_names"),
        sqlite_strict=True,
    )
    op.create_index("ix_report_names_kind_folded_report_id", "report_names", ["kind", "folded", "report_id"])
    op.create_table(
        "deliveries",
        sa.Column("id", ID, nullable=False),
        sa.Column("alert_id", ID, nullable=False),
        sa.Column("channel", WORDS, nullable=False),
        sa.Column("key", WORDS, nullable=False),
        sa.Column("status", WORDS, nullable=False),
        sa.Column("attempts", COUNT, nullable=False),
        sa.Column("created_at", AT, nullable=False),
        sa.Column("due_at", AT, nullable=True),
        sa.Column("first_attempt_at", AT, nullable=True),
        sa.Column("unknown_since", AT, nullable=True),
        sa.Column("last_fault", WORDS, nullable=True),
        sa.Column("detail", WORDS, nullable=True),
        sa.Column("reference", WORDS, nullable=True),
        sa.Column("sent_at", AT, nullable=True),
        sa.Column("lease_owner", WORDS, nullable=True),
        sa.Column("fence", COUNT, nullable=False),
        sa.CheckConstraint(
            "status IN ('pending', 'sending', 'sent', 'parked', 'dead')", name=op.f("ck_deliveries_status")
        ),
        sa.ForeignKeyConstraint(["alert_id"], ["alerts.id"], name="fk_deliveries_alert_id"),
        sa.PrimaryKeyConstraint("id", name="pk_deliveries"),
        sa.UniqueConstraint("key", name="uq_deliveries_key"),
        sqlite_strict=True,
    )
    op.create_index("ix_deliveries_alert_id", "deliveries", ["alert_id"])
    op.create_index("ix_deliveries_channel_due_at", "deliveries", ["channel", "due_at"], **where("due_at IS NOT NULL"))
    op.create_index("ix_deliveries_lease_owner", "deliveries", ["lease_owner"], **where("lease_owner IS NOT NULL"))
    op.create_index("ix_deliveries_status_alert_id", "deliveries", ["status", "alert_id"])
    _create_search()


def _create_search() -> None:
    """One row an alert: its folded words. No stemming on either, so that both find the same."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            "CREATE VIRTUAL TABLE alert_search USING fts5("
            "words, content='', columnsize=0, detail=none, tokenize='unicode61 remove_diacritics 0')"
        )
        return
    op.create_table(
        "alert_search",
        sa.Column("alert_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("words", TSVECTOR(), nullable=False),
        sa.ForeignKeyConstraint(["alert_id"], ["alerts.id"], name="fk_alert_search_alert_id"),
        sa.PrimaryKeyConstraint("alert_id", name="pk_alert_search"),
    )
    op.create_index("ix_alert_search_words", "alert_search", ["words"], postgresql_using="gin")


def downgrade() -> None:
    op.drop_table("alert_search")
    for table in reversed(TABLES):
        op.drop_table(table)
