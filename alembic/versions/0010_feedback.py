"""Feedback: acknowledgements, labels, and splits people asked for."""

import sqlalchemy as sa

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
WORDS = sa.Text()
AT = sa.TIMESTAMP(timezone=True).with_variant(sa.Text(), "sqlite")
UNSETTLED = sa.text("settled_at IS NULL")


def via_of(table: str) -> sa.CheckConstraint:
    return sa.CheckConstraint("via IN ('cli', 'slack')", name=op.f(f"ck_{table}_via"))


def upgrade() -> None:
    op.create_table(
        "acks",
        sa.Column("story_id", ID, nullable=False),
        sa.Column("by", WORDS, nullable=False),
        sa.Column("via", WORDS, nullable=False),
        sa.Column("first_at", AT, nullable=False),
        sa.Column("at", AT, nullable=False),
        via_of("acks"),
        sa.ForeignKeyConstraint(["story_id"], ["stories.id"], name="fk_acks_story_id"),
        sa.PrimaryKeyConstraint("story_id", "by", name="pk_acks"),
        sqlite_strict=True,
    )
    op.create_table(
        "labels",
        sa.Column("alert_id", ID, nullable=False),
        sa.Column("by", WORDS, nullable=False),
        sa.Column("verdict", WORDS, nullable=False),
        sa.Column("via", WORDS, nullable=False),
        sa.Column("at", AT, nullable=False),
        sa.CheckConstraint("verdict IN ('relevant', 'not_relevant')", name=op.f("ck_labels_verdict")),
        via_of("labels"),
        sa.ForeignKeyConstraint(["alert_id"], ["alerts.id"], name="fk_labels_alert_id"),
        sa.PrimaryKeyConstraint("alert_id", "by", name="pk_labels"),
        sqlite_strict=True,
    )
    op.create_table(
        "split_requests",
        sa.Column("development_id", ID, nullable=False),
        sa.Column("alert_id", ID, nullable=False),
        sa.Column("by", WORDS, nullable=False),
        sa.Column("via", WORDS, nullable=False),
        sa.Column("at", AT, nullable=False),
        sa.Column("settled_at", AT, nullable=True),
        sa.Column("outcome", WORDS, nullable=True),
        via_of("split_requests"),
        sa.ForeignKeyConstraint(["development_id"], ["developments.id"], name="fk_split_requests_development_id"),
        sa.PrimaryKeyConstraint("development_id", name="pk_split_requests"),
        sqlite_strict=True,
    )
    op.create_index(
        "ix_split_requests_at", "split_requests", ["at"], sqlite_where=UNSETTLED, postgresql_where=UNSETTLED
    )


def downgrade() -> None:
    for table in ("split_requests", "labels", "acks"):
        op.drop_table(table)
