"""Error pages: what happened, in plain words, and what to do."""

import errno
from collections.abc import Iterator, Mapping

import structlog
from flask import Flask, Response, g, render_template, request
from flask.globals import request_ctx
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, MethodNotAllowed, TooManyRequests

from coach.database.outages import AWAY, reason
from coach.extensions import db
from coach.sealing import KeysAway
from coach.web.htmx import wants_fragment
from coach.web.problems import problem, wants_problem
from coach.web.session import current_session

log = structlog.get_logger()

RETRY_AFTER_SECONDS = 5
DISK_FULL = (errno.ENOSPC, errno.EDQUOT)


def words(code: int) -> tuple[str, str]:
    """Give the title and the advice for a status code."""
    known = {
        400: (_("That did not arrive as expected"), _("Go back, reload the page and try again.")),
        401: (_("Please sign in"), _("Your session has ended. Sign in and try again.")),
        403: (_("This is not yours to open"), _("Your role does not include this page.")),
        404: (_("Nothing here"), _("The address is wrong, or this is not shared with you.")),
        405: (_("That does not work here"), _("Go back and use the buttons on the page.")),
        409: (_("Somebody changed this first"), _("Reload the page to see the newest values.")),
        410: (
            _("This link opens nothing any more"),
            _("It was used already, or it has expired. Ask for a new one where you got it."),
        ),
        413: (_("That file is too large"), _("Choose a smaller file.")),
        429: (_("Too many tries"), _("Wait a few minutes, then try again.")),
        507: (
            _("There is no room on the server"),
            _("What you sent was not kept, and nothing else was lost. Try again in an hour."),
        ),
        503: (_("Coach is catching its breath"), _("Try again in a minute. Nothing is lost.")),
    }
    sorry = (_("Something broke on our side"), _("Try again. Nothing you saved is lost."))
    return known.get(code, sorry)


def show_errors(app: Flask) -> None:
    """Register one handler per kind of failure."""
    app.register_error_handler(CSRFError, _csrf)
    app.register_error_handler(HTTPException, _http)
    for away in AWAY:
        app.register_error_handler(away, _database_away)
    app.register_error_handler(KeysAway, _keys_away)
    app.register_error_handler(Exception, _broken)


def _http(error: HTTPException) -> ResponseReturnValue:
    if error.response is not None:
        return error.response
    original = getattr(error, "original_exception", None)
    if isinstance(original, AWAY):  # it went away while the session was saved
        return _database_away(original)
    if wants_problem():
        return problem(error.code or 500, headers=dict(_told(error)))
    return _answer(error.code or 500, headers=dict(_told(error)))


def _told(error: HTTPException) -> Iterator[tuple[str, str]]:
    """Name the methods that an address knows where it was asked for another; when to come back."""
    if isinstance(error, MethodNotAllowed) and error.valid_methods:
        yield "Allow", ", ".join(sorted(error.valid_methods))
    if isinstance(error, TooManyRequests) and isinstance(error.retry_after, int):
        yield "Retry-After", str(error.retry_after)


def _csrf(error: CSRFError) -> ResponseReturnValue:
    log.warning("csrf_refused", reason=error.description)
    return _answer(400, advice=_("This form was open for too long. Reload the page and try again."))


def _database_away(error: Exception) -> ResponseReturnValue:
    log.error("database_unreachable", reason=reason(error))
    db.session.rollback()
    current_session().unreachable = True  # so that nobody asks it again for this answer
    return _answer(503)


def _keys_away(error: Exception) -> ResponseReturnValue:
    log.error("keys_away", reason=type(error).__name__)
    db.session.rollback()
    return _answer(503)


def _broken(error: Exception) -> ResponseReturnValue:
    # Not the path: those of invitations and resets open what they name.
    log.error("request_failed", endpoint=request.endpoint, exc_info=error)
    db.session.rollback()
    g.broken = True  # whatever broke, this answer must not ask it again
    return _answer(507 if _is_disk_full(error) else 500)


def _is_disk_full(error: Exception) -> bool:
    """Tell whether there was no room, wherever it was: uploads go through a temporary file too."""
    return isinstance(error, OSError) and error.errno in DISK_FULL


def _answer(
    code: int, advice: str | None = None, headers: Mapping[str, str] | None = None
) -> ResponseReturnValue:
    title, usual = words(code)
    if request_ctx.url_adapter is None:  # the host named makes no address: no page can link to us
        return Response(f"{title}\n", code, mimetype="text/plain")
    told = dict(headers or {})
    if code == 503:
        told["Retry-After"] = str(RETRY_AFTER_SECONDS)
    if wants_problem():
        return problem(code, headers=told)
    template = "errors/fragment.html" if wants_fragment() else "errors/error.html"
    return render_template(template, code=code, title=title, text=advice or usual), code, told
