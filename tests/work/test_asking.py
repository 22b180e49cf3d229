"""Who asks for what is asked for already joins it, and can only make it more urgent."""

from datetime import timedelta

import pytest

from coach.extensions import db
from coach.ids import new_id
from coach.work.asking import ask, open_work
from coach.work.leases import claim, finish, now
from coach.work.models import Lane
from tests.work.conftest import KIND, row

HOUR = timedelta(hours=1)


def test_the_same_work_asked_for_twice_is_one_row() -> None:
    organisation, subject = new_id(), new_id()
    first = ask(KIND, organisation_id=organisation, subject_id=subject)
    assert ask(KIND, organisation_id=organisation, subject_id=subject) == first
    assert ask(KIND, organisation_id=organisation, subject_id=new_id()) != first


@pytest.mark.parametrize(
    ("waiting", "asked", "then"),
    [
        (Lane.BACKFILL, Lane.FRESH, Lane.FRESH),
        (Lane.RECONCILE, Lane.BACKFILL, Lane.RECONCILE),
        (Lane.FRESH, Lane.RECONCILE, Lane.FRESH),
    ],
)
def test_joining_keeps_the_more_urgent_lane(waiting: Lane, asked: Lane, then: Lane) -> None:
    subject = new_id()
    work = ask(KIND, organisation_id=None, subject_id=subject, lane=waiting)
    ask(KIND, organisation_id=None, subject_id=subject, lane=asked)
    db.session.commit()
    assert row(work).lane == then


def test_joining_keeps_the_earlier_moment() -> None:
    subject, at = new_id(), now()
    work = ask(KIND, organisation_id=None, subject_id=subject, due_at=at + HOUR)
    ask(KIND, organisation_id=None, subject_id=subject, due_at=at)
    ask(KIND, organisation_id=None, subject_id=subject, due_at=at + 2 * HOUR)
    db.session.commit()
    assert row(work).due_at == at


def test_work_that_is_done_is_not_joined() -> None:
    subject = new_id()
    work = ask(KIND, organisation_id=None, subject_id=subject)
    db.session.commit()
    found = open_work(KIND, subject)
    assert found is not None
    assert found.id == work
    piece = claim(work)
    assert piece is not None
    finish(piece)
    assert open_work(KIND, subject) is None
    assert ask(KIND, organisation_id=None, subject_id=subject) != work


def test_work_is_asked_for_in_the_transaction_of_its_cause() -> None:
    subject = new_id()
    ask(KIND, organisation_id=None, subject_id=subject)
    db.session.rollback()
    assert open_work(KIND, subject) is None
