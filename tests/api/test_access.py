"""Every operation against the declared matrix, with a token of each person and of a service."""

from collections.abc import Callable

import pytest

from coach.accounts.models import FieldGroup
from tests.api.conftest import MakeProgram, Program
from tests.api.matrix import API_MATRIX, EVERYBODY, SERVICE, Operation
from tests.cast import Cast


@pytest.mark.parametrize("who", sorted(EVERYBODY))
def test_a_token_gets_exactly_what_the_matrix_says(
    cast: Cast,
    program: MakeProgram,
    sharing: Callable[..., None],
    record_property: Callable[[str, object], None],
    *,
    who: str,
) -> None:
    sharing(*set(FieldGroup) - {FieldGroup.JOURNAL})
    of_service = who == SERVICE
    caller = program(cast.olga if of_service else getattr(cast, who), service=of_service)
    deviations = []
    for operation in API_MATRIX:
        status = call(caller, operation, cast)
        if status not in _allowed(who, operation):
            deviations.append((operation.name, status))
    record_property("access", {"cells": len(API_MATRIX), "deviations": len(deviations)})
    assert not deviations


def test_no_operation_answers_without_a_token(cast: Cast, program: MakeProgram) -> None:
    nobody = program(None)
    assert {call(nobody, operation, cast) for operation in API_MATRIX} == {401}


def test_no_operation_answers_a_token_of_another_scope(cast: Cast, program: MakeProgram) -> None:
    nothing = program(cast.bea)
    nothing.token = "coach_" + "x" * 43
    assert {call(nothing, operation, cast) for operation in API_MATRIX} == {401}


def call(caller: Program, operation: Operation, cast: Cast) -> int:
    here = str(cast.bea.client_id)
    body = {
        name: here if value == "{client}" else value
        for name, value in (operation.body or {}).items()
    }
    more = {} if operation.body is None else {"json": body}
    path = operation.path.replace("{client}", here)
    return caller(operation.method, path, **more).status_code


def _allowed(who: str, operation: Operation) -> frozenset[int]:
    if operation.name == "upload" and who in operation.who:
        return operation.ok  # the kind of body is looked at first
    if who not in operation.who:
        return frozenset({403, 415})
    if operation.sees is not None and who not in operation.sees:
        return frozenset({404})
    return operation.ok
