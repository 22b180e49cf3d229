"""The document, and whether what is answered agrees with it."""

import os
import re
from collections import Counter
from collections.abc import Callable
from typing import Any

import jsonschema
import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi import checks as openapi_checks

from coach.api.scopes import Scope
from tests.api.conftest import Program, a_token
from tests.api.matrix import API_MATRIX, Operation
from tests.cast import Cast

NARROW = "narrow"  # a client's token for reading days, and for nothing else
ROLES = ("bea", "ann", "olga", "service", "zoe", NARROW)


def called(
    app: Flask, cast: Cast, role: str, *, examples: int, every: int = 1
) -> tuple[Counter[str], list[str]]:
    """Call operations as somebody, hold each answer against the document, and say what failed.

    With `every` only each so-manieth, each role others: together they call all of them.
    """
    token = _token(app, cast, role)
    schema = schemathesis.openapi.from_wsgi("/api/openapi.json", app)
    told: Counter[str] = Counter()
    failed = []
    for number, found in enumerate(schema.get_all_operations()):
        if number % every != ROLES.index(role) % every:
            continue
        operation = found.ok()  # type: ignore[union-attr]  # ours is a valid document
        told["operations"] += 1

        @seed(7)
        @settings(
            max_examples=examples,
            database=None,
            deadline=None,
            derandomize=False,
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy())
        def call(case: Any) -> None:
            told["cases"] += 1
            case.path_parameters = _mine(case.path_parameters, told["cases"], cast)
            headers = {"Authorization": f"Bearer {token}", "Accept-Encoding": "identity"}
            answer = case.call(headers=headers)
            case.validate_response(answer, checks=CHECKS)

        try:
            call()
        except (FailureGroup, BaseExceptionGroup) as group:
            failed.append(f"{operation.label}: {[str(each) for each in group.exceptions]}")
    return told, failed


def _token(app: Flask, cast: Cast, role: str) -> str:
    if role == "service":
        return a_token(app, cast.olga, service=True)
    if role == NARROW:
        return a_token(app, cast.bea, Scope.READ_DAYS)
    return a_token(app, getattr(cast, role))


def _mine(parameters: dict[str, Any] | None, number: int, cast: Cast) -> dict[str, Any]:
    """Let most calls name a client who is there."""
    known = dict(parameters or {})
    if "client_id" in known and number % 4:
        known["client_id"] = "me" if number % 2 else str(cast.bea.client_id)
    return known


CHECKS = [
    schemathesis.checks.not_a_server_error,
    openapi_checks.status_code_conformance,
    openapi_checks.content_type_conformance,
    openapi_checks.response_schema_conformance,
]


@pytest.mark.parametrize("role", ROLES)
def test_a_sample_of_answers_stands_in_the_document(
    app: Flask, cast: Cast, role: str, sharing: Callable[..., None]
) -> None:
    sharing()
    told, failed = called(app, cast, role, examples=2, every=len(ROLES))
    assert not failed
    assert told["operations"] > 8


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("role", ROLES)
def test_whatever_is_answered_stands_in_the_document(
    app: Flask,
    cast: Cast,
    role: str,
    sharing: Callable[..., None],
    record_property: Callable[[str, object], None],
) -> None:
    sharing()
    told, failed = called(app, cast, role, examples=int(os.environ.get("CASES", "40")))
    record_property("document", {**told, "failed": len(failed)})
    assert not failed
    assert told["operations"] > 40


def _document(app: Flask) -> Any:
    return app.test_client().get("/api/openapi.json").json


def test_every_example_is_of_its_shape(app: Flask) -> None:
    said = _document(app)
    wrong = []
    for path, methods in said["paths"].items():
        for method, told in methods.items():
            for body in (told.get("requestBody", {}), *told["responses"].values()):
                for content in body.get("content", {}).values():
                    if "example" not in content:
                        continue
                    schema = {**content["schema"], "components": said["components"]}
                    try:
                        jsonschema.Draft202012Validator(schema).validate(content["example"])
                    except jsonschema.ValidationError as error:
                        wrong.append((method, path, error.json_path, error.message))
    assert not wrong


# What these name is in no document: a code of WHOOP's, a page on somebody's list.
OF_ELSEWHERE = {"authorize", "exchange", "create_linking_code"}
EXAMPLES = [each for each in API_MATRIX if each.body is not None and each.name not in OF_ELSEWHERE]


@pytest.mark.parametrize("operation", EXAMPLES)
def test_every_example_may_be_sent_as_it_stands(
    app: Flask, cast: Cast, operation: Operation
) -> None:
    told = [
        each
        for methods in _document(app)["paths"].values()
        for each in methods.values()
        if each["operationId"] == operation.name
    ]
    said = told[0]["requestBody"]["content"]["application/json"]["example"]
    (who,) = [each for each in ("bea", "ann", "olga") if each in operation.who][:1]
    caller = Program(app.test_client(use_cookies=False), a_token(app, getattr(cast, who)))
    path = operation.path.replace("{client}", str(cast.bea.client_id))
    answer = caller(operation.method, path, json=said)
    assert answer.status_code in {200, 201, 202, 404, 409}, answer.text


def test_every_operation_says_what_it_is_for_what_it_answers_and_how_it_refuses(app: Flask) -> None:
    paths = _document(app)["paths"]
    for path, methods in paths.items():
        for told in methods.values():
            assert told["summary"], path
            assert told["security"] or told["operationId"] == "check_health"
            for status, answer in told["responses"].items():
                assert answer["description"], (path, status)
                contents = answer.get("content", {}).values()
                assert all("example" in each for each in contents), (path, status)


def test_the_page_shows_each_operation_with_examples_and_refusals(app: Flask) -> None:
    page = app.test_client().get("/api/docs").text
    assert page.count("<summary>") > 100
    assert "&#34;hrv_week_ms&#34;" in page
    assert re.search(r"<code>409</code>\s*</dt>\s*<dd>\s*It is no longer as you saw it", page)
    assert "whole number, 1 to 10" in page
    assert "curl -X PUT" in page


def test_whatever_leads_to_a_place_on_the_page_leads_to_one(app: Flask) -> None:
    page, paths = app.test_client().get("/api/docs").text, _document(app)["paths"]
    places = re.findall(r'id="([^"]*)"', page)
    assert len(places) == len(set(places))
    assert {each for each in re.findall(r'href="#([^"]*)"', page) if each} <= set(places)
    answers = [
        each
        for path in paths.values()
        for told in path.values()
        for each in told["responses"].values()
    ]
    problems = [
        each["content"]["application/problem+json"]
        for each in answers
        if "application/problem+json" in each.get("content", {})
    ]
    assert {each["example"]["type"].partition("#")[2] for each in problems} <= set(places)


def test_a_body_that_may_be_left_out_is_told_as_such(app: Flask) -> None:
    paths = _document(app)["paths"]
    sync = paths["/api/v1/clients/{client_id}/syncs"]["post"]
    mood = paths["/api/v1/clients/{client_id}/moods"]["post"]
    assert [each["requestBody"]["required"] for each in (sync, mood)] == [False, True]


def test_headers_that_programs_act_on_are_told(app: Flask) -> None:
    days = _document(app)["paths"]["/api/v1/clients/{client_id}/days"]["get"]["responses"]
    assert "ETag" in days["200"]["headers"]
    assert "Retry-After" in days["429"]["headers"]
