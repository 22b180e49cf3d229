"""Work is held by one at a time; who lost it can write nothing more."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import text, update

from coach.extensions import db
from coach.ids import new_id
from coach.work.asking import Kind, ask, open_work
from coach.work.dispatch import sweep
from coach.work.leases import (
    LEASE,
    Later,
    LeaseLost,
    Piece,
    claim,
    finish,
    give_up,
    holding,
    keep,
    now,
    postpone,
    release,
    unit_of_work,
)
from coach.work.models import Queue, Work
from coach.work.perform import perform
from tests.work.conftest import Ask, row

Doing = Callable[[Callable[[Piece], None]], None]
OTHER = Kind("test_of_stale_writes", Queue.INSIGHTS)


def claimed(work_id: UUID) -> Piece:
    piece = claim(work_id)
    assert piece is not None
    return piece


def change(work_id: UUID, **values: object) -> None:
    db.session.execute(update(Work).where(Work.id == work_id).values(values))
    db.session.commit()


def run_out(work_id: UUID) -> None:
    change(work_id, lease_until=now() - timedelta(seconds=1))


def test_work_is_claimed_by_one_only(ask_for: Ask) -> None:
    work = ask_for()
    assert claim(work) is not None
    assert claim(work) is None


def test_work_that_is_not_due_yet_is_not_claimed_even_by_a_stale_job(ask_for: Ask) -> None:
    work = ask_for()
    give_up(claimed(work), "no")
    assert claim(work) is None


def test_a_stale_holder_writes_nothing(ask_for: Ask) -> None:
    work = ask_for()
    stale = claimed(work)
    run_out(work)
    assert sweep() >= 1
    fresh = claimed(work)
    subject = new_id()
    with holding(stale), pytest.raises(LeaseLost), unit_of_work():
        ask(OTHER, organisation_id=None, subject_id=subject)
    assert open_work(OTHER, subject) is None
    finish(stale)
    give_up(stale, "stale")
    postpone(stale, Later(now(), "stale"))
    assert (row(work).state, row(work).error) == ("running", "the worker died while doing this")
    with holding(fresh), unit_of_work():
        pass
    finish(fresh)
    assert row(work).state == "done"


def test_a_holder_whose_lease_ran_out_goes_on_while_nobody_took_the_work(ask_for: Ask) -> None:
    piece = claimed(ask_for())
    run_out(piece.id)
    with holding(piece), unit_of_work():
        pass
    assert row(piece.id).lease_until >= now() + LEASE / 2  # type: ignore[operator]  # it runs


def test_a_living_process_keeps_its_work_and_a_dead_one_loses_it_at_once(ask_for: Ask) -> None:
    piece = claimed(ask_for())
    run_out(piece.id)
    keep(piece.id)
    sweep()
    assert row(piece.id).state == "running"
    release(piece.id)
    sweep()
    assert row(piece.id).state == "waiting"


def test_a_long_transaction_of_a_holder_stops_neither_sweep_nor_heartbeat(ask_for: Ask) -> None:
    piece = claimed(ask_for())
    run_out(piece.id)
    with db.engine.connect() as holder:
        holder.execute(text("SELECT 1 FROM work WHERE id = :id FOR UPDATE"), {"id": piece.id})
        sweep()  # if it waited for the holder, it would wait for us
        keep(piece.id)
        holder.rollback()
    assert row(piece.id).state == "running"


def test_work_that_fails_three_times_is_set_aside_with_the_name_of_its_failure(
    ask_for: Ask, doing: Doing
) -> None:
    def fail(piece: Piece) -> None:
        raise ValueError(f"attempt {piece.attempt} of something impossible")

    doing(fail)
    work = ask_for()
    for attempt in range(3):
        assert row(work).state == "waiting"
        perform(str(work))
        assert row(work).attempts == attempt + 1
        change(work, due_at=now())
    assert row(work).state == "failed"
    assert row(work).error == "ValueError"
    assert row(work).finished_at is not None
    perform(str(work))
    assert row(work).attempts == 3


def test_work_that_kills_its_worker_three_times_is_set_aside(ask_for: Ask) -> None:
    work = ask_for()
    for _ in range(3):
        claimed(work)
        run_out(work)
        sweep()
    assert (row(work).state, row(work).error) == ("failed", "the worker died while doing this")
    assert row(work).finished_at is not None


def test_waiting_for_a_limit_is_no_failure(ask_for: Ask, doing: Doing) -> None:
    until = now() + timedelta(hours=1)

    def wait(_: Piece) -> None:
        raise Later(until, "too many calls")

    doing(wait)
    work = ask_for()
    perform(str(work))
    found = row(work)
    assert (found.state, found.attempts, found.due_at) == ("waiting", 0, until)


@pytest.mark.usefixtures("doing")
def test_work_of_an_unknown_kind_is_written_down_as_failed(ask_for: Ask) -> None:
    work = ask_for()
    perform(str(work))
    assert row(work).error == "KeyError"
