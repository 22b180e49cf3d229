"""Tokens: what they open, and what they do not."""

from coach.api.scopes import Scope
from tests.api.conftest import MakeProgram
from tests.cast import Cast


def test_a_token_makes_the_viewer_of_its_person(cast: Cast, program: MakeProgram) -> None:
    answer = program(cast.bea).get("/clients/me/profile")
    assert answer.status_code == 200
    assert answer.json["id"] == str(cast.bea.client_id)


def test_without_a_token_nothing_is_open(program: MakeProgram) -> None:
    answer = program(None).get("/clients/me/profile")
    assert answer.status_code == 401
    assert answer.mimetype == "application/problem+json"


def test_a_token_without_the_scope_is_refused(cast: Cast, program: MakeProgram) -> None:
    answer = program(cast.bea, Scope.SYNC).get("/clients/me/profile")
    assert answer.status_code == 403


def test_a_strangers_client_answers_as_an_absent_one(cast: Cast, program: MakeProgram) -> None:
    zoe = program(cast.zoe)
    foreign = zoe.get(f"/clients/{cast.bea.client_id}/days")
    absent = zoe.get("/clients/0198a4f0-0000-7000-8000-000000000000/days")
    assert foreign.status_code == absent.status_code == 404
    assert foreign.json | {"request_id": ""} == absent.json | {"request_id": ""}
