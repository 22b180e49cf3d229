"""Rows around a grant: each try to renew it, how an app stands at WHOOP, grants on their way out."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column

from coach.database.base import (
    EMPTY_LIST,
    Base,
    Identified,
    OwnedRow,
    of_organisation,
    one_of,
)
from coach.whoop.grant.verdicts import Outcome


class NoticeKind(StrEnum):
    """What a client is told about their link."""

    RECONNECT = "whoop_reconnect"
    RECOVERED = "whoop_recovered"


class Channel(StrEnum):
    """How a notice reaches a person."""

    MAIL = "mail"


class TokenCall(Base, Identified):
    """One try to renew a grant: written before it is sent, finished with its outcome.

    Global, because what befalls many organisations at once is WHOOP's doing. One without an
    outcome is under way, or its process died and nobody knows what WHOOP did.
    """

    __tablename__ = "token_calls"

    whoop_app_id: Mapped[UUID] = mapped_column(ForeignKey("whoop_apps.id", ondelete="CASCADE"))
    organisation_id: Mapped[UUID]
    integration_id: Mapped[UUID]
    token_hash: Mapped[str]
    started_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    ended_at: Mapped[datetime | None]
    outcome: Mapped[str | None]

    __table_args__ = (
        one_of("outcome", Outcome),
        Index(None, "integration_id", "started_at"),
        Index(
            "ix_token_calls_dead",
            "whoop_app_id",
            "ended_at",
            postgresql_where=text("outcome = 'dead'"),
        ),
    )


class AppStanding(Base):
    """How WHOOP treats one app as a whole; a missing row means well."""

    __tablename__ = "app_standings"

    whoop_app_id: Mapped[UUID] = mapped_column(
        ForeignKey("whoop_apps.id", ondelete="CASCADE"), primary_key=True
    )
    # WHOOP refuses the app itself: since when, and until when nobody asks for tokens.
    refused_since: Mapped[datetime | None]
    closed_until: Mapped[datetime | None]
    # So many grants died at once that none is declared dead until then.
    frozen_until: Mapped[datetime | None]


class Farewell(Base, OwnedRow):
    """A grant that nobody here uses any more, kept sealed only until WHOOP has been told.

    One with a session is a fresh grant of another account, whose person may still claim it.
    """

    __tablename__ = "farewells"

    client_id: Mapped[UUID]
    whoop_app_id: Mapped[UUID] = mapped_column(ForeignKey("whoop_apps.id", ondelete="CASCADE"))
    external_user_id: Mapped[str]
    access_token: Mapped[str]
    refresh_token: Mapped[str | None]
    token_expires_at: Mapped[datetime]
    scopes: Mapped[list[str]] = mapped_column(server_default=EMPTY_LIST)
    session_hash: Mapped[str | None]
    not_before: Mapped[datetime]
    until: Mapped[datetime]

    __table_args__ = (of_organisation(), Index(None, "organisation_id", "client_id"))


class Notification(Base, OwnedRow):
    """What a person was told, by which channel; the key says it is told once."""

    __tablename__ = "notifications"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    kind: Mapped[str]
    channel: Mapped[str]
    subject_id: Mapped[UUID]
    # Which of several times: for a link its generation.
    occasion: Mapped[str]
    sent_at: Mapped[datetime | None]

    __table_args__ = (
        of_organisation(),
        UniqueConstraint(
            "organisation_id",
            "user_id",
            "kind",
            "channel",
            "subject_id",
            "occasion",
            name="uq_notifications_once",
        ),
    )
