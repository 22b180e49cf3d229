"""Builds the app once and runs a queue worker, or the scheduler, inside it."""

import os
import sys
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import structlog
from redis import Redis
from redis.exceptions import RedisError
from rq import Queue as RqQueue
from rq import Worker
from rq.job import Job
from rq.serializers import JSONSerializer
from rq_scheduler import Scheduler
from sqlalchemy.exc import OperationalError

from coach import schedule
from coach.app import create_app
from coach.extensions import db
from coach.runtime.supervisor import Child, Supervisor
from coach.work.dispatch import dispatch, rq_queue, sweep
from coach.work.models import Queue
from config import Settings

log = structlog.get_logger()
# rq-scheduler calls crontab in a way that will change; with TZ=UTC both ways are the same.
warnings.filterwarnings("ignore", category=FutureWarning, module="rq_scheduler.utils")

# RQ's own nets, as tight as they go; our leases are the first net.
WORKER_TTL_SECONDS = 25
MAINTENANCE_SECONDS = 10
TICK_SECONDS = 1.0
SWEEP_SECONDS = 5.0
BREATH_SECONDS = 5.0


class JsonJob(Job):
    """A job that is always JSON; rq-scheduler would write pickles."""

    def __init__(
        self,
        id: str | None = None,  # noqa: A002  # RQ's own name
        connection: Redis | None = None,
        serializer: object = None,  # noqa: ARG002  # replaced on purpose
    ) -> None:
        super().__init__(id, connection, JSONSerializer)


class CoachWorker(Worker):
    """RQ's forking worker; the child opens database connections of its own."""

    def main_work_horse(self, job: Job, queue: RqQueue) -> None:
        db.engine.dispose(close=False)
        super().main_work_horse(job, queue)


def run(settings: Settings, queue: Queue) -> None:
    """Work on one queue until told to stop; one queue per process, so that no job is lost."""
    app = create_app(settings)
    redis = Redis.from_url(str(settings.redis_url))
    with app.app_context():
        CoachWorker(
            [rq_queue(redis, queue)],
            connection=redis,
            serializer=JSONSerializer,
            worker_ttl=WORKER_TTL_SECONDS,
            maintenance_interval=MAINTENANCE_SECONDS,
            job_monitoring_interval=5,
        ).work(logging_level="WARNING")


def run_all() -> None:
    """Run one worker process per queue, restarted when it dies."""
    me = [sys.executable, "-m", "coach", "worker"]
    Supervisor([Child(queue.value, [*me, queue.value], os.environ) for queue in Queue]).run()


def schedule_forever(settings: Settings) -> None:
    """Dispatch every second, sweep and keep the schedule every few; several copies may run."""
    os.environ["TZ"] = "UTC"  # rq-scheduler reads cron lines in the zone of the process
    time.tzset()
    app = create_app(settings)
    redis = Redis.from_url(str(settings.redis_url))
    hosted = Scheduler(connection=redis, interval=int(SWEEP_SECONDS), job_class=JsonJob)
    next_sweep = 0.0
    while True:
        with app.app_context(), _surviving_outages():
            if time.monotonic() >= next_sweep:
                sweep()
                _keep_schedule(hosted)
                next_sweep = time.monotonic() + SWEEP_SECONDS
            dispatch(redis)
        time.sleep(TICK_SECONDS)


def _keep_schedule(hosted: Scheduler) -> None:
    """Let rq-scheduler queue what is due; entries that Redis lost are registered again."""
    if not hosted.acquire_lock():
        return
    try:
        for entry in schedule.SCHEDULE:
            if entry.name not in hosted or not JsonJob.exists(entry.name, hosted.connection):
                hosted.cron(
                    entry.cron,
                    f"coach.schedule.{entry.name}",
                    id=entry.name,
                    queue_name=Queue.UPKEEP.value,
                    result_ttl=0,
                )
        hosted.enqueue_jobs()
    finally:
        hosted.remove_lock()


@contextmanager
def _surviving_outages() -> Iterator[None]:
    """Log that the database or Redis is away and go on with the next tick."""
    try:
        yield
    except (OperationalError, RedisError) as error:
        log.warning("scheduler_waits", reason=type(error).__name__)
        db.session.rollback()
        time.sleep(BREATH_SECONDS)
    finally:
        db.session.remove()
