"""Ids from which the day can be read, so that a record is found without living a whole life."""

from datetime import date
from random import Random
from uuid import UUID

ODD, WORD = 0x9E3779B1, 1 << 32  # multiplying by it modulo a word can be undone
INVERSE = pow(ODD, -1, WORD)
MEMBERS = 100_000


def record_id(day: date, chance: Random) -> UUID:
    scrambled = day.toordinal() * ODD % WORD
    return UUID(bytes=scrambled.to_bytes(4, "big") + chance.randbytes(12), version=4)


def cycle_id(day: date, user_id: int) -> int:
    return day.toordinal() * MEMBERS + user_id % MEMBERS


def day_of(thing: UUID | int) -> date | None:
    """Return the day of the cycle that a record or cycle of ours belongs to; None for any other."""
    if isinstance(thing, int):
        ordinal = thing // MEMBERS
    else:
        ordinal = int.from_bytes(thing.bytes[:4], "big") * INVERSE % WORD
    return date.fromordinal(ordinal) if 1 <= ordinal <= date.max.toordinal() else None
