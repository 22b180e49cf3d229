"""A file with everything we know of a client, made by work and kept for a day."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import BigInteger, Index
from sqlalchemy.orm import Mapped, mapped_column

from coach.database.base import Base, OwnedRow, belongs_to, one_of


class ExportState(StrEnum):
    """How far the file is."""

    MAKING = "making"
    READY = "ready"
    GONE = "gone"


class Export(Base, OwnedRow):
    """One request for everything; the file's name is the row's id."""

    __tablename__ = "exports"

    client_id: Mapped[UUID]
    user_id: Mapped[UUID]
    state: Mapped[str]
    rows_done: Mapped[int] = mapped_column(server_default="0")
    rows_all: Mapped[int | None]
    size: Mapped[int | None] = mapped_column(BigInteger)
    expires_at: Mapped[datetime | None]

    __table_args__ = (
        belongs_to("clients", "client_id"),
        one_of("state", ExportState),
        Index(None, "organisation_id", "client_id"),
    )
