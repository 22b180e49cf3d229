"""Seal secrets so that they open only where they belong (AES-256-GCM with associated data).

A sealed value is `<version>.<key id>.<body>`: it names the algorithm and the key. Several keys may
be given, newest first: the first seals, every one opens. A value moved to another row, column or
organisation does not open, because its place is the associated data.

Here belong keys, the data keys that a KMS wraps, and what opens and seals with them. Not here:
where sealed values are stored, and how they get a newer key (`coach/keys`).
"""

from coach.sealing.errors import DoesNotOpen, KeysAway
from coach.sealing.local import LocalKey, new_key, parse_key
from coach.sealing.sealer import Sealer

__all__ = ["DoesNotOpen", "KeysAway", "LocalKey", "Sealer", "new_key", "parse_key"]
