"""Wake the scheduler, so that work somebody waits for is not left until its next look around.

Only a hint in Redis: without it, or without Redis, the scheduler looks every second all the same.
"""

import structlog
from flask import current_app
from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy import event
from sqlalchemy.orm import Session

from coach.extensions import db

log = structlog.get_logger()

BELL = "coach:wake"
_RINGS_FOR = 10  # seconds; with no scheduler there it must not wait for one


def wake_when_committed() -> None:
    """Wake the scheduler once the running transaction is committed: what it asked for is due."""
    redis: Redis = current_app.extensions["redis"]

    def ring(_session: Session) -> None:
        try:
            with redis.pipeline() as together:
                together.lpush(BELL, "")
                together.ltrim(BELL, 0, 0)
                together.expire(BELL, _RINGS_FOR)
                together.execute()
        except RedisError as error:
            log.warning("not_woken", reason=type(error).__name__)

    event.listen(db.session(), "after_commit", ring, once=True)


def sleep_until_woken(redis: Redis, *, seconds: float) -> None:
    """Wait so long, or until somebody has something that is due; raises what Redis raises."""
    redis.blpop([BELL], timeout=seconds)
