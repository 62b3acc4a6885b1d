"""What a feed's polls teach of its rhythm, why its next poll comes when it does, and bursts."""

import sqlalchemy as sa

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

NUMBER = sa.Double().with_variant(sa.REAL(), "sqlite")
WORDS = sa.Text()
AT = sa.TIMESTAMP(timezone=True).with_variant(sa.Text(), "sqlite")

COLUMNS = (
    ("interval_reason", WORDS, "first"),
    ("limit_s", NUMBER, None),
    ("rhythm", WORDS, ""),
    ("window_count", sa.Integer(), "0"),
    ("middle_at", AT, None),
    ("newest_at", AT, None),
    ("burst_until", AT, None),
)


def upgrade() -> None:
    for name, kind, default in COLUMNS:
        op.add_column("feed_states", sa.Column(name, kind, nullable=default is None, server_default=default))


def downgrade() -> None:
    for name, _, _ in reversed(COLUMNS):
        op.drop_column("feed_states", name)
