"""Squads, and who is in them.

Revision ID: 0017
Revises: 0016
"""

import sqlalchemy as sa
from alembic import op

from coach.database.walls import protect

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "groups",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        *_times(),
        sa.PrimaryKeyConstraint("organisation_id", "id", name=op.f("pk_groups")),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_groups_organisation_id"),
            ondelete="CASCADE",
        ),
    )
    op.create_index(
        "uq_groups_name", "groups", ["organisation_id", sa.text("lower(name)")], unique=True
    )
    op.create_table(
        "group_clients",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("group_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        *_times(),
        sa.PrimaryKeyConstraint(
            "organisation_id", "group_id", "client_id", name=op.f("pk_group_clients")
        ),
        _belongs_to("groups", "group_id"),
        _belongs_to("clients", "client_id"),
    )
    op.create_index(
        op.f("ix_group_clients_organisation_id_client_id"),
        "group_clients",
        ["organisation_id", "client_id"],
    )
    for table in ["groups", "group_clients"]:
        for statement in protect(table):
            op.execute(statement)


def downgrade() -> None:
    op.drop_table("group_clients")
    op.drop_table("groups")


def _belongs_to(parent: str, column: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["organisation_id", column],
        [f"{parent}.organisation_id", f"{parent}.id"],
        name=op.f(f"fk_group_clients_organisation_id_{column}"),
        ondelete="CASCADE",
    )


def _times() -> list[sa.Column[object]]:
    now = sa.text("now()")
    return [
        sa.Column(name, sa.DateTime(timezone=True), server_default=now, nullable=False)
        for name in ("created_at", "updated_at")
    ]
