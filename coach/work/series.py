"""What RQ calls: a work horse does the work it was forked for, then what is due next, for a while.

To fork and to connect takes longer than a short piece of work. PostgreSQL is the record and RQ only
carries messages, so a horse may take the next piece as its worker would: first what waits in the
queue, then what the dispatcher would choose. Each piece has its own lease, as if it were alone.
"""

from time import monotonic
from uuid import UUID

import structlog
from flask import current_app
from redis import Redis
from redis.exceptions import RedisError

from coach.database.outages import AWAY, reason
from coach.work import dispatch
from coach.work.models import Queue
from coach.work.perform import perform
from coach.work.slate import slate

log = structlog.get_logger()

# A job of another kind in the queue waits for this long at most; who is told to stop ends after the
# piece at hand. It is not short, because each new horse builds all its statements anew.
SECONDS = 8.0


def perform_due(work_id: str) -> None:
    """Do one piece of work, and go on with what is due in its queue."""
    ends = monotonic() + SECONDS
    next_one: UUID | None = UUID(work_id)
    while next_one is not None:
        queue = perform(str(next_one))
        if queue is None or monotonic() > ends or slate.is_to_stop():
            return
        next_one = _take(queue)


def _take(queue: Queue) -> UUID | None:
    redis: Redis = current_app.extensions["redis"]
    try:
        return dispatch.take(redis, queue)
    except (*AWAY, RedisError) as error:
        log.warning("series_ends", reason=reason(error))
        return None
