"""The chain of seals over the audit log.

Revision ID: 0023
Revises: 0022
"""

import sqlalchemy as sa
from alembic import op

from coach.database.walls import protect

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audit_seals",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("row_hash", sa.String(), nullable=False),
        sa.Column("chain_hash", sa.String(), nullable=False),
        _time("created_at"),
        _time("updated_at"),
        sa.PrimaryKeyConstraint("organisation_id", "number", name=op.f("pk_audit_seals")),
        sa.UniqueConstraint(
            "organisation_id", "entry_id", name=op.f("uq_audit_seals_organisation_id_entry_id")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_audit_seals_organisation_id"),
            ondelete="CASCADE",
        ),
    )
    for statement in protect("audit_seals"):
        op.execute(statement)


def downgrade() -> None:
    op.drop_table("audit_seals")


def _time(name: str) -> sa.Column[object]:
    return sa.Column(
        name, sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
    )
