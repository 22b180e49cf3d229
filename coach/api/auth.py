"""Token to Viewer: the same eyes, and so the same two walls, as on the screens.

A person's token sees what its person sees. A service's sees the clients of its organisation as an
owner who coaches nobody does: values only of groups that a client shares with all their coaches.
"""

from typing import cast
from uuid import UUID

from flask import g, request
from sqlalchemy import select
from werkzeug.exceptions import TooManyRequests

from coach.accounts.access import Viewer, find_viewer
from coach.accounts.fair_use import Use, spend_of
from coach.accounts.models import FieldGroup, Organisation, Role
from coach.api.models import Holder
from coach.api.pacing import Bearer, count_call
from coach.api.scopes import Scope
from coach.database.tenancy import act_for
from coach.extensions import db, settings
from coach.web.problems import Refused
from coach.work.leases import now

_CHALLENGE = {"WWW-Authenticate": 'Bearer realm="Coach"'}


def let_in(scope: Scope) -> None:
    """Let this call in, as the person or service of its token; raises Refused."""
    bearer = count_call(_token())
    if bearer is None:
        raise Refused(401, headers=_CHALLENGE)
    g.bearer, g.asked_at = bearer, now()
    if bearer.exhausted:
        wait = bearer.resets_in(g.asked_at)
        raise Refused(
            429,
            f"This token may make {settings().api_rate_limit_per_minute} calls a minute.",
            headers={"Retry-After": str(wait)},
        )
    g.caller = _viewer(bearer)
    if scope not in bearer.scopes:
        raise Refused(403, f"This token has not the scope {scope}.")


def caller() -> Viewer:
    """Name who calls."""
    return cast("Viewer", g.caller)


def bearer() -> Bearer:
    """Give the token of this call."""
    return cast("Bearer", g.bearer)


def is_service() -> bool:
    """Tell whether the organisation's own back end calls."""
    return bearer().holder is Holder.SERVICE


def only(*roles: Role, service: bool = False) -> None:
    """Let these roles go on, and with `service` the organisation's back end; raises Refused."""
    if service if is_service() else caller().role in roles:
        return
    raise Refused(403, "This is not for the role of this token.")


def spend(use: Use) -> None:
    """Count what costs much, as the screens do; raises Refused when it is one too many.

    A service acts for many people: of its uses those of the organisation are counted alone.
    """
    here = caller()
    person = {} if is_service() else {here.user_id: use.per_person}
    try:
        spend_of(use, {**person, here.organisation_id: use.per_organisation})
    except TooManyRequests as error:
        detail = f"That is more than is fair ({use.name}); come back later."
        raise Refused(429, detail, headers={"Retry-After": str(error.retry_after)}) from None


def shared(client_id: UUID) -> frozenset[FieldGroup]:
    """Say which field groups of a client the caller may see."""
    return caller().shared([client_id])[client_id]


def _token() -> str:
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer" or not token.strip():
        raise Refused(401, headers=_CHALLENGE)
    return token.strip()


def _viewer(bearer: Bearer) -> Viewer:
    act_for(bearer.organisation_id, user_id=bearer.user_id, session=db.session())
    found = (
        find_viewer(bearer.user_id, bearer.organisation_id)
        if bearer.user_id
        else service(bearer.id, bearer.organisation_id, bearer.name)
    )
    if found is None:
        raise Refused(401, headers=_CHALLENGE)
    g.timezone = found.timezone
    return found


def service(token_id: UUID, organisation_id: UUID, name: str) -> Viewer | None:
    """Give the eyes of an organisation's back end; None while the organisation is suspended."""
    here = Organisation.id == organisation_id
    alive = select(Organisation).where(here, Organisation.suspended_at.is_(None))
    organisation = db.session.scalar(alive)
    if organisation is None:
        return None
    return Viewer(
        organisation_id=organisation.id,
        organisation_name=organisation.name,
        user_id=token_id,  # who did it stands in the audit as this token
        membership_id=token_id,
        role=Role.OWNER,
        name=name,
        email="",
        timezone=organisation.timezone,
        client_id=None,
    )
