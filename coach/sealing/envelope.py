"""A key that lives in a key management service: it wraps the data keys that seal.

A value is `v2.<key id>.<base64(wrapped data key)>.<base64(nonce + ciphertext)>`. Each organisation
has data keys of its own: the service is told which one as encryption context, and unwraps a data
key for no other. Without the service what is remembered goes on working; nothing else does.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from coach.sealing.local import KEY_BYTES, decoded, decrypted, encoded, encrypted, key_id
from coach.sealing.remembered import Kept, Remembered

# Whoever is about to spend a refresh token must be able to seal what comes back.
READY_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class DataKey:
    """A key that seals, and the same key as only the service can read it."""

    plain: bytes = field(repr=False)
    wrapped: bytes = field(repr=False)


class Kms(Protocol):
    """What we ask of a key management service; `key` names one of its keys."""

    def new_data_key(self, key: str, context: Mapping[str, str]) -> DataKey:
        """Make a data key of 32 bytes; raises KeysAway."""

    def unwrap(self, key: str, wrapped: bytes, context: Mapping[str, str]) -> bytes:
        """Unwrap a data key; raises DoesNotOpen (another context or key) or KeysAway."""


class EnvelopeKey:
    """Seals with data keys of one organisation, each for as long as it is remembered."""

    version = "v2"

    def __init__(self, name: str, kms: Kms, remembered: Remembered) -> None:
        self.id = key_id(b"coach kms key", name.encode())
        self._name = name
        self._kms = kms
        self._remembered = remembered

    def make_ready(self, place: str) -> None:
        self._data_key(_scope(place), lasting=READY_SECONDS)

    def seal(self, text: str, place: str) -> str:
        data_key = self._data_key(_scope(place))
        body = encrypted(AESGCM(data_key.plain), text, place)
        return f"{encoded(data_key.wrapped)}.{encoded(body)}"

    def open(self, body: str, place: str) -> str:
        wrapped, _, sealed = body.partition(".")
        plain = self._unwrapped(decoded(wrapped), _scope(place))
        return decrypted(AESGCM(plain), decoded(sealed), place)

    def _data_key(self, scope: str, *, lasting: float = 0.0) -> DataKey:
        name = f"{self.id} seals for {scope}"
        kept = self._remembered.get(name)
        if kept and kept.left > lasting:
            return _data_key_in(kept)
        made = self._kms.new_data_key(self._name, _context(scope))
        self._remembered.put(name, made.plain + made.wrapped)
        self._remembered.put(self._opening(made.wrapped, scope), made.plain)
        return made

    def _unwrapped(self, wrapped: bytes, scope: str) -> bytes:
        name = self._opening(wrapped, scope)
        kept = self._remembered.get(name)
        if kept:
            return kept.payload
        plain = self._kms.unwrap(self._name, wrapped, _context(scope))
        self._remembered.put(name, plain)
        return plain

    def _opening(self, wrapped: bytes, scope: str) -> str:
        return f"{self.id} opens for {scope}: {wrapped.hex()}"


def _data_key_in(kept: Kept) -> DataKey:
    return DataKey(kept.payload[:KEY_BYTES], kept.payload[KEY_BYTES:])


def _scope(place: str) -> str:
    """Name whose data key it is: a place begins with the organisation, or with a global table."""
    return place.partition("/")[0]


def _context(scope: str) -> Mapping[str, str]:
    return {"coach": scope}
