"""A kind of work of our own, on a queue that only these tests do work of."""

from collections.abc import Callable, Iterator
from uuid import UUID

import pytest
from sqlalchemy import delete

from coach.extensions import db
from coach.ids import new_id
from coach.work.asking import Kind, ask
from coach.work.leases import Piece
from coach.work.models import Lane, Queue, Work
from coach.work.perform import does

QUEUE = Queue.INSIGHTS
KIND = Kind("test_of_work", QUEUE)
Ask = Callable[..., UUID]


@pytest.fixture(autouse=True)
def clean_queue(context: None) -> Iterator[None]:  # noqa: ARG001  # it must come first
    _clean()  # days that other tests have changed ask for work on this queue
    yield
    db.session.rollback()
    _clean()


def _clean() -> None:
    db.session.execute(delete(Work).where(Work.queue == QUEUE))
    db.session.commit()


@pytest.fixture
def ask_for() -> Ask:
    """Ask for one more piece of work, of an organisation of its own unless told whose."""

    def asked(organisation_id: UUID | None = None, lane: Lane = Lane.FRESH) -> UUID:
        whose = organisation_id or new_id()
        made = ask(KIND, organisation_id=whose, subject_id=new_id(), lane=lane)
        db.session.commit()
        return made

    return asked


@pytest.fixture
def doing(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[Piece], None]], None]:
    """Say what is to be done when work of our kind is performed."""
    monkeypatch.setattr("coach.work.perform._doers", {})

    def say(doer: Callable[[Piece], None]) -> None:
        does(KIND)(doer)

    return say


def row(work_id: UUID) -> Work:
    """Read a piece of work as it is stored now."""
    db.session.rollback()
    return db.session.get_one(Work, work_id, populate_existing=True)
