"""Routing: what was decided about each alert, silences, and what waits for a digest."""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_alerts_story_id", "alerts", ["story_id"])


def downgrade() -> None:
    op.drop_index("ix_alerts_story_id", "alerts")
