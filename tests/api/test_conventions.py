"""What holds for every operation: repetition, conditions, pages, problems, headers."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from coach.accounts.models import AuditEntry, FieldGroup
from coach.api import idempotency
from coach.api.models import ApiToken
from coach.database.tenancy import act_for, act_for_nobody
from coach.extensions import db
from tests.api.conftest import MakeProgram, Program
from tests.cast import Cast

KEY = {"Idempotency-Key": "one"}
NOTE = {"text": "Slept badly"}


@pytest.fixture
def bea(cast: Cast, program: MakeProgram) -> Program:
    return program(cast.bea)


def test_who_has_the_answer_is_told_so_without_a_body(bea: Program) -> None:
    first = bea.get("/clients/me/profile")
    again = bea.get("/clients/me/profile", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["ETag"] == first.headers["ETag"]


def test_an_answer_that_changed_is_given_again(bea: Program) -> None:
    first = bea.get("/clients/me/moods")
    bea.post("/clients/me/moods", {"rating": 7})
    again = bea.get("/clients/me/moods", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 200


def test_a_repeated_call_is_answered_as_the_first_and_done_once(
    cast: Cast, program: MakeProgram
) -> None:
    ann, path = program(cast.ann), f"/clients/{cast.bea.client_id}/notes"
    first, again = (ann.post(path, NOTE, headers=KEY) for _ in range(2))
    assert first.status_code == again.status_code == 201
    assert first.json == again.json
    assert again.headers["Idempotency-Replayed"] == "true"
    assert len(ann.get(path).json["items"]) == 1


def test_a_key_with_another_body_is_refused(cast: Cast, program: MakeProgram) -> None:
    ann, path = program(cast.ann), f"/clients/{cast.bea.client_id}/notes"
    ann.post(path, NOTE, headers=KEY)
    other = ann.post(path, {"text": "Something else"}, headers=KEY)
    assert other.status_code == 422
    assert other.json["errors"][0]["field"] == "Idempotency-Key"


def test_a_refusal_is_repeated_too(bea: Program) -> None:
    said = {"rating": 7, "date": "2999-01-01"}
    first, again = (bea.post("/clients/me/moods", said, headers=KEY) for _ in range(2))
    assert first.status_code == again.status_code == 422
    assert again.headers["Idempotency-Replayed"] == "true"


def test_of_many_repetitions_at_once_one_is_done(
    app: Flask, cast: Cast, program: MakeProgram
) -> None:
    path, token = f"/clients/{cast.bea.client_id}/notes", program(cast.ann).token

    def call(_number: int) -> tuple[int, str]:
        answer = Program(app.test_client(use_cookies=False), token).post(path, NOTE, headers=KEY)
        return answer.status_code, answer.text

    with ThreadPoolExecutor(6) as pool:
        answers = set(pool.map(call, range(12)))
    assert len(answers) == 1
    assert len(program(cast.ann).get(path).json["items"]) == 1


def test_many_who_have_the_answer_at_once_are_all_told_so(
    app: Flask, cast: Cast, program: MakeProgram
) -> None:
    path, token = f"/clients/{cast.bea.client_id}/moods", program(cast.ann).token
    tag = program(cast.ann).get(path).headers["ETag"]

    def call(_number: int) -> tuple[int, bytes]:
        caller = Program(app.test_client(use_cookies=False), token)
        answer = caller.get(path, headers={"If-None-Match": tag})
        return answer.status_code, answer.data

    with ThreadPoolExecutor(6) as pool:
        assert set(pool.map(call, range(24))) == {(304, b"")}


def test_of_many_edits_with_one_version_at_once_one_is_done(app: Flask, bea: Program) -> None:
    def call(number: int) -> int:
        caller = Program(app.test_client(use_cookies=False), bea.token)
        said = {"version": 0, "values": {"hrv": 50.0 + number}}
        headers = {"Idempotency-Key": f"edit-{number % 4}"}
        return caller("PUT", "/clients/me/days/2026-05-14", json=said, headers=headers).status_code

    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(call, range(12)))
    assert set(answers) <= {200, 409, 422}  # 422: its key was used with another value
    assert bea.get("/clients/me/days/2026-05-14").json["version"] == 1


def test_keys_of_two_tokens_are_two_keys(cast: Cast, program: MakeProgram) -> None:
    path = f"/clients/{cast.bea.client_id}/notes"
    for _ in range(2):
        program(cast.ann).post(path, NOTE, headers=KEY)
    assert len(program(cast.ann).get(path).json["items"]) == 2


def test_pages_hold_every_row_once(bea: Program) -> None:
    today = date.fromisoformat(bea.post("/clients/me/moods", {"rating": 5}).json["date"])
    days = [str(today - timedelta(days=age)) for age in range(1, 8)]
    for day in days:
        bea.post("/clients/me/moods", {"rating": 5, "date": day})
    seen: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        page = bea.get(f"/clients/me/moods?limit=3{cursor and '&cursor=' + cursor}").json
        seen += [each["date"] for each in page["items"]]
        cursor = page["next_cursor"]
    assert seen == [str(today), *days]


def test_only_the_fields_asked_for_are_given(bea: Program) -> None:
    bea.post("/clients/me/moods", {"rating": 5})
    page = bea.get("/clients/me/moods?fields=rating").json
    assert page["items"] == [{"rating": 5}]
    assert bea.get("/clients/me/moods?fields=nothing").status_code == 422


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"rating": 11}, "rating"),
        ({"rating": "7"}, "rating"),
        ({"rating": 7, "date": "2026-02-30"}, "date"),
        ({"rating": 7, "colour": "red"}, "colour"),
        ({}, "rating"),
    ],
)
def test_a_field_that_is_wrong_is_named(bea: Program, said: dict[str, object], field: str) -> None:
    answer = bea.post("/clients/me/moods", said)
    assert answer.status_code == 422
    assert [each["field"] for each in answer.json["errors"]] == [field]


@pytest.mark.parametrize("query", ["limit=0", "limit=9999", "cursor=x", "page=2", "start_date=1"])
def test_parameters_that_are_wrong_are_refused(bea: Program, query: str) -> None:
    assert bea.get(f"/clients/me/days?{query}").status_code == 422


def test_other_refusals_are_problems_as_well(bea: Program) -> None:
    answers = {
        404: bea.get("/nothing/here"),
        405: bea("PATCH", "/roster"),
        400: bea("POST", "/clients/me/moods", data="{", content_type="application/json"),
        415: bea("POST", "/clients/me/moods", data="rating=7"),
    }
    for status, answer in answers.items():
        assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")


def test_what_is_not_shared_is_not_told(
    cast: Cast, program: MakeProgram, bea: Program, sharing: Callable[..., None]
) -> None:
    path, day = f"/clients/{cast.bea.client_id}/days", "2026-05-14"
    typed = {"version": 0, "values": {"hrv": 61.5, "sleep_hours": 7.5}}
    assert bea("PUT", f"/clients/me/days/{day}", json=typed).status_code == 200
    assert program(cast.ann).get(path).json["items"] == []
    sharing(FieldGroup.SLEEP)
    (seen,) = program(cast.ann).get(path).json["items"]
    assert (seen["sleep_hours"], seen["hrv"]) == (7.5, None)
    assert seen["sources"] == {"sleep_hours": "manual"}
    (served,) = program(cast.olga, service=True).get(path).json["items"]
    assert served["hrv"] is None


def test_a_stale_edit_is_refused_with_the_newest_version(bea: Program) -> None:
    typed = {"version": 0, "values": {"hrv": 61.5}}
    path = "/clients/me/days/2026-05-14"
    first = bea("PUT", path, json=typed)
    again = bea("PUT", path, json={"version": 0, "values": {"hrv": 70}})
    assert (first.status_code, again.status_code) == (200, 409)
    assert again.json["errors"] == [
        {"field": "version", "reason": "the day is at version 1 by now"},
        {"field": "values.hrv", "reason": "is 61.5 by now"},
    ]


def test_calls_are_counted_and_the_last_use_is_kept(app: Flask, cast: Cast, bea: Program) -> None:
    first, second = bea.get("/clients/me/profile"), bea.get("/clients/me/profile")
    left = [int(each.headers["RateLimit-Remaining"]) for each in (first, second)]
    assert left[0] - left[1] in {1, 1 - left[0] + left[1]}
    with app.app_context():
        act_for(cast.bea.organisation_id, user_id=None, session=db.session())
        used = db.session.scalars(select(ApiToken.last_used_at)).all()
        act_for_nobody()
    assert None not in used


def test_a_request_keeps_its_id(bea: Program) -> None:
    given = "0123456789abcdef0123456789abcdef"
    answer = bea.get("/clients/me/profile", headers={"X-Request-ID": given})
    assert answer.headers["X-Request-ID"] == given


def test_long_answers_are_compressed(bea: Program) -> None:
    bea("PUT", "/clients/me/days/2026-05-14", json={"version": 0, "values": {"hrv": 61.5}})
    answer = bea.get("/clients/me/days", headers={"Accept-Encoding": "gzip"})
    assert answer.headers["Content-Encoding"] == "gzip"


def test_a_look_by_a_coach_is_written_down(app: Flask, cast: Cast, program: MakeProgram) -> None:
    program(cast.ann).get(f"/clients/{cast.bea.client_id}/days")
    with app.app_context():
        act_for(cast.ann.organisation_id, user_id=None, session=db.session())
        looks = select(func.count()).where(
            AuditEntry.actor_id == cast.ann.user_id, AuditEntry.subject_id == cast.bea.client_id
        )
        counted = db.session.scalar(looks)
        act_for_nobody()
    assert counted == 1


def test_a_client_is_found_by_the_organisations_own_id(cast: Cast, program: MakeProgram) -> None:
    service = program(cast.olga, service=True)
    said = {"external_id": "athlete-17"}
    assert service("PATCH", f"/clients/{cast.bea.client_id}", json=said).status_code == 200
    assert service.get("/clients/ext:athlete-17").json["id"] == str(cast.bea.client_id)
    taken = service("PATCH", f"/clients/{cast.carl.client_id}", json=said)
    assert taken.status_code == 409


def test_keys_of_yesterday_are_forgotten(app: Flask, cast: Cast, program: MakeProgram) -> None:
    ann, path = program(cast.ann), f"/clients/{cast.bea.client_id}/notes"
    ann.post(path, NOTE, headers=KEY)
    with app.app_context():
        idempotency.forget_old(now=datetime.now(UTC) + idempotency.KEPT + timedelta(hours=1))
    assert "Idempotency-Replayed" not in ann.post(path, NOTE, headers=KEY).headers


def test_a_client_without_an_account_is_made_and_shares_nothing(
    cast: Cast, program: MakeProgram
) -> None:
    service = program(cast.olga, service=True)
    said = {"name": "Nora", "external_id": "nora-1", "timezone": "Europe/Madrid"}
    made = service.post("/clients", said)
    assert (made.status_code, made.json["user_id"]) == (201, None)
    assert service.get("/clients/ext:nora-1").json["shares"] == []
    assert service.post("/clients", said).status_code == 409
    mine = program(cast.ann).post("/clients", {"name": "Otto"})
    assert program(cast.ann).get(f"/clients/{mine.json['id']}").status_code == 200
    assert program(cast.carla).get(f"/clients/{mine.json['id']}").status_code == 404


def test_pages_of_other_origins_may_read_what_programs_act_on(
    app: Flask, bea: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    origin = {"Origin": "https://app.example.org"}
    known = app.config["SETTINGS"].model_copy(update={"cors_origins": origin["Origin"]})
    monkeypatch.setitem(app.config, "SETTINGS", known)
    told = bea.get("/clients/me/profile", headers=origin).headers
    exposed = told["Access-Control-Expose-Headers"].split(", ")
    assert {"ETag", "Retry-After", "Idempotency-Replayed", "X-Request-ID"} <= set(exposed)
    assert "Access-Control-Allow-Credentials" not in told
    assert {"Authorization", "Accept-Language", "Origin"} <= set(told["Vary"].split(", "))


def test_health_is_told_without_a_token(program: MakeProgram) -> None:
    said = program(None).get("/health")
    assert (said.status_code, said.json["database"], said.json["queue"]) == (200, "ok", "ok")


def test_a_roster_by_name_pages_as_one_by_need_does(cast: Cast, program: MakeProgram) -> None:
    ann = program(cast.ann)
    first = ann.get("/roster?sort=name&limit=1").json
    pages = [first, ann.get(f"/roster?sort=name&limit=1&cursor={first['next_cursor']}").json]
    assert pages[1]["next_cursor"] is None
    names = [each["items"][0]["name"] for each in pages]
    assert sorted(names) == names
    everybody = {each["name"] for each in ann.get("/roster").json["items"]}
    assert set(names) == everybody
    assert ann.get(f"/roster?sort=need&cursor={first['next_cursor']}").status_code == 422
    (row,) = ann.get("/roster?sort=name&limit=1&fields=name,link").json["items"]
    assert row == {"name": names[0], "link": "not_linked"}


def test_a_mood_typed_into_a_day_is_its_rating_and_goes_with_it(bea: Program) -> None:
    today = bea.post("/clients/me/moods", {"rating": 5}).json["date"]
    day = f"/clients/me/days/{today}"
    for said, rated in (({"values": {"mood": 8}}, [8]), ({"use_device": ["mood"]}, [])):
        typed = {"version": bea.get(day).json["version"], **said}
        assert bea("PUT", day, json=typed).status_code == 200
        assert [each["rating"] for each in bea.get("/clients/me/moods").json["items"]] == rated
