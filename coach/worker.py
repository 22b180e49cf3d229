"""Builds the app once and runs a queue worker, or the scheduler, inside it."""

import gc
import os
import random
import signal
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from uuid import UUID

import structlog
from flask import Flask
from redis import Redis
from redis.client import Pipeline
from redis.exceptions import RedisError
from rq import Queue as RqQueue
from rq import Worker, worker_registration
from rq.job import Job
from rq.serializers import JSONSerializer
from rq_scheduler import Scheduler
from sqlalchemy import text

from coach import schedule
from coach.app import create_app
from coach.database.outages import AWAY, reason
from coach.extensions import db
from coach.keys import known
from coach.observability import reporting, sharing, tracing
from coach.outbound.deadline import certificates
from coach.runtime.errors import CannotStart
from coach.runtime.supervisor import Child, Supervisor
from coach.work import leases
from coach.work.dispatch import dispatch, rq_queue, sweep
from coach.work.json_job import JsonJob
from coach.work.models import Queue
from coach.work.slate import slate
from coach.work.waking import sleep_until_woken
from config import Settings

log = structlog.get_logger()
# rq-scheduler calls crontab in a way that will change; with TZ=UTC both ways are the same.
warnings.filterwarnings("ignore", category=FutureWarning, module="rq_scheduler.utils")

# RQ's own nets, as tight as they go; our leases are the first net.
WORKER_TTL_SECONDS = 25
MAINTENANCE_SECONDS = 10
MONITORING_SECONDS = 5
TICK_SECONDS = 1.0
SWEEP_SECONDS = 5.0
BREATH_SECONDS = 5.0
# Seconds of an import's computing must not make those wait who read pages.
POLITE = 10
# A queue that hangs must not stop the sweep.
QUEUE_TIMEOUT_SECONDS = 5


class CoachWorker(Worker):
    """RQ's forking worker, which also keeps the lease of what its work horse does."""

    max_connection_wait_time = 5.0  # a queue that is back is found soon
    told_to_stop = False

    def handle_warm_shutdown_request(self) -> None:
        super().handle_warm_shutdown_request()  # type: ignore[no-untyped-call]  # RQ's
        self.told_to_stop = True
        slate.ask_to_stop()

    def main_work_horse(self, job: Job, queue: RqQueue) -> None:
        db.engine.dispose(close=False)  # the fork opens database connections of its own
        super().main_work_horse(job, queue)

    def perform_job(self, job: Job, queue: RqQueue) -> bool:
        """Do a job; afterwards the horse ends without a farewell, so what waits is sent here."""
        try:
            return bool(super().perform_job(job, queue))
        finally:
            tracing.flush()
            reporting.flush()

    def heartbeat(self, timeout: int | None = None, pipeline: Pipeline | None = None) -> None:
        """Say that we live; to a queue that was lost, and forgot us, also who we are."""
        if not self.connection.hexists(self.key, "birth"):
            self.connection.hset(self.key, mapping=self.serialize())
            worker_registration.register(self)
        super().heartbeat(timeout, pipeline)

    def maintain_heartbeats(self, job: Job) -> None:
        super().maintain_heartbeats(job)
        _tell(leases.keep)

    def handle_work_horse_killed(self, job: Job, *how: object) -> None:
        super().handle_work_horse_killed(job, *how)  # type: ignore[no-untyped-call]  # RQ's
        _tell(leases.release)
        slate.write(None)


def _tell(tell: Callable[[UUID], None]) -> None:
    """Tell the record what the work horse is at; without a database the lease runs out by itself."""
    work_id = slate.read()
    if work_id is None:
        return
    try:
        tell(work_id)
    except AWAY as error:
        log.warning("lease_not_told", reason=reason(error))


