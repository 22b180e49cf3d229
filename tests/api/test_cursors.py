"""Pages of lists that are worked out: whatever happens between two of them, nobody is lost."""

import base64
from collections.abc import Sequence

import pytest
from flask import Flask

from coach.alerts.models import Alert
from coach.database.tenancy import acting_for
from coach.extensions import db
from coach.ids import new_id
from tests.alerts.made import a_rule
from tests.api.conftest import MakeProgram, Program
from tests.cast import Cast, Somebody
from tests.insights.lives import TODAY


@pytest.fixture
def ann(cast: Cast, program: MakeProgram) -> Program:
    """Give Ann a roster of Bea, Carl and three more, of whom one has a namesake."""
    made = program(cast.ann)
    for name in ("Äva", "Dan", "Dan"):
        assert made.post("/clients", {"name": name}).status_code == 201
    return made


def walk(caller: Program, path: str, rows: int = 2) -> list[str]:
    """Read a list page by page."""
    seen: list[str] = []
    cursor = ""
    while True:
        answer = caller.get(f"{path}limit={rows}{cursor}")
        assert answer.status_code == 200, answer.text
        seen += [each.get("id") or each["client_id"] for each in answer.json["items"]]
        if answer.json["next_cursor"] is None:
            return seen
        cursor = f"&cursor={answer.json['next_cursor']}"


@pytest.mark.parametrize("query", ["sort=name", "sort=need", "sort=hrv", "sort=name&state=all"])
def test_a_roster_in_pages_is_the_roster(ann: Program, query: str) -> None:
    everybody = [each["client_id"] for each in ann.get(f"/roster?{query}").json["items"]]
    assert len(everybody) == len(set(everybody)) == 5
    assert walk(ann, f"/roster?{query}&") == everybody


@pytest.mark.parametrize("sort", ["name", "need"])
def test_who_comes_before_the_page_moves_nobody(ann: Program, sort: str) -> None:
    first = ann.get(f"/roster?sort={sort}&limit=3").json
    ann.post("/clients", {"name": "Aaron"})
    rest = ann.get(f"/roster?sort={sort}&cursor={first['next_cursor']}").json["items"]
    names = [each["name"] for each in (*first["items"], *rest)]
    assert sorted(names) == sorted([*{*names}, "Dan"])
    assert len(names) == 5


def test_a_cursor_tells_nothing_and_is_of_one_list_and_caller(
    ann: Program, cast: Cast, program: MakeProgram
) -> None:
    first = ann.get("/roster?sort=name&limit=1")
    cursor = first.json["next_cursor"]
    assert first.json["items"][0]["name"].encode() not in base64.urlsafe_b64decode(cursor + "==")
    for path in ("/roster?sort=need&", "/roster?sort=name&search=b&", "/alerts?"):
        refused = ann.get(f"{path}cursor={cursor}")
        assert (refused.status_code, refused.json["errors"][0]["field"]) == (422, "cursor")
    assert program(cast.olga).get(f"/roster?sort=name&cursor={cursor}").status_code == 422
    again = ann.get("/roster?sort=name&limit=1", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304


def test_an_alert_that_was_seen_between_two_pages_takes_none_along(
    app: Flask, cast: Cast, program: MakeProgram
) -> None:
    ann = program(cast.ann)
    three_alerts(app, cast.ann, [cast.bea, cast.carl])
    whole = walk(ann, "/alerts?", 1)
    assert len(whole) == 3
    page = ann.get("/alerts?limit=1").json
    seen = page["items"][0]["id"]
    said = {"state": "acknowledged"}
    assert ann("PATCH", f"/alerts/{seen}", json=said).status_code == 200
    rest = ann.get(f"/alerts?cursor={page['next_cursor']}").json["items"]
    assert {each["id"] for each in rest} >= {*whole} - {seen}


def three_alerts(app: Flask, coach: Somebody, clients: Sequence[Somebody]) -> None:
    """Raise what is about links, and so about no value, of one client and of another."""
    rule_id = a_rule(app, coach)
    about = [(clients[0], "reconnect"), (clients[0], "quiet"), (clients[1], "reconnect")]
    row = {"date": TODAY, "shown_until": TODAY, "formula_version": 1}
    with app.app_context(), acting_for(coach.organisation_id):
        db.session.add_all(
            Alert(
                id=new_id(),
                organisation_id=coach.organisation_id,
                rule_id=rule_id,
                client_id=client.client_id,
                signal=sign,
                evidence={"since": TODAY.isoformat()},
                **row,
            )
            for client, sign in about
        )
        db.session.commit()
        db.session.remove()
