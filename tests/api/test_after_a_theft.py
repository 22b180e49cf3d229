"""What ends a person's tokens, and nobody else's: a new password by a mail's link, and coming back."""

from datetime import UTC, datetime

from flask import Flask
from sqlalchemy import select

from coach.accounts import people, resets
from coach.accounts.models import AuditEntry, Membership, PasswordReset, Role, User
from coach.database.tenancy import acting_for
from coach.extensions import db
from tests.api.conftest import MakeProgram
from tests.cast import Cast, Somebody
from tests.critic import Critic


def choose_a_new_password(app: Flask, who: Somebody, browser: Critic) -> str:
    browser.post_form("/forgot", {"email": who.email})
    with app.app_context():
        newest = select(PasswordReset.id).where(PasswordReset.user_id == who.user_id)
        reset_id = db.session.scalars(newest.order_by(PasswordReset.id.desc())).first()
        assert reset_id
        path = resets.link(reset_id).removeprefix("http://localhost")
        db.session.remove()
    return browser.post_form(path, {"password": "an entirely new one"}, page=path).text


def test_a_reset_ends_the_tokens_of_the_person_alone(
    app: Flask, cast: Cast, program: MakeProgram
) -> None:
    olga, service = program(cast.olga), program(cast.olga, service=True)
    ann = program(cast.ann)
    said = choose_a_new_password(app, cast.olga, Critic.of(app))
    assert "your own API tokens are revoked" in said
    assert olga.get("/clients").status_code == 401
    assert {each.get("/clients").status_code for each in (service, ann)} == {200}
    with app.app_context(), acting_for(cast.olga.organisation_id):
        revoked = select(AuditEntry.actor_id).where(AuditEntry.action == "api_token_revoked")
        assert db.session.scalars(revoked).all() == [cast.olga.user_id]
        db.session.remove()


def test_whoever_else_is_signed_in_there_stays_who_they_are(
    app: Flask, cast: Cast, program: MakeProgram
) -> None:
    xenia, ann = program(cast.xenia), Critic.of(app).sign_in(cast.ann)
    assert "your own API tokens are revoked" in choose_a_new_password(app, cast.xenia, ann)
    assert xenia.get("/clients/me/profile").status_code == 401
    assert program(cast.xenia).get("/clients/me/profile").status_code == 200
    assert "Bea" in ann.get("/dashboard").text


def test_who_was_removed_and_comes_back_has_no_tokens(
    app: Flask, cast: Cast, program: MakeProgram
) -> None:
    carla = program(cast.carla)
    with app.app_context(), acting_for(cast.carla.organisation_id):
        member = db.session.scalars(
            select(Membership).where(Membership.id == cast.carla.membership_id)
        ).one()
        member.removed_at = datetime.now(UTC)
        db.session.flush()
        user = db.session.get_one(User, cast.carla.user_id)
        people.add_member(user, name="Carla", role=Role.COACH)
        db.session.commit()
        db.session.remove()
    assert carla.get("/clients").status_code == 401
    assert program(cast.carla).get("/clients").status_code == 200
