"""The second factor, from setting it up to losing the phone."""

import re
import time
from uuid import UUID

import pyotp
import pytest
from flask import Flask
from sqlalchemy import text
from werkzeug.test import TestResponse

from coach.accounts import factors
from coach.accounts.person_models import SecondFactor
from coach.database.tenancy import act_for
from coach.extensions import db
from tests.cast import PASSWORD, Cast, Somebody
from tests.critic import Critic


class Phone:
    """An app that shows codes, also those of half a minute earlier or later."""

    def __init__(self, secret: str) -> None:
        self.app = pyotp.TOTP(secret)

    def code(self, steps: int = 1) -> str:
        return str(self.app.at(int(time.time()) + steps * factors.STEP_SECONDS))


@pytest.fixture
def phone(app: Flask, cast: Cast) -> Phone:
    """Ann has switched it on."""
    return switch_on(Critic.of(app).sign_in(cast.ann))[0]


def switch_on(browser: Critic) -> tuple[Phone, list[str]]:
    page = browser.get("/account/second-factor").text
    found = re.search(r'class="code"[^>]*>([A-Z2-7 ]+)<', page)
    assert found
    phone = Phone(found[1].replace(" ", ""))
    shown = browser.post_form(
        "/account/second-factor", {"code": phone.code(0)}, page="/account/second-factor"
    )
    assert shown.status_code == 200
    return phone, re.findall(r'<li class="code">([0-9a-f-]+)</li>', shown.text)


def _password(app: Flask, who: Somebody) -> Critic:
    browser = Critic.of(app)
    answer = browser.post_form("/sign-in", {"email": who.email, "password": PASSWORD})
    assert answer.headers["Location"].startswith("/sign-in/code")
    return browser


def _code(browser: Critic, code: str) -> TestResponse:
    return browser.post_form("/sign-in/code", {"code": code}, page="/sign-in")


def test_the_password_alone_opens_nothing(app: Flask, cast: Cast, phone: Phone) -> None:
    browser = _password(app, cast.ann)
    assert browser.get("/dashboard").headers["Location"].startswith("/sign-in")
    assert _code(browser, phone.code()).status_code == 303
    assert browser.get("/dashboard").status_code == 200


def test_the_session_id_changes_with_the_code(app: Flask, cast: Cast, phone: Phone) -> None:
    browser = _password(app, cast.ann)
    before = browser.get_cookie("coach")
    _code(browser, phone.code())
    after = browser.get_cookie("coach")
    assert before
    assert after
    assert before.value != after.value
    browser.set_cookie("coach", before.value)
    assert browser.get("/dashboard").status_code == 303


def test_no_code_counts_twice_and_none_of_long_ago(app: Flask, cast: Cast, phone: Phone) -> None:
    code, old = phone.code(), phone.code(-2)
    assert _code(_password(app, cast.ann), old).status_code == 422
    assert _code(_password(app, cast.ann), code).status_code == 303
    assert _code(_password(app, cast.ann), code).status_code == 422


def test_a_recovery_code_opens_once_and_only_its_hash_is_kept(app: Flask, cast: Cast) -> None:
    _phone, codes = switch_on(Critic.of(app).sign_in(cast.ann))
    assert len(set(codes)) == factors.RECOVERY_CODES
    assert _code(_password(app, cast.ann), codes[3].upper()).status_code == 303
    assert _code(_password(app, cast.ann), codes[3]).status_code == 422
    stored = _row(app, cast.ann.user_id)
    assert len(stored.recovery_hashes) == factors.RECOVERY_CODES - 1
    assert not set(codes) & {*stored.recovery_hashes, stored.secret}


def test_the_secret_is_sealed(app: Flask, cast: Cast, phone: Phone) -> None:
    stored = _row(app, cast.ann.user_id)
    assert phone.app.secret not in stored.secret
    assert stored.secret.startswith("v1.")


