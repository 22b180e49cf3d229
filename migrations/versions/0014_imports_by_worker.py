"""Imports are looked at and taken back by workers.

Revision ID: 0014
Revises: 0013
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from coach.database.walls import protect

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

NEWS = (
    sa.Column("seconds_lost", sa.Boolean(), server_default="false", nullable=False),
    sa.Column("first_at", sa.DateTime(timezone=True)),
    sa.Column("last_at", sa.DateTime(timezone=True)),
    sa.Column("compared_at", sa.DateTime(timezone=True)),
    sa.Column("compared_with", sa.String()),
    sa.Column("days_changed", sa.Integer()),
)
FATES = ("new", "changed", "same", "kept")


def upgrade() -> None:
    for column in NEWS:
        op.add_column("imports", column)
    op.execute(
        "UPDATE imports SET first_at = rows.first, last_at = rows.last FROM (SELECT"
        " organisation_id, import_id, min(starts_at) AS first, max(starts_at) AS last"
        " FROM import_rows GROUP BY organisation_id, import_id) rows"
        " WHERE rows.organisation_id = imports.organisation_id AND rows.import_id = imports.id"
    )
    op.execute(
        "UPDATE imports SET seconds_lost = true"
        """ WHERE refused @> '[{"reason": "seconds_lost"}]'::jsonb"""
    )
    _create_import_days()


def downgrade() -> None:
    op.drop_table("import_days")
    for column in reversed(NEWS):
        op.drop_column("imports", column.name)


def _create_import_days() -> None:
    op.create_table(
        "import_days",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("fate", sa.String(), nullable=False),
        sa.Column("changed", postgresql.JSONB(), nullable=False),
        sa.Column("kept", postgresql.JSONB(), nullable=False),
        sa.Column("offset_minutes", sa.Integer()),
        *(_moment(column) for column in ("created_at", "updated_at")),
        sa.CheckConstraint(
            f"fate IN ({', '.join(map(repr, FATES))})", name=op.f("ck_import_days_fate_known")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "import_id"],
            ["imports.organisation_id", "imports.id"],
            name=op.f("fk_import_days_organisation_id_import_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "organisation_id", "import_id", "date", name=op.f("pk_import_days")
        ),
    )
    for statement in protect("import_days"):
        op.execute(statement)


def _moment(name: str) -> sa.Column:
    return sa.Column(
        name, sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
    )
