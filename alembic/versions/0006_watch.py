"""The coverage watchdog: conditions, norms, notices, and deliveries that carry notices."""

import sqlalchemy as sa

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
COUNT = sa.Integer()
WORDS = sa.Text()
AT = sa.TIMESTAMP(timezone=True).with_variant(sa.Text(), "sqlite")

DELIVERY_COLUMNS = (
    "id, alert_id, channel, key, status, attempts, created_at, due_at, first_attempt_at, unknown_since, last_fault, "
    "detail, reference, sent_at, lease_owner, fence"
)
DELIVERY_INDEXES = {
    "ix_deliveries_alert_id": (["alert_id"], None),
    "ix_deliveries_channel_due_at": (["channel", "due_at"], "due_at IS NOT NULL"),
    "ix_deliveries_lease_owner": (["lease_owner"], "lease_owner IS NOT NULL"),
    "ix_deliveries_status_alert_id": (["status", "alert_id"], None),
}


def where(condition: str | None) -> dict[str, sa.TextClause]:
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)} if condition else {}


def upgrade() -> None:
    op.create_table(
        "conditions",
        sa.Column("id", ID, nullable=False),
        sa.Column("subject", WORDS, nullable=False),
        sa.Column("kind", WORDS, nullable=False),
        sa.Column("feed_id", ID, nullable=True),
        sa.Column("detail", WORDS, nullable=False),
        sa.Column("since", AT, nullable=False),
        sa.Column("suspected_at", AT, nullable=False),
        sa.Column("looks", COUNT, nullable=False),
        sa.Column("started_at", AT, nullable=True),
        sa.Column("clear_since", AT, nullable=True),
        sa.Column("clear_looks", COUNT, nullable=False),
        sa.Column("ended_at", AT, nullable=True),
        sa.ForeignKeyConstraint(["feed_id"], ["feeds.id"], name="fk_conditions_feed_id"),
        sa.PrimaryKeyConstraint("id", name="pk_conditions"),
        sqlite_strict=True,
    )
    op.create_index("ix_conditions_ended_at", "conditions", ["ended_at"], **where("ended_at IS NOT NULL"))
    op.create_index(
        "ix_conditions_subject_kind", "conditions", ["subject", "kind"], unique=True, **where("ended_at IS NULL")
    )
    op.create_table(
        "source_norms",
        sa.Column("feed_id", ID, nullable=False),
        sa.Column("made_at", AT, nullable=False),
        sa.Column("norm", WORDS, nullable=False),
        sa.ForeignKeyConstraint(["feed_id"], ["feeds.id"], name="fk_source_norms_feed_id"),
        sa.PrimaryKeyConstraint("feed_id", name="pk_source_norms"),
        sqlite_strict=True,
    )
    op.create_table(
        "watch_rounds",
        sa.Column("id", ID, nullable=False),
        sa.Column("last_poll_id", ID, nullable=False),
        sa.Column("ran_at", AT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_watch_rounds"),
        sqlite_strict=True,
    )
    op.create_table(
        "notices",
        sa.Column("id", ID, nullable=False),
        sa.Column("key", WORDS, nullable=False),
        sa.Column("created_at", AT, nullable=False),
        sa.Column("message", WORDS, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_notices"),
        sa.UniqueConstraint("key", name="uq_notices_key"),
        sqlite_strict=True,
    )
    op.create_index("ix_polls_feed_id_id", "polls", ["feed_id", "id"])
    op.drop_index("ix_polls_feed_id", "polls")
    if op.get_bind().dialect.name == "sqlite":
        _remake_deliveries(with_notices=True)
    else:
        op.alter_column("deliveries", "alert_id", nullable=True)
        op.add_column("deliveries", sa.Column("notice_id", ID, nullable=True))
        op.create_foreign_key("fk_deliveries_notice_id", "deliveries", "notices", ["notice_id"], ["id"])
        op.create_check_constraint(
            op.f("ck_deliveries_content"), "deliveries", "(alert_id IS NULL) <> (notice_id IS NULL)"
        )
    op.create_index("ix_deliveries_notice_id", "deliveries", ["notice_id"], **where("notice_id IS NOT NULL"))


def downgrade() -> None:
    op.execute("DELETE FROM deliveries WHERE alert_id IS NULL")
    op.drop_index("ix_deliveries_notice_id", "deliveries")
    if op.get_bind().dialect.name == "sqlite":
        _remake_deliveries(with_notices=False)
    else:
        op.drop_constraint(op.f("ck_deliveries_content"), "deliveries")
        op.drop_column("deliveries", "notice_id")
        op.alter_column("deliveries", "alert_id", nullable=False)
    op.create_index("ix_polls_feed_id", "polls", ["feed_id"])
    op.drop_index("ix_polls_feed_id_id", "polls")
    for table in ("notices", "watch_rounds", "source_norms", "conditions"):
        op.drop_table(table)


def _remake_deliveries(*, with_notices: bool) -> None:
    """The table anew with its rows: SQLite neither makes a column nullable nor adds a constraint."""
    for name in DELIVERY_INDEXES:
        op.drop_index(name, "deliveries")
    op.rename_table("deliveries", "old_deliveries")
    notice = (sa.Column("notice_id", ID, nullable=True),) if with_notices else ()
    constraints = (
        (
            sa.CheckConstraint("(alert_id IS NULL) <> (notice_id IS NULL)", name=op.f("ck_deliveries_content")),
            sa.ForeignKeyConstraint(["notice_id"], ["notices.id"], name="fk_deliveries_notice_id"),
        )
        if with_notices
        else ()
    )
    op.create_table(
        "deliveries",
        sa.Column("id", ID, nullable=False),
        sa.Column("alert_id", ID, nullable=with_notices),
        *notice,
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
        *constraints,
        sa.ForeignKeyConstraint(["alert_id"], ["alerts.id"], name="fk_deliveries_alert_id"),
        sa.PrimaryKeyConstraint("id", name="pk_deliveries"),
        sa.UniqueConstraint("key", name="uq_deliveries_key"),
        sqlite_strict=True,
    )
    op.execute(f"INSERT INTO deliveries ({DELIVERY_COLUMNS}) SELECT {DELIVERY_COLUMNS} FROM old_deliveries")  # noqa: S608
    op.drop_table("old_deliveries")
    for name, (columns, only) in DELIVERY_INDEXES.items():
        op.create_index(name, "deliveries", columns, **where(only))
