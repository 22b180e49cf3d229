"""A grant in our rows, and a token endpoint that keeps count of what is spent twice."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from threading import Lock
from uuid import UUID, uuid4

from flask import Flask
from sqlalchemy import func, insert, select, update

from coach.database.tenancy import acting_for
from coach.extensions import db
from coach.ids import new_id
from coach.whoop.apps import App, installation_app
from coach.whoop.grant.keeping import TokenKeeper
from coach.whoop.grant.models import TokenCall
from coach.whoop.grant.oauth import NoTokens, Tokens
from coach.whoop.grant.vault import Vault
from coach.whoop.grant.verdicts import Outcome
from coach.whoop.models import Integration, IntegrationTokens, WhoopLink
from tests.cast import Somebody

SCOPES = frozenset({"offline", "read:cycles", "read:profile"})
LIVES, ENDED = timedelta(hours=1), timedelta(hours=-1)


class Killed(BaseException):
    """The process ends here."""


@dataclass
class TokenEndpoint:
    """WHOOP's token endpoint: a spent refresh token takes the grant down, unless there is grace."""

    refresh: str
    grace: bool = False
    takes: float = 0.0
    alive: bool = True
    dies_after: bool = False  # our process is killed with the answer in its hands
    loses: bool = False  # the answer never arrives
    says: Outcome | None = None  # refuses, and does nothing
    calls: int = 0
    reused: int = 0
    _spent: set[str] = field(default_factory=set)
    _lock: Lock = field(default_factory=Lock)

    def __call__(self, refresh: str, _app: App) -> Tokens:
        time.sleep(self.takes)
        with self._lock:
            self.calls += 1
            if self.says is not None:
                raise NoTokens(self.says)
            if refresh in self._spent:
                self.reused += 1
                self.alive = self.alive and self.grace
            if not self.alive or refresh not in self._good():
                raise NoTokens(Outcome.DEAD)
            self._spent.add(refresh)
            self.refresh = f"refresh-{uuid4()}"
            tokens = Tokens(f"access-{uuid4()}", self.refresh, LIVES, SCOPES)
        if self.dies_after:
            raise Killed
        if self.loses:
            raise NoTokens(Outcome.UNKNOWN)
        return tokens

    def _good(self) -> set[str]:
        return {self.refresh} | (self._spent if self.grace else set())


@dataclass(frozen=True, slots=True)
class Given:
    """One integration with tokens in its row."""

    app: Flask
    organisation_id: UUID
    id: UUID
    whoop_app_id: UUID

    def keeper(self) -> TokenKeeper:
        return TokenKeeper(self.id, self.organisation_id, SCOPES)

    def access_token(self) -> str:
        """Ask for a token as a job would."""
        with self.app.app_context():
            return self.keeper().access_token()

    def renewed_after(self, rejected: str) -> str:
        with self.app.app_context():
            return self.keeper().renewed_after(rejected)

    def stored(self) -> str:
        """Give the access token of the row."""
        with self.inside(), db.engine.connect() as connection:
            return Vault(self.id, self.organisation_id).read(connection).access

    def expire(self, by: timedelta = ENDED) -> None:
        """Let the access token end; negative: some time ago."""
        mine = IntegrationTokens.integration_id == self.id
        with self.inside(), db.engine.begin() as connection:
            connection.execute(
                update(IntegrationTokens).where(mine).values(token_expires_at=func.now() + by)
            )

    def age_tries(self, by: timedelta) -> None:
        """Let so much time go by since everything that was tried."""
        mine = TokenCall.integration_id == self.id
        moved = {"started_at": TokenCall.started_at - by, "ended_at": TokenCall.ended_at - by}
        with self.inside(), db.engine.begin() as connection:
            connection.execute(update(TokenCall).where(mine).values(moved))

    def outcomes(self) -> list[str | None]:
        mine = TokenCall.integration_id == self.id
        with self.inside(), db.engine.begin() as connection:
            found = select(TokenCall.outcome).where(mine).order_by(TokenCall.started_at)
            return list(connection.execute(found).scalars())

    def status(self) -> str:
        with self.inside(), db.engine.begin() as connection:
            found = select(Integration.status).where(Integration.id == self.id)
            return connection.execute(found).scalar_one()

    @contextmanager
    def inside(self) -> Iterator[None]:
        with self.app.app_context(), acting_for(self.organisation_id):
            yield


def give(
    app: Flask,
    who: Somebody,
    *,
    lives: timedelta = LIVES,
    refresh: str | None = None,
    whoop_app_id: UUID | None = None,
) -> Given:
    """Link somebody in our rows alone."""
    row_id, member = new_id(), uuid4().hex
    with app.app_context(), acting_for(who.organisation_id):
        app_id = whoop_app_id or installation_app()
        key = {"organisation_id": who.organisation_id}
        vault = Vault(row_id, who.organisation_id)
        link = {"external_user_id": member, "whoop_app_id": app_id}
        db.session.execute(
            insert(Integration).values(
                key | link | {"id": row_id, "client_id": who.client_id, "status": "active"}
            )
        )
        sealed = vault.sealed(Tokens("access-0", refresh or "refresh-0", lives, SCOPES))
        db.session.execute(
            insert(IntegrationTokens).values(key | sealed | {"integration_id": row_id})
        )
        db.session.execute(insert(WhoopLink).values(key | link | {"integration_id": row_id}))
        db.session.commit()
        db.session.remove()
    return Given(app, who.organisation_id, row_id, app_id)
