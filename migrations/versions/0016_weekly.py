"""Weekly pages: what a coach watches in a week, and who wants the Monday e-mail.

Revision ID: 0016
Revises: 0015
"""

import sqlalchemy as sa
from alembic import op

from coach.database.walls import protect

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

TABLES = ["weekly_plans", "weekly_mails"]


def upgrade() -> None:
    op.create_table(
        "weekly_plans",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("coach_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=True),
        sa.Column("monday", sa.Date(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        *times(),
        of("weekly_plans", "memberships", "coach_id"),
        of("weekly_plans", "clients", "client_id"),
        sa.PrimaryKeyConstraint("organisation_id", "id", name=op.f("pk_weekly_plans")),
        sa.UniqueConstraint(
            "organisation_id",
            "coach_id",
            "monday",
            "client_id",
            name=op.f("uq_weekly_plans_organisation_id_coach_id_monday_client_id"),
            postgresql_nulls_not_distinct=True,
        ),
        sa.CheckConstraint(
            "extract(isodow FROM monday) = 1", name=op.f("ck_weekly_plans_monday_is_one")
        ),
        sa.CheckConstraint(
            "length(text) BETWEEN 1 AND 500", name=op.f("ck_weekly_plans_text_length")
        ),
    )
    op.create_index(
        op.f("ix_weekly_plans_organisation_id_client_id_monday"),
        "weekly_plans",
        ["organisation_id", "client_id", "monday"],
    )
    op.create_table(
        "weekly_mails",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("coach_id", sa.Uuid(), nullable=False),
        sa.Column("last_monday", sa.Date(), nullable=False),
        *times(),
        of("weekly_mails", "memberships", "coach_id"),
        sa.PrimaryKeyConstraint("organisation_id", "coach_id", name=op.f("pk_weekly_mails")),
    )
    for name in TABLES:
        for statement in protect(name):
            op.execute(statement)


def downgrade() -> None:
    for name in reversed(TABLES):
        op.drop_table(name)


def of(table: str, parent: str, column: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["organisation_id", column],
        [f"{parent}.organisation_id", f"{parent}.id"],
        name=op.f(f"fk_{table}_organisation_id_{column}"),
        ondelete="CASCADE",
    )


def times() -> list[sa.Column[object]]:
    return [
        sa.Column(name, sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False)
        for name in ("created_at", "updated_at")
    ]
