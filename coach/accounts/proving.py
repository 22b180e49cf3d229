"""Step-up: before something that cannot be taken back, people show again who they are."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from typing import TypeAlias
from urllib.parse import urlsplit

from flask import request, url_for
from flask.typing import ResponseReturnValue

from coach.accounts import signin
from coach.accounts.access import Viewer, viewer
from coach.web.htmx import go_to
from coach.web.session import current_session
from coach.work.leases import now

View: TypeAlias = Callable[..., ResponseReturnValue]
LASTS = timedelta(minutes=10)


def proven(view: View) -> View:
    """Let a view be used within ten minutes of a password or code typed in this session."""

    @wraps(view)
    def guarded(*args: object, **keywords: object) -> ResponseReturnValue:
        viewer()  # whoever is not signed in signs in, which is proof enough
        if not is_fresh(now()):
            return ask()
        return view(*args, **keywords)

    return guarded


def ask() -> ResponseReturnValue:
    """Ask people to show who they are, and come back to this page."""
    return go_to(url_for("factors.prove", next=_back()))


def is_fresh(moment: datetime) -> bool:
    """Tell whether the person has shown who they are within the last ten minutes."""
    proved_at = current_session().get(signin.PROVED_AT)
    return isinstance(proved_at, float) and moment.timestamp() - proved_at < LASTS.total_seconds()


def prove(password: str, code: str, *, by: Viewer, address: str) -> bool:
    """Accept the password, or instead of it a code of the second factor; raises SlowDown."""
    moment = now()
    if code:
        shown = signin.accepts_code(by.user_id, code, address=address, moment=moment)
    else:
        shown = bool(password) and signin.knows(by, password, address=address)
    if shown:
        signin.mark_proven(moment)
    return shown


def _back() -> str:
    """Name the page to come back to: what was posted is not kept, and is posted again there."""
    if request.method != "POST":
        return request.full_path.rstrip("?")
    return urlsplit(request.referrer or "").path or url_for("accounts.account")
