"""Integration, its sealed tokens, WHOOP's records, and one attempt to bring them up to date."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    Computed,
    ForeignKey,
    Index,
    UniqueConstraint,
    Uuid,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from coach.database.base import (
    EMPTY_LIST,
    EMPTY_OBJECT,
    Base,
    Identified,
    Owned,
    OwnedRow,
    belongs_to,
    of_organisation,
    one_of,
)
from coach.whoop.payloads import RecordKind

# What waits for its score at WHOOP, in SQL.
UNSCORED = "deleted_at IS NULL AND raw ->> 'score_state' = 'PENDING_SCORE'"


class Status(StrEnum):
    """How a link to WHOOP stands; "syncing" is derived from work."""

    ACTIVE = "active"
    RECONNECT_NEEDED = "reconnect_needed"
    ERROR = "error"
    DISCONNECTED = "disconnected"


class Trigger(StrEnum):
    """Why a sync ran."""

    LINK = "link"
    RECONNECT = "reconnect"
    ASKED = "asked"  # "sync now"
    COMMAND = "command"
    WEBHOOK = "webhook"
    SCHEDULE = "schedule"
    SCORE = "score"  # a score was missing, and is looked for
    LOOK = "look"  # somebody looks at the open cycle


class Outcome(StrEnum):
    """How a sync ended; a run without one is under way or was cut short."""

    COMPLETE = "complete"
    PARTIAL = "partial"
    POSTPONED = "postponed"
    FAILED = "failed"


class EventState(StrEnum):
    """How far we are with something WHOOP announced."""

    WAITING = "waiting"
    DONE = "done"
    UNMATCHED = "unmatched"  # nobody here is linked to this member (yet)
    IGNORED = "ignored"  # of a kind we do not know


class WhoopApp(Base, Identified):
    """A client of WHOOP's OAuth server; the installation's own has no organisation."""

    __tablename__ = "whoop_apps"

    slug: Mapped[str] = mapped_column(unique=True)
    organisation_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("organisations.id", ondelete="CASCADE"), unique=True
    )
    client_id: Mapped[str]
    # Newest first, each as {"sealed", "since"}; empty where the secret comes from the settings.
    sealed_secrets: Mapped[list[dict[str, str]]] = mapped_column(JSONB, server_default=EMPTY_LIST)
    # WHOOP's limits for this app, where they are not those of the settings; 0 members: no cap.
    per_minute: Mapped[int | None]
    per_day: Mapped[int | None]
    member_cap: Mapped[int | None]

    __table_args__ = (
        CheckConstraint("per_minute > 0 AND per_day > 0 AND member_cap >= 0", name="limits"),
    )


class WhoopLink(Base):
    """Which integrations a WHOOP member feeds; the only look-up across organisations."""

    __tablename__ = "whoop_links"

    whoop_app_id: Mapped[UUID] = mapped_column(
        ForeignKey("whoop_apps.id", ondelete="CASCADE"), primary_key=True
    )
    external_user_id: Mapped[str] = mapped_column(primary_key=True)
    organisation_id: Mapped[UUID] = mapped_column(primary_key=True)
    integration_id: Mapped[UUID]


class QuotaLedger(Base):
    """The calls of one WHOOP app in the last minute and day; its row is the lock of each grant."""

    __tablename__ = "quota_ledger"

    whoop_app_id: Mapped[UUID] = mapped_column(
        ForeignKey("whoop_apps.id", ondelete="CASCADE"), primary_key=True
    )
    # Calls by second and by minute since 1970.
    seconds: Mapped[dict[str, int]] = mapped_column(JSONB, server_default=EMPTY_OBJECT)
    minutes: Mapped[dict[str, int]] = mapped_column(JSONB, server_default=EMPTY_OBJECT)
    told_left: Mapped[int | None]
    told_until: Mapped[datetime | None]
    held_until: Mapped[datetime | None]
    # Refusals in a row, and until when one call alone finds out whether they are over.
    refusals: Mapped[int] = mapped_column(server_default="0")
    probed_until: Mapped[datetime | None]
    # By organisation: its calls by hour, and when its work that waits for quota comes back.
    shares: Mapped[dict[str, object]] = mapped_column(server_default=EMPTY_OBJECT)
    # By lane: the last moment that was given to work that waits.
    promised: Mapped[dict[str, float]] = mapped_column(JSONB, server_default=EMPTY_OBJECT)


class WebhookEvent(Base, Identified):
    """One announcement as it arrived; `pending` lists the integrations that have yet to follow."""

    __tablename__ = "webhook_events"

    whoop_app_id: Mapped[UUID] = mapped_column(ForeignKey("whoop_apps.id", ondelete="CASCADE"))
    trace_id: Mapped[str]
    external_user_id: Mapped[str]
    type: Mapped[str]
    object_id: Mapped[str]
    body: Mapped[bytes]
    received_at: Mapped[datetime] = mapped_column(server_default=func.now())
    state: Mapped[str]
    pending: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid()), server_default=text("'{}'"))

    __table_args__ = (
        UniqueConstraint("whoop_app_id", "trace_id"),
        one_of("state", EventState),
        Index(
            "ix_webhook_events_pending",
            "pending",
            postgresql_using="gin",
            postgresql_where=text("state = 'waiting'"),
        ),
        Index(
            "ix_webhook_events_waiting",
            "received_at",
            postgresql_where=text("state = 'waiting'"),
        ),
        Index(
            "ix_webhook_events_unmatched",
            "whoop_app_id",
            "external_user_id",
            postgresql_where=text("state = 'unmatched'"),
        ),
        Index(None, "whoop_app_id", "received_at"),
    )


class Integration(Base, OwnedRow):
    """One client's link to a provider, with its state and cursors."""

    __tablename__ = "integrations"

    client_id: Mapped[UUID]
    provider: Mapped[str] = mapped_column(server_default="whoop")
    external_user_id: Mapped[str | None]
    whoop_app_id: Mapped[UUID | None] = mapped_column(ForeignKey("whoop_apps.id"))
    status: Mapped[str]
    scopes: Mapped[list[str]] = mapped_column(server_default=EMPTY_LIST)
    sync_enabled: Mapped[bool] = mapped_column(server_default="true")
    last_sync: Mapped[datetime | None]
    next_sync: Mapped[datetime | None]
    data_through: Mapped[datetime | None]
    cursors: Mapped[dict[str, object]] = mapped_column(server_default=EMPTY_OBJECT)
    # How far back the history is read; see coach/whoop/sync/history.py.
    history: Mapped[dict[str, object]] = mapped_column(server_default=EMPTY_OBJECT)
    generation: Mapped[int] = mapped_column(server_default="1")
    error: Mapped[str | None]

    __table_args__ = (
        belongs_to("clients", "client_id"),
        UniqueConstraint("organisation_id", "client_id", "provider"),
        Index(
            "uq_integrations_account",
            "organisation_id",
            "provider",
            "external_user_id",
            unique=True,
            postgresql_where=text("status <> 'disconnected'"),
        ),
        one_of("status", Status),
    )


