"""The people and how they belong together."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column

from coach.database.base import (
    EMPTY_OBJECT,
    Base,
    Identified,
    Owned,
    OwnedRow,
    belongs_to,
    of_organisation,
    one_of,
)


class Role(StrEnum):
    """What a person is in one organisation."""

    OWNER = "owner"
    COACH = "coach"
    CLIENT = "client"


class FieldGroup(StrEnum):
    """What a client may share, and keep, separately."""

    RECOVERY = "recovery"
    SLEEP = "sleep"
    STRAIN = "strain"
    WORKOUTS = "workouts"
    JOURNAL = "journal"
    CHECK_IN = "check_in"


class TokenKind(StrEnum):
    """What a hashed token opens; the directory says in which organisation."""

    INVITATION = "invitation"
    SETUP = "setup"
    RESET = "reset"
    OAUTH_STATE = "oauth_state"
    SLUG = "slug"
    DOWNLOAD = "download"
    LEAVING = "leaving"
    EMAIL = "email"
    API_TOKEN = "api_token"  # noqa: S105 (the name of a kind)
    LINKING = "linking"


class Organisation(Base):
    """A tenant: one coaching business."""

    __tablename__ = "organisations"

    id: Mapped[UUID] = mapped_column(primary_key=True, sort_order=-10)
    name: Mapped[str]
    slug: Mapped[str]
    timezone: Mapped[str] = mapped_column(server_default="UTC")
    locale: Mapped[str] = mapped_column(server_default="en")
    staff_idle_minutes: Mapped[int] = mapped_column(server_default="60")
    staff_absolute_hours: Mapped[int] = mapped_column(server_default="12")
    mfa_required: Mapped[bool] = mapped_column(server_default="false")
    suspended_at: Mapped[datetime | None]

    __table_args__ = (
        CheckConstraint("slug ~ '^[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?$'", name="slug_form"),
        CheckConstraint("staff_idle_minutes BETWEEN 5 AND 1440", name="idle_range"),
        CheckConstraint("staff_absolute_hours BETWEEN 1 AND 168", name="absolute_range"),
    )


class User(Base, Identified):
    """A person who can sign in; names live in memberships and clients, behind the wall."""

    __tablename__ = "users"

    email: Mapped[str] = mapped_column(unique=True)
    password_hash: Mapped[str | None]
    locale: Mapped[str | None]
    is_operator: Mapped[bool] = mapped_column(server_default="false")
    disabled_at: Mapped[datetime | None]
    # Nobody gets in any more, and work deletes the account; it stands here until that is done.
    erase_asked_at: Mapped[datetime | None]

    __table_args__ = (CheckConstraint("email = lower(email)", name="email_lower"),)


class LoginAttempt(Base, Identified):
    """A failed try to sign in, kept to slow guessing; both keys are hashes."""

    __tablename__ = "login_attempts"

    account_hash: Mapped[str]
    address_hash: Mapped[str]

    __table_args__ = (
        Index(None, "account_hash", "created_at"),
        Index(None, "address_hash", "created_at"),
        Index(None, "created_at"),
    )


class PasswordReset(Base, Identified):
    """A single-use link to choose a new password; only its hash is kept."""

    __tablename__ = "password_resets"

    token_hash: Mapped[str] = mapped_column(unique=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]

    __table_args__ = (Index(None, "user_id"),)


class TokenDirectory(Base):
    """Says in which organisation the row behind a hashed token stands."""

    __tablename__ = "token_directory"

    token_hash: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    organisation_id: Mapped[UUID | None]
    row_id: Mapped[UUID | None]

    __table_args__ = (one_of("kind", TokenKind),)


class Membership(Base, OwnedRow):
    """A person in an organisation, with their role there."""

    __tablename__ = "memberships"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    role: Mapped[str]
    name: Mapped[str]
    removed_at: Mapped[datetime | None]

    __table_args__ = (
        of_organisation(),
        UniqueConstraint("organisation_id", "user_id"),
        Index(None, "user_id"),
        one_of("role", Role),
    )


class Client(Base, OwnedRow):
    """Somebody who is coached; `user_id` once they have an account."""

    __tablename__ = "clients"

    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    name: Mapped[str]
    timezone: Mapped[str]
    external_id: Mapped[str | None]
    archived_at: Mapped[datetime | None]

    __table_args__ = (
        of_organisation(),
        UniqueConstraint("organisation_id", "user_id"),
        UniqueConstraint("organisation_id", "external_id"),
    )


class CoachClient(Base, Owned):
    """Who coaches whom."""

    __tablename__ = "coach_clients"

    coach_id: Mapped[UUID] = mapped_column(primary_key=True)
    client_id: Mapped[UUID] = mapped_column(primary_key=True)

    __table_args__ = (
        belongs_to("memberships", "coach_id"),
        belongs_to("clients", "client_id"),
        Index(None, "organisation_id", "client_id"),
    )


class Group(Base, OwnedRow):
    """A squad: clients who are looked at together; made and kept by those who coach."""

    __tablename__ = "groups"

    name: Mapped[str]

    __table_args__ = (
        of_organisation(),
        Index("uq_groups_name", "organisation_id", text("lower(name)"), unique=True),
    )


class GroupClient(Base, Owned):
    """Who is in which group."""

    __tablename__ = "group_clients"

    group_id: Mapped[UUID] = mapped_column(primary_key=True)
    client_id: Mapped[UUID] = mapped_column(primary_key=True)

    __table_args__ = (
        belongs_to("groups", "group_id"),
        belongs_to("clients", "client_id"),
        Index(None, "organisation_id", "client_id"),
    )


class Invitation(Base, OwnedRow):
    """An e-mailed link that makes a membership; its token is derived, only its hash is kept."""

    __tablename__ = "invitations"

    email: Mapped[str]
    name: Mapped[str]
    role: Mapped[str]
    timezone: Mapped[str]
    coach_id: Mapped[UUID | None]
    invited_by: Mapped[UUID | None]
    expires_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]
    # Under 18: nobody joins before a guardian has agreed.
    minor: Mapped[bool] = mapped_column(server_default="false")
    guardian_email: Mapped[str | None]
    guardian_agreed_at: Mapped[datetime | None]

    __table_args__ = (
        of_organisation(),
        # It may hold a guardian's consent, and outlives the coach's account.
        belongs_to("memberships", "coach_id", ondelete="SET NULL (coach_id)"),
        one_of("role", Role),
        Index(None, "organisation_id", "email"),
    )


class Consent(Base, OwnedRow):
    """A client lets one coach (or, without one, all their coaches) see a field group.

    `coach_id` refers to nothing: what was agreed to is the client's and outlives the coach's account.
    """

    __tablename__ = "consents"

    client_id: Mapped[UUID]
    coach_id: Mapped[UUID | None]
    field_group: Mapped[str]
    starts_at: Mapped[datetime] = mapped_column(server_default=func.now())
    ends_at: Mapped[datetime | None]
    text_version: Mapped[str]

    __table_args__ = (
        belongs_to("clients", "client_id"),
        one_of("field_group", FieldGroup),
        CheckConstraint("ends_at IS NULL OR ends_at >= starts_at", name="ends_after_start"),
        Index(None, "organisation_id", "client_id", "field_group"),
        Index(
            "uq_consents_open",
            "organisation_id",
            "client_id",
            text("coalesce(coach_id, '00000000-0000-0000-0000-000000000000'::uuid)"),
            "field_group",
            unique=True,
            postgresql_where=text("ends_at IS NULL"),
        ),
    )


class AuditEntry(Base, OwnedRow):
    """Append-only: who did or saw what; ids only, never values or names."""

    __tablename__ = "audit_log"

    actor_id: Mapped[UUID | None]
    action: Mapped[str]
    subject_id: Mapped[UUID | None]
    details: Mapped[dict[str, object]] = mapped_column(server_default=EMPTY_OBJECT)

    __table_args__ = (
        of_organisation(),
        Index(None, "organisation_id", "subject_id", "created_at"),
    )


class AuditSeal(Base, Owned):
    """A link of the chain of hashes over the audit log; it outlives its entry."""

    __tablename__ = "audit_seals"

    number: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    entry_id: Mapped[UUID]
    row_hash: Mapped[str]
    chain_hash: Mapped[str]

    __table_args__ = (of_organisation(), UniqueConstraint("organisation_id", "entry_id"))
