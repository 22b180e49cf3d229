"""A key of ENCRYPTION_KEYS, which seals by itself; and what every kind of key shares."""

import base64
import binascii
import hashlib
import os
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from coach.sealing.errors import DoesNotOpen

NONCE_BYTES = 12
KEY_BYTES = 32
ID_LETTERS = 8


class Key(Protocol):
    """What seals and opens the body of a value, for one place."""

    @property
    def id(self) -> str: ...

    @property
    def version(self) -> str: ...

    def make_ready(self, place: str) -> None:
        """See that sealing for a place works for the next minute; raises KeysAway."""

    def seal(self, text: str, place: str) -> str:
        """Give the body of a value; raises KeysAway."""

    def open(self, body: str, place: str) -> str:
        """Give the text back; raises DoesNotOpen or KeysAway."""


class LocalKey:
    """A key that we hold; its values are `v1.<key id>.<base64(nonce + ciphertext)>`."""

    version = "v1"

    def __init__(self, key: bytes) -> None:
        self.id = key_id(b"coach key id", key)
        self._cipher = AESGCM(key)

    def make_ready(self, place: str) -> None:
        """Do nothing: the key is always here."""

    def seal(self, text: str, place: str) -> str:
        return encoded(encrypted(self._cipher, text, place))

    def open(self, body: str, place: str) -> str:
        return decrypted(self._cipher, decoded(body), place)


def parse_key(text: str) -> bytes:
    """Read one key of ENCRYPTION_KEYS: base64 of 32 bytes; raises ValueError otherwise."""
    key = base64.urlsafe_b64decode(text.encode())
    if len(key) != KEY_BYTES:
        raise ValueError(f"an encryption key must be base64 of {KEY_BYTES} bytes")
    return key


def new_key() -> str:
    """Make a fresh key in the form ENCRYPTION_KEYS takes."""
    return base64.urlsafe_b64encode(os.urandom(KEY_BYTES)).decode()


def key_id(kind: bytes, name: bytes) -> str:
    """Name a key in the values it seals, without telling anything of it."""
    return hashlib.sha256(kind + name).hexdigest()[:ID_LETTERS]


def encrypted(cipher: AESGCM, text: str, place: str) -> bytes:
    """Encrypt a text for one place, under a fresh nonce, which stands in front."""
    nonce = os.urandom(NONCE_BYTES)
    return nonce + cipher.encrypt(nonce, text.encode(), place.encode())


def decrypted(cipher: AESGCM, raw: bytes, place: str) -> str:
    """Decrypt what `encrypted` made; raises DoesNotOpen."""
    try:
        return cipher.decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], place.encode()).decode()
    except (InvalidTag, ValueError):  # too short for a nonce is no value of ours either
        raise DoesNotOpen("the value was changed or belongs elsewhere") from None


def encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode()


def decoded(text: str) -> bytes:
    """Read base64; raises DoesNotOpen for anything else."""
    try:
        return base64.urlsafe_b64decode(text)
    except (binascii.Error, ValueError):
        raise DoesNotOpen("the value was changed or belongs elsewhere") from None