class IntegrationTokens(Base, Owned):
    """The sealed tokens of one integration; referenced by nothing, so its row can be locked."""

    __tablename__ = "integration_tokens"

    integration_id: Mapped[UUID] = mapped_column(primary_key=True)
    access_token: Mapped[str]
    refresh_token: Mapped[str | None]
    token_expires_at: Mapped[datetime]

    __table_args__ = (belongs_to("integrations", "integration_id"),)


class OAuthState(Base, OwnedRow):
    """One start of the linking, waiting for its answer; claimed once."""

    __tablename__ = "oauth_states"

    state_hash: Mapped[str]
    sealed_data: Mapped[str]
    session_hash: Mapped[str]
    user_id: Mapped[UUID]
    client_id: Mapped[UUID]
    whoop_app_id: Mapped[UUID]
    redirect_uri: Mapped[str]
    return_to: Mapped[str | None]
    expires_at: Mapped[datetime]

    __table_args__ = (
        of_organisation(),
        belongs_to("clients", "client_id"),
        UniqueConstraint("organisation_id", "state_hash"),
    )


class WhoopRecord(Base, Owned):
    """One thing WHOOP told us, as it said it, with the columns we look it up by."""

    __tablename__ = "whoop_records"

    client_id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    provider_id: Mapped[str] = mapped_column(primary_key=True)
    raw: Mapped[dict[str, object]]
    starts_at: Mapped[datetime | None]
    ends_at: Mapped[datetime | None]
    provider_updated_at: Mapped[datetime | None]
    deleted_at: Mapped[datetime | None]
    # A recovery has no times of its own: it is looked up by the cycle and sleep it belongs to.
    cycle_id: Mapped[str | None] = mapped_column(Computed("raw ->> 'cycle_id'", persisted=True))

    __table_args__ = (
        belongs_to("clients", "client_id"),
        one_of("kind", RecordKind),
        Index(None, "organisation_id", "client_id", "kind", "starts_at"),
        Index(None, "organisation_id", "client_id", "kind", "cycle_id"),
        Index(
            "ix_whoop_records_unscored",
            "organisation_id",
            "client_id",
            postgresql_where=text(UNSCORED),
        ),
    )


class SyncRun(Base, OwnedRow):
    """One attempt to bring an integration up to date, with counts and outcome."""

    __tablename__ = "sync_runs"

    integration_id: Mapped[UUID]
    work_id: Mapped[UUID | None]
    trigger: Mapped[str]
    started_at: Mapped[datetime] = mapped_column(server_default=func.now())
    ended_at: Mapped[datetime | None]
    counts: Mapped[dict[str, object]] = mapped_column(server_default=EMPTY_OBJECT)
    calls: Mapped[int] = mapped_column(server_default="0")
    outcome: Mapped[str | None]
    error: Mapped[str | None]

    __table_args__ = (
        belongs_to("integrations", "integration_id"),
        one_of("trigger", Trigger),
        Index(None, "organisation_id", "integration_id", "started_at"),
    )
