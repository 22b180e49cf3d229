"""Link a client to WHOOP, and cut the link again; only the client can do either."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert

from coach.accounts import audit
from coach.accounts.access import Viewer
from coach.days import store
from coach.days.metrics import Source
from coach.extensions import db, settings
from coach.ids import new_id
from coach.sealing import DoesNotOpen
from coach.whoop import jobs, sync, webhook
from coach.whoop.apps import installation_app
from coach.whoop.errors import MustReconnect, UnexpectedPayload, WhoopError
from coach.whoop.keeping import TokenKeeper
from coach.whoop.models import (
    Integration,
    IntegrationTokens,
    Status,
    WhoopLink,
    WhoopRecord,
)
from coach.whoop.oauth import Tokens
from coach.whoop.states import Start
from coach.work import slots

PROVIDER = "whoop"


class LinkedElsewhere(Exception):
    """Another client of the organisation has this WHOOP account."""


class OtherAccount(Exception):
    """The client linked a different WHOOP account before, and that link still stands."""


class TooLittleGranted(Exception):
    """The grant has no refresh token or shares nothing we read."""


@dataclass(frozen=True, slots=True)
class Farewell:
    """What is left of a link that was cut: enough to tell WHOOP; never logged."""

    access_token: str
    scopes: frozenset[str]
    app_id: UUID


def starting(by: Viewer) -> Start:
    """Say who is about to link what."""
    return Start(
        organisation_id=by.organisation_id,
        user_id=by.user_id,
        client_id=by.own_client().id,
        whoop_app_id=installation_app(),
        redirect_uri=settings().callback_address,
    )


def integration_of(client_id: UUID, *, by: Viewer) -> Integration | None:
    """Find the WHOOP integration of a client the viewer may know of."""
    return db.session.scalar(
        select(Integration).where(
            Integration.organisation_id == by.organisation_id,
            Integration.client_id == client_id,
            Integration.provider == PROVIDER,
        )
    )


def member_id(tokens: Tokens, start: Start) -> str:
    """Ask WHOOP whose tokens these are; raises WhoopError or TooLittleGranted."""
    if tokens.refresh is None or "read:profile" not in tokens.scopes:
        raise TooLittleGranted
    profile = sync.connect(_Fresh(tokens), app_id=start.whoop_app_id).profile()
    if profile.user_id is None:
        raise UnexpectedPayload("a profile without a user id")
    return str(profile.user_id)


def link(tokens: Tokens, member: str, start: Start, *, by: Viewer, now: datetime) -> Integration:
    """Store a fresh grant and ask for the first sync; raises LinkedElsewhere or OtherAccount."""
    store.lock(start.client_id)
    _refuse_if_taken(member, start, by=by)
    integration = integration_of(start.client_id, by=by)
    if integration is None:
        integration = Integration(
            id=new_id(),
            organisation_id=by.organisation_id,
            client_id=start.client_id,
            provider=PROVIDER,
            generation=0,
        )
        db.session.add(integration)
    elif integration.external_user_id != member:
        if integration.status != Status.DISCONNECTED:
            raise OtherAccount
        integration.last_sync = None  # another person's watch, so read its history from the start
    _activate(integration, tokens, member, start)
    jobs.ask_for_sync(integration)
    _follow_what_came_before(integration)
    jobs.plan_next(integration, now=now)
    audit.record("whoop_linked", by=by.user_id, subject=integration.id)
    return integration


def disconnect(integration: Integration, *, by: Viewer, keep_history: bool) -> Farewell | None:
    """Cut the link at once; returns with what WHOOP can be told, once."""
    store.lock(integration.client_id)
    farewell = _farewell(integration)
    _erase_grant(integration)
    integration.status = Status.DISCONNECTED
    integration.generation += 1
    integration.cursors = {}
    integration.next_sync = None
    db.session.flush()
    if not keep_history:
        _erase_history(integration)
    audit.record(
        "whoop_disconnected",
        by=by.user_id,
        subject=integration.id,
        details={"history": "kept" if keep_history else "deleted"},
    )
    return farewell


def tell_whoop(farewell: Farewell) -> bool:
    """Withdraw the grant at WHOOP; False when WHOOP could not be told."""
    try:
        known = _Known(farewell.access_token, farewell.scopes)
        sync.connect(known, app_id=farewell.app_id).revoke_access()
    except MustReconnect:
        return True  # WHOOP knows the token no more, which is what we want
    except WhoopError:
        return False
    return True


class _Known:
    """One access token, as it is."""

    def __init__(self, token: str, scopes: frozenset[str]) -> None:
        self.scopes = scopes
        self._token = token

    def access_token(self) -> str:
        return self._token

    def renewed_after(self, rejected: str) -> str:
        raise MustReconnect(f"no other token than the one of {len(rejected)} characters")


class _Fresh(_Known):
    """Tokens of a grant that is not stored yet."""

    def __init__(self, tokens: Tokens) -> None:
        super().__init__(tokens.access, tokens.scopes)


def _refuse_if_taken(member: str, start: Start, *, by: Viewer) -> None:
    other = db.session.scalar(
        select(Integration.id).where(
            Integration.organisation_id == by.organisation_id,
            Integration.provider == PROVIDER,
            Integration.external_user_id == member,
            Integration.client_id != start.client_id,
            Integration.status != Status.DISCONNECTED,
        )
    )
    if other is not None:
        raise LinkedElsewhere


def _activate(integration: Integration, tokens: Tokens, member: str, start: Start) -> None:
    integration.external_user_id = member
    integration.whoop_app_id = start.whoop_app_id
    integration.status = Status.ACTIVE
    integration.scopes = sorted(tokens.scopes)
    integration.sync_enabled = True
    integration.error = None
    integration.cursors = {}
    integration.generation += 1
    db.session.flush()
    _keep_tokens(integration, tokens)
    _enter_link(integration, member, start)


def _keep_tokens(integration: Integration, tokens: Tokens) -> None:
    keeper = TokenKeeper(integration.id, integration.organisation_id, tokens.scopes)
    sealed = keeper.sealed(tokens)
    key = {"organisation_id": integration.organisation_id, "integration_id": integration.id}
    db.session.execute(
        insert(IntegrationTokens)
        .values({**key, **sealed})
        .on_conflict_do_update(index_elements=list(key), set_=sealed)
    )


def _enter_link(integration: Integration, member: str, start: Start) -> None:
    """Let what WHOOP announces of a member find the integration, across organisations."""
    key = {
        "whoop_app_id": start.whoop_app_id,
        "external_user_id": member,
        "organisation_id": integration.organisation_id,
    }
    points_to = {"integration_id": integration.id}
    db.session.execute(
        insert(WhoopLink)
        .values({**key, **points_to})
        .on_conflict_do_update(index_elements=list(key), set_=points_to)
    )


def _follow_what_came_before(integration: Integration) -> None:
    """Follow what WHOOP announced of this member while nobody was linked."""
    links = select(WhoopLink).where(WhoopLink.integration_id == integration.id)
    for link in db.session.scalars(links):
        webhook.adopt(link)


def _farewell(integration: Integration) -> Farewell | None:
    """Open the access token while we have it, unless another organisation needs the same grant."""
    shared = db.session.scalar(
        select(WhoopLink.integration_id).where(
            WhoopLink.external_user_id == integration.external_user_id,
            WhoopLink.whoop_app_id == integration.whoop_app_id,
            WhoopLink.integration_id != integration.id,
        )
    )
    if shared is not None or integration.whoop_app_id is None:
        return None
    scopes = frozenset(integration.scopes)
    keeper = TokenKeeper(integration.id, integration.organisation_id, scopes)
    try:
        return Farewell(keeper.stored_access_token(), scopes, integration.whoop_app_id)
    except (MustReconnect, DoesNotOpen):
        return None


def _erase_grant(integration: Integration) -> None:
    mine = (
        IntegrationTokens.organisation_id == integration.organisation_id,
        IntegrationTokens.integration_id == integration.id,
    )
    db.session.execute(delete(IntegrationTokens).where(*mine))
    db.session.execute(delete(WhoopLink).where(WhoopLink.integration_id == integration.id))
    slots.forget(jobs.SYNC.name, subject_id=integration.id)


def _erase_history(integration: Integration) -> None:
    """Delete what WHOOP told us; what people typed and what files said stays."""
    client_id = integration.client_id
    db.session.execute(
        delete(WhoopRecord).where(
            WhoopRecord.organisation_id == integration.organisation_id,
            WhoopRecord.client_id == client_id,
        )
    )
    dates = store.dates_of(client_id, Source.WHOOP, since=None)
    store.record(client_id, Source.WHOOP, {}, silent=dates)
    db.session.execute(
        update(Integration)
        .where(
            Integration.organisation_id == integration.organisation_id,
            Integration.id == integration.id,
        )
        .values(last_sync=None, data_through=None)
    )
