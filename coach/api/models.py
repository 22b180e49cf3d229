"""ApiToken, IdempotencyKey, and what lets a service begin a linking, as stored."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, func
from sqlalchemy.orm import Mapped, mapped_column

from coach.database.base import Base, Owned, OwnedRow, belongs_to, of_organisation, one_of


class Holder(StrEnum):
    """Who acts by a token: a person, or the organisation's own back end."""

    PERSON = "person"
    SERVICE = "service"


class ApiToken(Base, OwnedRow):
    """A token by its name; its hash stands in the directory, the token itself nowhere.

    `ending` is its last characters, to tell tokens apart; `calls` are those since `counted_since`.
    """

    __tablename__ = "api_tokens"

    holder: Mapped[str]
    user_id: Mapped[UUID | None]
    made_by: Mapped[UUID | None]
    name: Mapped[str]
    token_hash: Mapped[str]
    ending: Mapped[str]
    scopes: Mapped[list[str]]
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]
    counted_since: Mapped[datetime] = mapped_column(server_default=func.now())
    calls: Mapped[int] = mapped_column(server_default="0")

    __table_args__ = (
        of_organisation(),
        ForeignKeyConstraint(
            ["organisation_id", "user_id"],
            ["memberships.organisation_id", "memberships.user_id"],
            ondelete="CASCADE",
        ),
        one_of("holder", Holder),
        CheckConstraint("(holder = 'person') = (user_id IS NOT NULL)", name="person_named"),
        Index(None, "organisation_id", "user_id"),
    )


class IdempotencyKey(Base, Owned):
    """The first answer to a call that its caller may repeat; without a status it is under way."""

    __tablename__ = "idempotency_keys"

    token_id: Mapped[UUID] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    request_hash: Mapped[str]
    status: Mapped[int | None]
    headers: Mapped[dict[str, object] | None]
    body: Mapped[str | None]

    __table_args__ = (belongs_to("api_tokens", "token_id"), Index(None, "created_at"))


class ReturnAddress(Base, Owned):
    """A page of the organisation's own to which a browser may be sent back after a linking."""

    __tablename__ = "return_addresses"

    address: Mapped[str] = mapped_column(primary_key=True)

    __table_args__ = (of_organisation(),)


class LinkingCode(Base, OwnedRow):
    """A linking that a service has begun for a client; the code stands nowhere, its hash counts once."""

    __tablename__ = "linking_codes"

    client_id: Mapped[UUID]
    token_id: Mapped[UUID]
    return_to: Mapped[str]
    expires_at: Mapped[datetime]

    __table_args__ = (
        belongs_to("clients", "client_id"),
        belongs_to("api_tokens", "token_id"),
        Index(None, "expires_at"),
    )
