"""Looks at Redis and at who works: a worker on every queue, the scheduler, what waits or failed."""

import time
from collections.abc import Iterator

from flask import current_app
from redis import Redis
from redis.exceptions import RedisError, ResponseError
from sqlalchemy import extract, func, select, text

from coach.doctor.findings import Finding, Ground, fail, ok, warn
from coach.extensions import db
from coach.work.gauges import workers as alive
from coach.work.models import OPEN_STATES, Queue, Work

SCHEDULED = "rq:scheduler:scheduled_jobs"  # rq-scheduler's: what is due next, and when
EVERY_MINUTE = "sweep"
LATE_SECONDS = 120
WAITS_SECONDS = 300


def reachable(_ground: Ground) -> Iterator[Finding]:
    redis = _redis()
    try:
        redis.set("coach:doctor", 1, ex=10)
    except ResponseError as error:
        yield fail("queue", f"refuses writes: {error}", "Give Redis room, or let it save again.")
    except RedisError as error:
        says = f"not reachable: {type(error).__name__}"
        yield fail("queue", says, "Check REDIS_URL. Work waits in PostgreSQL meanwhile.")
    else:
        yield ok("queue", "reachable and takes work")


def workers(_ground: Ground) -> Iterator[Finding]:
    """Look for a living worker on every queue."""
    found = {each.labels["queue"]: int(each.value) for it in alive() for each in it.samples}
    for queue in Queue:
        about = f"worker {queue}"
        if found.get(queue):
            yield ok(about, f"{found[queue]} alive")
        else:
            yield fail(about, "nobody works on this queue", f"Start `coach worker {queue}`.")


def scheduler(_ground: Ground) -> Iterator[Finding]:
    due = _redis().zscore(SCHEDULED, EVERY_MINUTE)
    late = time.time() - float(due) if due is not None else None
    if late is None:
        yield fail("scheduler", "has never kept its schedule", "Start `coach scheduler`.")
    elif late > LATE_SECONDS:
        yield fail("scheduler", f"silent for {late:.0f} s", "Start `coach scheduler`.")
    else:
        yield ok("scheduler", "alive")


def waiting(_ground: Ground) -> Iterator[Finding]:
    """Tell whether work waits for long."""
    age = extract("epoch", func.now() - func.min(Work.due_at))
    due = select(age).where(text(OPEN_STATES), Work.due_at <= func.now())
    seconds = float(db.session.scalar(due) or 0)
    if seconds > WAITS_SECONDS:
        says = f"the oldest work has waited for {seconds / 60:.0f} min"
        yield warn("work", says, "Look for workers that fail above, or start more.")
    else:
        yield ok("work", "nothing waits for long")


def failed(_ground: Ground) -> Iterator[Finding]:
    kinds = (
        select(Work.kind, func.count())
        .where(text("state = 'failed'"))
        .group_by(Work.kind)
        .order_by(Work.kind)
    )
    found = [f"{kind} {count}" for kind, count in db.session.execute(kinds)]
    if found:
        does = "The log says why (event work_failed); it can be tried again."
        yield warn("failed work", ", ".join(found), does)
    else:
        yield ok("failed work", "none")


def _redis() -> Redis:
    redis: Redis = current_app.extensions["redis"]
    return redis


IN_REDIS = (workers, scheduler)
IN_DATABASE = (waiting, failed)
