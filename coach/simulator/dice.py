"""Chance that always falls the same way: the same words give the same dice."""

import hashlib
import random


def dice(*words: object) -> random.Random:
    """Return dice that depend on the words alone, not on the process, the platform or the clock."""
    digest = hashlib.sha256("/".join(map(str, words)).encode()).digest()
    return random.Random(digest)  # noqa: S311  made-up lives, not secrets


def clamp(value: float, low: float, high: float) -> float:
    return max(low, min(high, value))
