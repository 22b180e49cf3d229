"""Work as rows, and due slots.

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

from coach.database.walls import open_to_all

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "work",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("queue", sa.String(), nullable=False),
        sa.Column("lane", sa.String(), server_default="fresh", nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=True),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(), server_default="waiting", nullable=False),
        sa.Column(
            "due_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lease_no", sa.Integer(), server_default="0", nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error", sa.String(), nullable=True),
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
            "lane IN ('fresh', 'reconcile', 'backfill')", name=op.f("ck_work_lane_known")
        ),
        sa.CheckConstraint(
            "queue IN ('sync', 'import', 'insights', 'mail', 'upkeep')",
            name=op.f("ck_work_queue_known"),
        ),
        sa.CheckConstraint(
            "state IN ('waiting', 'queued', 'running', 'done', 'failed')",
            name=op.f("ck_work_state_known"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_work")),
    )
    op.create_index(
        "ix_work_due",
        "work",
        ["queue", "due_at"],
        unique=False,
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_index(
        "ix_work_leased",
        "work",
        ["lease_until"],
        unique=False,
        postgresql_where=sa.text("state IN ('queued', 'running')"),
    )
    op.create_index(
        "uq_work_open",
        "work",
        ["kind", "subject_id"],
        unique=True,
        postgresql_where=sa.text("state IN ('waiting', 'queued', 'running')"),
    )
    op.create_table(
        "due_slots",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=True),
        sa.Column("work_id", sa.Uuid(), nullable=True),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=True),
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
        sa.PrimaryKeyConstraint("name", "subject_id", "due_at", name=op.f("pk_due_slots")),
    )
    op.create_index(
        "ix_due_slots_open",
        "due_slots",
        ["name", "due_at"],
        unique=False,
        postgresql_where=sa.text("taken_at IS NULL"),
    )
    for table in ["work", "due_slots"]:
        for statement in open_to_all(table):
            op.execute(statement)


def downgrade() -> None:
    op.drop_table("due_slots")
    op.drop_table("work")
