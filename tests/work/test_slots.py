"""A due moment is a unique row: however many schedulers run, one of them takes it."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import delete

from coach.extensions import db
from coach.ids import new_id
from coach.work import slots
from coach.work.leases import now
from coach.work.models import DueSlot

NAME = "test_of_slots"
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def clean_slots(context: None) -> Iterator[None]:  # noqa: ARG001  # it must come first
    yield
    db.session.rollback()
    db.session.execute(delete(DueSlot).where(DueSlot.name == NAME))
    db.session.commit()


def plan(number: int, *, later: timedelta = timedelta()) -> set[UUID]:
    """Plan a moment for so many subjects."""
    subjects = {new_id() for _ in range(number)}
    for subject in subjects:
        slots.plan(NAME, subject_id=subject, organisation_id=None, due_at=now() + later)
    db.session.commit()
    return subjects


def taken() -> list[UUID]:
    return [subject for subject, _, _ in slots.take_due(NAME, now=now())]


def test_two_schedulers_at_once_take_each_slot_once(app: Flask) -> None:
    planned = plan(50)
    start = Barrier(2)

    def take(_: int) -> list[UUID]:
        with app.app_context():
            start.wait()
            found = taken()
            start.wait()  # both have taken before either commits
            db.session.commit()
            return found

    with ThreadPoolExecutor(2) as schedulers:
        one, other = schedulers.map(take, range(2))
    assert set(one) | set(other) == planned
    assert len(one) + len(other) == len(planned)


def test_a_taken_slot_is_not_taken_again_even_if_it_is_planned_again() -> None:
    (subject,) = plan(1)
    ((_, _, moment),) = slots.take_due(NAME, now=now())
    slots.plan(NAME, subject_id=subject, organisation_id=None, due_at=moment)
    db.session.commit()
    assert taken() == []


def test_a_slot_whose_scheduler_died_before_its_commit_is_free_again() -> None:
    planned = plan(1)
    assert set(taken()) == planned
    db.session.rollback()
    assert set(taken()) == planned


def test_a_slot_is_not_taken_before_its_time() -> None:
    plan(1, later=HOUR)
    assert taken() == []


def test_a_forgotten_subject_has_no_slots() -> None:
    (subject,) = plan(1)
    slots.forget(NAME, subject_id=subject)
    assert taken() == []
