"""What is known of each day's records, and how far the history has come.

Revision ID: 0008
Revises: 0007
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "integrations",
        sa.Column(
            "history", postgresql.JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False
        ),
    )
    op.drop_constraint(op.f("ck_sync_runs_trigger_known"), "sync_runs")
    op.create_check_constraint(
        op.f("ck_sync_runs_trigger_known"),
        "sync_runs",
        "trigger IN ('link', 'reconnect', 'asked', 'command', 'webhook', 'schedule', 'score',"
        " 'look')",
    )
    op.create_index(
        op.f("ix_webhook_events_whoop_app_id_received_at"),
        "webhook_events",
        ["whoop_app_id", "received_at"],
    )
    op.create_index(
        "ix_whoop_records_unscored",
        "whoop_records",
        ["organisation_id", "client_id"],
        postgresql_where=sa.text("deleted_at IS NULL AND raw ->> 'score_state' = 'PENDING_SCORE'"),
    )


def downgrade() -> None:
    op.drop_index("ix_whoop_records_unscored", "whoop_records")
    op.drop_index(op.f("ix_webhook_events_whoop_app_id_received_at"), "webhook_events")
    op.execute("DELETE FROM sync_runs WHERE trigger NOT IN ('link', 'asked', 'schedule')")
    op.drop_constraint(op.f("ck_sync_runs_trigger_known"), "sync_runs")
    op.create_check_constraint(
        op.f("ck_sync_runs_trigger_known"),
        "sync_runs",
        "trigger IN ('link', 'asked', 'schedule')",
    )
    op.drop_column("integrations", "history")
