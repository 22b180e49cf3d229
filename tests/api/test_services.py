"""An organisation's own back end acts for its clients, and for nobody else."""

import io
from typing import Any

import pytest
from flask import Flask

from coach.accounts.models import FieldGroup
from tests.api.conftest import Answer, MakeProgram, Program
from tests.cast import Cast
from tests.csv_import.uploader import FIRST, Uploader, zipped


@pytest.fixture
def service(cast: Cast, program: MakeProgram) -> Program:
    return program(cast.olga, service=True)


@pytest.fixture
def here(cast: Cast) -> str:
    return f"/clients/{cast.bea.client_id}"


def send(caller: Program, path: str, content: bytes, **headers: str) -> Answer:
    form: dict[str, Any] = {"file": (io.BytesIO(content), "export.zip")}
    kind = "multipart/form-data"
    return caller("POST", f"{path}/imports", data=form, content_type=kind, headers=headers)


def test_a_service_imports_an_export_for_its_client(
    app: Flask, cast: Cast, service: Program, here: str
) -> None:
    sent = send(service, here, zipped())
    assert sent.status_code == 202, sent.text
    where = sent.headers["Location"].removeprefix("/api/v1")
    worker = Uploader(app, cast.bea)
    for _ in range(2):  # it is read, then compared
        worker.work()
    assert service.get(where).json["step"] == "preview"
    days = service.get(f"{where}/preview").json["items"]
    assert {each["fate"] for each in days} == {"new"}
    applied = service("POST", f"{where}/application")
    assert (applied.status_code, applied.headers["Location"]) == (202, sent.headers["Location"])
    worker.work()
    assert service.get(where).json["days_changed"]
    assert service.get(f"{here}/days").json["items"] == []  # the client shares nothing yet
    assert service("POST", f"{where}/undo").status_code == 202
    worker.work()
    assert service.get(where).json["undone_at"]


def test_what_a_service_imported_is_shown_when_it_is_shared(
    app: Flask, cast: Cast, service: Program, here: str, sharing: Any
) -> None:
    where = send(service, here, zipped()).headers["Location"].removeprefix("/api/v1")
    worker = Uploader(app, cast.bea)
    for _ in range(2):
        worker.work()
    service("POST", f"{where}/application")
    worker.work()
    sharing(FieldGroup.SLEEP)
    health = service.get(f"{here}/health/{FIRST}").json
    assert (health["source"], health["recovery"]) == ("whoop", None)
    assert health["client_id"] == str(cast.bea.client_id)


def test_an_import_of_one_client_is_none_of_another(
    cast: Cast, service: Program, here: str
) -> None:
    where = send(service, here, zipped()).headers["Location"].rpartition("/")[2]
    other = f"/clients/{cast.carl.client_id}/imports"
    assert service.get(f"{other}/{where}").status_code == 404
    assert service.get(other).json["items"] == []


def test_another_file_with_the_same_key_is_another_call(service: Program, here: str) -> None:
    files = [zipped(), b"x" * len(zipped())]
    answers = [send(service, here, each, **{"Idempotency-Key": "one"}) for each in files]
    assert [each.status_code for each in answers] == [202, 422]
    again = send(service, here, files[0], **{"Idempotency-Key": "one"})
    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.json == answers[0].json


def test_a_service_keeps_what_its_client_prefers(
    cast: Cast, program: MakeProgram, service: Program, here: str
) -> None:
    changed = service("PATCH", f"{here}/preferences", json={"units": "imperial"})
    assert changed.json["units"] == "imperial"
    assert program(cast.bea).get("/clients/me/preferences?fields=units").json == {
        "units": "imperial"
    }
    nora = service.post("/clients", {"name": "Nora"}).json["id"]
    assert service.get(f"/clients/{nora}/preferences").status_code == 404


def test_a_service_is_not_told_by_which_link_one_becomes_staff(
    cast: Cast, program: MakeProgram, service: Program
) -> None:
    olga = program(cast.olga)
    for role in ("client", "coach", "owner"):
        said = {"email": f"{role}@example.org", "name": "Nora", "role": role}
        assert olga.post("/invitations", said).status_code == 201
    told = {each["role"] for each in service.get("/invitations").json["items"]}
    assert told == {"client"}
    assert {each["role"] for each in olga.get("/invitations").json["items"]} >= {"coach", "owner"}
