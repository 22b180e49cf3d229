"""Who runs the installation: `users.is_operator`, which only `coach users operator` sets."""

from functools import wraps

from flask import abort
from flask.typing import ResponseReturnValue

from coach.accounts import signin
from coach.accounts.access import View, viewer


def operators_only(view: View) -> View:
    """Let a view be used by operators; whatever their role in an organisation is."""

    @wraps(view)
    def guarded(*args: object, **keywords: object) -> ResponseReturnValue:
        if not signin.is_operator(viewer().user_id):
            abort(403)
        return view(*args, **keywords)

    return guarded
