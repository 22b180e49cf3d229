"""Which WHOOP app of ours a link, a call or an announcement belongs to, and what it signs with.

The installation has one, from the settings; an organisation may bring its own.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias
from uuid import UUID

from sqlalchemy import Connection, bindparam, select
from sqlalchemy.dialects.postgresql import insert

from coach.extensions import db, sealer, settings
from coach.ids import new_id
from coach.sealing import DoesNotOpen
from coach.whoop.errors import OurFault
from coach.whoop.models import Integration, WhoopApp

INSTALLATION = "installation"
Secrets: TypeAlias = Sequence[dict[str, str]]

_APP = select(
    WhoopApp.id,
    WhoopApp.slug,
    WhoopApp.client_id,
    WhoopApp.sealed_secrets,
    WhoopApp.per_minute,
    WhoopApp.per_day,
    WhoopApp.member_cap,
)
# Each refresh asks it, so it is built once.
_BEHIND = _APP.join(Integration, Integration.whoop_app_id == WhoopApp.id).where(
    Integration.organisation_id == bindparam("owner"), Integration.id == bindparam("link")
)


@dataclass(frozen=True, slots=True)
class AppLimits:
    """What WHOOP allows an app; a member cap of 0 means that there is none."""

    per_minute: int
    per_day: int
    member_cap: int

    @classmethod
    def of(cls, per_minute: int | None, per_day: int | None, member_cap: int | None) -> "AppLimits":
        """Take what stands with the app, and from the settings what does not."""
        known = settings()
        return cls(
            per_minute or known.whoop_rate_limit_per_minute,
            per_day or known.whoop_rate_limit_per_day,
            known.whoop_member_cap if member_cap is None else member_cap,
        )


@dataclass(frozen=True, slots=True)
class App:
    """One client of WHOOP's OAuth server; `secret` is the newest one."""

    id: UUID
    slug: str
    client_id: str
    secret: str = field(repr=False)
    limits: AppLimits

    @property
    def callback_address(self) -> str:
        return callback_address(self.slug)


def callback_address(slug: str) -> str:
    """Give the redirect URI to register at WHOOP for an app."""
    known = settings()
    if slug == INSTALLATION:
        return known.callback_address
    return f"{known.base_url}/cabinet/whoop-callback/{slug}"


def installation_app() -> UUID:
    """Find or make the row of the installation's own WHOOP app."""
    ours = {"slug": INSTALLATION, "client_id": settings().whoop_client_id}
    known = db.session.scalar(select(WhoopApp.id).filter_by(**ours))
    if known is not None:
        return known  # without a lock: every announcement asks
    row = insert(WhoopApp).values(id=new_id(), **ours)
    made = row.on_conflict_do_update(index_elements=[WhoopApp.slug], set_=ours)
    return db.session.execute(made.returning(WhoopApp.id)).scalar_one()


def app_of(organisation_id: UUID) -> App:
    """Give the app that new links of an organisation use: its own, or the installation's."""
    mine = WhoopApp.organisation_id == organisation_id
    row = db.session.execute(_APP.where(mine)).one_or_none()
    return _app(*row) if row else app_by_id(installation_app())


def own_app(organisation_id: UUID, slug: str) -> App | None:
    """Give the app of an organisation by its slug; another's is as good as absent."""
    mine = (WhoopApp.organisation_id == organisation_id, WhoopApp.slug == slug)
    row = db.session.execute(_APP.where(*mine)).one_or_none()
    return _app(*row) if row else None


def app_by_id(app_id: UUID) -> App:
    """Give an app that a row of ours refers to."""
    return _app(*db.session.execute(_APP.where(WhoopApp.id == app_id)).one())


def limits_of(app_id: UUID) -> AppLimits:
    """Give what WHOOP allows an app."""
    kept = select(WhoopApp.per_minute, WhoopApp.per_day, WhoopApp.member_cap)
    return AppLimits.of(*db.session.execute(kept.where(WhoopApp.id == app_id)).one())


def app_behind(integration_id: UUID, organisation_id: UUID, connection: Connection) -> App:
    """Give the app whose grant an integration holds, asked on the connection that locks it."""
    which = {"owner": organisation_id, "link": integration_id}
    return _app(*connection.execute(_BEHIND, which).one())


def app_id_of(slug: str) -> UUID:
    """Give the id of the app an announcement came to, once it is known to be genuine."""
    if slug == INSTALLATION:
        return installation_app()
    return db.session.execute(select(WhoopApp.id).where(WhoopApp.slug == slug)).scalar_one()


def signing_secrets(slug: str) -> list[bytes]:
    """List what an app's announcements may be signed with; of an app we do not know, nothing."""
    if slug == INSTALLATION:  # from the settings: who calls here is checked without the database
        secret = settings().whoop_client_secret.get_secret_value()
        return [secret.encode()] if secret else []
    wanted = select(WhoopApp.id, WhoopApp.sealed_secrets).where(WhoopApp.slug == slug)
    row = db.session.execute(wanted).one_or_none()
    return [each.encode() for each in _opened(*row)] if row else []


def sealed_for(app_id: UUID, secret: str) -> str:
    """Seal a secret for the row of its app."""
    return sealer().seal(secret, place=_place(app_id))


def _app(app_id: UUID, slug: str, client_id: str, secrets: Secrets, *limits: int | None) -> App:
    ours = slug == INSTALLATION
    secret = settings().whoop_client_secret.get_secret_value() if ours else _newest(app_id, secrets)
    return App(app_id, slug, client_id, secret, AppLimits.of(*limits))


def _newest(app_id: UUID, secrets: Secrets) -> str:
    """Open the secret that WHOOP knows now; an older one would only be refused."""
    opened = next(_opened(app_id, secrets[:1]), None)
    if opened is None:
        raise OurFault("the secret of the organisation's WHOOP app does not open")
    return opened


def _opened(app_id: UUID, secrets: Secrets) -> Iterator[str]:
    for each in secrets:
        try:
            yield sealer().open(each["sealed"], place=_place(app_id))
        except DoesNotOpen:
            continue


def _place(app_id: UUID) -> str:
    return f"whoop_apps/{app_id}/secret"
