"""Somebody who can write to Redis makes our workers run nothing but our own functions."""

import json
import pickle
import time
import zlib
from pathlib import Path
from uuid import uuid4

import pytest
from rq.exceptions import DeserializationError
from rq.job import Job

from coach.work.dispatch import rq_queue
from coach.work.json_job import JsonJob, NotOurs
from coach.work.models import Queue
from tests.processes.stage import ForgetfulValkey, Stage, wait_until


class Opened:
    """A pickle that touches a file when it is read."""

    def __init__(self, mark: Path) -> None:
        self._mark = mark

    def __reduce__(self) -> tuple[object, ...]:
        return Path.touch, (self._mark,)


def pickled(mark: Path) -> bytes:
    return zlib.compress(pickle.dumps(Opened(mark)))


def as_json(function: str, *args: object, instance: object = None) -> bytes:
    return zlib.compress(json.dumps([function, instance, args, {}]).encode())


def push(valkey: ForgetfulValkey, data: bytes, **more: str) -> str:
    """Put a job into the upkeep queue by hand."""
    job_id = str(uuid4())
    row: dict[str, str | bytes] = {
        "data": data,
        "origin": Queue.UPKEEP.value,
        "status": "queued",
        "created_at": "2026-05-14T07:00:00.000000Z",
        "timeout": "60",
        **more,
    }
    for name, value in row.items():
        valkey.binary.hset(Job.key_for(job_id), name, value)
    valkey.binary.rpush(f"rq:queue:{Queue.UPKEEP}", job_id)
    return job_id


def test_a_running_worker_takes_none_of_it(
    running: Stage, valkey: ForgetfulValkey, tmp_path: Path
) -> None:
    mark = tmp_path / "mark"
    touch = ("os.system", f"touch {mark}")
    hook = json.dumps([{"url": "http://127.0.0.1:9/", "job_status": "failed", "method": "GET"}])
    pushed = [
        push(valkey, pickled(mark)),
        push(valkey, as_json(*touch)),
        push(valkey, as_json("format", instance="{0}")),
        push(valkey, as_json(*touch), failure_callback_name="os.getpid", webhooks=hook),
    ]
    waiting = f"rq:queue:{Queue.UPKEEP}"
    wait_until(
        lambda: not {each.encode() for each in pushed} & set(valkey.binary.lrange(waiting, 0, -1)),
        what="the worker's look at each of them",
    )
    time.sleep(1)  # for a work horse that would do it
    assert not mark.exists()
    assert running.kept["worker"].process.poll() is None


def test_only_our_own_functions_are_called(valkey: ForgetfulValkey, tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    refused = {
        as_json("os.system", f"touch {mark}"): NotOurs,
        as_json("coach.work.series.perform_due.__globals__"): NotOurs,
        as_json("coach.schedule.now.__class__", "x"): NotOurs,
        as_json("coach.data_commands.transaction"): NotOurs,
        as_json("upper", instance="x"): NotOurs,
        pickled(mark): DeserializationError,
    }
    for data, error in refused.items():
        job = JsonJob(str(uuid4()), connection=valkey.binary)
        job.restore({b"data": data})
        with pytest.raises(error):
            job.perform()
    assert not mark.exists()


def test_a_job_brings_no_callbacks_and_no_addresses_to_call(valkey: ForgetfulValkey) -> None:
    job = JsonJob(str(uuid4()), connection=valkey.binary)
    callbacks = {
        f"{which}_callback_name".encode(): b"os.getpid" for which in ("success", "failure")
    }
    hook = {"url": "http://127.0.0.1:9/", "job_status": "failed", "method": "GET"}
    data = as_json("coach.schedule.sweep")
    job.restore({b"data": data, **callbacks, b"webhooks": json.dumps([hook]).encode()})
    assert job.success_callback is None
    assert job.failure_callback is None
    assert job.webhooks == []
    assert job.func.__name__ == "sweep"
    assert rq_queue(valkey.binary, Queue.SYNC).job_class is JsonJob
