"""The queue dies and forgets everything: the record of work is in the database."""

import pytest
from sqlalchemy import func, select

from coach.extensions import db
from coach.work.models import Work, WorkState
from tests.cast import Cast
from tests.processes.gate import Gate
from tests.processes.looking import link, state_of
from tests.processes.stage import ForgetfulValkey, Stage, wait_until
from tests.processes.test_commands import ask_for_little, states

DONE_WITHIN = 60.0


def queued() -> int:
    db.session.rollback()
    return db.session.execute(
        select(func.count()).where(Work.state == WorkState.QUEUED)
    ).scalar_one()


@pytest.mark.slow
@pytest.mark.usefixtures("inside")
def test_work_that_was_queued_when_the_queue_died_is_done_once_it_is_back(
    running: Stage, gate: Gate, people: Cast, valkey: ForgetfulValkey
) -> None:
    gate.hold(2)  # the first call of the sync: while its only worker is busy, others have to wait
    link(running, gate, people.bea)
    gate.wait_until_held()
    asked = ask_for_little(people, 10)
    wait_until(lambda: queued() > 0, what="queueing")
    valkey.kill()
    gate.open()
    valkey.start()
    wait_until(lambda: {state for state, _ in states(asked)} == {"done"}, DONE_WITHIN)
    assert {attempts for _, attempts in states(asked)} == {1}
    wait_until(lambda: state_of(people.bea) == "done", DONE_WITHIN, "the sync under way")
