"""Processes of ours that die at one chosen moment, or all do the same thing at once.

Run as a program with the environment of an installation: it builds the application once, and forks
for each death, as RQ's worker forks for each job. It says each fate that was met on a line.
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

from flask import Flask
from redis import Redis
from rq import Queue as RqQueue
from rq.job import Job
from rq.serializers import JSONSerializer

from coach.extensions import db
from coach.runtime.services import provide
from coach.whoop.sync import due
from coach.work import dispatch
from coach.work.leases import now
from coach.work.models import Queue
from coach.worker import CoachWorker, ready_app
from config import Settings
from tests.processes.stage import Stage

ROOT = Path(__file__).parents[2]
MET = 86
AT_ONCE, ROUNDS = 3, 15


@contextmanager
def fates(stage: Stage, *words: str) -> Iterator["subprocess.Popen[str]"]:
    """Let this program run beside the installation while the block lasts."""
    process = subprocess.Popen(  # noqa: S603  # the words are our own
        [sys.executable, "-m", __name__, *words],
        cwd=ROOT,
        env=dict(stage.environment) | {"LOG_LEVEL": "ERROR", "METRICS_TOKEN": ""},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
        yield process
    finally:
        process.kill()
        process.wait()
        if process.stdout:
            process.stdout.close()


def met(process: "subprocess.Popen[str]") -> list[str]:
    """Wait until the program ends; the fates it met."""
    told, _ = process.communicate(timeout=150)
    return told.split()


def main(fate: str, times: int) -> None:
    """Meet one fate so many times, one death after the other."""
    settings = provide(Settings.from_env(os.environ))
    app = ready_app(settings)
    redis = Redis.from_url(str(settings.redis_url))
    print("ready", flush=True)  # noqa: T201  the parent waits for it
    do = FATES[fate]
    for _ in range(times):
        children = [_child(app, redis, do) for _ in range(AT_ONCE if do is _take_slots else 1)]
        for pid in children:
            _, status = os.waitpid(pid, 0)
            print(os.waitstatus_to_exitcode(status), flush=True)  # noqa: T201


def _child(app: Flask, redis: Redis, do: Callable[[Redis], None]) -> int:
    pid = os.fork()
    if pid:
        return pid
    redis.connection_pool.reset()
    with app.app_context():
        do(redis)
    os._exit(0)


class Doomed(CoachWorker):
    """A worker that dies between taking a job out of the queue and writing down that it has it."""

    def dequeue_job_and_maintain_ttl(
        self, timeout: int | None, max_idle_time: int | None = None
    ) -> tuple[Job, RqQueue] | None:
        super().dequeue_job_and_maintain_ttl(timeout, max_idle_time)
        os._exit(MET)


def _pop(redis: Redis, *more: Queue) -> None:
    queues = [dispatch.rq_queue(redis, each) for each in (Queue.SYNC, *more)]
    Doomed(queues, connection=redis, serializer=JSONSerializer).work(logging_level="ERROR")


def _pop_of_two(redis: Redis) -> None:
    """Listen on two queues, as ours never do: RQ then keeps no list of what it has taken."""
    _pop(redis, Queue.INSIGHTS)


def _enqueue(redis: Redis) -> None:
    """Die between the commit that says "queued" and telling the queue."""

    def die(*_: object, **__: object) -> NoReturn:
        os._exit(MET)

    RqQueue.enqueue = die  # type: ignore[method-assign]  # this is the fate
    while True:
        dispatch.sweep()
        dispatch.dispatch(redis)
        db.session.remove()
        time.sleep(0.1)


def _take_slots(_redis: Redis) -> None:
    """Take due slots again and again, beside others who do the same."""
    for _ in range(ROUNDS):
        due.sync_due(now=now())
        db.session.remove()


FATES: dict[str, Callable[[Redis], None]] = {
    "pop": _pop,
    "pop-of-two": _pop_of_two,
    "enqueue": _enqueue,
    "slots": _take_slots,
}

if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
