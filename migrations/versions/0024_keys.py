"""Keys that seal here, and what was erased for good: both must outlive a restored backup.

Revision ID: 0024
Revises: 0023
"""

import sqlalchemy as sa
from alembic import op

from coach.database.walls import open_to_all

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

TABLES = ("sealing_keys", "erasures")


def upgrade() -> None:
    op.create_table(
        "sealing_keys",
        sa.Column("key_id", sa.String(), nullable=False),
        *times(),
        sa.PrimaryKeyConstraint("key_id", name=op.f("pk_sealing_keys")),
    )
    op.create_table(
        "erasures",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=True),
        *times(),
        sa.CheckConstraint(
            "kind IN ('client', 'account', 'whoop_data', 'organisation')",
            name=op.f("ck_erasures_kind_known"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erasures")),
        sa.UniqueConstraint("kind", "subject_id", name=op.f("uq_erasures_kind_subject_id")),
    )
    for name in TABLES:
        for statement in open_to_all(name):
            op.execute(statement)
    # Where somebody was erased before this was kept, the proof in the audit log tells it.
    op.execute(
        "INSERT INTO erasures (id, kind, subject_id, organisation_id, created_at)"
        " SELECT gen_random_uuid(), 'client', subject_id, organisation_id, max(created_at)"
        " FROM audit_log WHERE action IN ('client_erased', 'account_erased') AND subject_id IS NOT NULL"
        " GROUP BY subject_id, organisation_id ON CONFLICT DO NOTHING"
    )


def downgrade() -> None:
    for name in reversed(TABLES):
        op.drop_table(name)


def times() -> list[sa.Column[object]]:
    return [
        sa.Column(name, sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False)
        for name in ("created_at", "updated_at")
    ]
