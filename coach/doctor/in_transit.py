"""Looks at the lines to PostgreSQL and Redis: whoever listens between machines must hear nothing."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from sqlalchemy import text

from coach.doctor.findings import Finding, Ground, ok, warn
from coach.extensions import db
from config import LOOPBACK

# A socket has no address; on one machine both ends have the same, or one of the loopback.
_LINE = text(
    "SELECT coalesce((SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()), false),"
    " coalesce(inet_server_addr() = inet_client_addr()"
    " OR inet_server_addr() <<= '127.0.0.0/8' OR inet_server_addr() = '::1', true)"
)
_TRUSTED = "unless nobody else can listen on that network."


def to_postgresql(_ground: Ground) -> Iterator[Finding]:
    """Tell whether what goes to the database is encrypted, or stays on this machine."""
    encrypted, here = db.session.execute(_LINE).one()
    does = f"Add sslmode=verify-full to DATABASE_URL, {_TRUSTED}"
    yield _told("line to PostgreSQL", does, encrypted=encrypted, here=here)


def to_redis(ground: Ground) -> Iterator[Finding]:
    """Tell whether what goes to the queue is encrypted, or stays on this machine."""
    parts = urlsplit(ground.settings.redis_url or "")
    here = parts.scheme in {"", "unix"} or parts.hostname in LOOPBACK
    does = f"Let REDIS_URL begin with rediss://, {_TRUSTED}"
    yield _told("line to Redis", does, encrypted=parts.scheme == "rediss", here=here)


def _told(about: str, does: str, *, encrypted: bool, here: bool) -> Finding:
    if encrypted or here:
        return ok(about, "encrypted" if encrypted else "stays on this machine")
    return warn(about, "goes to another machine in the clear", does)
