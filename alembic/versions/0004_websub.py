"""WebSub: the hub a feed names, and the subscriptions there."""

import sqlalchemy as sa

from alembic import op

revision = "0004"
down_revision = "0003"
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
        "websub_hubs",
        sa.Column("feed_id", ID, nullable=False),
        sa.Column("hub", WORDS, nullable=False),
        sa.Column("topic", WORDS, nullable=False),
        sa.ForeignKeyConstraint(["feed_id"], ["feeds.id"], name="fk_websub_hubs_feed_id"),
        sa.PrimaryKeyConstraint("feed_id", name="pk_websub_hubs"),
        sqlite_strict=True,
    )
    op.create_table(
        "websub_subscriptions",
        sa.Column("id", ID, nullable=False),
        sa.Column("feed_id", ID, nullable=False),
        sa.Column("hub", WORDS, nullable=False),
        sa.Column("topic", WORDS, nullable=False),
        sa.Column("callback", WORDS, nullable=False),
        sa.Column("token", WORDS, nullable=False),
        sa.Column("secret", WORDS, nullable=False),
        sa.Column("state", WORDS, nullable=False),
        sa.Column("reason", WORDS, nullable=False),
        sa.Column("detail", WORDS, nullable=False),
        sa.Column("attempts", COUNT, nullable=False),
        sa.Column("asked_at", AT, nullable=True),
        sa.Column("lease_until", AT, nullable=True),
        sa.Column("due_at", AT, nullable=False),
        sa.Column("pushed_at", AT, nullable=True),
        sa.Column("push_count", COUNT, nullable=False),
        sa.Column("echo_at", AT, nullable=True),
        sa.Column("created_at", AT, nullable=False),
        sa.Column("lease_owner", WORDS, nullable=True),
        sa.Column("fence", COUNT, nullable=False),
        sa.CheckConstraint(
            "state IN ('wanted', 'asked', 'active', 'denied', 'ending')", name=op.f("ck_websub_subscriptions_state")
        ),
        sa.ForeignKeyConstraint(["feed_id"], ["feeds.id"], name="fk_websub_subscriptions_feed_id"),
        sa.PrimaryKeyConstraint("id", name="pk_websub_subscriptions"),
        sa.UniqueConstraint("token", name="uq_websub_subscriptions_token"),
        sqlite_strict=True,
    )
    op.create_index("ix_websub_subscriptions_due_at", "websub_subscriptions", ["due_at"])
    op.create_index(
        "ix_websub_subscriptions_feed_id",
        "websub_subscriptions",
        ["feed_id"],
        unique=True,
        **where("state <> 'ending'"),
    )
    op.create_index(
        "ix_websub_subscriptions_echo_at", "websub_subscriptions", ["echo_at"], **where("echo_at IS NOT NULL")
    )
    op.create_index(
        "ix_websub_subscriptions_lease_owner",
        "websub_subscriptions",
        ["lease_owner"],
        **where("lease_owner IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_table("websub_subscriptions")
    op.drop_table("websub_hubs")
