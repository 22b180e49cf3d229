"""Whatever breaks in the middle of an answer, nobody gets further than they would have got.

Each statement of each route fails in turn, that which says who asks included: the answer is the one
that the matrix names, or a plain page that says it broke. It quotes nothing.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import Engine, event
from sqlalchemy.exc import OperationalError

from coach.extensions import db
from tests.access.callers import ENDS_THE_SESSION, Caller, allowed
from tests.access.matrix import MATRIX, VISITOR
from tests.access.test_matrix import Figures
from tests.cast import Cast

STREAMED = {"exporting.everything", "exporting.one_table", "exporting.days_of_client"}
CANARY = "a-value-of-somebody"
OUTAGE = OperationalError(CANARY, {}, Exception(CANARY))
BUG = RuntimeError(CANARY)


@contextmanager
def failing(engine: Engine, number: int, failure: Exception) -> Iterator[None]:
    """Let the statement of this number fail, counted from 1."""
    sent = 0

    def fail(*_: object) -> None:
        nonlocal sent
        sent += 1
        if sent == number:
            raise failure.with_traceback(None)  # else it grows with each time it was raised

    event.listen(engine, "before_cursor_execute", fail)
    try:
        yield
    finally:
        event.remove(engine, "before_cursor_execute", fail)


def _cases() -> Iterator[object]:
    for person in ("zoe", "xenia", "carla", "ann", VISITOR):
        for number in range(1, 9):
            # The first one reads the session: only an outage is known there.
            failure = BUG if number % 2 and number > 1 else OUTAGE
            marks = () if person == "zoe" and number in {2, 3} else (pytest.mark.slow,)
            yield pytest.param(person, number, failure, id=f"{person}-{number}", marks=marks)


@pytest.mark.parametrize(("person", "number", "failure"), list(_cases()))
def test_a_failure_opens_nothing(  # noqa: PLR0917  # fixtures
    app: Flask,
    cast: Cast,
    objects: dict[str, UUID],
    record_property: Figures,
    person: str,
    number: int,
    failure: Exception,
) -> None:
    caller, deviations = Caller(app, cast, person), []
    with app.app_context():
        engine = db.engine
    for rule in (each for each in MATRIX if each.endpoint not in ENDS_THE_SESSION):
        try:
            with failing(engine, number, failure):
                answer = caller.call(rule, objects)
        except type(failure):
            # What is sent while it is read has begun to arrive: it can only be cut off.
            if rule.endpoint not in STREAMED:
                deviations.append((rule.endpoint, rule.method, 0))
            continue
        kept_out = answer.headers.get("Location", "").startswith("/sign-in")
        known = answer.status_code in allowed(person, rule) or answer.status_code >= 500
        opened = not known and not kept_out
        if opened or CANARY.encode() in answer.data:
            deviations.append((rule.endpoint, rule.method, answer.status_code))
    record_property("access", {"failing cells": len(MATRIX), "deviations": len(deviations)})
    assert deviations == []
