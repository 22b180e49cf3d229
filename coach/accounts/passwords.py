"""Passwords: argon2id, and rules a person can keep."""

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

# OWASP's first recommendation: 46 MiB, one pass, one lane.
HASHER = PasswordHasher(time_cost=1, memory_cost=47_104, parallelism=1)
SHORTEST = 10
LONGEST_BYTES = 1024
# Computed for unknown accounts, so that they answer as slowly as known ones.
DUMMY = HASHER.hash("nobody has this password")


def hash_password(password: str) -> str:
    """Hash a password for storage; the form has checked its length."""
    return HASHER.hash(password)


def matches(password: str, stored: str | None) -> bool:
    """Tell whether a password is the stored one; costs the same when nothing is stored."""
    if len(password.encode()) > LONGEST_BYTES:
        return False
    try:
        return HASHER.verify(stored or DUMMY, password) and stored is not None
    except (VerificationError, InvalidHashError):
        return False


def needs_new_hash(stored: str) -> bool:
    """Tell whether the hash was made at a lower cost than today's."""
    return HASHER.check_needs_rehash(stored)
