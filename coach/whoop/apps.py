"""Which WHOOP app of ours a link, a call or an announcement belongs to, and what it signs with."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from coach.extensions import db, settings
from coach.ids import new_id
from coach.whoop.models import WhoopApp

INSTALLATION = "installation"


def installation_app() -> UUID:
    """Find or make the row of the installation's own WHOOP app."""
    ours = {"slug": INSTALLATION, "client_id": settings().whoop_client_id}
    known = db.session.scalar(select(WhoopApp.id).filter_by(**ours))
    if known is not None:
        return known  # without a lock: every announcement asks
    row = insert(WhoopApp).values(id=new_id(), **ours)
    made = row.on_conflict_do_update(index_elements=[WhoopApp.slug], set_=ours)
    return db.session.execute(made.returning(WhoopApp.id)).scalar_one()


def signing_secrets(slug: str) -> list[bytes]:
    """List what an app's announcements may be signed with; of an app we do not know, nothing."""
    secret = settings().whoop_client_secret.get_secret_value()
    return [secret.encode()] if slug == INSTALLATION and secret else []
