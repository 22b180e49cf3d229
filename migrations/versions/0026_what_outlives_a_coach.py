"""What outlives the account of a coach: plans of a week, consents of clients, invitations.

Revision ID: 0026
Revises: 0025
"""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

OLD_KEY = "uq_weekly_plans_organisation_id_coach_id_monday_client_id"
NEW_KEY = "uq_weekly_plans_of_coach"
KEY = ["organisation_id", "coach_id", "monday", "client_id"]


def upgrade() -> None:
    op.alter_column("weekly_plans", "coach_id", nullable=True)
    for table in ("weekly_plans", "invitations"):
        op.drop_constraint(_name(table), table, type_="foreignkey")
        _refer(table, "SET NULL (coach_id)")
    op.drop_constraint(OLD_KEY, "weekly_plans", type_="unique")
    op.create_index(
        NEW_KEY,
        "weekly_plans",
        KEY,
        unique=True,
        postgresql_nulls_not_distinct=True,
        postgresql_where=sa.text("coach_id IS NOT NULL"),
    )
    op.drop_constraint(_name("consents"), "consents", type_="foreignkey")


def downgrade() -> None:
    op.execute("DELETE FROM weekly_plans WHERE coach_id IS NULL")
    op.execute(
        "DELETE FROM consents WHERE coach_id IS NOT NULL AND NOT EXISTS (SELECT FROM memberships"
        " WHERE memberships.organisation_id = consents.organisation_id"
        " AND memberships.id = consents.coach_id)"
    )
    op.drop_index(NEW_KEY, "weekly_plans")
    for table in ("weekly_plans", "invitations"):
        op.drop_constraint(_name(table), table, type_="foreignkey")
    for table in ("weekly_plans", "invitations", "consents"):
        _refer(table, "CASCADE")
    op.create_unique_constraint(OLD_KEY, "weekly_plans", KEY, postgresql_nulls_not_distinct=True)
    op.alter_column("weekly_plans", "coach_id", nullable=False)


def _name(table: str) -> str:
    return f"fk_{table}_organisation_id_coach_id"


def _refer(table: str, ondelete: str) -> None:
    op.create_foreign_key(
        _name(table),
        table,
        "memberships",
        ["organisation_id", "coach_id"],
        ["organisation_id", "id"],
        ondelete=ondelete,
    )
