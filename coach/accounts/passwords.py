"""Passwords: argon2id, and rules a person can keep."""

import gzip
import re
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from werkzeug.exceptions import ServiceUnavailable

# OWASP's first recommendation: 46 MiB, one pass, one lane; about 60 ms of one core.
HASHER = PasswordHasher(time_cost=1, memory_cost=47_104, parallelism=1)
SHORTEST = 12
LONGEST_BYTES = 1024
# Of one process: more at once would take its memory, and make nobody's turn come sooner. Whoever
# comes when as many wait is sent away at once, so that guessing never takes all of a process's threads.
HASHES_AT_ONCE = 1
WAIT_AT_MOST = 3
WAITS_SECONDS = 3.0
# After one a process rests for twice as long as it took before the next: so a flood of guesses takes a
# third of a core of each, less the busier the machine is. Who comes while nobody does waits for nothing.
RESTS = 2.0
# The 30,000 most common of zxcvbn's list, lower case; its licence stands beside it.
COMMON = Path(__file__).parent / "common_passwords.txt.gz"
OURS = frozenset({"coach", "whoop"})
SHORTEST_PART = 4


class Pace:
    """Keeps whoever has the turn waiting until the rest after the last one is over."""

    def __init__(self) -> None:
        self.rested_at = 0.0

    @contextmanager
    def kept(self) -> Iterator[None]:
        """Wait, and let the next rest for as long as this takes."""
        time.sleep(max(0.0, self.rested_at - time.monotonic()))
        began = time.monotonic()
        try:
            yield
        finally:
            ended = time.monotonic()
            self.rested_at = ended + RESTS * (ended - began)


turns, pace = BoundedSemaphore(HASHES_AT_ONCE), Pace()
places = BoundedSemaphore(HASHES_AT_ONCE + WAIT_AT_MOST)


def hash_password(password: str) -> str:
    """Hash a password for storage; the form has checked its length. ServiceUnavailable: too busy."""
    with _turn():
        return HASHER.hash(password)


def matches(password: str, stored: str | None) -> bool:
    """Tell whether a password is the stored one; costs the same when nothing is stored.

    Raises ServiceUnavailable (503 with Retry-After) while too many others are being checked.
    """
    if len(password.encode()) > LONGEST_BYTES:
        return False
    with _turn():
        try:
            return HASHER.verify(stored or _nobodys(), password) and stored is not None
        except (VerificationError, InvalidHashError):
            return False


def needs_new_hash(stored: str) -> bool:
    """Tell whether the hash was made at a lower cost than today's."""
    return HASHER.check_needs_rehash(stored)


def refuse_when_crowded() -> None:
    """Raise ServiceUnavailable when whoever wants a password checked would be sent away anyhow."""
    with _place():
        return


def is_guessable(password: str, about: Collection[str] = ()) -> bool:
    """Tell whether a password is among the first that anybody would try.

    It is when, in lower case and without digits and signs around it, it is one of the common ones,
    or a part of what is known of the person (`about`: e-mail, names), once or again and again.
    """
    known = _parts(about) | OURS
    cores = _cores(password.casefold())
    short = any(len(each) < SHORTEST_PART for each in cores)  # such as "a" of "aaaaaaaaaaaa"
    return short or any(each in known or each in _common() for each in cores)


def _cores(lowered: str) -> set[str]:
    bare = re.sub(r"^[\W\d_]+|[\W\d_]+$", "", lowered)
    whole = {lowered, lowered.strip(), bare}
    return ({_once(each) for each in whole} | whole) - {""}


def _once(text: str) -> str:
    """Give what a text repeats, such as "abc" for "abcabcabc"; else the text itself."""
    period = (text + text).find(text, 1)
    return text[:period] if text else text


def _parts(about: Collection[str]) -> set[str]:
    lowered = [each.casefold() for each in about]
    words = {word for each in lowered for word in re.split(r"[\W_]+", each)}
    together = {re.sub(r"[\W\d_]+", "", each) for each in lowered}
    return {each for each in {*words, *together, *lowered} if len(each) >= SHORTEST_PART}


@cache
def _common() -> frozenset[str]:
    return frozenset(gzip.decompress(COMMON.read_bytes()).decode().split("\n"))


@cache
def _nobodys() -> str:
    """Make a hash to compare with where there is none, so that nobody answers sooner than others."""
    return HASHER.hash("nobody has this password")


@contextmanager
def _turn() -> Iterator[None]:
    with _place():
        if not turns.acquire(timeout=WAITS_SECONDS):
            raise ServiceUnavailable
        try:
            with pace.kept():
                yield
        finally:
            turns.release()


@contextmanager
def _place() -> Iterator[None]:
    if not places.acquire(blocking=False):
        raise ServiceUnavailable
    try:
        yield
    finally:
        places.release()
