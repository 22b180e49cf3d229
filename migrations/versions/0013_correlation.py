"""What caused a piece of work; and cheap answers to what is watched.

Revision ID: 0013
Revises: 0012
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("work", sa.Column("correlation_id", sa.Uuid(), nullable=True))
    op.create_index(
        "ix_work_failed", "work", ["queue"], postgresql_where=sa.text("state = 'failed'")
    )
    op.create_index(
        "ix_webhook_events_waiting",
        "webhook_events",
        ["received_at"],
        postgresql_where=sa.text("state = 'waiting'"),
    )


def downgrade() -> None:
    op.drop_index("ix_webhook_events_waiting", table_name="webhook_events")
    op.drop_index("ix_work_failed", table_name="work")
    op.drop_column("work", "correlation_id")
