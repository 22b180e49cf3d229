"""Alive? Ready? Each part is named, and what is wrong with it."""

from flask import Blueprint, current_app
from flask.typing import ResponseReturnValue
from redis import Redis
from redis.exceptions import RedisError, ResponseError
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from coach.extensions import csrf, db

PROBE_LIVES_SECONDS = 10
bp = Blueprint("health", __name__)


@bp.get("/healthz")
def alive() -> ResponseReturnValue:
    return {"status": "ok"}


@bp.get("/readyz")
def ready() -> ResponseReturnValue:
    parts = {"database": _database(), "queue": _queue()}
    well = all(state == "ok" for state in parts.values())
    return {"status": "ok" if well else "unavailable", **parts}, 200 if well else 503


csrf.exempt(bp)


def _database() -> str:
    try:
        db.session.execute(text("SELECT 1"))
    except SQLAlchemyError:
        db.session.rollback()
        return "unreachable"
    return "ok"


def _queue() -> str:
    redis: Redis = current_app.extensions["redis"]
    try:
        redis.set("coach:ready", 1, ex=PROBE_LIVES_SECONDS)
    except ResponseError:  # full, or unable to save: it answers, and takes no work
        return "refuses writes"
    except RedisError:
        return "unreachable"
    return "ok"
