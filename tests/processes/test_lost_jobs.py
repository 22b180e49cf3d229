"""Jobs are lost on their way between database and queue, or come back from the dead.

The record of work is in the database: what was to be done is done, and once.
"""

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import func, select, text, update

from coach.extensions import db
from coach.work.dispatch import rq_queue
from coach.work.models import OPEN_STATES, Queue, Work
from tests.cast import Cast
from tests.processes.clients import bring
from tests.processes.conftest import workers_of
from tests.processes.fates import MET, fates, met
from tests.processes.gate import Gate
from tests.processes.stage import ForgetfulValkey, Stage, wait_until
from tests.processes.test_commands import ask_for_little, states
from tests.processes.truth import check, work_of
from tests.processes.whoop_side import WhoopSide

pytestmark = pytest.mark.usefixtures("inside")

DIED = str(MET)
# So few deaths are the sample: it does not wait for leases to end.
FEW = 1


def is_done_once(asked: set[object]) -> bool:
    return states(asked) == [("done", 1)] * len(asked)


def end_leases(asked: set[object]) -> None:
    """Let the time go by after which what is queued counts as lost."""
    mine = Work.id.in_(asked), Work.state == "queued"
    db.session.execute(update(Work).where(*mine).values(lease_until=func.now()))
    db.session.commit()


@contextmanager
def no_scheduler(stage: Stage) -> Iterator[None]:
    """Pause the scheduler: another one has the work for itself."""
    scheduler = stage.kept["scheduler"].process
    scheduler.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        scheduler.send_signal(signal.SIGCONT)


@pytest.mark.parametrize(
    ("fate", "jobs", "deaths"),
    [
        ("pop-of-two", 8, FEW),
        pytest.param("pop", 500, 60, marks=pytest.mark.slow),
        pytest.param("pop-of-two", 500, 60, marks=pytest.mark.slow),
    ],
)
def test_r03_a_worker_that_dies_with_a_job_in_its_hands_loses_none(
    running: Stage, people: Cast, fate: str, jobs: int, deaths: int
) -> None:
    with fates(running, fate, str(deaths)) as doomed:
        asked = ask_for_little(people, jobs)
        assert met(doomed) == [DIED] * deaths
    if deaths == FEW:
        end_leases(asked)
    wait_until(lambda: is_done_once(asked), what="the work")


@pytest.mark.parametrize("deaths", [FEW, pytest.param(6, marks=pytest.mark.slow)])
def test_r09_what_was_committed_as_queued_and_never_queued_is_relayed(
    running: Stage, valkey: ForgetfulValkey, people: Cast, deaths: int
) -> None:
    queue = rq_queue(valkey.binary, Queue.SYNC)
    with no_scheduler(running):
        wait_until(queue.is_empty, what="an empty queue")
        with fates(running, "enqueue", str(deaths)) as doomed:
            asked = ask_for_little(people, 20)
            assert met(doomed) == [DIED] * deaths
        assert "queued" in {state for state, _ in states(asked)}
        assert queue.is_empty()
        if deaths == FEW:
            end_leases(asked)
    wait_until(lambda: is_done_once(asked), what="the work")


def is_quiet(whoop: WhoopSide) -> bool:
    """Tell whether a second goes by without a call, and no work that calls is to come soon."""
    db.session.rollback()
    soon = Work.due_at < func.now() + timedelta(minutes=1)
    coming = select(func.count()).where(Work.queue == Queue.SYNC, text(OPEN_STATES), soon)
    if db.session.scalar(coming):
        return False
    before = len(whoop.calls())
    time.sleep(1)
    return len(whoop.calls()) == before


def test_r14_stale_jobs_of_a_queue_restored_from_an_old_copy_do_nothing(
    valkey: ForgetfulValkey, gate: Gate, standing: WhoopSide, people: Cast
) -> None:
    gate.hold(2)
    first = bring(standing, people.bea, "mara")
    gate.wait_until_held()
    second = bring(standing, people.carl, "ada")
    wait_until(lambda: second.state == "queued", what="a job that waits")
    asked = ask_for_little(people, 3)
    copy = {key: valkey.binary.dump(key) or b"" for key in valkey.binary.keys("*")}
    gate.open()
    for each in (first, second):
        each.wait()
        check(each, standing)
    wait_until(lambda: is_done_once(asked), what="the work")
    wait_until(lambda: is_quiet(standing), what="the end of all calls")
    calls, newest = len(standing.calls()), {each.id: each.attempts for each in work_of(second)}

    valkey.redis.flushall()
    for key, value in copy.items():
        valkey.binary.restore(key, 0, value, replace=True)  # a worker may have said it lives
    queue = rq_queue(valkey.binary, Queue.SYNC)
    assert queue.key.encode() in copy
    wait_until(queue.is_empty, what="the end of the stale jobs")
    wait_until(lambda: workers_of(valkey, Queue.SYNC) > 0, what="the list of workers")
    later = ask_for_little(people, 3)
    wait_until(lambda: is_done_once(later), what="new work")
    assert len(standing.calls()) == calls
    assert {each.id: each.attempts for each in work_of(second)} == newest
    assert is_done_once(asked)
