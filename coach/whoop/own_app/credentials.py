"""An organisation's own WHOOP app: entered, its secret replaced, its limits said, removed."""

from dataclasses import dataclass
from datetime import datetime
from secrets import token_hex
from uuid import UUID

from sqlalchemy import ColumnElement, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert

from coach.accounts import audit
from coach.accounts.access import Viewer
from coach.extensions import db, settings
from coach.ids import new_id
from coach.whoop.apps import AppLimits, callback_address, sealed_for
from coach.whoop.grant.models import Farewell
from coach.whoop.models import Integration, Status, WhoopApp

SLUG_BYTES = 8
# One that WHOOP signs with, one it has just replaced, and one that was mistyped.
MOST_SECRETS = 3
# Links that a sync still uses the app for; all others have nothing to lose.
IN_USE = (Status.ACTIVE.value, Status.ERROR.value)


class AlreadyThere(Exception):
    """The organisation has an app of its own already."""


class InUse(Exception):
    """Clients are linked by this app; without it their links would die."""


class StillLeaving(Exception):
    """WHOOP has yet to be told of links that were cut; only this app can tell it."""


class TooManySecrets(Exception):
    """Old secrets have to be retired before another one is added."""


@dataclass(frozen=True, slots=True)
class OwnApp:
    """What an owner may see of their app: never a secret, only since when each one counts."""

    id: UUID
    slug: str
    client_id: str
    secrets_since: tuple[datetime, ...]
    limits: AppLimits

    @property
    def callback_address(self) -> str:
        return callback_address(self.slug)

    @property
    def webhook_address(self) -> str:
        return f"{settings().base_url}/webhooks/whoop/{self.slug}"


def own_app_of(by: Viewer) -> OwnApp | None:
    """Show an owner the app of their organisation."""
    row = db.session.scalar(select(WhoopApp).where(_mine(by)))
    if row is None:
        return None
    since = tuple(datetime.fromisoformat(each["since"]) for each in row.sealed_secrets)
    limits = AppLimits.of(row.per_minute, row.per_day, row.member_cap)
    return OwnApp(row.id, row.slug, row.client_id, since, limits)


def enter(client_id: str, secret: str, *, by: Viewer, now: datetime) -> None:
    """Let new links of an organisation use its own app; raises AlreadyThere."""
    app_id = new_id()
    entered = db.session.scalar(
        insert(WhoopApp)
        .values(
            id=app_id,
            slug=token_hex(SLUG_BYTES),
            organisation_id=by.organisation_id,
            client_id=client_id,
            sealed_secrets=[_sealed(app_id, secret, now)],
        )
        .on_conflict_do_nothing(index_elements=[WhoopApp.organisation_id])
        .returning(WhoopApp.id)
    )
    if entered is None:
        raise AlreadyThere
    audit.record("whoop_app_entered", by=by.user_id, subject=app_id)


def add_secret(app: OwnApp, secret: str, *, by: Viewer, now: datetime) -> None:
    """Use a new secret from now on; the old ones still prove what WHOOP announces.

    Raises TooManySecrets.
    """
    row = _held(by)
    if len(row.sealed_secrets) >= MOST_SECRETS:
        raise TooManySecrets
    row.sealed_secrets = [_sealed(app.id, secret, now), *row.sealed_secrets]
    audit.record("whoop_app_secret_added", by=by.user_id, subject=app.id)


def retire_old_secrets(app: OwnApp, *, by: Viewer) -> None:
    """Forget every secret but the newest."""
    row = _held(by)
    row.sealed_secrets = row.sealed_secrets[:1]
    audit.record("whoop_app_secrets_retired", by=by.user_id, subject=app.id)


def set_limits(app: OwnApp, limits: AppLimits, *, by: Viewer) -> None:
    """Write down what WHOOP allows this app."""
    row = _held(by)
    row.per_minute, row.per_day = limits.per_minute, limits.per_day
    row.member_cap = limits.member_cap
    audit.record("whoop_app_limits_set", by=by.user_id, subject=app.id)


def remove(app: OwnApp, *, by: Viewer) -> None:
    """Forget the app; new links use the installation's again. Raises InUse and StillLeaving."""
    _held(by)  # a link that is being made by it waits, and then finds it gone
    links = (Integration.organisation_id == by.organisation_id, Integration.whoop_app_id == app.id)
    in_use = select(func.count()).where(*links, Integration.status.in_(IN_USE))
    if db.session.scalar(in_use):
        raise InUse
    if db.session.scalar(select(Farewell.id).where(*_leaving(app, by)).limit(1)):
        raise StillLeaving
    db.session.execute(update(Integration).where(*links).values(whoop_app_id=None))
    db.session.execute(delete(WhoopApp).where(_mine(by)))
    audit.record("whoop_app_removed", by=by.user_id, subject=app.id)


def _held(by: Viewer) -> WhoopApp:
    """Lock the row: two owners may change it at once."""
    held = select(WhoopApp).where(_mine(by)).with_for_update()
    return db.session.scalars(held.execution_options(populate_existing=True)).one()


def _sealed(app_id: UUID, secret: str, now: datetime) -> dict[str, str]:
    return {"sealed": sealed_for(app_id, secret), "since": now.isoformat()}


def _leaving(app: OwnApp, by: Viewer) -> tuple[ColumnElement[bool], ...]:
    return Farewell.organisation_id == by.organisation_id, Farewell.whoop_app_id == app.id


def _mine(by: Viewer) -> ColumnElement[bool]:
    return WhoopApp.organisation_id == by.organisation_id
