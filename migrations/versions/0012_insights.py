"""Derived values with their formula version, and what is stale.

Revision ID: 0012
Revises: 0011
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from coach.database.walls import protect

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

TABLES = ["stale_days", "insights", "burnout_scores"]


def upgrade() -> None:
    op.create_table(
        "stale_days",
        *of_a_client("stale_days"),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("changes", sa.Integer(), server_default=sa.text("1"), nullable=False),
        *times(),
        sa.PrimaryKeyConstraint("organisation_id", "client_id", name=op.f("pk_stale_days")),
    )
    op.create_table(
        "insights",
        *of_a_client("insights"),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("formula_version", sa.Integer(), nullable=False),
        sa.Column("hrv_week_ms", sa.Float(), nullable=True),
        sa.Column("hrv_low_ms", sa.Float(), nullable=True),
        sa.Column("hrv_high_ms", sa.Float(), nullable=True),
        sa.Column("hrv_position", sa.String(), nullable=False),
        sa.Column("hrv_days_outside", sa.Integer(), nullable=False),
        sa.Column("rhr_drift_bpm", sa.Float(), nullable=True),
        sa.Column("rhr_raised", sa.Boolean(), nullable=False),
        sa.Column("sleep_hours", sa.Float(), nullable=True),
        sa.Column("sleep_balance_hours", sa.Float(), nullable=True),
        sa.Column("sleep_debt_hours", sa.Float(), nullable=True),
        sa.Column("load_change_percent", sa.Float(), nullable=True),
        sa.Column("hooper_week", sa.Float(), nullable=True),
        sa.Column("attention", sa.Integer(), nullable=False),
        sa.Column("behind", JSONB(), nullable=False),
        sa.Column("signals", JSONB(), nullable=False),
        *times(),
        sa.PrimaryKeyConstraint("organisation_id", "client_id", "date", name=op.f("pk_insights")),
        sa.CheckConstraint(
            "hrv_position IN ('below', 'inside', 'above', 'unknown')",
            name=op.f("ck_insights_hrv_position_known"),
        ),
    )
    op.create_table(
        "burnout_scores",
        *of_a_client("burnout_scores"),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("formula_version", sa.Integer(), nullable=False),
        *(sa.Column(line, sa.String(), nullable=False) for line in ("body", "sleep", "feeling")),
        sa.Column("factors", JSONB(), nullable=False),
        *times(),
        sa.PrimaryKeyConstraint(
            "organisation_id", "client_id", "date", name=op.f("pk_burnout_scores")
        ),
        *(
            sa.CheckConstraint(
                f"{line} IN ('not_enough', 'quiet', 'raised')",
                name=op.f(f"ck_burnout_scores_{line}_known"),
            )
            for line in ("body", "sleep", "feeling")
        ),
    )
    for name in TABLES:
        for statement in protect(name):
            op.execute(statement)


def downgrade() -> None:
    for name in reversed(TABLES):
        op.drop_table(name)


def of_a_client(table: str) -> list[sa.schema.SchemaItem]:
    return [
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id", "client_id"],
            ["clients.organisation_id", "clients.id"],
            name=op.f(f"fk_{table}_organisation_id_client_id"),
            ondelete="CASCADE",
        ),
    ]


def times() -> list[sa.Column[object]]:
    return [
        sa.Column(name, sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False)
        for name in ("created_at", "updated_at")
    ]
