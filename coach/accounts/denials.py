"""Who asked for something that is not theirs, or is not there: the answer does not tell which.

The log of their own organisation holds each such try, and what watches the installation looks for
somebody who goes from id to id. Honest people seldom meet one: a link to a client who has left.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import timedelta
from typing import Final
from uuid import UUID

import structlog
from flask import Flask, Response, g, request
from flask_login import current_user
from sqlalchemy import Uuid, distinct, func, insert, literal, select
from sqlalchemy.dialects.postgresql import JSONB

from coach.accounts.access import Viewer
from coach.accounts.models import AuditEntry
from coach.database.tenancy import act_for
from coach.extensions import db
from coach.ids import new_id
from coach.observability import counters

log = structlog.get_logger()

ACTION: Final = "access_denied"
WITHIN: Final = timedelta(minutes=15)
# So many different ids within that time are no mistake any more.
STRAYS_FROM: Final = 3
# And so many entries tell all there is to tell; the log is not to be flooded.
MOST_ENTRIES: Final = 20


def register(app: Flask) -> None:
    """Note each page that was not there for somebody who is signed in."""

    @app.after_request
    def note_page(response: Response) -> Response:
        if response.status_code == 404 and _asked_for() and current_user.is_authenticated:
            note(current_user.viewer)
        return response


def note(looking: Viewer) -> None:
    """Write down that somebody asked in vain for what this request names."""
    asked = _asked_for()
    if asked is None or request.url_rule is None:
        return
    counters.security_events.labels(event=ACTION).inc()
    log.warning(ACTION, user=str(looking.user_id), organisation=str(looking.organisation_id))
    act_for(looking.organisation_id, user_id=looking.user_id, session=db.session())
    _write(looking, {"id": str(asked), "route": request.url_rule.rule})


def someone_strays(organisation_id: UUID) -> bool:
    """Tell whether a member of the organisation we act for goes from id to id."""
    ids = func.count(distinct(AuditEntry.details["id"].astext))
    found = select(AuditEntry.actor_id).where(
        AuditEntry.organisation_id == organisation_id,
        AuditEntry.subject_id.is_(None),
        AuditEntry.created_at > func.now() - WITHIN,
        AuditEntry.action == ACTION,
    )
    strays = found.group_by(AuditEntry.actor_id).having(ids >= STRAYS_FROM).limit(1)
    return db.session.scalar(strays) is not None


def _write(looking: Viewer, details: Mapping[str, str]) -> None:
    lately = select(func.count()).where(
        AuditEntry.organisation_id == looking.organisation_id,
        AuditEntry.subject_id.is_(None),
        AuditEntry.created_at > func.now() - WITHIN,
        AuditEntry.actor_id == looking.user_id,
        AuditEntry.action == ACTION,
    )
    row = {
        "organisation_id": literal(looking.organisation_id, Uuid),
        "id": literal(new_id(), Uuid),
        "actor_id": literal(looking.user_id, Uuid),
        "action": literal(ACTION),
        "details": literal(details, JSONB),
    }
    few = lately.scalar_subquery() < MOST_ENTRIES
    db.session.execute(insert(AuditEntry).from_select(list(row), select(*row.values()).where(few)))


def _asked_for() -> UUID | None:
    """Find the id that this request names, in its address or in what was posted.

    None when it is about a client they know: then that client only has no such thing.
    """
    return None if "found_client" in g else next(_ids(), None)


def _ids() -> Iterator[UUID]:
    yield from _parsed((request.view_args or {}).values())
    # Only then what was posted: it may be large, and nobody has read it yet.
    named = ((name or "", value) for name, value in request.form.items())  # a part may have no name
    yield from _parsed(value for name, value in named if name.endswith("_id"))


def _parsed(values: Iterable[object]) -> Iterator[UUID]:
    for value in values:
        with suppress(ValueError):
            yield UUID(str(value))
