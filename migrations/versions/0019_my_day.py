"""What a client prefers, says while offline, and what a guardian agrees to.

Revision ID: 0019
Revises: 0018
"""

import sqlalchemy as sa
from alembic import op

from coach.database.walls import protect

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

TABLES = ["user_preferences", "arrived_answers"]


def upgrade() -> None:
    op.create_table(
        "user_preferences",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("trends_only", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("locale", sa.String(), nullable=True),
        sa.Column("units", sa.String(), nullable=True),
        sa.Column("theme", sa.String(), nullable=True),
        sa.Column("week_start", sa.Integer(), nullable=True),
        sa.Column("digest_hour", sa.Integer(), nullable=True),
        sa.Column("reminder_hour", sa.Integer(), nullable=True),
        sa.Column("reminded_on", sa.Date(), nullable=True),
        *times(),
        sa.ForeignKeyConstraint(
            ["organisation_id", "user_id"],
            ["memberships.organisation_id", "memberships.user_id"],
            name=op.f("fk_user_preferences_organisation_id_user_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("organisation_id", "user_id", name=op.f("pk_user_preferences")),
        sa.CheckConstraint(
            "units IN ('metric', 'imperial')", name=op.f("ck_user_preferences_units_known")
        ),
        sa.CheckConstraint(
            "theme IN ('light', 'dark')", name=op.f("ck_user_preferences_theme_known")
        ),
        sa.CheckConstraint(
            "week_start BETWEEN 1 AND 7", name=op.f("ck_user_preferences_week_start_range")
        ),
        sa.CheckConstraint(
            "digest_hour BETWEEN 0 AND 23", name=op.f("ck_user_preferences_digest_hour_range")
        ),
        sa.CheckConstraint(
            "reminder_hour BETWEEN 0 AND 23", name=op.f("ck_user_preferences_reminder_hour_range")
        ),
    )
    op.create_table(
        "arrived_answers",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("date", sa.Date(), nullable=False),
        *times(),
        sa.ForeignKeyConstraint(
            ["organisation_id", "client_id"],
            ["clients.organisation_id", "clients.id"],
            name=op.f("fk_arrived_answers_organisation_id_client_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "organisation_id", "client_id", "id", name=op.f("pk_arrived_answers")
        ),
    )
    for name in TABLES:
        for statement in protect(name):
            op.execute(statement)
    op.add_column(
        "invitations", sa.Column("minor", sa.Boolean(), server_default="false", nullable=False)
    )
    op.add_column("invitations", sa.Column("guardian_email", sa.String(), nullable=True))
    op.add_column(
        "invitations", sa.Column("guardian_agreed_at", sa.DateTime(timezone=True), nullable=True)
    )


def downgrade() -> None:
    for column in ("guardian_agreed_at", "guardian_email", "minor"):
        op.drop_column("invitations", column)
    for name in reversed(TABLES):
        op.drop_table(name)


def times() -> list[sa.Column[object]]:
    return [
        sa.Column(name, sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False)
        for name in ("created_at", "updated_at")
    ]
