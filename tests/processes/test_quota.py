"""WHOOP's limits, refused calls and drifting lists, through several real workers."""

import time
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from coach.extensions import db
from coach.whoop.models import QuotaLedger, WhoopApp
from coach.whoop.quota.ledger import daily
from coach.work.models import Lane, Work, WorkState
from tests.cast import Cast
from tests.processes import truth
from tests.processes.clients import Linked, bring, bring_synced, newcomers, wait_for_all
from tests.processes.stage import Program, Stage, wait_until
from tests.processes.whoop_side import WhoopSide, fault

pytestmark = pytest.mark.usefixtures("inside", "anew")

RESET_SECONDS = 3
REFUSED = {"kind": "status", "status": 429, "body": "Rate limit exceeded"}
A_MINUTE, A_DAY = timedelta(minutes=1), timedelta(days=1)
MEMBERS = ["ada", "noah", "ines", "omar", "june", "walter", "priya", "hugo"]
MOST_IN_A_STORM = 30
DAY_OF_CALLS = 80
LONGEST_HOLD = 300  # seconds


def more_workers(running: Stage, number: int) -> Iterator[list[Program]]:
    started = [running.start("worker", "sync") for _ in range(number)]
    wait_until(lambda: len(running.worker_pids("sync")) > number, what="more workers")
    yield started
    for each in started:
        each.end()


@pytest.fixture
def limits(inside: None, whoop: WhoopSide) -> Iterator[None]:  # noqa: ARG001
    """Let nothing but the test use up a day, and give the limits back after it."""
    whoop.announce_nothing()
    yield
    whoop.announce_all()
    set_limits(None, None)


def set_limits(per_minute: int | None, per_day: int | None, *, used: int = 0) -> None:
    """Let WHOOP's limits be these from now on, with so many calls of the day used by others."""
    db.session.rollback()
    db.session.execute(update(WhoopApp).values(per_minute=per_minute, per_day=per_day))
    db.session.execute(db.delete(QuotaLedger))
    minutes = {str(int(time.time() // 60)): used} if used else {}
    for app_id in db.session.scalars(select(WhoopApp.id)).all():
        db.session.add(QuotaLedger(whoop_app_id=app_id, minutes=minutes))
    db.session.commit()


def brought(whoop: WhoopSide, people: Cast, number: int) -> list[Linked]:
    """Bring so many clients of Ann's, synced."""
    who = [people.bea, people.carl, *newcomers(people.ann, max(number - 2, 0))][:number]
    made = [bring(whoop, each, member) for each, member in zip(who, MEMBERS, strict=False)]
    wait_for_all(made)
    return made


def attempts(clients: list[Linked]) -> set[int]:
    db.session.rollback()
    mine = Work.subject_id.in_([each.id for each in clients])
    return set(db.session.scalars(select(Work.attempts).where(mine, Work.kind == "whoop_sync")))


def test_r50_after_a_refusal_nobody_of_the_app_calls_before_the_reset(
    whoop: WhoopSide, people: Cast
) -> None:
    clients = brought(whoop, people, 2)
    whoop.start_anew()
    said = {"X-RateLimit-Reset": str(RESET_SECONDS), "X-RateLimit-Remaining": "0"}
    with whoop.following(fault("refused", {**REFUSED, "headers": said}, count=1)):
        clients[0].ask()
        whoop.wait_until_it_falls("refused")
        for each in clients[1:]:
            each.ask()
        for each in clients:
            each.wait()
    calls = whoop.api_calls()
    (refused,) = [number for number, each in enumerate(calls) if each.status == 429]
    for later in calls[refused + 1 :]:
        assert (later.at - calls[refused].at).total_seconds() >= RESET_SECONDS
    assert attempts(clients) == {1}
    assert not whoop.reused()


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_r52_a_storm_of_refusals_costs_eight_workers_few_calls_and_no_attempts(
    running: Stage, whoop: WhoopSide, people: Cast
) -> None:
    for _ in more_workers(running, 7):
        weather_a_storm(whoop, brought(whoop, people, 8), seconds=60)


def weather_a_storm(whoop: WhoopSide, clients: list[Linked], *, seconds: float) -> None:
    """Refuse all calls for a while, each time with a short reset; then see everything done."""
    whoop.start_anew()
    storm = {**REFUSED, "headers": {"X-RateLimit-Reset": "1"}}
    with whoop.following(fault("storm", storm, until=seconds)):
        for each in clients:
            each.ask()
        wait_until(lambda: whoop.fell("storm") > 1, what="a probe")
        wait_until(
            lambda: all(each.state == WorkState.DONE for each in clients),
            seconds + LONGEST_HOLD,
            "the end of the storm",
        )
        stormy = whoop.fell("storm")
    assert 1 < stormy <= MOST_IN_A_STORM
    assert attempts(clients) == {1}
    assert whoop.worst(A_MINUTE) <= 100
    assert {each.row.status for each in clients} == {"active"}
    for each in clients:
        truth.check(each, whoop)


@pytest.mark.usefixtures("limits")
def test_r57_a_small_day_serves_what_is_fresh_first_and_two_organisations_alike(
    whoop: WhoopSide, people: Cast
) -> None:
    many, other = brought(whoop, people, 3), bring_synced(whoop, people.xenia, "tessa")
    whoop.start_anew()
    set_limits(100, DAY_OF_CALLS, used=daily(DAY_OF_CALLS, Lane.BACKFILL) - 10)
    ask_all(many, Lane.BACKFILL)
    assert calls_when_parked(whoop, many) == 10, "of twelve: four lists of each"

    whoop.start_anew()
    set_limits(100, DAY_OF_CALLS, used=daily(DAY_OF_CALLS, Lane.RECONCILE) - 6)
    ask_all([*many, other], Lane.RECONCILE)
    other.wait()  # who has had nothing comes in while the other organisation waits
    assert calls_when_parked(whoop, many) == 6
    parked = [each for each in many if each.state == WorkState.WAITING]
    parked[0].ask()
    parked[0].wait()
    left = DAY_OF_CALLS - daily(DAY_OF_CALLS, Lane.RECONCILE)
    assert 6 < calls_when_parked(whoop, many) <= 6 + left
    assert attempts([*many, other]) <= {0, 1}
    assert not [each for each in whoop.calls() if each.status == 429]

    set_limits(None, None)
    wait_for_all(many)
    assert {each.row.status for each in [*many, other]} == {"active"}
    assert not whoop.reused()


def ask_all(clients: list[Linked], lane: Lane) -> None:
    for each in clients:
        each.ask(lane)


def calls_when_parked(whoop: WhoopSide, clients: list[Linked]) -> int:
    """Wait until all is done or has to wait for long, and count WHOOP's calls so far."""
    mine = Work.subject_id.in_([each.id for each in clients])
    soon = Work.due_at < func.now() + A_MINUTE
    going_on = (Work.state != WorkState.WAITING) | soon

    def is_quiet() -> bool:
        db.session.rollback()
        opened = Work.state.in_(["waiting", "queued", "running"])
        found = select(func.count()).where(mine, opened, going_on)
        return db.session.execute(found).scalar_one() == 0

    wait_until(is_quiet, 60, "quiet")
    return len(whoop.api_calls())
