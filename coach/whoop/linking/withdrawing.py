"""Tells WHOOP, by work, that a grant is given back: again and again, until it knows.

WHOOP withdraws by member and app, so nothing is said while another link lives by the same grant.
"""

from dataclasses import replace
from datetime import timedelta

import structlog
from sqlalchemy import Connection, Row, delete, update

from coach.database.tenancy import acting_for
from coach.extensions import db, sealer, settings
from coach.sealing import DoesNotOpen
from coach.whoop.apps import app_by_id
from coach.whoop.errors import MustReconnect, Unavailable, WhoopError
from coach.whoop.grant import farewells
from coach.whoop.grant.farewells import TELL, is_needed, mine, place
from coach.whoop.grant.models import Farewell
from coach.whoop.grant.oauth import NoTokens, ask_for_tokens
from coach.whoop.grant.verdicts import Outcome
from coach.whoop.sync import calling
from coach.work.leases import Later, Piece
from coach.work.perform import does

log = structlog.get_logger()

AGAIN_AFTER = timedelta(minutes=5)
WHILE_SWITCHED_OFF = timedelta(hours=1)


@does(TELL)
def say_farewell(piece: Piece) -> None:
    """Do one piece of work: withdraw a grant at WHOOP, unless somebody needs it."""
    if piece.organisation_id is None:
        return
    with acting_for(piece.organisation_id), db.engine.connect() as connection:
        # Held while WHOOP is asked, as with tokens: who links again waits for the answer.
        row = farewells.locked(connection, piece.subject_id)
        if row is None:
            return
        if row.not_before > piece.started_at:
            raise Later(row.not_before, "not yet")
        done = row.until < piece.started_at or is_needed(
            connection, row.whoop_app_id, row.external_user_id
        )
        if not done and not settings().feature_whoop_integration:
            raise Later(piece.started_at + WHILE_SWITCHED_OFF, "WHOOP is switched off")
        reason = None if done else _tell(connection, row)
        if reason is None:
            connection.execute(delete(Farewell).where(*mine(row)))
        connection.commit()
    if reason is not None:
        raise Later(piece.started_at + AGAIN_AFTER, reason)


def _tell(connection: Connection, row: Row[*tuple[object, ...]]) -> str | None:
    """Withdraw the grant; gives what kept us from it, or None when WHOOP knows."""
    try:
        calling.connect(_Leaving(connection, row), app_id=row.whoop_app_id).revoke_access()
    except (MustReconnect, DoesNotOpen) as gone:
        log.info("farewell_not_needed", reason=type(gone).__name__)
    except WhoopError as error:
        return type(error).__name__
    return None


class _Leaving:
    """The tokens of a grant on its way out; renewed once at most, to be able to give it back."""

    def __init__(self, connection: Connection, row: Row[*tuple[object, ...]]) -> None:
        self._connection = connection
        self._row = row
        self._grant = farewells.opened(row)
        self.scopes = self._grant.scopes

    def access_token(self) -> str:
        return self._grant.access

    def renewed_after(self, rejected: str) -> str:
        """Spend the refresh token; raises MustReconnect when there is none any more."""
        refresh = self._grant.refresh
        if refresh is None or rejected != self._grant.access:
            raise MustReconnect("there is no other token")
        self._write(refresh_token=None)
        self._connection.commit()  # so that it is never sent twice, whatever happens now
        try:
            tokens = ask_for_tokens(refresh, app_by_id(self._grant.app_id))
        except NoTokens as failure:
            raise self._not_renewed(failure.outcome, refresh) from None
        self._grant = replace(self._grant, access=tokens.access, refresh=None)
        self._write(access_token=sealer().seal(tokens.access, place=self._at("access_token")))
        return tokens.access

    def _not_renewed(self, outcome: Outcome, refresh: str) -> WhoopError:
        if outcome in {Outcome.LATER, Outcome.OUR_FAULT}:  # it was not spent
            self._write(refresh_token=sealer().seal(refresh, place=self._at("refresh_token")))
            return Unavailable(outcome.value)
        return MustReconnect(outcome.value)

    def _write(self, **values: object) -> None:
        self._connection.execute(update(Farewell).where(*mine(self._row)).values(values))

    def _at(self, name: str) -> str:
        return place(self._row.id, name)
