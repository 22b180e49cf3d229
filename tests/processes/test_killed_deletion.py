"""A deletion whose worker was killed with `kill -9` half way ends like an undisturbed one."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from flask import Flask
from sqlalchemy import create_engine, select, text

from coach.demo.visitor import Visitor
from coach.extensions import db
from coach.work.models import Work
from tests.cast import PASSWORD, Cast, Somebody
from tests.privacy.knowing import live, places_of
from tests.processes.conftest import base_url
from tests.processes.stage import Stage, wait_until

TAKEN_UP_WITHIN = 60.0


class Leaver(Visitor):
    """Somebody who deletes their account."""

    def delete_account(self) -> None:
        page = "/account/deletion"
        self._send(page, page, {"password": PASSWORD})


@contextmanager
def held(url: str, who: Somebody) -> Iterator[None]:
    """Keep one table's row of somebody, so that who deletes it has to wait."""
    engine = create_engine(url)
    with engine.connect() as connection:
        mine = text("SELECT 1 FROM check_ins WHERE client_id = :whose FOR UPDATE")
        assert connection.execute(mine, {"whose": who.client_id}).one()
        yield
    engine.dispose()


def state_of(who: Somebody) -> str | None:
    db.session.rollback()
    mine = (Work.kind == "erase_account", Work.subject_id == who.user_id)
    return db.session.scalar(select(Work.state).where(*mine))


@pytest.mark.slow
@pytest.mark.usefixtures("inside")
def test_a_deletion_whose_worker_was_killed_is_taken_up_and_leaves_nothing(
    running: Stage, office: Flask, people: Cast
) -> None:
    canary, settings = live(office, people), office.config["SETTINGS"]
    with (
        held(running.environment["MIGRATION_DATABASE_URL"], people.bea),
        Leaver(base_url(running), "") as visitor,
    ):
        visitor.sign_in(people.bea.email, PASSWORD)
        visitor.delete_account()
        wait_until(lambda: "notes" not in places_of(canary, settings), what="the first deletions")
        assert running.kill_workers("upkeep")
        assert state_of(people.bea) == "running"
        assert "check_ins" in places_of(canary, settings)
    wait_until(lambda: state_of(people.bea) == "done", TAKEN_UP_WITHIN)
    assert places_of(canary, settings) == []
