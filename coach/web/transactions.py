"""A web request is one transaction: it commits when the answer is not a failure of ours."""

from flask import Flask, Response

from coach.database.tenancy import act_for_nobody
from coach.extensions import db


def one_per_request(app: Flask) -> None:
    """Commit after each answer below 500, roll back otherwise, and forget who asked."""
    app.after_request(_finish)
    app.teardown_request(_forget)


def _finish(response: Response) -> Response:
    if response.status_code < 500:
        db.session.commit()
    else:
        db.session.rollback()
    return response


def _forget(_error: BaseException | None) -> None:
    act_for_nobody()
