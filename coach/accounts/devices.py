"""The sessions of one person: which browsers are signed in, and ending them."""

import re
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import delete, func, select

from coach.accounts import audit
from coach.accounts.access import Viewer
from coach.extensions import db
from coach.web.models import UserSession
from coach.web.session import current_session, end_sessions, hash_token

# The first that fits: Edge and Opera call themselves Chrome too, and Chrome Safari.
BROWSERS = (
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("Firefox", "Firefox"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS", "Mac"),
    ("Linux", "Linux"),
)


@dataclass(frozen=True, slots=True)
class Device:
    """One browser that is signed in; `key` names its session and opens nothing."""

    key: str
    name: str
    since: datetime
    last_seen: datetime
    is_this: bool


def of(person: Viewer) -> list[Device]:
    """List where somebody is signed in: here first, then the most recently used."""
    here = hash_token(current_session().token or "")
    mine = select(UserSession).where(
        UserSession.user_id == person.user_id, UserSession.ends_at > func.now()
    )
    found = db.session.scalars(mine.order_by(UserSession.last_seen.desc()))
    devices = [
        Device(it.id_hash, device_name(it.device), it.created_at, it.last_seen, it.id_hash == here)
        for it in found
    ]
    return sorted(devices, key=lambda device: not device.is_this)


def end(key: str, *, of: Viewer) -> bool:
    """End one session of theirs; False when it is not theirs or gone."""
    mine = (UserSession.user_id == of.user_id, UserSession.id_hash == key)
    gone = db.session.scalar(delete(UserSession).where(*mine).returning(UserSession.id_hash))
    if gone is None:
        return False
    audit.record("session_ended", by=of.user_id)
    return True


def end_others(*, of: Viewer) -> None:
    """End every session of theirs but this one."""
    end_sessions(of.user_id, but=current_session())
    audit.record("sessions_ended", by=of.user_id)


def device_name(user_agent: str) -> str:
    """Name a browser and what it runs on, as far as it tells."""
    browser = _first(BROWSERS, user_agent)
    system = _first(SYSTEMS, user_agent)
    if browser and system:
        return _("%(browser)s on %(system)s", browser=browser, system=system)
    return browser or system or _("A device we do not know")


def _first(names: tuple[tuple[str, str], ...], user_agent: str) -> str:
    return next((name for mark, name in names if re.search(rf"\b{mark}", user_agent)), "")
