"""What every table shares: names of constraints, ids, times, and the wall it stands behind."""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, ForeignKeyConstraint, MetaData, Uuid, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from coach.ids import new_id

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """The declarative base: timestamps are UTC, dictionaries are JSONB."""

    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map: ClassVar[dict[object, object]] = {
        datetime: DateTime(timezone=True),
        UUID: Uuid(),
        dict[str, object]: JSONB(),
        list[str]: JSONB(),
    }

    created_at: Mapped[datetime] = mapped_column(server_default=func.now(), sort_order=900)
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now(), sort_order=901)


class Identified:
    """A global row: one id."""

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id, sort_order=-10)


class Owned:
    """A row of one organisation; the organisation comes first in every key."""

    organisation_id: Mapped[UUID] = mapped_column(primary_key=True, sort_order=-20)


class OwnedRow(Owned):
    """A row of one organisation with an id of its own."""

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id, sort_order=-10)


def belongs_to(parent: str, column: str, *, ondelete: str = "CASCADE") -> ForeignKeyConstraint:
    """Refer to a row of the same organisation: the key includes the organisation."""
    return ForeignKeyConstraint(
        ["organisation_id", column],
        [f"{parent}.organisation_id", f"{parent}.id"],
        ondelete=ondelete,
    )


def one_of(column: str, kinds: type[StrEnum]) -> CheckConstraint:
    """State in the database that a column holds one of a closed list."""
    allowed = ", ".join(f"'{kind.value}'" for kind in kinds)
    return CheckConstraint(f"{column} IN ({allowed})", name=f"{column}_known")


def of_organisation() -> ForeignKeyConstraint:
    """Refer to the owning organisation."""
    return ForeignKeyConstraint(["organisation_id"], ["organisations.id"], ondelete="CASCADE")


EMPTY_OBJECT = text("'{}'::jsonb")
EMPTY_LIST = text("'[]'::jsonb")
