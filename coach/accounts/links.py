"""Links sent to people: the token is derived from the row, only its hash is stored.

So a mail can be written, or a link shown again, without the token ever standing in the database.
"""

import base64
import hmac
from hashlib import sha256
from uuid import UUID

from sqlalchemy import delete, select

from coach.accounts.models import TokenDirectory, TokenKind
from coach.extensions import db, settings
from coach.web.session import hash_token


def token_for(kind: TokenKind, row_id: UUID) -> str:
    """Derive the token of a row: 256 bits that need the installation's key."""
    key = settings().required_secret_key.encode()
    digest = hmac.digest(key, f"{kind}:{row_id}".encode(), sha256)
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def enter_in_directory(
    kind: TokenKind, token: str, *, organisation_id: UUID | None, row_id: UUID
) -> None:
    """Let a token be found again by its hash."""
    db.session.add(
        TokenDirectory(
            token_hash=hash_token(token),
            kind=kind,
            organisation_id=organisation_id,
            row_id=row_id,
        )
    )


def find_in_directory(kind: TokenKind, token: str) -> TokenDirectory | None:
    """Find which row of which organisation a token opens."""
    return db.session.scalar(
        select(TokenDirectory).where(
            TokenDirectory.token_hash == hash_token(token), TokenDirectory.kind == kind
        )
    )


def strike_from_directory(kind: TokenKind, token: str) -> bool:
    """Make a token open nothing any more; False when it opened nothing: one of two at once wins."""
    struck = db.session.execute(
        delete(TokenDirectory)
        .where(TokenDirectory.token_hash == hash_token(token), TokenDirectory.kind == kind)
        .returning(TokenDirectory.token_hash)
    )
    return struck.one_or_none() is not None
