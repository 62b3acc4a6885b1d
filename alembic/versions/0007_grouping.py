"""Grouping: decisions, copies, independent origins, stories that follow others."""

import sqlalchemy as sa

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
FLAG = sa.Boolean().with_variant(sa.Integer(), "sqlite")
AT = sa.TIMESTAMP(timezone=True).with_variant(sa.Text(), "sqlite")


def upgrade() -> None:
    op.add_column("stories", sa.Column("follows", sa.Text(), nullable=True))
    op.add_column("developments", sa.Column("origin_count", sa.Integer(), nullable=False, server_default="1"))
    op.add_column("developments", sa.Column("sayings", sa.Text(), nullable=False, server_default=""))
    op.add_column("developments", sa.Column("held_until", AT, nullable=True))
    held = sa.text("held_until IS NOT NULL")
    op.create_index(
        "ix_developments_held_until", "developments", ["held_until"], sqlite_where=held, postgresql_where=held
    )
    op.add_column("reports", sa.Column("copy_of", ID, nullable=True))
    op.add_column("reports", sa.Column("grouping", sa.Text(), nullable=False, server_default=""))
    op.add_column("reports", sa.Column("phase_stated", FLAG, nullable=False, server_default="1"))
    op.create_table(
        "story_versions",
        sa.Column("id", ID, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_story_versions"),
        sqlite_strict=True,
    )


def downgrade() -> None:
    op.drop_table("story_versions")
    op.drop_column("reports", "phase_stated")
    op.drop_column("reports", "grouping")
    op.drop_column("reports", "copy_of")
    op.drop_index("ix_developments_held_until", "developments")
    op.drop_column("developments", "held_until")
    op.drop_column("developments", "sayings")
    op.drop_column("developments", "origin_count")
    op.drop_column("stories", "follows")
