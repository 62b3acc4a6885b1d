"""Threads: one parent message a story and channel; deliveries that know their story and when they are too old."""

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
