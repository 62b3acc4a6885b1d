"""What a feed remembers of redirects, of being gone and of 304s that lied; what was asked of each host."""

import sqlalchemy as sa

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

WORDS = sa.Text()
AT = sa.TIMESTAMP(timezone=True).with_variant(sa.Text(), "sqlite")

DAY = sa.Date().with_variant(sa.Text(), "sqlite")
COUNT = sa.Integer()
NUMBER = sa.Double().with_variant(sa.REAL(), "sqlite")

ADDED = (
    ("redirect_url", WORDS),
    ("redirect_since", AT),
    ("moved_to", WORDS),
    ("gone_since", AT),
    ("validators_lied_at", AT),
)


def upgrade() -> None:
    for name, kind in ADDED:
        op.add_column("feed_states", sa.Column(name, kind, nullable=True))
    op.create_table(
        "host_traffic",
        sa.Column("host", WORDS, nullable=False),
        sa.Column("day", DAY, nullable=False),
        sa.Column("first_at", AT, nullable=False),
        sa.Column("last_at", AT, nullable=False),
        sa.Column("requests", COUNT, nullable=False),
        sa.Column("for_feeds", COUNT, nullable=False),
        sa.Column("for_pages", COUNT, nullable=False),
        sa.Column("for_robots", COUNT, nullable=False),
        sa.Column("conditional", COUNT, nullable=False),
        sa.Column("not_modified", COUNT, nullable=False),
        sa.Column("refused", COUNT, nullable=False),
        sa.Column("unanswered", COUNT, nullable=False),
        sa.Column("robots_refused", COUNT, nullable=False),
        sa.Column("body_bytes", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("least_gap_s", NUMBER, nullable=True),
        sa.Column("most_at_once", COUNT, nullable=False),
        sa.PrimaryKeyConstraint("host", "day", name="pk_host_traffic"),
        sqlite_strict=True,
    )
    op.create_index("ix_host_traffic_day", "host_traffic", ["day"])


def downgrade() -> None:
    op.drop_table("host_traffic")
    for name, _ in reversed(ADDED):
        op.drop_column("feed_states", name)
