"""UUID v7 (RFC 9562): keys that sort by the moment they were made. Never secrets."""

import os
import time
from uuid import UUID


def new_id() -> UUID:
    """Make a UUID v7: 48 bits of milliseconds, then version, variant and 74 random bits."""
    milliseconds = time.time_ns() // 1_000_000
    random = int.from_bytes(os.urandom(10))
    high = (milliseconds & (1 << 48) - 1) << 80
    middle = 0x7 << 76 | (random >> 68 & 0xFFF) << 64
    low = 0b10 << 62 | random & (1 << 62) - 1
    return UUID(int=high | middle | low)
