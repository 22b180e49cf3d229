"""A worker killed with `kill -9` in the middle of a sync: rows complete, nothing twice."""

import time

import pytest
from sqlalchemy import select

from coach.days.models import DailyLog
from coach.whoop.models import Integration, SyncRun, WhoopRecord
from coach.work.leases import LEASE
from tests.cast import Cast, Somebody
from tests.processes.gate import Gate
from tests.processes.looking import link, seen_by, state_of
from tests.processes.stage import Stage, wait_until

TAKEN_UP_WITHIN = 60.0
OURS = {"organisation_id", "client_id", "created_at", "updated_at", "version"}


def days_of(who: Somebody) -> list[dict[str, object]]:
    rows = seen_by(who, select(DailyLog).order_by(DailyLog.date))
    columns = [each.name for each in DailyLog.__table__.columns if each.name not in OURS]
    return [{name: getattr(row, name) for name in columns} for row in rows]


def records_of(who: Somebody) -> dict[tuple[str, str], object]:
    rows = seen_by(who, select(WhoopRecord))
    return {(row.kind, row.provider_id): row.raw for row in rows}


@pytest.mark.slow  # in real time; test_killed_anywhere.py has the sample
@pytest.mark.usefixtures("inside")
def test_a_sync_whose_worker_was_killed_ends_like_an_undisturbed_one(
    running: Stage, gate: Gate, people: Cast
) -> None:
    calm, struck = people.xenia, people.bea
    link(running, gate, calm)
    wait_until(lambda: state_of(calm) == "done", what="the undisturbed sync")

    gate.hold(5)  # after the profile, two pages of cycles and one of sleeps
    link(running, gate, struck)
    gate.wait_until_held()
    assert not days_of(struck)
    (cursors,) = seen_by(struck, select(Integration.cursors))
    assert cursors["cycle"] == "read" != cursors["sleep"]
    before = records_of(struck)
    assert {kind for kind, _ in before} == {"cycle", "sleep"}
    killed = running.kill_workers("sync")
    assert len(killed) == 2, "the worker and its work horse"
    struck_at = time.monotonic()
    gate.open()

    wait_until(lambda: state_of(struck) == "done", TAKEN_UP_WITHIN - (time.monotonic() - struck_at))
    assert records_of(struck) == records_of(calm)
    assert days_of(struck) == days_of(calm)
    assert len(days_of(struck)) > 25
    assert not [call for call in gate.calls if "/v2/cycle?" in call], (
        "read pages are not read again"
    )
    outcomes = seen_by(struck, select(SyncRun.outcome).order_by(SyncRun.started_at))
    assert outcomes == [None, "complete"]
    assert running.worker_pids("sync").isdisjoint(killed)


@pytest.mark.slow
@pytest.mark.usefixtures("inside")
def test_work_whose_work_horse_alone_was_killed_is_taken_up_sooner_than_its_lease_ends(
    running: Stage, gate: Gate, people: Cast
) -> None:
    gate.hold(3)
    link(running, gate, people.bea)
    gate.wait_until_held()
    workers = running.worker_pids("sync")
    running.kill_work_horse("sync")
    gate.open()
    wait_until(lambda: state_of(people.bea) == "done", LEASE.total_seconds() - 2)
    wait_until(lambda: running.worker_pids("sync") < workers, what="only the worker itself")
