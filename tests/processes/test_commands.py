"""Each service's command of docker-compose.yml runs as a plain process and does its job."""

import json
import zlib

import pytest
from rq import Worker
from sqlalchemy import select

from coach.extensions import db
from coach.ids import new_id
from coach.whoop.sync.jobs import SYNC
from coach.work.asking import ask
from coach.work.models import Queue, Work
from tests import loopback
from tests.cast import Cast
from tests.processes.conftest import base_url, names, scheduled, workers_of
from tests.processes.stage import ForgetfulValkey, Stage, wait_until


def ask_for_little(people: Cast, number: int) -> set[object]:
    """Ask for syncs of links that are gone: work that is done as soon as somebody looks at it."""
    organisations = (people.ann.organisation_id, people.zoe.organisation_id)
    made = {
        ask(SYNC, organisation_id=organisations[each % 2], subject_id=new_id())
        for each in range(number)
    }
    db.session.commit()
    return set(made)


def states(ids: set[object]) -> list[tuple[str, int]]:
    db.session.rollback()
    rows = db.session.execute(select(Work.state, Work.attempts).where(Work.id.in_(ids)))
    return [(row.state, row.attempts) for row in rows]


def test_web_is_ready_when_database_and_queue_are(running: Stage) -> None:
    answer = loopback.get(f"{base_url(running)}/readyz")
    assert answer.json() == {"status": "ok", "database": "ok", "queue": "ok"}


def test_each_worker_process_works_on_one_queue_and_each_queue_has_one(
    running: Stage, valkey: ForgetfulValkey
) -> None:
    def registered() -> dict[int | None, list[str]]:
        return {each.pid: each.queue_names() for each in Worker.all(connection=valkey.binary)}

    def each_for_one_queue() -> bool:
        told = registered()  # those that other tests killed stay on this list for a while
        return all(
            [told.get(pid) for pid in running.worker_pids(each)] == [[each]] for each in Queue
        )

    wait_until(each_for_one_queue, what="one worker for each queue, with that queue alone")


@pytest.mark.usefixtures("inside")
def test_two_schedulers_have_each_piece_of_work_done_once(running: Stage, people: Cast) -> None:
    second = running.start("scheduler")
    wait_until(lambda: "scheduler_started" in second.said, what="the second scheduler")
    asked = ask_for_little(people, 8)
    wait_until(lambda: {state for state, _ in states(asked)} == {"done"}, what="the work")
    assert states(asked) == [("done", 1)] * 8
    assert second.end() == 0


def test_every_command_ends_at_sigterm_and_leaves_nothing_behind(running: Stage) -> None:
    codes = {name: program.end() for name, program in running.kept.items()}
    assert codes == {"simulator": 0, "web": 0, "worker": 0, "scheduler": 0}
    assert not any(running.worker_pids(queue) for queue in Queue)
    assert "Traceback" not in "".join(program.said for program in running.kept.values())


@pytest.mark.slow
@pytest.mark.usefixtures("inside")
def test_after_a_flush_of_the_queue_schedule_and_workers_are_there_again(
    running: Stage, valkey: ForgetfulValkey, people: Cast
) -> None:
    valkey.redis.flushall()
    asked = ask_for_little(people, 3)
    wait_until(lambda: scheduled(valkey) == names(), what="the schedule")
    wait_until(lambda: all(workers_of(valkey, each) for each in Queue), what="all workers")
    hosts = [worker.hostname for worker in Worker.all(connection=valkey.binary)]
    assert None not in hosts, "docker-compose's health check looks for the host"
    wait_until(lambda: {state for state, _ in states(asked)} == {"done"}, what="the work")
    assert running.kept["worker"].process.poll() is None


@pytest.mark.usefixtures("running")
def test_what_is_scheduled_is_json_and_never_a_pickle(valkey: ForgetfulValkey) -> None:
    for name in names():
        function, *_ = json.loads(zlib.decompress(data_of(name, valkey)))
        assert function == f"coach.schedule.{name}"


def data_of(name: str, valkey: ForgetfulValkey) -> bytes:
    """Read what is scheduled under a name; RQ forgets what has just run until the next sweep."""
    found: list[bytes] = []

    def is_there() -> bool:
        data = valkey.binary.hget(f"rq:job:{name}", "data")
        found.extend([data] if isinstance(data, bytes) else [])
        return bool(found)

    wait_until(is_there, what=f"the entry {name}")
    return found[0]
