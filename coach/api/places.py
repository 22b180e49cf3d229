"""Cursors of lists that are worked out, not selected: the place of the last row, sealed.

A place is what rows are ordered by, an id last. So a page begins behind that place whether or not the
row is still there, and a row is skipped or doubled only when its own place has changed. It may hold a
name or a figure, which have no business in addresses: hence sealed, and always alike for one place,
so that a page keeps its `ETag`.
"""

import base64
import hmac
import json
from collections.abc import Callable, Sequence
from typing import TypeAlias, TypeVar

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from coach.api import auth
from coach.extensions import settings
from coach.web.problems import invalid

Row = TypeVar("Row")
Place: TypeAlias = tuple[
    str | float, ...
]  # numbers and truths too; rows of one list are of one form


def page(
    rows: Sequence[Row],
    place: Callable[[Row], Place],
    *,
    behind: Place | None,
    limit: int,
) -> tuple[Sequence[Row], Place | None]:
    """Cut a page out of rows in the order of their places, and give the place of its last if more follow."""
    left = [row for row in rows if behind is None or place(row) > behind]
    return left[:limit], place(left[limit - 1]) if len(left) > limit else None


def sealed(place: Place | None, *, of: str) -> str | None:
    """Write the cursor of a place in the list `of`, for the caller alone."""
    if place is None:
        return None
    said = json.dumps(place, ensure_ascii=False).encode()
    return base64.urlsafe_b64encode(_cipher().encrypt(said, _about(of))).decode().rstrip("=")


def opened(cursor: str | None, *, of: str) -> Place | None:
    """Read a cursor of ours; raises Refused for one of another list, or of nobody."""
    if cursor is None:
        return None
    try:
        raw = base64.urlsafe_b64decode(cursor.encode("ascii") + b"==")
        return tuple(json.loads(_cipher().decrypt(raw, _about(of))))
    except (ValueError, InvalidTag):
        raise invalid("cursor", "is not a cursor of this list") from None


def _about(of: str) -> list[bytes]:
    here = auth.caller()
    return [here.organisation_id.bytes, here.user_id.bytes, of.encode()]


def _cipher() -> AESSIV:
    secret = settings().required_secret_key.encode()
    return AESSIV(hmac.digest(secret, b"cursors of the API", "sha512"))
