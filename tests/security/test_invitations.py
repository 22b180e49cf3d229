"""An invitation is for one person, once, and tells its sender nothing of other organisations."""

from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import text

from coach.database.tenancy import act_for, act_for_nobody
from coach.extensions import db
from tests.cast import PASSWORD, Cast
from tests.critic import Critic
from tests.security.conftest import AtOnce, Invite

NEW = "a sentence is fine"


def _somebody() -> str:
    return f"new-{uuid4().hex}@example.org"


def test_of_many_accepting_at_once_one_joins_with_their_password(
    app: Flask, invite: Invite, at_once: AtOnce
) -> None:
    email = _somebody()
    answers = [answer.status_code for answer in at_once([invite(email)] * 5, NEW)]
    assert sorted(answers) == [303, 410, 410, 410, 410]
    winner = answers.index(303)
    browser = Critic.of(app)
    fields = {"email": email, "password": f"{NEW} {winner}"}
    assert browser.post_form("/sign-in", fields).status_code == 303


def test_one_person_accepting_two_invitations_at_once_gets_one_account(
    invite: Invite, at_once: AtOnce
) -> None:
    email = _somebody()
    paths = [invite(email), invite(email, by="yan")]
    answers = sorted(answer.status_code for answer in at_once(paths, NEW))
    assert answers == [303, 422]  # the second has to type the password of the first


def test_somebody_signed_in_elsewhere_can_accept(app: Flask, cast: Cast, invite: Invite) -> None:
    browser = Critic.of(app).sign_in(cast.xenia)
    path = invite(_somebody())
    assert browser.post_form(path, {"password": NEW}, page="/account").status_code == 303
    assert "Nora New" in browser.get("/account").text


def test_a_link_is_no_way_round_the_limit_on_guessing(
    app: Flask, cast: Cast, invite: Invite
) -> None:
    path = invite(cast.xenia.email)
    browser = Critic.of(app)
    answers = [
        browser.post_form(path, {"password": "guess after guess"}).status_code for _ in range(7)
    ]
    assert answers == [422] * 5 + [429] * 2
    fields = {"email": cast.xenia.email, "password": PASSWORD}
    assert browser.post_form("/sign-in", fields).status_code == 429


def test_a_link_does_not_tell_whether_the_address_has_an_account(
    app: Flask, cast: Cast, invite: Invite
) -> None:
    unknown = _somebody()
    pages = {
        email: [
            Critic.of(app).get(path).text,
            Critic.of(app).post_form(path, {"password": "x"}).text,
        ]
        for email, path in ((e, invite(e)) for e in (unknown, cast.xenia.email))
    }
    asked, refused = ([_same(p[i], e) for e, p in pages.items()] for i in (0, 1))
    assert asked[0] == asked[1]
    assert refused[0] == refused[1]


def _same(page: str, email: str) -> list[str]:
    lines = page.replace(email, "EMAIL").splitlines()
    return [line for line in lines if "csrf_token" not in line and "X-CSRFToken" not in line]


def test_a_wrong_password_leaves_the_link_open(app: Flask, cast: Cast, invite: Invite) -> None:
    path = invite(cast.xenia.email)
    assert Critic.of(app).post_form(path, {"password": "not my password"}).status_code == 422
    assert Critic.of(app).post_form(path, {"password": PASSWORD}).status_code == 303


@pytest.mark.parametrize(
    "gone",
    [
        "UPDATE memberships SET removed_at = now() WHERE user_id = :olga",
        "UPDATE memberships SET role = 'coach' WHERE user_id = :olga",
        "UPDATE users SET disabled_at = now() WHERE id = :olga",
        "UPDATE organisations SET suspended_at = now() WHERE id = :organisation",
    ],
    ids=["removed", "no owner any more", "disabled", "organisation suspended"],
)
def test_what_somebody_sent_who_may_not_invite_any_more_opens_nothing(
    app: Flask, cast: Cast, invite: Invite, gone: str
) -> None:
    path = invite(_somebody(), role="owner", by="olga")
    with app.app_context():
        act_for(cast.olga.organisation_id, user_id=None, session=db.session())
        ids = {"olga": cast.olga.user_id, "organisation": cast.olga.organisation_id}
        db.session.execute(text(gone), {k: v for k, v in ids.items() if f":{k}" in gone})
        db.session.commit()
        act_for_nobody()
    assert Critic.of(app).get(path).status_code == 410
    assert Critic.of(app).post_form(path, {"password": NEW}).status_code == 410
