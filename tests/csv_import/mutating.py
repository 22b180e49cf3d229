"""Files like real ones, but damaged: each seed gives the same one again."""

import random
import re
import zlib
from collections.abc import Callable

from tests.factories.exports.copies import built
from tests.factories.exports.fixtures import archive
from tests.factories.exports.table import FIXTURES

WHOLE = [it.content for it in FIXTURES.values() if len(it.content) < 40_000]
TABLES = [it.content for name, it in built().items() if not name.startswith("an archive")]
TOKENS = (
    b'"', b'""', b",", b";", b"\t", b"\n", b"\r", b"\r\n", b"\x00", b"\xff", b"\xfe\xff", b"\xef\xbb\xbf",
    b"-", b"/", b".", b":", b"UTC", b"UTCZ", b"NaN", b"\xe2\x88\x9e", b"1e999", b"true", b"=1+1",
    b"3/7/2025 0:05", b"13/13/2025 25:61", b"9999-12-31 23:59:59", b"0000-00-00 00:00:00",
    b"2025-02-30 24:00:00", b"2025-03-30 02:30:00.999999999", b"PK\x03\x04", b"PK\x05\x06", b" " * 40,
    b"9" * 40, b"," * 250, b"\xf0\x9f\x98\x80", b"\xd8\x00", b"a" * 3000,
)  # fmt: skip
Mutation = Callable[[random.Random, bytearray], None]


def mutated(seed: int) -> bytes:
    """Damage a file, or a table and then zip it: half of the archives are sound around it."""
    dice = random.Random(seed)  # noqa: S311 - a die, no secret
    if seed % 3:
        return _damaged(dice, dice.choice(TABLES if seed % 3 == 1 else WHOLE))
    tables = dice.sample(TABLES, dice.randint(1, 3))
    return archive({f"{at}.csv": _damaged(dice, it) for at, it in enumerate(tables)})


def lines_with_something(text: str) -> int:
    """Count the rows of a text without quotes: the lines in which a cell holds something."""
    blank = ",;\t \x0b\x0c\x1c\x1d\x1e\x1f\x85\xa0\u2028\u2029\u3000\x00"
    return sum(bool(line.strip(blank)) for line in re.split("\r\n|\n|\r", text))


def _damaged(dice: random.Random, content: bytes) -> bytes:
    data = bytearray(content)
    for _ in range(dice.randint(1, 6)):
        dice.choice(_MUTATIONS)(dice, data)
    return bytes(data)


def _flip(dice: random.Random, data: bytearray) -> None:
    for _ in range(dice.randint(1, 4) if data else 0):
        data[dice.randrange(len(data))] ^= 1 << dice.randrange(8)


def _insert(dice: random.Random, data: bytearray) -> None:
    at = dice.randint(0, len(data))
    data[at:at] = dice.choice(TOKENS)


def _replace_a_cell(dice: random.Random, data: bytearray) -> None:
    cells = [found.span() for found in re.finditer(rb"[^,;\t\r\n]+", data[:5000])]
    if cells:
        start, end = dice.choice(cells)
        data[start:end] = dice.choice(TOKENS)


def _cut(dice: random.Random, data: bytearray) -> None:
    at = dice.randint(0, len(data))
    del data[at : at + dice.randint(0, 300)]


def _end_early(dice: random.Random, data: bytearray) -> None:
    del data[dice.randint(0, len(data)) :]


def _repeat(dice: random.Random, data: bytearray) -> None:
    at = dice.randint(0, len(data))
    data[at:at] = data[at : at + dice.randint(0, 500)] * dice.randint(1, 3)


def _splice(dice: random.Random, data: bytearray) -> None:
    other = dice.choice(TABLES)
    at = dice.randint(0, len(other))
    data[dice.randint(0, len(data)) :] = other[at : at + 2000]


def _deflate(dice: random.Random, data: bytearray) -> None:
    at = dice.randint(0, len(data))
    data[at:at] = zlib.compress(dice.randbytes(20))


_MUTATIONS: tuple[Mutation, ...] = (
    _flip,
    _insert,
    _replace_a_cell,
    _replace_a_cell,
    _cut,
    _end_early,
    _repeat,
    _splice,
    _deflate,
)
