"""How long a session lasts, and what ends it."""

from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import text

from coach.app import create_app
from coach.extensions import db
from config import Settings
from tests.cast import PASSWORD, Cast, Somebody
from tests.conftest import close
from tests.critic import Critic
from tests.security.conftest import Invite


def _execute(app: Flask, statement: str, who: Somebody) -> None:
    with app.app_context():
        db.session.execute(text(statement), {"user": who.user_id})
        db.session.commit()


def _ask(app: Flask, question: str, who: Somebody) -> object:
    with app.app_context():
        asked = text(f"SELECT {question} FROM user_sessions WHERE user_id = :user")
        value = db.session.scalar(asked, {"user": who.user_id})
        db.session.remove()
    return value


def _switch(browser: Critic, organisation: UUID) -> int:
    fields = {"organisation_id": str(organisation)}
    return browser.post_form("/organisations/switch", fields, page="/account").status_code


@pytest.fixture
def xenia(app: Flask, cast: Cast, invite: Invite) -> Critic:
    """Xenia is a client at home and a coach of Ann's; here she is at home."""
    path = invite(cast.xenia.email, role="coach", by="olga")
    guest = Critic.of(app)
    assert guest.post_form(path, {"password": PASSWORD}).status_code == 303
    assert _switch(guest, cast.xenia.organisation_id) == 303
    return guest


def test_going_between_organisations_makes_no_session_longer(
    app: Flask, cast: Cast, xenia: Critic
) -> None:
    before = _ask(app, "ends_at", cast.xenia)
    for organisation in (cast.ann.organisation_id, cast.xenia.organisation_id):
        assert _switch(xenia, organisation) == 303
    assert _ask(app, "ends_at", cast.xenia) == before


def test_a_session_as_old_as_a_client_may_have_does_not_open_the_dashboard(
    app: Flask, cast: Cast, xenia: Critic
) -> None:
    older = "UPDATE user_sessions SET created_at = created_at - interval '13 hours'"
    _execute(app, f"{older} WHERE user_id = :user", cast.xenia)
    assert xenia.get("/cabinet").status_code == 200
    _switch(xenia, cast.ann.organisation_id)
    assert xenia.get("/dashboard").headers["Location"].startswith("/sign-in")


def test_staff_are_signed_out_after_their_idle_time(app: Flask, cast: Cast) -> None:
    browser = Critic.of(app).sign_in(cast.ann)
    seen = "UPDATE user_sessions SET last_seen = last_seen - interval '61 minutes'"
    _execute(app, f"{seen} WHERE user_id = :user", cast.ann)
    assert browser.get("/dashboard").status_code == 303


def test_a_page_that_refreshes_itself_keeps_nobody_signed_in(app: Flask, cast: Cast) -> None:
    browser = Critic.of(app).sign_in(cast.bea)
    seen = "UPDATE user_sessions SET last_seen = now() - interval '1 day'"
    _execute(app, f"{seen} WHERE user_id = :user", cast.bea)
    assert browser.get("/cabinet/whoop", headers={"Coach-Poll": "1"}).status_code == 200
    fresh = "last_seen > now() - interval '1 hour'"
    assert _ask(app, fresh, cast.bea) is False
    browser.get("/cabinet")
    assert _ask(app, fresh, cast.bea) is True


@pytest.mark.parametrize(
    ("who", "table", "change"),
    [
        ("ann", "memberships", "removed_at = now() WHERE user_id = :user"),
        ("bea", "users", "disabled_at = now() WHERE id = :user"),
    ],
)
def test_who_is_removed_or_disabled_is_out_with_the_next_request(
    app: Flask, cast: Cast, who: str, table: str, change: str
) -> None:
    person: Somebody = getattr(cast, who)
    browser = Critic.of(app).sign_in(person)
    with app.app_context():
        setting = text("SELECT set_config('app.organisation_id', :organisation, true)")
        db.session.execute(setting, {"organisation": str(person.organisation_id)})
        db.session.execute(text(f"UPDATE {table} SET {change}"), {"user": person.user_id})
        db.session.commit()
    assert browser.get("/account").status_code == 303
    assert browser.sign_in(person).get("/account").status_code == 303


def test_every_cookie_we_set_is_bound_tightly(app: Flask, cast: Cast) -> None:
    browser = Critic.of(app)
    signing_in = browser.post_form("/sign-in", {"email": cast.bea.email, "password": PASSWORD})
    for answer in (signing_in, browser.post_form("/sign-out", page="/account")):
        (cookie,) = answer.headers.getlist("Set-Cookie")
        assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= set(cookie.split("; "))


def test_on_https_the_cookie_belongs_to_this_host_alone(settings: Settings, cast: Cast) -> None:
    app = create_app(settings.model_copy(update={"base_url": "https://coach.example.org"}))
    browser = Critic.of(app)
    fields = {"email": cast.bea.email, "password": PASSWORD}
    browser.environ_base["wsgi.url_scheme"] = "https"
    answer = browser.post_form("/sign-in", fields)
    (cookie,) = answer.headers.getlist("Set-Cookie")
    close(app)
    assert cookie.startswith("__Host-coach=")
    assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= set(cookie.split("; "))
    assert "Domain" not in cookie
