"""Links to WHOOP: start, exchange, look at, cut."""

from datetime import datetime
from typing import Literal
from urllib.parse import urlsplit

from flask import abort, g
from pydantic import Field
from sqlalchemy.exc import IntegrityError

from coach.accounts.fair_use import CONNECT
from coach.accounts.models import Client
from coach.api import auth, clients
from coach.api.headers import allowed_origins
from coach.api.operations import operation
from coach.api.scopes import Scope
from coach.api.shapes import Answer, Said, Sparse, in_utc
from coach.extensions import db, settings
from coach.web.problems import Refused, invalid
from coach.whoop.apps import App, app_of
from coach.whoop.errors import MustReconnect, OurFault, WhoopError
from coach.whoop.grant import farewells, states
from coach.whoop.grant.oauth import begin_elsewhere, exchange_elsewhere
from coach.whoop.grant.states import Start
from coach.whoop.linking import choosing, links
from coach.whoop.linking.links import LinkedElsewhere, OtherAccount, TooLittleGranted
from coach.whoop.models import Integration, Status
from coach.whoop.screens.card import Cause, card
from coach.whoop.screens.standing import Standing

TAG = "WHOOP"


class NewAuthorization(Said):
    """A start of the linking, for a client who has agreed to it.

    `redirect_uri` is a page of your own, of an origin in CORS_ORIGINS, that is entered at WHOOP.
    """

    client_id: str = Field("me", max_length=200, description="id, `ext:…` or `me`")
    redirect_uri: str | None = Field(None, max_length=500)


class Authorization(Answer):
    """Where to send the client's browser, and the state that comes back with the code."""

    authorization_url: str = Field(examples=["https://api.prod.whoop.com/oauth/oauth2/auth?…"])
    state: str


class NewExchange(Said):
    """What WHOOP sent back to your page; `replace_account` lets another account take over."""

    client_id: str = Field("me", max_length=200, description="id, `ext:…` or `me`")
    code: str = Field(min_length=1, max_length=2000)
    state: str = Field(min_length=1, max_length=200)
    redirect_uri: str | None = Field(None, max_length=500)
    replace_account: bool = False


class Connection(Sparse):
    """How a link stands, and if nothing new arrives, why, and so whether anybody has to act.

    `cause`: `grant_ended` when the client has to link again; `app_refused` when WHOOP refuses this
    installation and `sync_failed` when we do not understand it: whoever runs it has to look, and
    linking again would not help; `limit_reached` and `not_reached` pass by themselves.
    """

    connected: bool
    status: Standing = Field(examples=["linked"])
    cause: Cause | None = Field(examples=[None])
    retry_at: datetime | None = Field(description="when it is tried again, while it waits")
    scopes: list[str]
    sync_enabled: bool
    last_sync: datetime | None
    next_sync: datetime | None
    data_through: datetime | None


class Parting(Said):
    """What becomes of the history WHOOP told us."""

    history: Literal["keep", "delete"] = "keep"


@operation("/whoop/authorizations", Scope.SYNC, Authorization, tag=TAG, method="POST", status=201)
def authorize(json: NewAuthorization) -> Authorization:
    """Start linking: gives WHOOP's address and a state that counts once, for ten minutes."""
    client = _to_link(json.client_id)
    auth.spend(CONNECT)
    app = app_of(client.organisation_id)
    start = _start(client, app, json.redirect_uri)
    states.begin(start)
    url, state = begin_elsewhere(app, start.redirect_uri)
    return Authorization(authorization_url=url, state=state)


