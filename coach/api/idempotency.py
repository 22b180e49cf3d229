"""`Idempotency-Key`: the first answer to a call is kept, and given again to whoever repeats it.

The key is written in the transaction of the deed. Of two calls at once the second waits for the
first to commit, and then finds its answer; when the first fails, the second is the first. A deed that
commits on its way, as an exchange does before it asks WHOOP, shows its key before there is an answer:
then the second is told to wait, and after two minutes, which none takes, it is the first.
"""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from hashlib import sha256
from typing import TypeAlias

from flask import Response, request
from sqlalchemy import ColumnElement, and_, delete, func, select
from sqlalchemy.dialects.postgresql import insert

from coach.accounts.models import TokenDirectory, TokenKind
from coach.api import auth, linking
from coach.api.models import IdempotencyKey
from coach.database.tenancy import acting_for
from coach.extensions import db
from coach.web.problems import Refused, invalid

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
LONGEST_KEY = 200
KEPT = timedelta(hours=24)
GIVEN_UP = timedelta(minutes=2)
CHUNK = 64 * 1024
_KEPT_HEADERS = ("Content-Type", "Location")
_KEY = ("organisation_id", "token_id", "key")
_Call: TypeAlias = dict[str, object]  # a row by its columns, before there is an answer


def once(answer: Callable[[], Response]) -> Response:
    """Do what was asked, unless this caller asked the same before: then answer as then."""
    key = request.headers.get(HEADER)
    if key is None:
        return answer()
    if not key.isascii() or not key.isprintable() or not 0 < len(key) <= LONGEST_KEY:
        raise invalid(HEADER, f"must be 1 to {LONGEST_KEY} printable ASCII characters")
    called = _call(key)
    if not _claim(called):
        return _kept(called)
    response = answer()
    _keep(called, response)
    return response


def forget_old(*, now: datetime) -> None:
    """Delete the keys and linking codes of yesterday, wherever there are tokens."""
    known = select(TokenDirectory.organisation_id).where(TokenDirectory.kind == TokenKind.API_TOKEN)
    owners = db.session.scalars(known.distinct()).all()
    db.session.commit()
    for owner in owners:
        with acting_for(owner):
            old = IdempotencyKey.created_at < now - KEPT
            mine = IdempotencyKey.organisation_id == owner
            db.session.execute(delete(IdempotencyKey).where(mine, old))
            linking.forget_old(now=now)
            db.session.commit()


def _call(key: str) -> _Call:
    return {
        "organisation_id": auth.caller().organisation_id,
        "token_id": auth.bearer().id,
        "key": key,
        "request_hash": _request_hash(),
    }


def _claim(called: _Call) -> bool:
    row = insert(IdempotencyKey).values(called)
    old = IdempotencyKey.created_at < func.now() - GIVEN_UP
    claimed = row.on_conflict_do_update(
        index_elements=_KEY,
        set_={"request_hash": row.excluded.request_hash, "created_at": func.now()},
        where=and_(IdempotencyKey.status.is_(None), old),
    )
    return db.session.execute(claimed.returning(IdempotencyKey.key)).one_or_none() is not None


def _kept(called: _Call) -> Response:
    found = db.session.execute(select(IdempotencyKey).where(*_mine(called))).scalar_one()
    if found.request_hash != called["request_hash"]:
        raise invalid(HEADER, "was used for another call")
    if found.status is None:
        raise Refused(
            409, "The first call with this key is under way.", headers={"Retry-After": "1"}
        )
    response = Response(found.body or "", found.status, _texts(found.headers))
    response.headers[REPLAYED] = "true"
    return response


def _keep(called: _Call, response: Response) -> None:
    """Keep an answer; a failure of ours, or to come later, is none: the call may be made again."""
    if response.status_code >= 500 or response.status_code == 429:
        _forget(called)
        return
    headers = {name: response.headers[name] for name in _KEPT_HEADERS if name in response.headers}
    answered = {
        "status": response.status_code,
        "headers": headers,
        "body": response.get_data(as_text=True),
    }
    # What was refused may have been taken back on its way, and the key with it.
    row = insert(IdempotencyKey).values({**called, **answered})
    db.session.execute(row.on_conflict_do_update(index_elements=_KEY, set_=answered))


def _forget(called: _Call) -> None:
    db.session.rollback()  # as it is with every answer of 500 and more
    db.session.execute(delete(IdempotencyKey).where(*_mine(called)))
    db.session.commit()


def _mine(called: _Call) -> tuple[ColumnElement[bool], ...]:
    return tuple(getattr(IdempotencyKey, name) == called[name] for name in _KEY)


def _request_hash() -> str:
    """Hash what makes a call this call; of an upload its files, for what parts them is random."""
    made = sha256(json.dumps([request.method, request.full_path]).encode())
    files = request.files.getlist("file")
    if not files:
        made.update(request.get_data())
    for file in files:
        while chunk := file.stream.read(CHUNK):
            made.update(chunk)
        file.stream.seek(0)
    return made.hexdigest()


def _texts(headers: dict[str, object] | None) -> dict[str, str]:
    return {name: str(value) for name, value in (headers or {}).items()}
