"""The ring of keys: seals short texts with the newest, opens them with whichever they name."""

from collections.abc import Sequence

import structlog

from coach.sealing.errors import DoesNotOpen
from coach.sealing.local import Key

log = structlog.get_logger()


class Sealer:
    """Seals and opens short texts with the installation's keys, newest first."""

    def __init__(self, keys: Sequence[Key]) -> None:
        if not keys:
            raise ValueError("sealing needs at least one key")
        self._keys = {key.id: key for key in keys}
        self._newest = keys[0]

    @property
    def newest(self) -> str:
        """The id of the key that seals."""
        return self._newest.id

    @property
    def ids(self) -> frozenset[str]:
        """The ids of all keys that open."""
        return frozenset(self._keys)

    def make_ready(self, place: str) -> None:
        """See that sealing for a place works for the next minute; raises KeysAway."""
        self._newest.make_ready(place)

    def seal(self, text: str, *, place: str) -> str:
        """Seal a text for one `place`, such as 'organisation/integration/access_token'.

        Raises KeysAway when a key management service has to be asked and gives no key.
        """
        key = self._newest
        return f"{key.version}.{key.id}.{key.seal(text, place)}"

    def open(self, sealed: str, *, place: str) -> str:
        """Open a sealed value; raises DoesNotOpen (unknown key, other place) or KeysAway."""
        version, id_, body = parts_of(sealed)
        key = self._keys.get(id_)
        if key is None or key.version != version:
            raise DoesNotOpen(f"no key {id_!r} here; is it missing from ENCRYPTION_KEYS?")
        try:
            return key.open(body, place)
        except DoesNotOpen:
            # Places are made of ids. Somebody moved or changed a row: who watches must hear it.
            log.exception("sealed_value_does_not_open", place=place, key=id_)
            raise


def parts_of(sealed: str) -> tuple[str, str, str]:
    """Split a value into version, key id and body; what is missing is empty."""
    version, _, rest = sealed.partition(".")
    id_, _, body = rest.partition(".")
    return version, id_, body
