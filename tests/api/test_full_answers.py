"""What is answered of a client of whom everything is known stands in the document, value by value."""

from collections.abc import Callable, Iterator
from typing import Any

import jsonschema
import pytest

from coach.accounts.models import FieldGroup
from coach.database.tenancy import act_for, act_for_nobody
from coach.extensions import db
from coach.insights import refresh
from tests.alerts.made import an_alert
from tests.api.conftest import Program, a_token
from tests.cast import Cast
from tests.csv_import.uploader import CYCLES, Uploader, zipped
from tests.whoop.conftest import NOW, Linker, linked_app, linker, whoop

__all__ = ["linked_app", "linker", "whoop"]
# Of these the client has none, or they are no list of things.
EMPTY = {"list_return_addresses", "list_invitations"}
CALLERS = {
    "bea": lambda name: name not in {"get_roster", "list_alerts", "list_notes"} | EMPTY,
    "ann": lambda name: "import" not in name and name != "get_preferences" and name not in EMPTY,
    "service": lambda name: name not in {"list_alerts", "list_notes"} | EMPTY,
}


@pytest.fixture
def document(linker: Linker) -> Any:
    return linker.app.test_client().get("/api/openapi.json").json


@pytest.fixture
def tokens(linker: Linker, cast: Cast) -> dict[str, str]:
    """Let Bea live: WHOOP, an export, words of hers and of her coach, figures, an alert."""
    app = linker.app
    linker.link(cast.bea, "mara")
    linker.work(cast.bea.organisation_id)
    exports = Uploader(app, cast.bea)
    exports.upload(zipped())
    exports.read(zipped(CYCLES[:1]))  # and one that was compared and waits
    exports.work()
    tokens = {name: a_token(app, getattr(cast, name)) for name in ("bea", "ann")}
    tokens["service"] = a_token(app, cast.olga, service=True)
    bea, ann = (Program(app.test_client(use_cookies=False), tokens[it]) for it in ("bea", "ann"))
    every = [group.value for group in FieldGroup]
    assert bea("PUT", "/clients/me/consents", json={"groups": every}).status_code == 200
    day = bea.get("/clients/me/sleeps/latest").json["date"]
    bea.post("/clients/me/moods", {"rating": 7, "date": day})
    bea("PUT", f"/clients/me/check-ins/{day}", json={"stress": 3, "note": "Tired"})
    bea.post("/clients/me/tags", {"kind": "ill", "first_date": day})
    ann.post(f"/clients/{cast.bea.client_id}/notes", {"text": "Slept badly"})
    an_alert(app, cast.ann, cast.bea)
    _work_out(linker, cast)
    return tokens


def _work_out(linker: Linker, cast: Cast) -> None:
    assert cast.bea.client_id
    with linker.app.app_context():
        act_for(cast.bea.organisation_id, user_id=None, session=db.session())
        refresh.rebuild(cast.bea.client_id, now=NOW)
        db.session.commit()
        act_for_nobody()


@pytest.mark.parametrize("who", sorted(CALLERS))
def test_every_answer_of_a_full_life_is_of_its_shape(
    linker: Linker, cast: Cast, tokens: dict[str, str], document: Any, who: str
) -> None:
    caller = Program(linker.app.test_client(use_cookies=False), tokens[who])
    known = _ids(Program(caller.client, tokens["bea"]), cast)
    wrong = []
    for path, told in _reads(document, CALLERS[who]):
        answer = caller.get(path.removeprefix("/api/v1").format(**known))
        if answer.status_code != 200 or answer.json.get("items") == []:
            wrong.append((path, answer.status_code, answer.text[:200]))
            continue
        schema = told["responses"]["200"]["content"]["application/json"]["schema"]
        whole = {**schema, "components": document["components"]}
        checker = jsonschema.Draft202012Validator(whole, format_checker=FORMATS)
        wrong += [(path, each.json_path, each.message) for each in checker.iter_errors(answer.json)]
    assert not wrong


FORMATS = jsonschema.FormatChecker(["date", "uuid"])


def _reads(document: Any, chosen: Callable[[str], bool]) -> Iterator[tuple[str, Any]]:
    for path, methods in document["paths"].items():
        told = methods.get("get")
        if told and chosen(told["operationId"]):
            yield path, told


def _ids(bea: Program, cast: Cast) -> dict[str, str]:
    """Name something of every kind that an address may name."""
    newest = {name: bea.get(f"/clients/me/{name}/latest").json for name in ("cycles", "workouts")}
    recovery = bea.get("/clients/me/recoveries/latest").json
    return {
        "client_id": str(cast.bea.client_id),
        "date": bea.get(f"/clients/me/sleeps/{recovery['id']}").json["date"],
        "cycle_id": newest["cycles"]["id"],
        "sleep_id": recovery["id"],
        "workout_id": newest["workouts"]["id"],
        "sync_id": bea.get("/clients/me/syncs").json["items"][0]["id"],
        "import_id": bea.get("/clients/me/imports").json["items"][0]["id"],
    }
