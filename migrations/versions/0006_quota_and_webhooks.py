"""The calls of each WHOOP app, and the inbox of WHOOP's announcements.

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from coach.database.walls import open_to_all

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "quota_ledger",
        sa.Column("whoop_app_id", sa.Uuid(), nullable=False),
        sa.Column(
            "seconds", postgresql.JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False
        ),
        sa.Column(
            "minutes", postgresql.JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False
        ),
        sa.Column("told_left", sa.Integer(), nullable=True),
        sa.Column("told_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("held_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["whoop_app_id"],
            ["whoop_apps.id"],
            name=op.f("fk_quota_ledger_whoop_app_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("whoop_app_id", name=op.f("pk_quota_ledger")),
    )
    op.create_table(
        "webhook_events",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("whoop_app_id", sa.Uuid(), nullable=False),
        sa.Column("trace_id", sa.String(), nullable=False),
        sa.Column("external_user_id", sa.String(), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("object_id", sa.String(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column(
            "received_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column(
            "pending",
            postgresql.ARRAY(sa.Uuid()),
            server_default=sa.text("'{}'"),
            nullable=False,
        ),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "state IN ('waiting', 'done', 'unmatched', 'ignored')",
            name=op.f("ck_webhook_events_state_known"),
        ),
        sa.ForeignKeyConstraint(
            ["whoop_app_id"],
            ["whoop_apps.id"],
            name=op.f("fk_webhook_events_whoop_app_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_events")),
        sa.UniqueConstraint(
            "whoop_app_id", "trace_id", name=op.f("uq_webhook_events_whoop_app_id_trace_id")
        ),
    )
    op.create_index(
        "ix_webhook_events_pending",
        "webhook_events",
        ["pending"],
        unique=False,
        postgresql_using="gin",
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_index(
        "ix_webhook_events_unmatched",
        "webhook_events",
        ["whoop_app_id", "external_user_id"],
        unique=False,
        postgresql_where=sa.text("state = 'unmatched'"),
    )
    for table in ["quota_ledger", "webhook_events"]:
        for statement in open_to_all(table):
            op.execute(statement)


def downgrade() -> None:
    op.drop_table("webhook_events")
    op.drop_table("quota_ledger")
