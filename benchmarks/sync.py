"""Client-days a second: a sync of all four lists and a refresh, by ourselves and through RQ.

"By ourselves" is one process that performs one piece of work after the other: what a worker has to
do beside RQ. CPU is told beside seconds, which other programs on the machine make longer, and which
hold the simulator's own work and its 5 ms before each answer: `own_client_days_per_s` is what is
left without them, the days for which a second of CPU of the worker and of PostgreSQL is enough.
"""

import json
import os
import statistics
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

from redis import Redis
from rq import Worker
from sqlalchemy import func, select, text

from benchmarks.counting import Meter, Sent, postgres_of, sent_by, with_children
from benchmarks.days_passing import PER_DAY, PER_MINUTE, Linked, Whoop
from benchmarks.installation import application, installation
from coach.database.tenancy import acting_for
from coach.days.models import DailyLog
from coach.extensions import db
from coach.work.dispatch import rq_queue
from coach.work.models import OPEN_STATES, Queue, Work
from coach.work.perform import perform
from tests.processes.stage import Program, Stage, wait_until

CLIENTS = int(os.environ.get("CLIENTS", "20"))
DAYS = int(os.environ.get("DAYS", "3"))
WORKERS = [int(each) for each in os.environ.get("WORKERS", "1,2,4").split(",") if each]
SETTINGS = {
    "WHOOP_RATE_LIMIT_PER_MINUTE": str(PER_MINUTE),
    "WHOOP_RATE_LIMIT_PER_DAY": str(PER_DAY),
    "WHOOP_FIRST_SYNC_DAYS": "50",
    "WHOOP_BACKFILL_DAYS": "0",
}
# The first sync and a day to warm up; and again a day for each number of workers.
ALL_DAYS = 2 + DAYS + (1 + DAYS) * len(WORKERS)
LONGEST = 300.0
CONTROL = 200
Figures = dict[str, float]


def main() -> None:
    """First syncs; then days by ourselves; then days through one and through several workers."""
    sent = Sent()
    with installation(**SETTINGS) as stage:
        app = application(stage)
        whoop = Whoop(stage, members=CLIENTS, days=ALL_DAYS)
        with app.app_context():
            linked = whoop.link()
            figures = by_ourselves(stage.home, whoop, linked, sent)
            for number in WORKERS:
                figures |= through_workers(stage, whoop, linked, number)
            check(linked)
    show(sent)
    print(json.dumps(figures))


def by_ourselves(home: Path, whoop: Whoop, linked: list[Linked], sent: Sent) -> Figures:
    """Sync everybody for some days in this process."""
    for _ in range(2):
        _perform(whoop.next_day(linked))
    meter = _meter(home, whoop, lambda: [os.getpid()])  # the simulator is a child of ours
    empty = []
    for _ in range(DAYS):
        works = whoop.next_day(linked)
        with meter.running(), sent_by(db.engine, sent):
            _perform(works)
        empty += emptiest_statements()
    done = DAYS * len(linked)
    ours = _cpu_ms(meter)
    return {
        "client_days_per_s": round(done / meter.seconds, 1),
        "own_client_days_per_s": round(1000 / ours, 1),
        "cpu_ms_per_client_day": ours,
        "worker_cpu_ms": round(meter.cpu["worker"] * 1000 / done, 1),
        "whoop_cpu_ms": round(meter.cpu["whoop"] * 1000 / done, 1),
        "statements_per_client_day": round(len(sent.statements) / done, 1),
        "control_p50_ms": round(statistics.median(empty), 3),
        "control_p95_ms": round(statistics.quantiles(empty, n=20)[-1], 3),
    }


def emptiest_statements() -> list[float]:
    """Give the milliseconds that `SELECT 1` takes, again and again: how busy the machine is."""
    took = []
    for _ in range(CONTROL):
        began = time.perf_counter()
        db.session.execute(text("SELECT 1"))
        took.append((time.perf_counter() - began) * 1000)
    db.session.rollback()
    return took


def through_workers(stage: Stage, whoop: Whoop, linked: list[Linked], number: int) -> Figures:
    """Sync everybody for some days through so many worker processes and a scheduler."""
    with _started(stage, number) as workers:
        _finished(whoop.next_day(linked))
        pids = [each.process.pid for each in workers]
        meter = _meter(stage.home, whoop, lambda: with_children(pids))
        for _ in range(DAYS):
            works = whoop.next_day(linked)
            with meter.running():
                _finished(works)
    return {
        f"workers_{number}": round(DAYS * len(linked) / meter.seconds, 1),
        f"workers_{number}_cpu_ms": _cpu_ms(meter),
    }


def check(linked: list[Linked]) -> None:
    """See that nothing failed, and that everybody has all their days."""
    failed = db.session.scalar(select(func.count()).where(Work.state == "failed"))
    assert not failed, f"{failed} pieces of work failed"
    for one in linked:
        with acting_for(one.organisation_id):
            db.session.rollback()
            number = func.count(DailyLog.date)
            fewest = select(number).group_by(DailyLog.client_id).order_by(number)
            days = db.session.scalar(fewest.limit(1)) or 0
            assert days >= ALL_DAYS, f"{days} days of a client"


def show(sent: Sent) -> None:
    """List what was sent by ourselves for each client-day, when SHOW is set."""
    if os.environ.get("SHOW"):
        for statement, times in Counter(sent.statements).most_common():
            words = " ".join(statement.split())[:160]
            print(f"{times / (DAYS * CLIENTS):6.2f} {words}", file=sys.stderr)


def _meter(home: Path, whoop: Whoop, workers: Callable[[], list[int]]) -> Meter:
    return Meter(
        {
            "worker": workers,
            "postgres": lambda: postgres_of(home),
            "whoop": lambda: [whoop.pid],
        }
    )


def _cpu_ms(meter: Meter) -> float:
    """Give the milliseconds of CPU of workers and PostgreSQL for a client-day."""
    return round((meter.cpu["worker"] + meter.cpu["postgres"]) * 1000 / (DAYS * CLIENTS), 1)


def _perform(works: list[UUID]) -> None:
    for work in works:
        perform(str(work))


@contextmanager
def _started(stage: Stage, number: int) -> Iterator[list[Program]]:
    workers = [stage.start("worker", Queue.SYNC.value) for _ in range(number)]
    scheduler = stage.start("scheduler")
    redis = Redis.from_url(stage.environment["REDIS_URL"])
    queue = rq_queue(redis, Queue.SYNC)
    wait_until(lambda: Worker.count(queue=queue) == number, what="the workers")
    yield workers
    for program in (scheduler, *workers):
        program.end()
    redis.close()


def _finished(works: list[UUID]) -> None:
    wait_until(lambda: not _open(works), LONGEST, "the end of all syncs")


def _open(works: list[UUID]) -> int:
    left = select(func.count()).where(Work.id.in_(works), text(OPEN_STATES))
    count = db.session.scalar(left) or 0
    db.session.rollback()
    return count


if __name__ == "__main__":
    main()
