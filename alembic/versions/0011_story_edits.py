"""What was done to stories by hand, and indexes by which stories are listed and linked."""

import sqlalchemy as sa

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
AT = sa.TIMESTAMP(timezone=True).with_variant(sa.Text(), "sqlite")

INDEXES = (
    ("ix_stories_last_seen_at_id", ["last_seen_at", "id"], "merged_into IS NULL"),
    ("ix_stories_follows", ["follows"], "follows IS NOT NULL"),
    ("ix_stories_merged_into", ["merged_into"], "merged_into IS NOT NULL"),
)


def upgrade() -> None:
    op.create_table(
        "story_edits",
        sa.Column("id", ID, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("from_story_id", ID, nullable=False),
        sa.Column("to_story_id", ID, nullable=False),
        sa.Column("development_ids", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("at", AT, nullable=False),
        sa.CheckConstraint("kind IN ('merge', 'split')", name=op.f("ck_story_edits_kind")),
        sa.ForeignKeyConstraint(["from_story_id"], ["stories.id"], name=op.f("fk_story_edits_from_story_id")),
        sa.ForeignKeyConstraint(["to_story_id"], ["stories.id"], name=op.f("fk_story_edits_to_story_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_story_edits")),
        sqlite_strict=True,
    )
    op.create_index("ix_story_edits_from_story_id", "story_edits", ["from_story_id"])
    op.create_index("ix_story_edits_to_story_id", "story_edits", ["to_story_id"])
    for name, columns, where in INDEXES:
        only = sa.text(where)
        op.create_index(name, "stories", columns, sqlite_where=only, postgresql_where=only)
    op.create_index("ix_developments_first_seen_at", "developments", ["first_seen_at"])


def downgrade() -> None:
    op.drop_index("ix_developments_first_seen_at", "developments")
    for name, _, _ in reversed(INDEXES):
        op.drop_index(name, "stories")
    op.drop_table("story_edits")
