"""Server-side sessions for Flask-Login, Flask-WTF and Authlib.

The cookie holds 256 random bits and nothing else; the row under their hash holds the rest. A
session ends when its row goes, so a copied cookie is worthless after sign-out.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import cast
from uuid import UUID

from flask import Flask, Request, Response, request
from flask import session as flask_session
from flask.sessions import SessionInterface, SessionMixin
from sqlalchemy import delete, func, insert, select, text, update
from werkzeug.datastructures import CallbackDict
from werkzeug.exceptions import ServiceUnavailable

from coach.database import moments
from coach.database.outages import AWAY
from coach.database.tenancy import acting_for
from coach.extensions import db
from coach.web.models import UserSession

# A page that refreshes itself sends this header; watching a screen is not being there.
POLL_HEADER = "Coach-Poll"
# Pictures, scripts and style sheets are the same for everybody: who asks need not be known.
OF_NOBODY = {"static", "favicon.show"}
TOUCH_EVERY = timedelta(seconds=60)
DEVICE_LENGTH = 200


@dataclass(frozen=True, slots=True)
class Lifetime:
    """How long a session lasts unused, and at most."""

    idle: timedelta
    absolute: timedelta


VISITOR = Lifetime(idle=timedelta(hours=1), absolute=timedelta(hours=12))
CLIENT = Lifetime(idle=timedelta(days=30), absolute=timedelta(days=90))


class CoachSession(CallbackDict[str, object], SessionMixin):
    """What Flask sees as the session; `token` is what the cookie holds."""

    def __init__(
        self,
        data: dict[str, object] | None = None,
        *,
        token: str | None = None,
        organisation_id: UUID | None = None,
    ) -> None:
        super().__init__(data or {}, lambda _: setattr(self, "modified", True))
        self.token = token
        self.old_token: str | None = None
        self.new = token is None
        self.modified = False
        self.ended = False
        self.unreachable = False
        self.stale = False
        self.organisation_id = organisation_id
        self.lifetime = VISITOR
        self.signed_in_now = True

    def rotate(self, lifetime: Lifetime, *, signed_in_now: bool) -> None:
        """Continue under a new id, so that an id planted before signing in is worthless.

        Without a new proof of who they are, the person keeps the hour they signed in at: going
        from organisation to organisation makes no session longer than its lifetime.
        """
        self.old_token, self.token = self.token or self.old_token, None
        self.lifetime = lifetime
        self.signed_in_now = signed_in_now
        self.modified = True

    def end(self) -> None:
        """Forget everything and end the session with this answer."""
        self.clear()
        self.ended = True


def current_session() -> CoachSession:
    """Give the session of this request, typed."""
    return cast("CoachSession", flask_session)


def hash_token(token: str) -> str:
    """Hash a random token for storage; 256 random bits need no salt."""
    return hashlib.sha256(token.encode()).hexdigest()


class DatabaseSessions(SessionInterface):
    """Loads and saves sessions in short transactions of their own."""

    def open_session(self, app: Flask, request: Request) -> CoachSession:
        token = request.cookies.get(self.get_cookie_name(app))
        # Programs bring tokens: whatever cookies a browser adds to their calls mean nothing.
        if not token or request.endpoint in OF_NOBODY or request.path.startswith("/api/v1/"):
            return CoachSession()
        needs_touch = UserSession.last_seen < func.now() - TOUCH_EVERY
        told = (UserSession.data, UserSession.organisation_id, needs_touch, func.now())
        alive = select(*told).where(
            UserSession.id_hash == hash_token(token),
            UserSession.ends_at > func.now(),
            UserSession.last_seen
            > func.now() - UserSession.idle_seconds * text("interval '1 second'"),
        )
        try:
            with acting_for(None), db.engine.connect() as connection:
                found = connection.execute(alive).one_or_none()
        except AWAY:
            return _unreachable()  # every page but the health checks answers 503
        if found is None:
            return CoachSession()
        data, organisation_id, touch, moment = found
        moments.keep(moment)
        session = CoachSession(data, token=token, organisation_id=organisation_id)
        session.stale = touch and POLL_HEADER not in request.headers
        return session

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        session = cast("CoachSession", session)
        if session.unreachable:
            return
        if session.ended:
            self._forget(session)
            response.delete_cookie(
                self.get_cookie_name(app),
                secure=self.get_cookie_secure(app),
                httponly=True,
                samesite="Lax",
            )
        elif session.token is None and session.modified:
            self._begin(session)
            self._set_cookie(app, session, response)
        elif session.modified or session.stale:
            self._update(session)

    def _begin(self, session: CoachSession) -> None:
        session.token = secrets.token_urlsafe(32)
        row: dict[str, object] = {
            "id_hash": hash_token(session.token),
            "user_id": _user_id(session),
            "organisation_id": session.organisation_id,
            "data": dict(session),
            "device": request.headers.get("User-Agent", "")[:DEVICE_LENGTH],
            "idle_seconds": int(session.lifetime.idle.total_seconds()),
        }
        before = UserSession.id_hash == hash_token(session.old_token or "")
        with acting_for(None), db.engine.begin() as connection:
            begun = connection.scalar(
                delete(UserSession).where(before).returning(UserSession.created_at)
            )
            since = func.now() if session.signed_in_now else begun
            if since is None:
                return  # ended from elsewhere in the meantime: nothing is left to continue
            row |= {"created_at": since, "ends_at": since + session.lifetime.absolute}
            connection.execute(insert(UserSession).values(row))

    def _update(self, session: CoachSession) -> None:
        change = update(UserSession).where(UserSession.id_hash == hash_token(session.token or ""))
        values: dict[str, object] = {"organisation_id": session.organisation_id}
        if session.modified:
            values["data"] = dict(session)
        if session.stale:
            values["last_seen"] = func.now()
        with acting_for(None), db.engine.begin() as connection:
            connection.execute(change.values(values))

    def _forget(self, session: CoachSession) -> None:
        if token := session.token or session.old_token:
            with acting_for(None), db.engine.begin() as connection:
                connection.execute(
                    delete(UserSession).where(UserSession.id_hash == hash_token(token))
                )

    def _set_cookie(self, app: Flask, session: CoachSession, response: Response) -> None:
        keep = session.lifetime is CLIENT
        response.set_cookie(
            self.get_cookie_name(app),
            session.token or "",
            max_age=session.lifetime.absolute if keep else None,
            secure=self.get_cookie_secure(app),
            httponly=True,
            samesite="Lax",
            path="/",
        )


def end_sessions(user_id: UUID, *, but: CoachSession | None = None) -> None:
    """End every session of a person, in the transaction of the caller; `but` stays alive."""
    doomed = delete(UserSession).where(UserSession.user_id == user_id)
    if but is not None and but.token:
        doomed = doomed.where(UserSession.id_hash != hash_token(but.token))
    db.session.execute(doomed)


def _user_id(session: CoachSession) -> UUID | None:
    user_id = session.get("_user_id")
    return UUID(str(user_id)) if user_id else None


def _unreachable() -> CoachSession:
    session = CoachSession()
    session.unreachable = True
    return session


def _refuse_without_database() -> None:
    if current_session().unreachable and request.blueprint != "health":
        raise ServiceUnavailable


def use_database_sessions(app: Flask, *, on_https: bool) -> None:
    """Bind the interface; on https the cookie is tied to the host."""
    app.config["SESSION_COOKIE_NAME"] = "__Host-coach" if on_https else "coach"
    app.config["SESSION_COOKIE_SECURE"] = on_https
    app.session_interface = DatabaseSessions()
    app.before_request(_refuse_without_database)
