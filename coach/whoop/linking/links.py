"""Link a client to WHOOP, and cut the link again; only the client can do either."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError

from coach.accounts import audit
from coach.accounts.access import Viewer
from coach.days import store
from coach.extensions import db
from coach.ids import new_id
from coach.whoop import webhook
from coach.whoop.apps import App
from coach.whoop.errors import MustReconnect, UnexpectedPayload, WhoopError
from coach.whoop.grant import farewells
from coach.whoop.grant.models import NoticeKind
from coach.whoop.grant.oauth import Tokens
from coach.whoop.grant.states import Start
from coach.whoop.grant.vault import Vault
from coach.whoop.models import (
    Integration,
    IntegrationTokens,
    Status,
    Trigger,
    WhoopLink,
    WhoopRecord,
)
from coach.whoop.sync import calling, jobs, notices
from coach.whoop.sync.deriving import derive
from coach.work import slots
from coach.work.asking import hold_open

PROVIDER = "whoop"


class LinkedElsewhere(Exception):
    """Another client of the organisation has this WHOOP account."""


class OtherAccount(Exception):
    """The client linked a different WHOOP account before, and has to say what is to become of it."""


class TooLittleGranted(Exception):
    """The grant has no refresh token or shares nothing we read."""


NOT_LINKED = (
    WhoopError,
    LinkedElsewhere,
    TooLittleGranted,
    IntegrityError,  # two clients with one account at once: the database lets one of them in
)


@dataclass(frozen=True, slots=True)
class Fresh:
    """A grant that is not stored yet, and whose it is."""

    tokens: Tokens
    member: str


def starting(app: App, *, by: Viewer) -> Start:
    """Say who is about to link what, by which WHOOP app."""
    return Start(
        organisation_id=by.organisation_id,
        user_id=by.user_id,
        client_id=by.own_client().id,
        whoop_app_id=app.id,
        redirect_uri=app.callback_address,
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


def whose(tokens: Tokens, start: Start) -> Fresh:
    """Ask WHOOP whose tokens these are; raises WhoopError or TooLittleGranted."""
    if tokens.refresh is None or "read:profile" not in tokens.scopes:
        raise TooLittleGranted
    profile = calling.connect(_Unstored(tokens), app_id=start.whoop_app_id).profile()
    if profile.user_id is None:
        raise UnexpectedPayload("a profile without a user id")
    return Fresh(tokens, str(profile.user_id))


def link(
    fresh: Fresh, start: Start, *, by: Viewer, now: datetime, instead: bool = False
) -> Integration:
    """Store a fresh grant and ask for the first sync; `instead`: also of another account.

    Raises LinkedElsewhere or OtherAccount.
    """
    if before := integration_of(start.client_id, by=by):
        _hold(before)
    store.lock(start.client_id)
    _refuse_if_taken(fresh.member, start, by=by)
    integration = integration_of(start.client_id, by=by) or _new(start)
    if _was_anothers(integration, fresh.member):
        if not instead:
            raise OtherAccount
        integration.last_sync = None  # another person's watch, so read its history from the start
        integration.history = {}
    account = integration.external_user_id, integration.whoop_app_id
    if None not in account and account != (fresh.member, start.whoop_app_id):
        farewells.part(integration, now=now)
    fallen = integration.status == Status.RECONNECT_NEEDED
    _activate(integration, fresh, start)
    if fallen:
        notices.tell(NoticeKind.RECOVERED, integration)
    jobs.ask_for_sync(integration, trigger=_trigger(integration))
    _follow_what_came_before(integration)
    jobs.plan_next(integration, now=now)
    audit.record("whoop_linked", by=by.user_id, subject=integration.id)
    return integration


def _trigger(integration: Integration) -> Trigger:
    return Trigger.RECONNECT if integration.last_sync else Trigger.LINK


def disconnect(
    integration: Integration, *, by: UUID | None, keep_history: bool, now: datetime
) -> None:
    """Cut the link at once; WHOOP is told by work."""
    _hold(integration)
    store.lock(integration.client_id)
    farewells.part(integration, now=now)
    slots.forget(jobs.SYNC.name, subject_id=integration.id)
    integration.status = Status.DISCONNECTED
    integration.generation += 1
    integration.cursors = {}
    integration.next_sync = None
    db.session.flush()
    if not keep_history:
        _erase_history(integration)
    audit.record(
        "whoop_disconnected",
        by=by,
        subject=integration.id,
        details={"history": "kept" if keep_history else "deleted"},
    )


def _hold(integration: Integration) -> None:
    """Lock what a sync locks, and in its order, so that neither waits for the other.

    That is the work on what was announced, the sync's own, the link; after them the client's days.
    """
    for kind in (webhook.EVENT, jobs.SYNC):
        hold_open(kind, integration.id)
    db.session.refresh(integration, with_for_update={"key_share": True})


class _Unstored:
    """The tokens of a grant that is not stored yet."""

    def __init__(self, tokens: Tokens) -> None:
        self.scopes = tokens.scopes
        self._token = tokens.access

    def access_token(self) -> str:
        return self._token

    def renewed_after(self, rejected: str) -> str:
        raise MustReconnect(f"no other token than the one of {len(rejected)} characters")


def _new(start: Start) -> Integration:
    made = Integration(
        id=new_id(),
        organisation_id=start.organisation_id,
        client_id=start.client_id,
        provider=PROVIDER,
        generation=0,
    )
    db.session.add(made)
    return made


def _was_anothers(integration: Integration, member: str) -> bool:
    """Tell whether what we hold, or still fetch, is of another WHOOP account."""
    if integration.external_user_id in {None, member}:
        return False
    return integration.status != Status.DISCONNECTED or integration.last_sync is not None


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


def _activate(integration: Integration, fresh: Fresh, start: Start) -> None:
    tokens, member = fresh.tokens, fresh.member
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
    farewells.forget(start.whoop_app_id, member, integration.organisation_id)
    _enter_link(integration, member, start)


def _keep_tokens(integration: Integration, tokens: Tokens) -> None:
    sealed = Vault(integration.id, integration.organisation_id).sealed(tokens)
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
    # What another app hears of the member is not for this link any more.
    db.session.execute(delete(WhoopLink).where(WhoopLink.integration_id == integration.id))
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


def _erase_history(integration: Integration) -> None:
    """Delete what WHOOP told us; what people typed and what files said stays."""
    client_id = integration.client_id
    db.session.execute(
        delete(WhoopRecord).where(
            WhoopRecord.organisation_id == integration.organisation_id,
            WhoopRecord.client_id == client_id,
        )
    )
    derive(client_id, since=None)
    db.session.execute(
        update(Integration)
        .where(
            Integration.organisation_id == integration.organisation_id,
            Integration.id == integration.id,
        )
        .values(last_sync=None, data_through=None)
    )