def ready_app(settings: Settings) -> Flask:
    """Build the application once database, schema and queue are there; else say what is not."""
    if settings.metrics_token is not None:
        sharing.share(settings.coach_home.absolute() / "metrics")
    app = create_app(settings)
    with app.app_context():
        schema = db.session.scalar(text("SELECT to_regclass('public.work')"))
        db.session.remove()
        known.check()
        db.engine.dispose()  # connections must not be shared with forks
    if schema is None:
        raise CannotStart("The database is empty. `coach migrate` makes its tables.")
    app.extensions["redis"].ping()
    return app


def run(settings: Settings, queue: Queue) -> None:
    """Work on one queue until told to stop; one queue per process, so that no job is lost."""
    app = ready_app(settings)
    redis = Redis.from_url(str(settings.redis_url))
    if queue is Queue.IMPORT:
        os.nice(POLITE)
    certificates()  # read once, and not by each work horse again
    gc.freeze()  # what the application is made of is no garbage: no horse looks through it again
    with app.app_context():
        while not _work_until_trouble(redis, queue):
            log.warning("worker_waits")
            time.sleep(_breath())


def _work_until_trouble(redis: Redis, queue: Queue) -> bool:
    """Work until told to stop; False when RQ ends because its queue hangs, is full, or is away."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: sys.exit(0))  # RQ brings handlers of its own, later
    worker = CoachWorker(
        [rq_queue(redis, queue)],
        connection=redis,
        serializer=JSONSerializer,
        job_class=JsonJob,
        worker_ttl=WORKER_TTL_SECONDS,
        maintenance_interval=MAINTENANCE_SECONDS,
        job_monitoring_interval=MONITORING_SECONDS,
    )
    try:
        worker.work(logging_level="WARNING")
    except RedisError as error:
        log.warning("queue_away", reason=type(error).__name__)
    return worker.told_to_stop


def run_all(settings: Settings) -> None:
    """Run one worker process per queue, restarted when it dies."""
    ready_app(settings)
    me = [sys.executable, "-m", "coach", "worker"]
    Supervisor([Child(queue.value, [*me, queue.value], os.environ) for queue in Queue]).run()


def schedule_forever(settings: Settings) -> None:
    """Dispatch every second, sweep and keep the schedule every few; several copies may run."""
    os.environ["TZ"] = "UTC"  # rq-scheduler reads cron lines in the zone of the process
    time.tzset()
    stop = _stop_at_signals()
    app = ready_app(settings)
    redis = Redis.from_url(str(settings.redis_url), socket_timeout=QUEUE_TIMEOUT_SECONDS)
    hosted = Scheduler(connection=redis, interval=int(SWEEP_SECONDS), job_class=JsonJob)
    next_sweep = 0.0
    log.info("scheduler_started")
    while not stop.is_set():
        _rest(redis, stop)
        with app.app_context(), _surviving_outages(stop):
            if time.monotonic() >= next_sweep:
                sweep()
                _keep_schedule(hosted)
                next_sweep = time.monotonic() + SWEEP_SECONDS
            dispatch(redis)


def _rest(redis: Redis, stop: threading.Event) -> None:
    """Wait for a tick, or until somebody waits for what is due."""
    try:
        sleep_until_woken(redis, seconds=TICK_SECONDS)
    except RedisError:
        stop.wait(TICK_SECONDS)


def _stop_at_signals() -> threading.Event:
    """Let the tick that runs end; SIGTERM and SIGINT are no errors."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return stop


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
def _surviving_outages(stop: threading.Event) -> Iterator[None]:
    """Log that the database or Redis is away and go on with the next tick."""
    try:
        yield
    except (*AWAY, RedisError) as error:
        log.warning("scheduler_waits", reason=reason(error))
        db.session.rollback()
        stop.wait(_breath())
    finally:
        db.session.remove()


def _breath() -> float:
    """Say how long to wait while a part is away; not all of us come back at the same moment."""
    return BREATH_SECONDS * random.uniform(0.5, 1.5)  # noqa: S311  # spreads load, hides nothing
