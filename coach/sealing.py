"""Seal secrets so that they open only where they belong (AES-256-GCM with associated data).

A sealed value is `v1.<key id>.<base64(nonce + ciphertext)>`. Several keys may be given, newest
first: the first seals, every one opens. A value moved to another row, column or organisation does
not open, because its place is the associated data.
"""

import base64
import hashlib
import os
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

VERSION = "v1"
NONCE_BYTES = 12
KEY_BYTES = 32


class DoesNotOpen(Exception):
    """The value was sealed with a key we do not have, or for another place."""


class Sealer:
    """Seals and opens short texts with the installation's keys."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        if not keys:
            raise ValueError("sealing needs at least one key")
        self._keys = {_key_id(key): AESGCM(key) for key in keys}
        self._newest = _key_id(keys[0])

    def seal(self, text: str, *, place: str) -> str:
        """Seal `text` for one `place`, such as 'organisation/integration/access_token'."""
        nonce = os.urandom(NONCE_BYTES)
        sealed = self._keys[self._newest].encrypt(nonce, text.encode(), place.encode())
        return f"{VERSION}.{self._newest}.{base64.urlsafe_b64encode(nonce + sealed).decode()}"

    def open(self, sealed: str, *, place: str) -> str:
        """Open a sealed value; raises DoesNotOpen when the key is unknown or the place differs."""
        version, _, rest = sealed.partition(".")
        key_id, _, body = rest.partition(".")
        if version != VERSION or key_id not in self._keys:
            raise DoesNotOpen(f"no key {key_id!r} here; is it missing from ENCRYPTION_KEYS?")
        raw = base64.urlsafe_b64decode(body)
        try:
            plain = self._keys[key_id].decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], place.encode())
        except InvalidTag:
            raise DoesNotOpen("the value was changed or belongs elsewhere") from None
        return plain.decode()


def parse_key(text: str) -> bytes:
    """Read one key of ENCRYPTION_KEYS: base64 of 32 bytes; raises ValueError otherwise."""
    key = base64.urlsafe_b64decode(text.encode())
    if len(key) != KEY_BYTES:
        raise ValueError(f"an encryption key must be base64 of {KEY_BYTES} bytes")
    return key


def new_key() -> str:
    """Make a fresh key in the form ENCRYPTION_KEYS takes."""
    return base64.urlsafe_b64encode(os.urandom(KEY_BYTES)).decode()


def _key_id(key: bytes) -> str:
    return hashlib.sha256(b"coach key id" + key).hexdigest()[:8]
