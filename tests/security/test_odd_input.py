"""Whatever arrives, the answer is one of ours: never a failure, always with our headers."""

from urllib.parse import quote

import pytest
from flask import Flask
from sqlalchemy import select

from coach.accounts.models import Invitation
from coach.database.tenancy import acting_for
from coach.extensions import db
from coach.web.security import HEADERS
from tests.cast import PASSWORD, Cast
from tests.critic import Critic
from tests.security.conftest import Invite

ODD = [
    "\0",
    "a\0b",
    "x" * 3000,
    "\u202eé🎉",
    "-1",
    "' OR 1=1 --",
    "\r\nX: y",
    "{{7*7}}",
    "%00",
    "9" * 400,
    "NaN",
    "../../etc/passwd",
]
SCRIPT = '"><script>alert(1)</script>'


@pytest.mark.parametrize("odd", ODD)
def test_odd_questions_get_an_answer(app: Flask, cast: Cast, odd: str) -> None:
    ann, bea = Critic.of(app).sign_in(cast.ann), Critic.of(app).sign_in(cast.bea)
    asked = [
        ann.get("/dashboard", query_string={"q": odd, "sort": odd}),
        ann.get("/dashboard", query_string={"q": [odd, odd]}, headers={"HX-Request": "true"}),
        ann.get(f"/dashboard/clients/{cast.bea.client_id}", query_string={"days": odd}),
        bea.get("/cabinet/whoop-callback", query_string={"state": odd, "code": odd}),
        bea.get("/cabinet/whoop-callback", query_string={"error": odd}),
        bea.get(f"/cabinet/days/{quote(odd, safe='')}"),
        bea.get(f"/cabinet/imports/{quote(odd, safe='')}"),
        bea.get(f"/invitations/{quote(odd, safe='')}"),
        bea.get(f"/reset/{quote(odd, safe='')}"),
    ]
    assert [answer.status_code for answer in asked if answer.status_code >= 500] == []


@pytest.mark.parametrize("odd", ODD)
def test_odd_things_typed_get_an_answer(app: Flask, cast: Cast, odd: str) -> None:
    olga, bea = Critic.of(app).sign_in(cast.olga), Critic.of(app).sign_in(cast.bea)
    guest = {"name": odd, "email": "odd@example.org", "role": "client", "timezone": "UTC"}
    day, typed_in = "/cabinet/days/2026-05-14/fields", {"do": "set", "value": odd, "seen": odd}
    typed = [
        olga.post_form("/invitations", guest),
        olga.post_form("/invitations", {**guest, "name": "N", "email": odd}),
        olga.post_form("/invitations", {**guest, "name": "N", "role": odd, "timezone": odd}),
        olga.post_form("/people/assignments", {"client_id": odd, "coach_id": odd}),
        olga.post_form("/organisations/switch", {"organisation_id": odd}),
        bea.post_form("/cabinet/sharing", {"share": [odd, odd]}),
        bea.post_form(f"{day}/notes", {**typed_in, "seen": "untyped"}),
        bea.post_form(f"{day}/hrv", {"do": odd, "value": "50", "seen": "untyped"}),
        bea.post_form("/cabinet/days/0001-01-01/fields/hrv", {"do": "set", "value": "50"}),
        bea.post_form(f"{day}/mood", typed_in),
    ]
    assert [answer.status_code for answer in typed if answer.status_code >= 500] == []


def test_a_name_keeps_its_letters_and_loses_what_could_deceive(app: Flask, cast: Cast) -> None:
    olga = Critic.of(app).sign_in(cast.olga)
    name = "  Zoë\r\nBcc:\0 \u202eeve "
    fields = {"name": name, "email": "z@example.org", "role": "client", "timezone": "UTC"}
    assert olga.post_form("/invitations", fields).status_code == 303
    with app.app_context(), acting_for(cast.olga.organisation_id):
        names = db.session.scalars(select(Invitation.name)).all()
        db.session.remove()
    assert names == ["Zoë Bcc: eve"]
    assert olga.post_form("/invitations", {**fields, "name": " \0 "}).status_code == 422


@pytest.mark.parametrize("target", ["//evil.example", "/\\evil.example", "https://evil.example"])
def test_signing_in_leads_nowhere_else(app: Flask, cast: Cast, target: str) -> None:
    fields = {"email": cast.bea.email, "password": PASSWORD, "next": target}
    assert Critic.of(app).post_form("/sign-in", fields).headers["Location"] == "/"


def test_htmx_is_sent_on_by_a_header_of_plain_letters(app: Flask, cast: Cast) -> None:
    fields = {"email": cast.bea.email, "password": PASSWORD, "next": "/cabinet?x=ц"}
    answer = Critic.of(app).post_form("/sign-in", fields, headers={"HX-Request": "true"})
    assert answer.headers["HX-Redirect"] == "/cabinet?x=%D1%86"


@pytest.mark.parametrize(
    ("path", "host", "code"),
    [
        ("/absent", "localhost", 404),
        ("/static/absent", "localhost", 404),
        ("/sign-in", "x" * 70, 404),
    ],
)
def test_every_refusal_has_our_headers_and_is_not_kept(
    app: Flask, path: str, host: str, code: int
) -> None:
    answer = Critic.of(app).get(path, headers={"Host": host})
    assert answer.status_code in {code, 400}
    assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS
    assert answer.headers["Cache-Control"] == "no-store"


def test_what_people_are_called_is_text_on_every_page(
    app: Flask, cast: Cast, invite: Invite
) -> None:
    email = f"script-{cast.ann.user_id}@example.org"
    path = invite(email)
    with app.app_context(), acting_for(cast.ann.organisation_id):
        for table in ("organisations", "memberships", "clients", "invitations"):
            db.session.execute(db.text(f"UPDATE {table} SET name = :name"), {"name": SCRIPT})
        db.session.commit()
    ann, bea = Critic.of(app).sign_in(cast.ann), Critic.of(app).sign_in(cast.bea)
    pages = [Critic.of(app).get(path), bea.get("/account"), bea.get("/cabinet")]
    pages += [ann.get("/dashboard"), ann.get("/people"), ann.get("/dashboard", headers=HTMX)]
    pages.append(ann.get(f"/dashboard/clients/{cast.bea.client_id}"))
    assert [page.status_code for page in pages] == [200] * len(pages)
    assert not any("<script>alert" in page.text for page in pages)


HTMX = {"HX-Request": "true"}