def test_guessing_codes_is_slowed_down(app: Flask, cast: Cast, phone: Phone) -> None:
    browser = _password(app, cast.ann)
    answers = [_code(browser, f"00000{n}").status_code for n in range(6)]
    assert answers[:5] == [422] * 5
    assert answers[5] == 429
    assert _code(browser, phone.code()).status_code == 429


def test_a_password_changed_meanwhile_ends_the_waiting(
    app: Flask, cast: Cast, phone: Phone
) -> None:
    browser = _password(app, cast.ann)
    with app.app_context():
        db.session.execute(
            text("UPDATE users SET password_hash = 'x' WHERE id = :id"), {"id": cast.ann.user_id}
        )
        db.session.commit()
    assert _code(browser, phone.code()).headers["Location"].startswith("/sign-in")
    assert browser.get("/dashboard").status_code == 303


def test_switching_it_on_signs_every_other_device_out(app: Flask, cast: Cast) -> None:
    elsewhere, here = Critic.of(app).sign_in(cast.ann), Critic.of(app).sign_in(cast.ann)
    switch_on(here)
    assert here.get("/dashboard").status_code == 200
    assert elsewhere.get("/dashboard").status_code == 303


def test_switching_it_off_asks_for_it(app: Flask, cast: Cast) -> None:
    browser = Critic.of(app).sign_in(cast.ann)
    _phone, codes = switch_on(browser)
    away, page = "/account/second-factor/removal", "/account/second-factor"
    assert browser.post_form(away, {"code": "123456"}, page=page).status_code == 422
    assert browser.post_form(away, {"code": codes[0]}, page=page).status_code == 303
    assert Critic.of(app).sign_in(cast.ann).get("/dashboard").status_code == 200


def test_new_recovery_codes_end_the_old_ones(app: Flask, cast: Cast) -> None:
    browser = Critic.of(app).sign_in(cast.ann)
    _phone, codes = switch_on(browser)
    shown = browser.post_form("/account/second-factor/codes", page="/account/second-factor")
    fresh = re.findall(r'<li class="code">([0-9a-f-]+)</li>', shown.text)
    assert _code(_password(app, cast.ann), codes[0]).status_code == 422
    assert _code(_password(app, cast.ann), fresh[0]).status_code == 303


def test_where_it_is_required_staff_can_do_nothing_before(app: Flask, cast: Cast) -> None:
    olga, ann, bea = (Critic.of(app).sign_in(it) for it in (cast.olga, cast.ann, cast.bea))
    saved = olga.post_form("/organisation/security", {"mfa_required": "y"}, page="/account")
    assert saved.status_code == 303
    for path in ("/dashboard", "/people", "/account", f"/dashboard/clients/{cast.bea.client_id}"):
        assert ann.get(path).headers["Location"] == "/account/second-factor"
    assert ann.post_form("/account/name", {"name": "x"}, page="/account/second-factor").headers[
        "Location"
    ] == ("/account/second-factor")
    assert bea.get("/cabinet").status_code == 200
    switch_on(ann)
    assert ann.get("/dashboard").status_code == 200


def test_an_invitation_does_not_go_round_it(app: Flask, cast: Cast, phone: Phone) -> None:
    zoe = Critic.of(app).sign_in(cast.zoe)
    fields = {"name": "Ann", "email": cast.ann.email, "role": "coach", "timezone": "UTC"}
    assert zoe.post_form("/invitations", fields).status_code == 303
    found = re.search(r'value="http://localhost(/invitations/[^"]+)"', zoe.get("/people").text)
    assert found
    guest = Critic.of(app)
    answer = guest.post_form(found[1], {"password": PASSWORD}, page=found[1])
    assert answer.headers["Location"] == "/sign-in/code"
    assert guest.get("/dashboard").status_code == 303
    assert _code(guest, phone.code()).status_code == 303
    assert "Zoe" in guest.get("/account").text


def _row(app: Flask, user_id: UUID) -> SecondFactor:
    with app.app_context():
        act_for(None, user_id=None, session=db.session())
        row = db.session.get_one(SecondFactor, user_id)
        db.session.expunge(row)
        db.session.remove()
    return row
