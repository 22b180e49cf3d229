"""Every route, method and person of two organisations, against the declared matrix."""

from collections.abc import Callable
from uuid import UUID, uuid4

import pytest
from flask import Flask

from tests.access.callers import Caller, allowed, told
from tests.access.matrix import ANYBODY, EVERYBODY, MATRIX, VISITOR
from tests.api.matrix import API_MATRIX
from tests.cast import Cast

Figures = Callable[[str, object], None]


def test_every_route_and_method_is_declared(app: Flask, record_property: Figures) -> None:
    there = {
        (rule.endpoint, method)
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    of_programs = {(f"api.{rule.name}", rule.method) for rule in API_MATRIX}
    assert there == {(rule.endpoint, rule.method) for rule in MATRIX} | of_programs
    record_property("access", {"routes and methods": len(there), "deviations": 0})


@pytest.mark.parametrize("person", sorted(ANYBODY))
def test_a_person_gets_exactly_what_the_matrix_says(
    app: Flask, cast: Cast, objects: dict[str, UUID], record_property: Figures, person: str
) -> None:
    caller = Caller(app, cast, person)
    deviations = []
    for rule in MATRIX:
        status = caller.call(rule, objects).status_code
        if status not in allowed(person, rule):
            deviations.append((rule.endpoint, rule.method, status))
    record_property("access", {"cells": len(MATRIX), "deviations": len(deviations)})
    assert not deviations
    assert caller.is_signed_in() is (person != VISITOR)  # or the cells above say nothing


@pytest.mark.parametrize("person", sorted(EVERYBODY))
def test_a_strangers_object_answers_exactly_as_an_absent_one(
    app: Flask, cast: Cast, objects: dict[str, UUID], record_property: Figures, person: str
) -> None:
    caller, absent = Caller(app, cast, person), {name: uuid4() for name in objects}
    hidden = [
        rule
        for rule in MATRIX
        if person in rule.role and rule.sees is not None and person not in rule.sees
    ]
    different = []
    for rule in hidden:
        foreign, missing = (told(caller.call(rule, ids)) for ids in (objects, absent))
        if foreign != missing or foreign[0] != 404:
            different.append((rule.endpoint, foreign, missing))
    record_property("access", {"cells": 2 * len(hidden), "deviations": len(different)})
    assert not different


@pytest.mark.parametrize(
    "person",
    [
        pytest.param(each, marks=() if each in {"bea", "olga", VISITOR} else pytest.mark.slow)
        for each in sorted(ANYBODY)
    ],
)
def test_asking_for_the_head_of_a_page_is_answered_as_for_the_page(
    app: Flask, cast: Cast, objects: dict[str, UUID], record_property: Figures, person: str
) -> None:
    caller = Caller(app, cast, person)
    pages = [rule for rule in MATRIX if rule.method == "GET"]
    deviations = [
        (rule.endpoint, status)
        for rule in pages
        if (status := caller.call(rule, objects, method="HEAD").status_code)
        not in allowed(person, rule)
    ]
    record_property("access", {"cells": len(pages), "deviations": len(deviations)})
    assert not deviations


def test_a_header_does_not_turn_one_method_into_another(app: Flask, cast: Cast) -> None:
    bea = Caller(app, cast, "bea").browser
    for name in ("X-HTTP-Method-Override", "X-Method-Override", "X-HTTP-Method"):
        assert bea.get("/sign-out", headers={name: "POST"}).status_code == 405
    assert bea.get("/account?_method=DELETE").status_code == 200
