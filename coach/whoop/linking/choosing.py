"""Another WHOOP account than before: the fresh grant waits, sealed, for what its person decides."""

from datetime import datetime

from coach.accounts.access import Viewer
from coach.web.session import current_session, hash_token
from coach.whoop.apps import app_by_id
from coach.whoop.grant import farewells
from coach.whoop.grant.oauth import Tokens
from coach.whoop.grant.states import Start
from coach.whoop.linking import links
from coach.whoop.linking.links import Fresh


def offer(fresh: Fresh, start: Start, *, now: datetime) -> None:
    """Let a grant of another account wait ten minutes for what its person decides."""
    farewells.keep(
        farewells.of_tokens(fresh.tokens, fresh.member, start.whoop_app_id, now=now),
        start.client_id,
        start.organisation_id,
        not_before=now + farewells.CLAIM_WITHIN,
        session_hash=_session_hash(),
    )


def is_offered(*, by: Viewer) -> bool:
    """Tell whether a grant of another account waits for this person's decision."""
    return farewells.is_offered(by.own_client().id, by.organisation_id, _session_hash())


def accept(*, by: Viewer, now: datetime) -> bool:
    """Go on with the other account; False when it was decided before, or too late.

    Raises LinkedElsewhere.
    """
    grant = farewells.claim(by.own_client().id, by.organisation_id, _session_hash())
    if grant is None:
        return False
    tokens = Tokens(grant.access, grant.refresh, grant.expires_at - now, grant.scopes)
    start = links.starting(app_by_id(grant.app_id), by=by)
    links.link(Fresh(tokens, grant.member), start, by=by, now=now, instead=True)
    return True


def decline(*, by: Viewer) -> None:
    """Stay with the account there was, and give the other grant back."""
    farewells.decline(by.own_client().id, by.organisation_id, _session_hash())


def _session_hash() -> str:
    return hash_token(current_session().token or "")