@operation(
    "/whoop/exchanges",
    Scope.SYNC,
    Connection,
    tag=TAG,
    method="POST",
    status=201,
    asks_whoop=True,
)
def exchange(json: NewExchange) -> Connection:
    """Finish linking with the code and the state that WHOOP sent back; the first sync begins.

    409 when the account is linked to somebody else here, or another one was linked before.
    """
    client = _to_link(json.client_id)
    app = app_of(client.organisation_id)
    start = _start(client, app, json.redirect_uri)
    states.begin(start)
    farewells.hold_back(client.id, client.organisation_id)
    try:
        fresh = links.whose(exchange_elsewhere(app, json.code, json.state), start)
        _link(fresh, start, instead=json.replace_account)
    except (LinkedElsewhere, IntegrityError):
        db.session.rollback()
        raise Refused(409, "This WHOOP account cannot be linked here.") from None
    except WhoopError as error:
        raise _not_linked(error) from None
    except TooLittleGranted:
        raise invalid("code", "belongs to a grant that allows too little") from None
    return _connection(client)


@operation("/clients/<client_id>/whoop", Scope.SYNC, Connection, tag=TAG)
def get_connection(client_id: str) -> Connection:
    """Say how the link of a client stands."""
    only_when_switched_on()
    return _connection(clients.find(client_id))


@operation("/clients/<client_id>/whoop", Scope.SYNC, None, tag=TAG, method="DELETE", status=204)
def disconnect(client_id: str, query: Parting) -> None:
    """Cut the link: our access is erased at once, and WHOOP is told."""
    only_when_switched_on()
    client = clients.of_their_own(client_id)
    integration = integration_or_404(client)
    kept = query.history == "keep"
    links.disconnect(integration, by=auth.caller().user_id, keep_history=kept, now=g.asked_at)


def integration_or_404(client: Client) -> Integration:
    """Find the link of a client that has not been cut."""
    found = links.integration_of(client.id, by=auth.caller())
    if found is None or found.status == Status.DISCONNECTED:
        raise Refused(404)
    return found


def only_when_switched_on() -> None:
    """Answer as if nothing were here while the feature is off."""
    if not settings().feature_whoop_integration:
        abort(404)


def _to_link(reference: str) -> Client:
    only_when_switched_on()
    return clients.of_their_own(reference)


def _start(client: Client, app: App, redirect_uri: str | None) -> Start:
    return Start(
        organisation_id=client.organisation_id,
        user_id=auth.caller().user_id,
        client_id=client.id,
        whoop_app_id=app.id,
        redirect_uri=_allowed(redirect_uri) if redirect_uri else app.callback_address,
    )


def _allowed(redirect_uri: str) -> str:
    try:
        parts = urlsplit(redirect_uri)
    except ValueError:
        raise invalid("redirect_uri", "is no address") from None
    if f"{parts.scheme}://{parts.netloc}" not in allowed_origins():
        raise invalid("redirect_uri", "is not of an origin in CORS_ORIGINS")
    return redirect_uri


def _link(fresh: links.Fresh, start: Start, *, instead: bool) -> None:
    try:
        links.link(fresh, start, by=auth.caller(), now=g.asked_at, instead=instead)
    except OtherAccount:
        db.session.rollback()
        choosing.offer(fresh, start, now=g.asked_at)  # given back if nobody decides
        raise Refused(409, "Another WHOOP account was linked before: `replace_account`.") from None


def _not_linked(error: WhoopError) -> Refused:
    if isinstance(error, MustReconnect):
        return invalid("code", "or its state is not valid any more")
    if isinstance(error, OurFault):
        return Refused(502, "WHOOP does not accept this installation.")
    return Refused(503, "WHOOP did not answer.", headers={"Retry-After": "60"})


def _connection(client: Client) -> Connection:
    shown = card(client, by=auth.caller())
    found = links.integration_of(client.id, by=auth.caller())
    return Connection(
        connected=shown.linked,
        status=shown.state,
        cause=shown.cause,
        retry_at=in_utc(shown.waits_until if shown.state is Standing.WAITING else None),
        scopes=list(found.scopes) if found else [],
        sync_enabled=found.sync_enabled if found else False,
        last_sync=in_utc(shown.last_sync),
        next_sync=in_utc(shown.next_sync),
        data_through=in_utc(shown.data_through),
    )
