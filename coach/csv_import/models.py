"""Import: who, when, state, counts and what was refused; every row is kept."""

from datetime import date as Date  # noqa: N812  # the column is called date
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from coach.database.base import (
    EMPTY_LIST,
    EMPTY_OBJECT,
    Base,
    Owned,
    OwnedRow,
    belongs_to,
    one_of,
)
from coach.days.differences import Fate


class ImportState(StrEnum):
    """Where an upload stands; only of one that is DONE the days know."""

    WAITING = "waiting"
    READING = "reading"
    PREVIEW = "preview"
    DONE = "done"
    REFUSED = "refused"
    UNDONE = "undone"


UNREAD = (ImportState.WAITING, ImportState.READING)
OPEN = (*UNREAD, ImportState.PREVIEW)


class Import(Base, OwnedRow):
    """One upload; the export in it reaches to the start of its newest cycle.

    What applying it would do was worked out at `compared_at`, from days and imports as
    `compared_with` names them.
    """

    __tablename__ = "imports"

    client_id: Mapped[UUID]
    uploaded_by: Mapped[UUID | None]
    file_name: Mapped[str]
    size: Mapped[int]
    sha256: Mapped[str]
    state: Mapped[str]
    rows_done: Mapped[int] = mapped_column(server_default="0")
    counts: Mapped[dict[str, object]] = mapped_column(server_default=EMPTY_OBJECT)
    # By file, line, column, value class and reason.
    refused: Mapped[list[dict[str, object]]] = mapped_column(JSONB, server_default=EMPTY_LIST)
    refusal: Mapped[str | None]
    reaches_to: Mapped[datetime | None]
    first_at: Mapped[datetime | None]
    last_at: Mapped[datetime | None]
    seconds_lost: Mapped[bool] = mapped_column(server_default="false")
    compared_at: Mapped[datetime | None]
    compared_with: Mapped[str | None]
    days_changed: Mapped[int | None]
    finished_at: Mapped[datetime | None]
    undone_at: Mapped[datetime | None]

    __table_args__ = (
        belongs_to("clients", "client_id"),
        one_of("state", ImportState),
        Index(None, "organisation_id", "client_id", "created_at"),
        # The same file twice is one import, unless the first came to nothing.
        Index(
            "uq_imports_file",
            "organisation_id",
            "client_id",
            "sha256",
            unique=True,
            postgresql_where=text("state NOT IN ('refused', 'undone')"),
        ),
    )


class ImportRow(Base, Owned):
    """One row of an export under its natural UTC key, as it stood and as it was read."""

    __tablename__ = "import_rows"

    client_id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    import_id: Mapped[UUID] = mapped_column(primary_key=True)
    starts_at: Mapped[datetime | None]
    raw: Mapped[dict[str, object]]
    parsed: Mapped[dict[str, object]]

    __table_args__ = (
        belongs_to("clients", "client_id"),
        belongs_to("imports", "import_id"),
        CheckConstraint("kind IN ('cycle', 'sleep', 'workout', 'journal')", name="kind_known"),
        Index(None, "organisation_id", "client_id", "starts_at"),
    )


class ImportDay(Base, Owned):
    """What applying an import would do to one date: a preview, kept until somebody decides."""

    __tablename__ = "import_days"

    import_id: Mapped[UUID] = mapped_column(primary_key=True)
    date: Mapped[Date] = mapped_column(primary_key=True)
    fate: Mapped[str]
    changed: Mapped[dict[str, object]]
    kept: Mapped[dict[str, object]]
    offset_minutes: Mapped[int | None]

    __table_args__ = (belongs_to("imports", "import_id"), one_of("fate", Fate))
