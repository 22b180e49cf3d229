"""One browser's session, kept on the server."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, func
from sqlalchemy.orm import Mapped, mapped_column

from coach.database.base import EMPTY_OBJECT, Base


class UserSession(Base):
    """One browser; the key is the SHA-256 of the id in the cookie, so a dump opens nothing."""

    __tablename__ = "user_sessions"

    id_hash: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    organisation_id: Mapped[UUID | None]
    data: Mapped[dict[str, object]] = mapped_column(server_default=EMPTY_OBJECT)
    device: Mapped[str] = mapped_column(server_default="")
    idle_seconds: Mapped[int]
    last_seen: Mapped[datetime] = mapped_column(server_default=func.now())
    ends_at: Mapped[datetime]

    __table_args__ = (Index(None, "user_id"), Index(None, "ends_at"))
