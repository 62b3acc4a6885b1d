"""What a feed remembers of redirects, of being gone, and of 304s that lied."""

import sqlalchemy as sa

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

WORDS = sa.Text()
AT = sa.TIMESTAMP(timezone=True).with_variant(sa.Text(), "sqlite")

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


def downgrade() -> None:
    for name, _ in reversed(ADDED):
        op.drop_column("feed_states", name)
