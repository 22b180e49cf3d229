"""Several schedulers run, are paused and are killed: what is due happens once."""

import signal
import time
from collections import Counter
from datetime import datetime, timedelta
from random import Random
from uuid import UUID

import pytest
from sqlalchemy import select

from coach.database.tenancy import acting_for
from coach.extensions import db
from coach.ids import new_id
from coach.whoop.apps import app_of
from coach.whoop.models import Integration, Status
from coach.whoop.sync.jobs import SYNC
from coach.work import slots
from coach.work.leases import now
from coach.work.models import DueSlot, Work
from tests.cast import Cast, Somebody
from tests.processes.clients import newcomers
from tests.processes.fates import AT_ONCE, fates, met
from tests.processes.stage import Program, Stage, wait_until

pytestmark = pytest.mark.usefixtures("inside", "standing")

A_WHILE = 8.0


def planned(where: Somebody, moments: list[datetime]) -> list[UUID]:
    """Give each moment a link of its own whose sync is due then, and is done at a glance."""
    people = newcomers(where, len(moments))
    with acting_for(where.organisation_id):
        made = [_link(each) for each in people]
        db.session.flush()
        for moment, each in zip(moments, made, strict=True):
            slots.plan(
                SYNC.name, subject_id=each, organisation_id=where.organisation_id, due_at=moment
            )
        db.session.commit()
    return made


def _link(who: Somebody) -> UUID:
    link = Integration(
        id=new_id(),
        organisation_id=who.organisation_id,
        client_id=who.client_id,
        whoop_app_id=app_of(who.organisation_id).id,
        external_user_id=new_id().hex,
        status=Status.ACTIVE,
        sync_enabled=False,  # so that a worker has nothing to do but to look
    )
    db.session.add(link)
    return link.id


def done_of(links: list[UUID]) -> Counter[UUID]:
    """Count the work that was done for each link; each was done at its first try."""
    db.session.rollback()
    rows = list(db.session.scalars(select(Work).where(Work.subject_id.in_(links))))
    assert {row.attempts for row in rows} <= {0, 1}
    return Counter(row.subject_id for row in rows if row.state == "done")


def check_each_once(links: list[UUID]) -> None:
    """See that each moment was taken, led to one piece of work, and one more moment is planned."""
    wait_until(lambda: len(done_of(links)) == len(links), what="all that is due")
    assert set(done_of(links).values()) == {1}
    moments = list(db.session.scalars(select(DueSlot).where(DueSlot.subject_id.in_(links))))
    taken = Counter(each.subject_id for each in moments if each.taken_at is not None)
    coming = Counter(each.subject_id for each in moments if each.taken_at is None)
    assert taken == coming == Counter(links)


def test_r70_what_three_processes_take_at_once_happens_once(running: Stage, people: Cast) -> None:
    with fates(running, "slots", "1") as three:
        links = planned(people.bea, [now()] * 8)
        assert met(three) == ["0"] * AT_ONCE
    check_each_once(links)


@pytest.mark.slow
@pytest.mark.timeout(480)
def test_r70_schedulers_that_are_paused_and_killed_miss_and_double_nothing(
    running: Stage, people: Cast
) -> None:
    dice, begin = Random(70), now()  # noqa: S311  not for secrets
    links = planned(people.bea, [begin + timedelta(seconds=2 * each) for each in range(100)])
    schedulers = [running.kept["scheduler"], running.start("scheduler"), running.start("scheduler")]
    ends = time.monotonic() + 210
    while time.monotonic() < ends:
        strike(running, schedulers, dice)
    check_each_once(links)
    for each in schedulers[1:]:
        assert each.end() == 0
    assert "Traceback" not in "".join(each.said for each in schedulers)


def strike(stage: Stage, schedulers: list[Program], dice: Random) -> None:
    """Pause one for a while, or kill it and start another."""
    number = dice.randrange(len(schedulers))
    victim = schedulers[number]
    if number and dice.random() < 0.5:
        victim.kill()
        time.sleep(A_WHILE)
        schedulers[number] = stage.start("scheduler")
        return
    victim.process.send_signal(signal.SIGSTOP)
    time.sleep(A_WHILE)
    victim.process.send_signal(signal.SIGCONT)
