"""Lists by dates and by fields: the same for every list there is."""

from datetime import UTC, datetime

import pytest
from flask import Flask

from coach.api.operations import OPERATIONS
from coach.database.tenancy import act_for, act_for_nobody
from coach.extensions import db
from coach.whoop.models import WhoopRecord
from coach.whoop.payloads import RecordKind
from tests.api.conftest import MakeProgram, Program
from tests.api.matrix import API_MATRIX
from tests.cast import Cast

DAY, NEXT = "2026-05-14", "2026-05-15"
ONE_DAY = f"start_date={DAY}&end_date={DAY}"


@pytest.fixture
def bea(cast: Cast, program: MakeProgram) -> Program:
    return program(cast.bea)


@pytest.mark.parametrize(
    "name",
    [each.name for each in API_MATRIX if each.method == "GET" and each.name.startswith("list_")],
)
def test_of_every_list_a_page_and_some_fields_may_be_asked_for(
    cast: Cast, program: MakeProgram, name: str
) -> None:
    if name == "list_return_addresses":  # twenty at most, of one field
        return
    assert name in OPERATIONS
    (told,) = [each for each in API_MATRIX if each.name == name]
    caller = program(cast.bea if "{client}" in told.path and name != "list_notes" else cast.ann)
    path = told.path.replace("{client}", str(cast.bea.client_id))
    answer = caller.get(f"{path}?limit=1&fields=nothing")
    if answer.status_code == 404:  # Bea is not linked
        return
    assert (answer.status_code, answer.json["errors"][0]["field"]) == (422, "fields"), answer.text


def test_single_answers_give_the_fields_asked_for(bea: Program) -> None:
    assert bea.get("/clients/me/profile?fields=name").json == {"name": "Bea"}
    assert bea.get("/clients/me/whoop?fields=connected").json == {"connected": False}
    assert bea.get("/clients/me/preferences?fields=units").json == {"units": None}


def test_tags_are_listed_by_the_dates_on_which_they_hold(bea: Program) -> None:
    spans = {"ill": ("2026-05-10", DAY), "travelling": (NEXT, None), "injured": (DAY, None)}
    for kind, (first, last) in spans.items():
        said = {"kind": kind, "first_date": first, "last_date": last}
        assert bea.post("/clients/me/tags", said).status_code == 201
    found = bea.get(f"/clients/me/tags?{ONE_DAY}").json["items"]
    assert {each["kind"] for each in found} == {"ill", "injured"}
    later = bea.get(f"/clients/me/tags?start_date={NEXT}").json["items"]
    assert {each["kind"] for each in later} == {"travelling", "injured"}


def test_notes_are_listed_by_date(cast: Cast, program: MakeProgram) -> None:
    ann, path = program(cast.ann), f"/clients/{cast.bea.client_id}/notes"
    for day in (DAY, NEXT):
        ann.post(path, {"text": day, "date": day})
    found = ann.get(f"{path}?{ONE_DAY}&fields=text").json["items"]
    assert found == [{"text": DAY}]


def test_body_measurements_are_listed_by_date(app: Flask, cast: Cast, bea: Program) -> None:
    with app.app_context():
        act_for(cast.bea.organisation_id, user_id=None, session=db.session())
        db.session.add_all(
            WhoopRecord(
                organisation_id=cast.bea.organisation_id,
                client_id=cast.bea.client_id,
                kind=RecordKind.BODY_MEASUREMENT,
                provider_id=day,
                raw={"weight_kilogram": 70.5},
                provider_updated_at=datetime.now(UTC),
            )
            for day in (DAY, NEXT)
        )
        db.session.commit()
        act_for_nobody()
    found = bea.get(f"/clients/me/body-measurements?{ONE_DAY}").json["items"]
    assert [each["date"] for each in found] == [DAY]
