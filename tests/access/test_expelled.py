"""Whoever was removed, disabled or suspended while signed in is a visitor from the next call on."""

from itertools import product
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import text

from coach.database.tenancy import acting_for
from coach.extensions import db
from tests.access.callers import Caller, allowed
from tests.access.matrix import MATRIX, VISITOR
from tests.access.test_matrix import Figures
from tests.api.conftest import Program, a_token
from tests.api.matrix import API_MATRIX
from tests.api.test_access import call
from tests.cast import Cast, Somebody

WAYS = {
    "removed": "UPDATE memberships SET removed_at = now() WHERE user_id = :user",
    "disabled": "UPDATE users SET disabled_at = now() WHERE id = :user",
    "suspended": "UPDATE organisations SET suspended_at = now() WHERE id = :organisation",
}
PEOPLE = ("olga", "ann", "bea")
SAMPLE = set(zip(PEOPLE, WAYS, strict=True))  # each person and each way once
CASES = [
    pytest.param(*pair, marks=() if pair in SAMPLE else pytest.mark.slow)
    for pair in product(PEOPLE, WAYS)
]


def expel(app: Flask, who: Somebody, way: str) -> None:
    with app.app_context(), acting_for(who.organisation_id):
        values = {"user": who.user_id, "organisation": who.organisation_id}
        sent = [name for name in values if f":{name}" in WAYS[way]]
        db.session.execute(text(WAYS[way]), {name: values[name] for name in sent})
        db.session.commit()
        db.session.remove()


@pytest.mark.parametrize(("person", "way"), CASES)
def test_their_session_opens_nothing(
    app: Flask,
    cast: Cast,
    objects: dict[str, UUID],
    record_property: Figures,
    *,
    person: str,
    way: str,
) -> None:
    caller = Caller(app, cast, person)
    expel(app, getattr(cast, person), way)
    deviations = [
        (rule.endpoint, status)
        for rule in MATRIX
        if (status := caller.call(rule, objects).status_code) not in allowed(VISITOR, rule)
    ]
    record_property("access", {"cells": len(MATRIX), "deviations": len(deviations)})
    assert not deviations


@pytest.mark.parametrize(("person", "way"), CASES)
def test_their_token_opens_nothing(
    app: Flask, cast: Cast, record_property: Figures, person: str, way: str
) -> None:
    who: Somebody = getattr(cast, person)
    program = Program(app.test_client(use_cookies=False), a_token(app, who))
    expel(app, who, way)
    deviations = [each.name for each in API_MATRIX if call(program, each, cast) != 401]
    record_property("access", {"cells": len(API_MATRIX), "deviations": len(deviations)})
    assert not deviations
