"""How the work stands, for who watches it: a few cheap statements over all organisations."""

from collections.abc import Iterator

from flask import current_app
from prometheus_client.core import GaugeMetricFamily, Metric
from redis import Redis
from rq import Worker
from rq.worker_registration import WORKERS_BY_QUEUE_KEY
from sqlalchemy import Select, extract, func, select, text

from coach.extensions import db
from coach.work.models import OPEN_STATES, Lane, Queue, Work, WorkState


def record() -> Iterator[Metric]:
    """Read the record of work: what waits, since when, what runs, what was set aside."""
    names = ["queue", "lane"]
    waiting = GaugeMetricFamily("coach_work_waiting", "Work due and not begun.", labels=names)
    oldest = GaugeMetricFamily(
        "coach_work_oldest_waiting_seconds", "Age of the oldest such work.", labels=names
    )
    running = GaugeMetricFamily("coach_work_running", "Work under way.", labels=names)
    found = {(row[0], row[1]): row[2:] for row in db.session.execute(_open_work())}
    for queue in Queue:
        for lane in Lane:
            due, age, busy = found.get((queue.value, lane.value), (0, 0, 0))
            waiting.add_metric([queue, lane], due)
            oldest.add_metric([queue, lane], float(age or 0))
            running.add_metric([queue, lane], busy)
    yield from (waiting, oldest, running, _failed())


def workers() -> Iterator[Metric]:
    """Ask Redis which workers of each queue have shown a sign of life lately."""
    redis: Redis = current_app.extensions["redis"]
    with redis.pipeline(transaction=False) as asked:
        for queue in Queue:
            asked.smembers(WORKERS_BY_QUEUE_KEY % queue.value)
        registered = dict(zip(Queue, asked.execute(), strict=True))
    with redis.pipeline(transaction=False) as asked:
        for keys in registered.values():
            # EXISTS of no key is an error; a key that nobody has counts nothing.
            asked.exists(*keys, f"{Worker.redis_worker_namespace_prefix}nobody")
        alive = asked.execute()
    gauge = GaugeMetricFamily("coach_workers_alive", "Living workers.", labels=["queue"])
    for queue, count in zip(Queue, alive, strict=True):
        gauge.add_metric([queue], count)
    yield gauge


def _open_work() -> Select[str, str, int, int, int]:
    begun = Work.state == WorkState.RUNNING
    due = ~begun & (Work.due_at <= func.now())
    age = func.max(extract("epoch", func.now() - Work.due_at)).filter(due)
    return (
        select(Work.queue, Work.lane, func.count().filter(due), age, func.count().filter(begun))
        .where(text(OPEN_STATES))
        .group_by(Work.queue, Work.lane)
    )


def _failed() -> Metric:
    gauge = GaugeMetricFamily(
        "coach_work_failed", "Work set aside after its last try.", labels=["queue"]
    )
    counted = select(Work.queue, func.count()).where(text("state = 'failed'")).group_by(Work.queue)
    found = {row[0]: row[1] for row in db.session.execute(counted)}
    for queue in Queue:
        gauge.add_metric([queue], found.get(queue.value, 0))
    return gauge
