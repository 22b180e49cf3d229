"""An organisation's own WHOOP app: its secrets, limits and ledger.

Revision ID: 0007
Revises: 0006
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

OBJECTS = ("shares", "promised")
LIMITS = ("per_minute", "per_day", "member_cap")


def upgrade() -> None:
    for name in LIMITS:
        op.add_column("whoop_apps", sa.Column(name, sa.Integer(), nullable=True))
    op.create_check_constraint(
        op.f("ck_whoop_apps_limits"),
        "whoop_apps",
        "per_minute > 0 AND per_day > 0 AND member_cap >= 0",
    )
    op.create_unique_constraint(
        op.f("uq_whoop_apps_organisation_id"), "whoop_apps", ["organisation_id"]
    )
    op.create_foreign_key(
        op.f("fk_whoop_apps_organisation_id"),
        "whoop_apps",
        "organisations",
        ["organisation_id"],
        ["id"],
        ondelete="CASCADE",
    )
    op.add_column(
        "quota_ledger", sa.Column("refusals", sa.Integer(), server_default="0", nullable=False)
    )
    op.add_column(
        "quota_ledger", sa.Column("probed_until", sa.DateTime(timezone=True), nullable=True)
    )
    for name in OBJECTS:
        empty = sa.text("'{}'::jsonb")
        op.add_column(
            "quota_ledger",
            sa.Column(name, postgresql.JSONB(), server_default=empty, nullable=False),
        )


def downgrade() -> None:
    for name in ("refusals", "probed_until", *OBJECTS):
        op.drop_column("quota_ledger", name)
    for name in ("fk_whoop_apps_organisation_id", "uq_whoop_apps_organisation_id"):
        op.drop_constraint(op.f(name), "whoop_apps")
    op.drop_constraint(op.f("ck_whoop_apps_limits"), "whoop_apps")
    for name in LIMITS:
        op.drop_column("whoop_apps", name)
