"""A mark for whose answers wait in a browser: it tells people of one device apart, no more."""

import hmac
from hashlib import sha256
from uuid import UUID

from coach.extensions import settings


def device_mark(user_id: UUID) -> str:
    """Derive the mark of a person; nobody without the installation's key can tell who it is."""
    key = settings().required_secret_key.encode()
    return hmac.digest(key, f"unsent:{user_id}".encode(), sha256).hex()[:32]
