"""An organisation has no retention of its own: no page set it and nothing read it.

Revision ID: 0027
Revises: 0026
"""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_column("organisations", "retention_days")


def downgrade() -> None:
    op.add_column("organisations", sa.Column("retention_days", sa.Integer(), nullable=True))
