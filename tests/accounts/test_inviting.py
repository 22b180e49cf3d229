"""Invite many, send again, and the guardian of somebody under 18."""

import io
import re
from datetime import timedelta
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import update

from coach.accounts import guardians, inviting_many
from coach.accounts.models import Invitation, Role, User
from coach.database.tenancy import acting_for
from coach.extensions import db
from tests.cast import Cast
from tests.critic import Critic

PASSWORD = {"password": "a sentence is fine"}


def _link(coach: Critic) -> str:
    found = re.search(r'value="http://localhost(/invitations/[^"]+)"', coach.get("/people").text)
    assert found
    return found[1]


def _invite(app: Flask, cast: Cast, email: str) -> str:
    coach = Critic.of(app).sign_in(cast.ann)
    fields = {"name": "Nora New", "email": email, "role": "client", "timezone": "Europe/Oslo"}
    coach.post_form("/invitations", fields)
    return _link(coach)


def _results(text: str) -> list[str]:
    return re.findall(r'data-label="Result"><span class="badge[^"]*">([^<]+)<', text)


def test_each_row_of_a_list_has_its_own_result(app: Flask, cast: Cast) -> None:
    run = cast.ann.user_id.hex
    coach = Critic.of(app).sign_in(cast.ann)
    rows = [
        "Name;E-mail;Zone",
        f"Nora New;nora-{run}@example.org;Europe/Oslo",
        f"again;NORA-{run}@example.org",
        f"Bea;{cast.bea.email}",
        "not an address",
        f"Otto Old <otto-{run}@example.org>",
    ]
    answer = coach.post_form("/invitations/many", {"list": "\n".join(rows)})
    expected = ["invited", "twice on this list", "already a member", "not an e-mail address"]
    assert _results(answer.text) == [*expected, "invited"]
    once_more = coach.post_form("/invitations/many", {"list": rows[1]})
    assert _results(once_more.text) == ["already invited"]
    with app.app_context(), acting_for(cast.ann.organisation_id):
        made = db.session.scalars(db.select(Invitation).order_by(Invitation.email)).all()
        assert [(each.name, each.timezone, each.role) for each in made] == [
            ("Nora New", "Europe/Oslo", Role.CLIENT),
            ("Otto Old", "UTC", Role.CLIENT),
        ]
        db.session.remove()


@pytest.mark.parametrize("saved_as", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_a_file_is_read_as_a_spreadsheet_saves_it(app: Flask, cast: Cast, saved_as: str) -> None:
    listed = f"Name;E-mail\r\nIñigo Muñoz;inigo-{cast.ann.user_id.hex}@example.org\r\n"
    coach = Critic.of(app).sign_in(cast.ann)
    file = {"file": (io.BytesIO(listed.encode(saved_as)), "clients.csv")}
    answer = coach.post_form("/invitations/many", file)
    assert _results(answer.text) == ["invited"]
    assert "Iñigo Muñoz" in answer.text


def test_an_old_file_of_a_russian_spreadsheet_is_read_too() -> None:
    assert inviting_many.decoded("Мария Ёлкина".encode("cp1251"), language="ru") == "Мария Ёлкина"
    assert inviting_many.decoded("Мария".encode()[:-1], language="ru") == "Мари", "cut in a letter"


def test_a_list_has_an_end(app: Flask, cast: Cast) -> None:
    run = cast.ann.user_id.hex
    listed = "\n".join(f"{number}-{run}@example.org" for number in range(202))
    answer = Critic.of(app).sign_in(cast.ann).post_form("/invitations/many", {"list": listed})
    assert _results(answer.text).count("invited") == 200
    assert _results(answer.text)[200:] == ["too many at once"] * 2


def test_an_empty_list_says_so(app: Flask, cast: Cast) -> None:
    answer = Critic.of(app).sign_in(cast.ann).post_form("/invitations/many", {"list": " \n"})
    assert answer.status_code == 422
    assert "Nobody is on this list" in answer.text


def test_an_expired_invitation_sent_again_works_again(app: Flask, cast: Cast) -> None:
    path = _invite(app, cast, f"late-{cast.ann.user_id}@example.org")
    with app.app_context(), acting_for(cast.ann.organisation_id):
        db.session.execute(
            update(Invitation).values(expires_at=Invitation.created_at - timedelta(1))
        )
        db.session.commit()
        db.session.remove()
    coach = Critic.of(app).sign_in(cast.ann)
    page = coach.get("/people").text
    assert "expired" in page
    found = re.search(r'action="(/invitations/[0-9a-f-]+/reminder)"', page)
    assert found
    assert coach.post_form(found[1]).status_code == 303
    assert Critic.of(app).get(path).status_code == 200


def test_an_invitation_for_another_address_says_whose_it_is(app: Flask, cast: Cast) -> None:
    path = _invite(app, cast, f"other-{cast.ann.user_id}@example.org")
    page = Critic.of(app).sign_in(cast.carl).get(path).text
    assert f"You are signed in as {cast.carl.email}" in page


def test_a_new_client_is_shown_both_ways_in(app: Flask, cast: Cast) -> None:
    path = _invite(app, cast, f"first-{cast.ann.user_id}@example.org")
    guest = Critic.of(app)
    joined = guest.post_form(path, PASSWORD, page=path)
    assert joined.location == "/cabinet/welcome"
    page = guest.get("/cabinet/welcome").text
    assert "/cabinet/whoop/connect" in page
    assert "/cabinet/imports" in page


def test_nothing_of_a_minor_is_stored_before_a_guardian_agrees(app: Flask, cast: Cast) -> None:
    email = f"young-{cast.ann.user_id}@example.org"
    path = _invite(app, cast, email)
    young = Critic.of(app)
    refused = young.post_form(path, {**PASSWORD, "minor": "y"}, page=path)
    assert refused.status_code == 403
    assert "E-mail of your guardian" in refused.text
    assert young.post_form(path, PASSWORD, page=path).status_code == 403, "said once, it stays"
    own = young.post_form(f"{path}/guardian", {"email": email}, page=path)
    assert own.status_code == 422
    young.post_form(f"{path}/guardian", {"email": "mother@example.org"}, page=path)
    assert _account(app, email) is None

    guardian = Critic.of(app)
    assert guardian.get(f"{path}/guardian/guessed").status_code == 404
    letter = _guardian_path(app, cast)
    assert "I am a guardian" in guardian.get(letter).text
    assert young.post_form(path, PASSWORD, page=path).status_code == 403, "looking is no consent"
    assert "can join now" in guardian.post_form(letter, page=letter).text
    assert young.post_form(path, PASSWORD, page=path).status_code == 303
    assert _account(app, email)


def _account(app: Flask, email: str) -> UUID | None:
    with app.app_context():
        found = db.session.scalar(db.select(User.id).where(User.email == email))
        db.session.remove()
    return found


def _guardian_path(app: Flask, cast: Cast) -> str:
    with app.app_context(), acting_for(cast.ann.organisation_id):
        link = guardians.guardian_link(db.session.scalars(db.select(Invitation)).one())
        db.session.remove()
    return link.removeprefix("http://localhost")
