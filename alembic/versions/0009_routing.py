"""Routing: what was decided about each alert, silences, and what waits for a digest."""

import sqlalchemy as sa

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
WORDS = sa.Text()
AT = sa.TIMESTAMP(timezone=True).with_variant(sa.Text(), "sqlite")
REASONS = (
    "reason IN ('matched', 'story_continues', 'breaks_through', 'quiet_hours', 'digest_route', 'over_budget', "
    "'silence', 'no_route_matches', 'not_acknowledged', 'expired')"
)


def where(condition: str) -> dict[str, sa.TextClause]:
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}


def upgrade() -> None:
    op.create_table(
        "dispatches",
        sa.Column("id", ID, nullable=False),
        sa.Column("alert_id", ID, nullable=False),
        sa.Column("route", WORDS, nullable=False),
        sa.Column("channel", WORDS, nullable=False),
        sa.Column("outcome", WORDS, nullable=False),
        sa.Column("reason", WORDS, nullable=False),
        sa.Column("detail", WORDS, nullable=False),
        sa.Column("at", AT, nullable=False),
        sa.Column("opened_at", AT, nullable=True),
        sa.Column("due_at", AT, nullable=True),
        sa.Column("escalates_at", AT, nullable=True),
        sa.Column("escalation", WORDS, nullable=True),
        sa.CheckConstraint(
            "outcome IN ('now', 'digest', 'held', 'silenced', 'unrouted')", name=op.f("ck_dispatches_outcome")
        ),
        sa.CheckConstraint(REASONS, name=op.f("ck_dispatches_reason")),
        sa.ForeignKeyConstraint(["alert_id"], ["alerts.id"], name="fk_dispatches_alert_id"),
        sa.PrimaryKeyConstraint("id", name="pk_dispatches"),
        sa.UniqueConstraint("alert_id", "channel", name="uq_dispatches_alert_id_channel"),
        sqlite_strict=True,
    )
    op.create_index("ix_dispatches_opened_at", "dispatches", ["opened_at"], **where("opened_at IS NOT NULL"))
    op.create_index("ix_dispatches_escalates_at", "dispatches", ["escalates_at"], **where("escalates_at IS NOT NULL"))
    op.create_table(
        "silences",
        sa.Column("id", ID, nullable=False),
        sa.Column("owner", WORDS, nullable=False),
        sa.Column("reason", WORDS, nullable=False),
        sa.Column("matchers", WORDS, nullable=False),
        sa.Column("created_at", AT, nullable=False),
        sa.Column("expires_at", AT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_silences"),
        sqlite_strict=True,
    )
    op.create_index("ix_silences_expires_at", "silences", ["expires_at"])
    op.create_table(
        "digest_items",
        sa.Column("id", ID, nullable=False),
        sa.Column("alert_id", ID, nullable=False),
        sa.Column("route", WORDS, nullable=False),
        sa.Column("channel", WORDS, nullable=False),
        sa.Column("reason", WORDS, nullable=False),
        sa.Column("due_at", AT, nullable=False),
        sa.Column("notice_id", ID, nullable=True),
        sa.CheckConstraint(REASONS, name=op.f("ck_digest_items_reason")),
        sa.ForeignKeyConstraint(["alert_id"], ["alerts.id"], name="fk_digest_items_alert_id"),
        sa.ForeignKeyConstraint(["notice_id"], ["notices.id"], name="fk_digest_items_notice_id"),
        sa.PrimaryKeyConstraint("id", name="pk_digest_items"),
        sa.UniqueConstraint("alert_id", "channel", name="uq_digest_items_alert_id_channel"),
        sqlite_strict=True,
    )
    op.create_index("ix_digest_items_due_at", "digest_items", ["due_at"], **where("notice_id IS NULL"))
    op.create_index("ix_digest_items_notice_id", "digest_items", ["notice_id"], **where("notice_id IS NOT NULL"))
    op.create_index("ix_alerts_story_id", "alerts", ["story_id"])
    op.add_column("alerts", sa.Column("compared_revision", sa.Integer(), nullable=False, server_default="0"))


def downgrade() -> None:
    op.drop_column("alerts", "compared_revision")
    op.drop_index("ix_alerts_story_id", "alerts")
    for table in ("digest_items", "silences", "dispatches"):
        op.drop_table(table)
