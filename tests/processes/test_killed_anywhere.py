"""A worker is killed, paused or asked to end at any call of a sync: it ends as if undisturbed."""

import os
import signal
from random import Random

import pytest
from sqlalchemy import func, select, update

from coach.extensions import db
from coach.whoop.models import SyncRun, WhoopRecord
from coach.work.dispatch import sweep
from coach.work.models import Work
from tests.cast import Cast
from tests.processes.clients import Linked, bring
from tests.processes.gate import Gate
from tests.processes.looking import seen_by
from tests.processes.quiet import set_clock
from tests.processes.stage import Stage, wait_until
from tests.processes.truth import check, work_of
from tests.processes.whoop_side import MEMBERS, WhoopSide, fault

pytestmark = pytest.mark.usefixtures("inside")

MEMBER = "mara"
CALLS = 9  # at least: two pages of each list, and the weight
TAKEN_UP_WITHIN = 60.0
SAMPLE = Random(7).sample(range(1, CALLS + 1), 1)  # noqa: S311  not for secrets


def begun(gate: Gate, whoop: WhoopSide, people: Cast, call: int) -> Linked:
    """Bring a client whose first sync is held at one of its calls."""
    gate.hold(call)
    client = bring(whoop, people.bea, MEMBER)
    wait_until(lambda: gate.holds or client.state == "done", what=f"call {call}")
    assert gate.holds, f"a first sync has more than {CALLS} calls, and fewer than {call}"
    return client


def end_lease(client: Linked) -> None:
    """Let the lease's time go by."""
    mine = Work.subject_id == client.id, Work.state == "running"
    db.session.execute(update(Work).where(*mine).values(lease_until=func.now()))
    db.session.commit()


def killed_at(call: int, stage: Stage, gate: Gate, client: Linked) -> list[str]:
    """`kill -9` the worker at a call that is held; the calls whose answers it has stored."""
    before = gate.calls[: call - 1]
    killed = stage.kill_workers("sync")
    assert len(killed) == 2, "the worker and its work horse"
    gate.open()
    assert client.state == "running"
    return before


@pytest.mark.parametrize("call", SAMPLE)
def test_r01_a_sync_killed_at_some_call_goes_on_from_there(
    running: Stage, gate: Gate, standing: WhoopSide, people: Cast, call: int
) -> None:
    client = begun(gate, standing, people, call)
    before = killed_at(call, running, gate, client)
    end_lease(client)
    client.wait()
    assert not {*before} & {*gate.calls}, "pages that were stored are not read again"
    assert [each.attempts for each in work_of(client)] == [2]
    check(client, standing)


@pytest.mark.slow
@pytest.mark.parametrize("call", range(1, CALLS + 1))
def test_r01_a_sync_killed_at_any_call_is_taken_up_within_a_minute(
    running: Stage, gate: Gate, standing: WhoopSide, people: Cast, call: int
) -> None:
    client = begun(gate, standing, people, call)
    before = killed_at(call, running, gate, client)
    wait_until(lambda: client.state == "done", TAKEN_UP_WITHIN)
    assert not {*before} & {*gate.calls}
    assert [each.attempts for each in work_of(client)] == [2]
    check(client, standing)


def written(client: Linked) -> dict[object, object]:
    """Tell when each record was last written, and how each run ended."""
    mine = select(WhoopRecord).where(WhoopRecord.client_id == client.who.client_id)
    told: dict[object, object] = {
        (row.kind, row.provider_id): row.updated_at for row in seen_by(client.who, mine)
    }
    runs = seen_by(client.who, select(SyncRun).where(SyncRun.integration_id == client.id))
    return told | {row.id: (row.calls, row.outcome, row.ended_at) for row in runs}


@pytest.mark.parametrize(
    "call",
    [Random(8).randint(1, CALLS), *(pytest.param(n, marks=pytest.mark.slow) for n in (1, 5, 9))],  # noqa: S311
)
def test_r74_a_worker_that_was_paused_beyond_its_lease_writes_nothing(
    running: Stage, gate: Gate, standing: WhoopSide, people: Cast, call: int
) -> None:
    client = begun(gate, standing, people, call)
    paused = running.worker_pids("sync")
    other = running.start("worker", "sync")
    try:
        for pid in paused:
            os.kill(pid, signal.SIGSTOP)
        end_lease(client)
        gate.open()
        client.wait()
        check(client, standing)
        before = written(client)
    finally:
        for pid in paused:
            os.kill(pid, signal.SIGCONT)
    wait_until(lambda: len(running.worker_pids("sync") & paused) == 1, what="the end of the horse")
    assert written(client) == before
    assert [each.attempts for each in work_of(client)] == [2]
    assert other.end() == 0


def test_r04_a_worker_that_is_asked_to_end_finishes_its_job(
    running: Stage, gate: Gate, standing: WhoopSide, people: Cast
) -> None:
    client = begun(gate, standing, people, 4)
    worker = running.kept["worker"].process
    worker.send_signal(signal.SIGTERM)
    wait_until(lambda: len(running.worker_pids("mail")) == 0, what="the end of an idle worker")
    gate.open()
    assert worker.wait(30) == 0
    assert [(each.state, each.attempts) for each in work_of(client)] == [("done", 1)]
    check(client, standing)


@pytest.mark.slow
def test_r04_a_job_that_outlasts_the_grace_is_handed_to_the_next_worker(
    running: Stage, gate: Gate, standing: WhoopSide, people: Cast
) -> None:
    client = begun(gate, standing, people, 4)
    worker = running.kept["worker"].process
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(60) == 0
    running.keep("worker")
    gate.open()
    client.wait_hurrying()  # it may have waited so long for WHOOP that it gave up for minutes
    check(client, standing)


def test_r05_what_kills_its_worker_is_set_aside_after_three_times(
    running: Stage, standing: WhoopSide, people: Cast
) -> None:
    slow = {"kind": "slow", "seconds": 90}
    poison = fault("poison", slow, path="/developer/v2/recovery", member=MEMBERS["omar"])
    set_clock(standing, ticking=True)
    with standing.following(poison):
        poisoned, well = bring(standing, people.bea, "omar"), bring(standing, people.carl, "ada")
        for time in range(1, 4):
            wait_until(lambda n=time: sweep() >= 0 and standing.fell("poison") == n)  # type: ignore[misc]
            running.kill_work_horse("sync")
        wait_until(lambda: sweep() >= 0 and poisoned.state == "failed", what="its end")
        well.wait()
    (work,) = work_of(poisoned)
    assert (work.attempts, work.error) == (3, "the worker died while doing this")
    assert {kind for kind, _ in poisoned.records} == {"cycle", "sleep"}
    check(well, standing)
    poisoned.sync()
    check(poisoned, standing)
