"""`Idempotency-Key`: the first answer to a call is kept, and given again to whoever repeats it.

The key is written in the transaction of the deed. Of two calls at once the second waits for the
first to commit, and then finds its answer; when the first fails, the second is the first.
"""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from hashlib import sha256

from flask import Response, request
from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.dialects.postgresql import insert

from coach.accounts.models import TokenDirectory, TokenKind
from coach.api import auth
from coach.api.models import IdempotencyKey
from coach.database.tenancy import acting_for
from coach.extensions import db
from coach.web.problems import Refused, invalid

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
LONGEST_KEY = 200
KEPT = timedelta(hours=24)
_KEPT_HEADERS = ("Content-Type", "Location")


def once(answer: Callable[[], Response]) -> Response:
    """Do what was asked, unless this caller asked the same before: then answer as then."""
    key = request.headers.get(HEADER)
    if key is None:
        return answer()
    if not key.isascii() or not key.isprintable() or not 0 < len(key) <= LONGEST_KEY:
        raise invalid(HEADER, f"must be 1 to {LONGEST_KEY} printable ASCII characters")
    if not _claim(key):
        return _kept(key)
    response = answer()
    _keep(key, response)
    return response


def forget_old(*, now: datetime) -> None:
    """Delete the keys of yesterday, wherever there are tokens."""
    known = select(TokenDirectory.organisation_id).where(TokenDirectory.kind == TokenKind.API_TOKEN)
    owners = db.session.scalars(known.distinct()).all()
    db.session.commit()
    for owner in owners:
        with acting_for(owner):
            old = IdempotencyKey.created_at < now - KEPT
            mine = IdempotencyKey.organisation_id == owner
            db.session.execute(delete(IdempotencyKey).where(mine, old))
            db.session.commit()


def _claim(key: str) -> bool:
    caller = auth.caller()
    row = insert(IdempotencyKey).values(
        organisation_id=caller.organisation_id,
        token_id=auth.bearer().id,
        key=key,
        request_hash=_request_hash(),
    )
    claimed = row.on_conflict_do_nothing().returning(IdempotencyKey.key)
    return db.session.execute(claimed).one_or_none() is not None


def _kept(key: str) -> Response:
    found = db.session.execute(select(IdempotencyKey).where(*_mine(key))).scalar_one()
    if found.request_hash != _request_hash():
        raise invalid(HEADER, "was used for another call")
    if found.status is None:
        raise Refused(
            409, "The first call with this key is under way.", headers={"Retry-After": "1"}
        )
    response = Response(found.body or "", found.status, _texts(found.headers))
    response.headers[REPLAYED] = "true"
    return response


def _keep(key: str, response: Response) -> None:
    if response.status_code >= 500:
        return
    headers = {name: response.headers[name] for name in _KEPT_HEADERS if name in response.headers}
    answered = {
        "status": response.status_code,
        "headers": headers,
        "body": response.get_data(as_text=True),
    }
    db.session.execute(update(IdempotencyKey).where(*_mine(key)).values(answered))


def _mine(key: str) -> tuple[ColumnElement[bool], ...]:
    return (
        IdempotencyKey.organisation_id == auth.caller().organisation_id,
        IdempotencyKey.token_id == auth.bearer().id,
        IdempotencyKey.key == key,
    )


def _request_hash() -> str:
    """Hash what makes a call this call; of an upload only its length, for its parts are random."""
    said = request.get_data() if request.is_json else str(request.content_length).encode()
    place = json.dumps([request.method, request.full_path])
    return sha256(place.encode() + said).hexdigest()


def _texts(headers: dict[str, object] | None) -> dict[str, str]:
    return {name: str(value) for name, value in (headers or {}).items()}
