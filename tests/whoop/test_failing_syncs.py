"""A sync that fails each time says so to the client and the owner, and takes it back by itself."""

import pytest
from flask import Flask

from coach.database.tenancy import acting_for
from coach.extensions import db
from coach.whoop.models import Integration
from coach.whoop.sync import reading
from coach.whoop.sync.jobs import SYNC
from coach.work.leases import MOST_ATTEMPTS
from coach.work.models import Work
from tests.cast import Cast, Somebody
from tests.critic import Critic
from tests.whoop.conftest import Linker
from tests.whoop.looking_back import link_and_sync, linked_app

__all__ = ["linked_app"]


def link_of(app: Flask, who: Somebody) -> Integration:
    with app.app_context(), acting_for(who.organisation_id):
        mine = db.select(Integration).where(Integration.client_id == who.client_id)
        found = db.session.scalars(mine).one()
        db.session.expunge_all()
        return found


def come_due(app: Flask) -> None:
    with app.app_context():
        syncs = db.update(Work).where(Work.kind == SYNC.name, Work.state == "waiting")
        db.session.execute(syncs.values(due_at=db.func.now()))
        db.session.commit()


def fail(*_: object, **__: object) -> None:
    raise ZeroDivisionError


def test_a_sync_that_was_given_up_is_told_until_one_ends_well(
    linker: Linker, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = link_and_sync(linker, cast.bea, "ada")
    browser.post_form("/cabinet/whoop/sync")
    told = []
    with monkeypatch.context() as patched:
        patched.setattr(reading, "catch_up", fail)
        for _ in range(MOST_ATTEMPTS):
            come_due(linker.app)
            linker.work(cast.bea.organisation_id)
            told.append(link_of(linker.app, cast.bea).status)
    assert told == ["active", "active", "error"]
    assert "The last sync did not work" in browser.get("/cabinet/whoop").text
    owner = Critic.of(linker.app).sign_in(cast.olga)
    health = owner.get("/organisation/sync").text
    assert "Needs attention" in health
    assert "whoever runs this server should look" in health

    browser.post_form("/cabinet/whoop/sync")
    linker.work(cast.bea.organisation_id)
    found = link_of(linker.app, cast.bea)
    assert (found.status, found.error) == ("active", None)
    assert "Needs attention" not in owner.get("/organisation/sync").text
