"""Move due work from the table into RQ, fairly, and take back what nobody holds any more."""

from datetime import timedelta
from secrets import token_hex
from uuid import UUID

import structlog
from redis import Redis
from rq import Queue as RqQueue
from rq import Worker
from rq.job import Job
from rq.serializers import JSONSerializer
from rq.utils import as_text
from sqlalchemy import Row, case, func, select, update

from coach.extensions import db
from coach.work import clock
from coach.work.asking import urgency
from coach.work.json_job import PERFORM, JsonJob
from coach.work.leases import MOST_ATTEMPTS
from coach.work.models import Queue, Work, WorkState

log = structlog.get_logger()

# What Redis loses is missed here after so long, and queued again.
QUEUED_LEASE = timedelta(seconds=10)
JOBS_PER_WORKER = 2
JOB_TIMEOUT_SECONDS = 600
NOBODY = UUID(int=0)
ID_LENGTH = len(str(NOBODY))


def rq_queue(redis: Redis, queue: Queue) -> RqQueue:
    """Give RQ's queue of that name; jobs are JSON, never pickles."""
    return RqQueue(queue.value, connection=redis, serializer=JSONSerializer, job_class=JsonJob)


def dispatch(redis: Redis) -> int:
    """Queue as much due work as the living workers can take soon; the number queued."""
    return sum(_dispatch_queue(redis, queue) for queue in Queue)


def take(redis: Redis, queue: Queue) -> UUID | None:
    """Take what a worker of a queue would do next: what waits in Redis, or else what is due."""
    target = rq_queue(redis, queue)
    waiting = target.get_job_ids(0, 1)
    if not waiting:
        return next((each.id for each in _next_in_turn(redis, queue, 1)), None)
    (job_id,) = waiting
    ours = len(job_id) > ID_LENGTH
    if not ours or not redis.lrem(target.key, 1, job_id):
        return None  # not work of ours, or another worker was faster
    redis.delete(Job.key_for(job_id))
    return UUID(job_id[:ID_LENGTH])


def sweep() -> int:
    """Take back work whose holder is gone; work that failed too often is set aside."""
    died = Work.state == WorkState.RUNNING
    exhausted = died & (Work.attempts >= MOST_ATTEMPTS)
    # A row that is locked has a living holder, and to wait for it would stop all dispatching.
    expired = (
        select(Work.id)
        .where(Work.state.in_([WorkState.QUEUED, WorkState.RUNNING]), Work.lease_until < func.now())
        .with_for_update(skip_locked=True)
    )
    taken = db.session.execute(
        update(Work)
        .where(Work.id.in_(expired))
        .values(
            state=case((exhausted, WorkState.FAILED.value), else_=WorkState.WAITING.value),
            error=case((died, "the worker died while doing this"), else_=Work.error),
            finished_at=case((exhausted, func.now())),
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
    _keep_queued(target)
    room = JOBS_PER_WORKER * Worker.count(queue=target) - _under_way(queue)
    if room <= 0:
        return 0
    chosen = _next_in_turn(redis, queue, room)
    for work_id, _ in chosen:
        target.enqueue(
            PERFORM,
            str(work_id),
            job_id=f"{work_id}_{token_hex(4)}",
            job_timeout=JOB_TIMEOUT_SECONDS,
            result_ttl=0,
            failure_ttl=0,
        )
    return len(chosen)


def _next_in_turn(redis: Redis, queue: Queue, room: int) -> list[Row[UUID, UUID]]:
    """Choose, and remember whose turn it was.

    The rows say queued before Redis does: a crash in between loses nothing.
    """
    turn = f"coach:turn:{queue}"  # lost with Redis: then the round begins anew
    after = redis.get(turn)
    chosen = choose(queue, room, after=UUID(as_text(after)) if after else NOBODY)
    db.session.commit()
    if chosen:
        redis.set(turn, str(chosen[-1][1]))
    return chosen


def _keep_queued(target: RqQueue) -> None:
    """Renew the lease of what still waits in Redis, so that it is not queued a second time."""
    waiting = [UUID(each[:ID_LENGTH]) for each in target.get_job_ids() if len(each) > ID_LENGTH]
    if waiting:
        db.session.execute(
            update(Work)
            .where(Work.id.in_(waiting), Work.state == WorkState.QUEUED)
            .values(lease_until=func.now() + QUEUED_LEASE)
        )
        db.session.commit()


def _under_way(queue: Queue) -> int:
    return db.session.execute(
        select(func.count()).where(
            Work.queue == queue, Work.state.in_([WorkState.QUEUED, WorkState.RUNNING])
        )
    ).scalar_one()


def choose(queue: Queue, room: int, *, after: UUID = NOBODY) -> list[Row[UUID, UUID]]:
    """Pick by lane, then the organisations in turn, from the one behind `after`, then by age."""
    organisation = func.coalesce(Work.organisation_id, NOBODY)
    turn = func.row_number().over(
        partition_by=(organisation, Work.lane), order_by=(Work.due_at, Work.id)
    )
    first = db.session.execute(
        select(Work.id, organisation)
        .where(Work.queue == queue, Work.state == WorkState.WAITING, Work.due_at <= clock.moment())
        .order_by(urgency(Work.lane), turn, organisation <= after, organisation)
        .limit(room)
    ).all()
    taken = set(
        db.session.scalars(
            update(Work)
            .where(Work.id.in_([each.id for each in first]), Work.state == WorkState.WAITING)
            .values(state=WorkState.QUEUED, lease_until=func.now() + QUEUED_LEASE)
            .returning(Work.id)
        )
    )
    return [each for each in first if each.id in taken]
