"""Threads: one parent message a story and channel; deliveries that know their story and when they are too old."""

import sqlalchemy as sa

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
COUNT = sa.Integer()
WORDS = sa.Text()
AT = sa.TIMESTAMP(timezone=True).with_variant(sa.Text(), "sqlite")


def where(condition: str) -> dict[str, sa.TextClause]:
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}


def upgrade() -> None:
    op.create_table(
        "threads",
        sa.Column("story_id", ID, nullable=False),
        sa.Column("channel", WORDS, nullable=False),
        sa.Column("reference", WORDS, nullable=False),
        sa.Column("key", WORDS, nullable=False),
        sa.Column("alert_id", ID, nullable=False),
        sa.Column("shown", WORDS, nullable=False),
        sa.Column("opened_at", AT, nullable=False),
        sa.Column("edited_at", AT, nullable=True),
        sa.Column("edit_due_at", AT, nullable=True),
        sa.Column("changes", COUNT, nullable=False),
        sa.Column("edit_attempts", COUNT, nullable=False),
        sa.Column("last_fault", WORDS, nullable=True),
        sa.Column("detail", WORDS, nullable=True),
        sa.Column("lease_owner", WORDS, nullable=True),
        sa.Column("fence", COUNT, nullable=False),
        sa.ForeignKeyConstraint(["story_id"], ["stories.id"], name="fk_threads_story_id"),
        sa.PrimaryKeyConstraint("story_id", "channel", name="pk_threads"),
        sqlite_strict=True,
    )
    op.create_index(
        "ix_threads_channel_edit_due_at", "threads", ["channel", "edit_due_at"], **where("edit_due_at IS NOT NULL")
    )
    op.create_index("ix_threads_lease_owner", "threads", ["lease_owner"], **where("lease_owner IS NOT NULL"))
    op.add_column("deliveries", sa.Column("story_id", ID, nullable=True))
    op.add_column("deliveries", sa.Column("expires_at", AT, nullable=True))
    op.add_column("deliveries", sa.Column("route", WORDS, nullable=True))
    op.execute(
        "UPDATE deliveries SET story_id = (SELECT alerts.story_id FROM alerts WHERE alerts.id = deliveries.alert_id) "
        "WHERE alert_id IS NOT NULL"
    )
    op.create_index(
        "ix_deliveries_channel_story_id_id",
        "deliveries",
        ["channel", "story_id", "id"],
        **where("story_id IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_deliveries_channel_story_id_id", "deliveries")
    for column in ("route", "expires_at", "story_id"):
        op.drop_column("deliveries", column)
    op.drop_table("threads")
