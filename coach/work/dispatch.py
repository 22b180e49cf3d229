"""Move due work from the table into RQ, fairly, and take back what nobody holds any more."""

from datetime import timedelta
from uuid import UUID

import structlog
from redis import Redis
from rq import Queue as RqQueue
from rq import Worker
from rq.serializers import JSONSerializer
from sqlalchemy import case, func, select, update

from coach.extensions import db
from coach.work.asking import urgency
from coach.work.leases import MOST_ATTEMPTS
from coach.work.models import Queue, Work, WorkState

log = structlog.get_logger()

# What Redis loses is missed here after so long, and queued again.
QUEUED_LEASE = timedelta(seconds=30)
JOBS_PER_WORKER = 2
JOB_TIMEOUT_SECONDS = 600
PERFORM = "coach.work.perform.perform"


def rq_queue(redis: Redis, queue: Queue) -> RqQueue:
    """Give RQ's queue of that name; jobs are JSON, never pickles."""
    return RqQueue(queue.value, connection=redis, serializer=JSONSerializer)


def dispatch(redis: Redis) -> int:
    """Queue as much due work as the living workers can take soon; the number queued."""
    return sum(_dispatch_queue(redis, queue) for queue in Queue)


def sweep() -> int:
    """Take back work whose holder is gone; work that failed too often is set aside."""
    exhausted = Work.attempts >= MOST_ATTEMPTS
    taken = db.session.execute(
        update(Work)
        .where(Work.state.in_([WorkState.QUEUED, WorkState.RUNNING]), Work.lease_until < func.now())
        .values(
            state=case(
                (Work.state == WorkState.QUEUED, WorkState.WAITING.value),
                (exhausted, WorkState.FAILED.value),
                else_=WorkState.WAITING.value,
            ),
            error=case(
                (Work.state == WorkState.RUNNING, "the worker died while doing this"),
                else_=Work.error,
            ),
            lease_until=None,
        )
        .returning(Work.id)
    ).all()
    db.session.commit()
    if taken:
        log.info("work_taken_back", count=len(taken))
    return len(taken)


def _dispatch_queue(redis: Redis, queue: Queue) -> int:
    target = rq_queue(redis, queue)
    room = JOBS_PER_WORKER * Worker.count(queue=target) - _under_way(queue)
    if room <= 0:
        return 0
    chosen = _choose(queue, room)
    db.session.commit()  # the row says queued before Redis does: a crash in between loses nothing
    for work_id in chosen:
        target.enqueue(
            PERFORM,
            str(work_id),
            job_timeout=JOB_TIMEOUT_SECONDS,
            result_ttl=0,
            failure_ttl=0,
        )
    return len(chosen)


def _under_way(queue: Queue) -> int:
    return db.session.execute(
        select(func.count()).where(
            Work.queue == queue, Work.state.in_([WorkState.QUEUED, WorkState.RUNNING])
        )
    ).scalar_one()


def _choose(queue: Queue, room: int) -> list[UUID]:
    """Pick by lane, then one organisation after the other, then by age."""
    lane = urgency(Work.lane)
    turn = func.row_number().over(
        partition_by=(Work.organisation_id, Work.lane), order_by=(Work.due_at, Work.id)
    )
    waiting = (Work.queue == queue, Work.state == WorkState.WAITING, Work.due_at <= func.now())
    first = select(Work.id).where(*waiting).order_by(lane, turn, Work.due_at, Work.id).limit(room)
    taken = (
        update(Work)
        .where(Work.id.in_(first.scalar_subquery()), Work.state == WorkState.WAITING)
        .values(state=WorkState.QUEUED, lease_until=func.now() + QUEUED_LEASE)
        .returning(Work.id)
    )
    return list(db.session.scalars(taken))
