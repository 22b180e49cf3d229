"""A second factor that is lost, and programs of people who owe one."""

from click.testing import CliRunner
from flask import Flask
from sqlalchemy import text

from coach.__main__ import coach
from coach.database.tenancy import acting_for
from coach.extensions import db
from tests.accounts.test_second_factor import switch_on
from tests.api.conftest import Program, a_token
from tests.cast import Cast, Somebody
from tests.critic import Critic
from tests.test_cli import environment


def _reset(app: Flask, email: str) -> int:
    command = ["users", "reset-factor", email]
    return CliRunner().invoke(coach, command, env=environment(app)).exit_code


def _require(app: Flask, who: Somebody) -> None:
    with app.app_context(), acting_for(who.organisation_id):
        db.session.execute(text("UPDATE organisations SET mfa_required = true"))
        db.session.commit()
        db.session.remove()


def test_an_operator_lets_somebody_in_who_lost_everything(app: Flask, cast: Cast) -> None:
    ann = Critic.of(app).sign_in(cast.ann)
    switch_on(ann)
    assert _reset(app, cast.ann.email) == 0
    assert ann.get("/account").status_code == 303  # every session of hers has ended
    assert Critic.of(app).sign_in(cast.ann).get("/dashboard").status_code == 200
    log = Critic.of(app).sign_in(cast.olga).get("/organisation/log").text
    assert "took off a lost second factor" in log
    assert _reset(app, cast.ann.email) != 0  # there is none any more


def test_a_token_of_somebody_who_owes_a_second_factor_opens_nothing(app: Flask, cast: Cast) -> None:
    programs = {
        who.email: Program(app.test_client(use_cookies=False), a_token(app, who))
        for who in (cast.ann, cast.bea)
    }
    _require(app, cast.ann)
    assert programs[cast.ann.email].get("/clients").status_code == 401
    assert programs[cast.bea.email].get("/clients").status_code == 200  # of clients it is not asked
    switch_on(Critic.of(app).sign_in(cast.ann))
    assert programs[cast.ann.email].get("/clients").status_code == 200


def test_a_token_is_made_by_who_has_just_shown_who_they_are(app: Flask, cast: Cast) -> None:
    bea = Critic.of(app).sign_in(cast.bea)
    with app.app_context():
        stale = "UPDATE user_sessions SET data = data - 'proved_at' WHERE user_id = :user"
        db.session.execute(text(stale), {"user": cast.bea.user_id})
        db.session.commit()
        db.session.remove()
    said = {"name": "Our app", "scope": ["read:days"], "days": "90"}
    answer = bea.post_form("/account/tokens", said)
    assert (answer.status_code, answer.headers["Location"].partition("?")[0]) == (
        303,
        "/account/proof",
    )
