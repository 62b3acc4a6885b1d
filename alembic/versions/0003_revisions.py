"""Wordings of an article: when each was seen and why; what its page said, and when it is read again."""

import sqlalchemy as sa

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
WORDS = sa.Text()
AT = sa.TIMESTAMP(timezone=True).with_variant(sa.Text(), "sqlite")
DAY = sa.Date().with_variant(sa.Text(), "sqlite")
ADDED = (
    ("documents", "revised_at", AT),
    ("documents", "revision_cause", WORDS),
    ("document_revisions", "seen_at", AT),
    ("document_revisions", "cause", WORDS),
    ("document_revisions", "origin", WORDS),
)


def upgrade() -> None:
    for table, column, kind in ADDED:
        op.add_column(table, sa.Column(column, kind, nullable=True))
    op.create_table(
        "document_pages",
        sa.Column("document_id", ID, nullable=False),
        sa.Column("title", WORDS, nullable=False),
        sa.Column("etag", WORDS, nullable=True),
        sa.Column("last_modified", WORDS, nullable=True),
        sa.Column("authors", WORDS, nullable=False),
        sa.Column("published_at", AT, nullable=True),
        sa.Column("published_on", DAY, nullable=True),
        sa.Column("published_offset_min", sa.Integer(), nullable=True),
        sa.Column("modified_at", AT, nullable=True),
        sa.Column("modified_on", DAY, nullable=True),
        sa.Column("modified_offset_min", sa.Integer(), nullable=True),
        sa.Column("recheck_at", AT, nullable=True),
        sa.Column("recheck_count", sa.Integer(), nullable=False),
        sa.Column("rechecked_at", AT, nullable=True),
        sa.Column("recheck_outcome", WORDS, nullable=True),
        sa.Column("recheck_detail", WORDS, nullable=True),
        sa.ForeignKeyConstraint(["document_id"], ["documents.id"], name="fk_document_pages_document_id"),
        sa.PrimaryKeyConstraint("document_id", name="pk_document_pages"),
        sqlite_strict=True,
    )
    only = sa.text("recheck_at IS NOT NULL")
    op.create_index(
        "ix_document_pages_recheck_at", "document_pages", ["recheck_at"], sqlite_where=only, postgresql_where=only
    )


def downgrade() -> None:
    op.drop_table("document_pages")
    for table, column, _ in reversed(ADDED):
        op.drop_column(table, column)
