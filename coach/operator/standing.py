"""How the installation stands: the gauges of `/metrics`, sorted for a person."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from flask import current_app
from prometheus_client.core import Metric
from redis import Redis
from redis.exceptions import RedisError

from coach.runtime.alive import schedule_is_late
from coach.whoop import gauges as whoop_gauges
from coach.work import gauges as work_gauges
from coach.work.models import Lane, Queue

# Sample name and labels, in the order in which the gauge names them.
Values: TypeAlias = Mapping[tuple[str, ...], float]


@dataclass(frozen=True, slots=True)
class QueueRow:
    """One queue: living workers (None: Redis does not answer) and its work over all lanes."""

    name: str
    workers: int | None
    waiting: int
    oldest_seconds: float
    running: int
    failed: int


@dataclass(frozen=True, slots=True)
class Standing:
    """The whole of it; ages in seconds, `quota` as (app, window, calls left)."""

    queues: list[QueueRow]
    redis_answers: bool
    schedule_late: bool
    oldest_announcement: float
    parked: int
    unmatched: int
    oldest_due_sync: float
    quota: list[tuple[str, str, int]]


def standing() -> Standing:
    """Read it all; raises SQLAlchemyError only, a Redis that is away is part of the answer."""
    values = _values(work_gauges.record, whoop_gauges.behind, whoop_gauges.quota)
    workers, late = _of_redis()
    return Standing(
        queues=[_queue(queue, values, workers) for queue in Queue],
        redis_answers=workers is not None,
        schedule_late=late,
        oldest_announcement=values["coach_webhooks_oldest_unprocessed_seconds",],
        parked=int(values["coach_webhooks_parked",]),
        unmatched=int(values["coach_webhooks_unmatched",]),
        oldest_due_sync=values["coach_sync_oldest_due_seconds",],
        quota=[
            (key[1], key[2], int(left))
            for key, left in values.items()
            if key[0] == "coach_whoop_quota_left"
        ],
    )


def _values(*gauges: Callable[[], Iterable[Metric]]) -> dict[tuple[str, ...], float]:
    return {
        (sample.name, *sample.labels.values()): sample.value
        for gauge in gauges
        for metric in gauge()
        for sample in metric.samples
    }


def _queue(queue: Queue, values: Values, workers: Values | None) -> QueueRow:
    def of_lanes(name: str) -> list[float]:
        return [values[name, queue, lane] for lane in Lane]

    return QueueRow(
        name=queue.value,
        workers=int(workers["coach_workers_alive", queue]) if workers is not None else None,
        waiting=int(sum(of_lanes("coach_work_waiting"))),
        oldest_seconds=max(of_lanes("coach_work_oldest_waiting_seconds")),
        running=int(sum(of_lanes("coach_work_running"))),
        failed=int(values["coach_work_failed", queue]),
    )


def _of_redis() -> tuple[Values | None, bool]:
    """Ask for living workers, and whether the schedule is late; nothing when Redis is away."""
    redis: Redis = current_app.extensions["redis"]
    try:
        workers = _values(work_gauges.workers)
        return workers, schedule_is_late(redis)
    except RedisError:
        return None, True
