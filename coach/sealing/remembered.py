"""Data keys for some minutes, in memory that forks share: a work horse finds what others asked for.

Nobody waits for a lock: each place in it carries a checksum, so what is half written counts as
absent, and of two keys that fall on one place the later one stays.
"""

import struct
import time
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from mmap import mmap

PLACES = 4096
PLACE_BYTES = 1024
CHECK_BYTES = 16
NAME_BYTES = 32
_HEAD = struct.Struct("<dH")  # until when, on the monotonic clock; how long the payload is
LONGEST = PLACE_BYTES - CHECK_BYTES - NAME_BYTES - _HEAD.size


@dataclass(frozen=True, slots=True)
class Kept:
    """What was remembered, and for how many seconds it still may be."""

    payload: bytes
    left: float


class Remembered:
    """A cache of fixed size; it is never written to disk and dies with the last process."""

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._clock = clock
        self._shared = mmap(-1, PLACES * PLACE_BYTES)

    def get(self, name: str) -> Kept | None:
        """Find what is kept under a name and not too old."""
        start, digest = _place(name)
        whole = self._shared[start : start + PLACE_BYTES]
        check, rest = whole[:CHECK_BYTES], whole[CHECK_BYTES:]
        until, length = _HEAD.unpack_from(rest)
        named, payload = rest[_HEAD.size :][:NAME_BYTES], rest[_HEAD.size + NAME_BYTES :][:length]
        left = until - self._clock()
        if check != _check(rest) or named != digest or left <= 0:
            return None
        return Kept(payload, left)

    def put(self, name: str, payload: bytes) -> None:
        """Keep something; what is too long for its place is asked for again each time."""
        if len(payload) > LONGEST:
            return
        start, digest = _place(name)
        head = _HEAD.pack(self._clock() + self._seconds, len(payload))
        rest = (head + digest + payload).ljust(PLACE_BYTES - CHECK_BYTES, b"\0")
        self._shared[start : start + PLACE_BYTES] = _check(rest) + rest


def _place(name: str) -> tuple[int, bytes]:
    digest = sha256(name.encode()).digest()
    return int.from_bytes(digest[:4], "big") % PLACES * PLACE_BYTES, digest


def _check(rest: bytes) -> bytes:
    return sha256(rest).digest()[:CHECK_BYTES]
