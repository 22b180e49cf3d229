"""A deletion among everything else that goes on: other organisations, uploads, files, comebacks."""

from datetime import timedelta

import pytest
from flask import Flask

from coach.accounts import people
from coach.accounts.links import find_in_directory, token_for
from coach.accounts.models import AuditEntry, Client, Role, TokenKind, User
from coach.csv_import.jobs import IMPORT
from coach.csv_import.models import Import
from coach.database.tenancy import acting_for
from coach.exporting.readme import readme
from coach.extensions import db
from coach.ids import new_id
from coach.privacy import making, upkeep
from coach.whoop.grant import farewells
from coach.whoop.grant.farewells import Grant
from coach.whoop.models import WhoopApp
from coach.work import clock, leases
from coach.work.asking import ask
from coach.work.leases import LeaseLost
from config import Settings
from tests.cast import PASSWORD, Cast
from tests.critic import Critic
from tests.privacy.knowing import live, places_of, work


def test_who_belongs_to_several_organisations_is_deleted_in_all(
    app: Flask, cast: Cast, settings: Settings
) -> None:
    canary, zoes = live(app, cast), cast.zoe.organisation_id
    with app.app_context(), acting_for(zoes):
        account = db.session.get_one(User, cast.bea.user_id)
        people.add_member(account, name=canary, role=Role.CLIENT)
        db.session.commit()
        db.session.remove()
    Critic.of(app).sign_in(cast.bea).post_form("/account/deletion", {"password": PASSWORD})
    assert work(app, cast, "erase_account") == ["done"]
    assert places_of(canary, settings) == []
    with app.app_context(), acting_for(zoes):
        proof = db.select(AuditEntry.id).where(AuditEntry.action == "account_erased")
        assert db.session.scalars(proof).all()
        db.session.remove()


def test_an_upload_that_is_being_read_is_stopped(app: Flask, cast: Cast) -> None:
    live(app, cast)
    with app.app_context(), acting_for(cast.bea.organisation_id):
        upload = db.session.scalars(db.select(Import.id)).one()
        reading = ask(IMPORT, organisation_id=cast.bea.organisation_id, subject_id=upload)
        db.session.commit()
        piece = leases.claim(reading)
        db.session.remove()
    assert piece is not None
    Critic.of(app).sign_in(cast.bea).post_form("/cabinet/data/whoop")
    assert work(app, cast, "erase_whoop_data") == ["done"]
    with (
        app.app_context(),
        leases.holding(piece),
        pytest.raises(LeaseLost),
        leases.unit_of_work(),
    ):
        pytest.fail("what lost its lease must not go on")


def test_the_data_does_not_wait_until_whoop_has_been_told(
    app: Flask, cast: Cast, settings: Settings
) -> None:
    canary = live(app, cast)
    bea = cast.bea
    assert bea.client_id
    with app.app_context(), acting_for(bea.organisation_id):
        app_id = new_id()
        db.session.add(WhoopApp(id=app_id, slug=app_id.hex, client_id="x"))
        db.session.flush()
        grant = Grant(app_id, f"of-{canary}", "secret", None, leases.now(), frozenset())
        farewells.keep(grant, bea.client_id, bea.organisation_id, not_before=leases.now())
        db.session.commit()
        db.session.remove()
    Critic.of(app).sign_in(bea).post_form("/account/deletion", {"password": PASSWORD})
    assert work(app, cast, "erase_account") == ["done"]
    assert places_of(canary, settings) == ["farewells"]


def test_the_link_to_delete_what_was_left_works_for_thirty_days(app: Flask, cast: Cast) -> None:
    Critic.of(app).sign_in(cast.olga).post_form(f"/people/{cast.bea.membership_id}/removal")
    with app.app_context():
        assert cast.bea.client_id
        token = token_for(TokenKind.LEAVING, cast.bea.client_id)
        link = f"/leaving/{token}"
        late = leases.now() + timedelta(days=30, minutes=1)
        db.session.remove()
    with clock.stopped_at(late - timedelta(minutes=2)):
        assert Critic.of(app).get(link).status_code == 200
    with clock.stopped_at(late):
        assert Critic.of(app).get(link).status_code == 404
    with app.app_context():
        upkeep.forget_leaving_links(now=late)
        assert find_in_directory(TokenKind.LEAVING, token) is None
        db.session.remove()


def test_who_came_back_is_not_deleted(app: Flask, cast: Cast) -> None:
    typed = {"data": "delete", "password": PASSWORD}
    Critic.of(app).sign_in(cast.bea).post_form("/account/leaving", typed)
    with app.app_context(), acting_for(cast.bea.organisation_id):
        account = db.session.get_one(User, cast.bea.user_id)
        people.add_member(account, name="Bea", role=Role.CLIENT)
        db.session.commit()
        db.session.remove()
    assert work(app, cast, "erase_client") == ["done"]
    with app.app_context(), acting_for(cast.bea.organisation_id):
        assert db.session.get(Client, (cast.bea.organisation_id, cast.bea.client_id))
        db.session.remove()


def test_a_file_that_is_being_made_of_a_deleted_client_is_nowhere(
    app: Flask, cast: Cast, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    canary = live(app, cast)
    bea = Critic.of(app).sign_in(cast.bea)
    bea.post_form("/cabinet/data/export")
    bea.post_form("/account/deletion", {"password": PASSWORD})
    write = readme

    def overtaken(name: str, day: str) -> str:
        work(app, cast, "erase_account")
        return write(name, day)

    monkeypatch.setattr(making, "readme", overtaken)
    work(app, cast, "make_export")
    work(app, cast, "make_export")
    assert places_of(canary, settings) == []
