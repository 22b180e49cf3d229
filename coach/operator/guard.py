"""Who runs the installation: `users.is_operator`, which only `coach users operator` sets."""

from functools import wraps

from flask import abort
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from coach.accounts.access import View, viewer
from coach.accounts.models import User
from coach.extensions import db


def operators_only(view: View) -> View:
    """Let a view be used by operators; whatever their role in an organisation is."""

    @wraps(view)
    def guarded(*args: object, **keywords: object) -> ResponseReturnValue:
        mine = select(User.is_operator).where(User.id == viewer().user_id)
        if not db.session.scalar(mine):
            abort(403)
        return view(*args, **keywords)

    return guarded
