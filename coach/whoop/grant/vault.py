"""The sealed tokens of one integration: read and saved in their row, which is also the lock."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, Update, bindparam, select, update

from coach.extensions import sealer
from coach.web.session import hash_token
from coach.whoop.errors import MustReconnect
from coach.whoop.grant.oauth import Tokens
from coach.whoop.models import Integration, IntegrationTokens, Status
from coach.work import clock

Columns: TypeAlias = dict[str, object]

# Every sync asks these, so they are built once.
_READ = (
    select(
        IntegrationTokens.access_token,
        IntegrationTokens.refresh_token,
        IntegrationTokens.token_expires_at,
        clock.instant(),
        Integration.whoop_app_id,
        Integration.status,
    )
    .join(Integration, Integration.id == IntegrationTokens.integration_id)
    .where(
        IntegrationTokens.organisation_id == bindparam("owner"),
        IntegrationTokens.integration_id == bindparam("link"),
        Integration.organisation_id == bindparam("owner"),
    )
)
_LOCK = _READ.with_for_update(key_share=True, of=IntegrationTokens)


@dataclass(frozen=True, slots=True)
class Held:
    """What the row held at `now` of the database's clock."""

    access: str = field(repr=False)
    refresh: str | None = field(repr=False)
    expires_at: datetime
    now: datetime
    app_id: UUID

    @property
    def token_hash(self) -> str:
        """Tell refresh tokens apart without keeping them."""
        return hash_token(self.refresh or "")


@dataclass(frozen=True, slots=True)
class Vault:
    """Where the tokens of one integration lie; whoever uses it acts for the organisation."""

    integration_id: UUID
    organisation_id: UUID

    def read(self, connection: Connection, *, lock: bool = False) -> Held:
        """Open the tokens; with `lock` nobody else refreshes until the transaction ends.

        Raises MustReconnect when the link was cut or WHOOP has withdrawn it.
        """
        place = {"owner": self.organisation_id, "link": self.integration_id}
        found = connection.execute(_LOCK if lock else _READ, place).one_or_none()
        if found is None:
            raise MustReconnect("the link was cut")
        access, refresh, expires_at, now, app_id, status = found
        if app_id is None or status == Status.RECONNECT_NEEDED:
            raise MustReconnect("the grant is gone")
        opened = sealer().open(refresh, place=self._place("refresh_token")) if refresh else None
        access = sealer().open(access, place=self._place("access_token"))
        return Held(access, opened, expires_at, now, app_id)

    def make_ready(self) -> None:
        """See that fresh tokens can be sealed when they come; raises KeysAway."""
        sealer().make_ready(self._place("access_token"))

    def save(self, connection: Connection, columns: Columns, ended: Update) -> None:
        """Replace the tokens in the running transaction, and say how the try that got them ended."""
        replaced = update(IntegrationTokens).where(*self._row()).values(columns)
        connection.execute(replaced.add_cte(ended.cte("ended")))

    def sealed(self, tokens: Tokens) -> Columns:
        """Give the columns of fresh tokens, sealed for this row; one that did not come stays."""
        columns: Columns = {
            "access_token": sealer().seal(tokens.access, place=self._place("access_token")),
            "token_expires_at": clock.instant() + tokens.lasts,
        }
        if tokens.refresh is not None:
            place = self._place("refresh_token")
            columns["refresh_token"] = sealer().seal(tokens.refresh, place=place)
        return columns

    def opened(self, access: str, refresh: str | None) -> tuple[str, str | None]:
        """Open what a row held that is there no more; raises DoesNotOpen."""
        refresh = refresh and sealer().open(refresh, place=self._place("refresh_token"))
        return sealer().open(access, place=self._place("access_token")), refresh

    def _row(self) -> tuple[ColumnElement[bool], ...]:
        return (
            IntegrationTokens.organisation_id == self.organisation_id,
            IntegrationTokens.integration_id == self.integration_id,
        )

    def _place(self, name: str) -> str:
        return f"{self.organisation_id}/{self.integration_id}/{name}"
