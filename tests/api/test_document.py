"""The document, and whether what is answered agrees with it."""

import os
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi import checks as openapi_checks

from tests.api.conftest import a_token
from tests.cast import Cast

ROLES = ("bea", "ann", "olga", "service", "zoe")


def called(app: Flask, cast: Cast, role: str, *, examples: int, every: int = 1) -> Counter[str]:
    """Call operations as somebody and hold each answer against the document.

    With `every` only each so-manieth, each role others: together they call all of them.
    """
    who = cast.olga if role == "service" else getattr(cast, role)
    token = a_token(app, who, service=role == "service")
    schema = schemathesis.openapi.from_wsgi("/api/openapi.json", app)
    told: Counter[str] = Counter()
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
            told["failures"] += 1
            pytest.fail(f"{operation.label}: {[str(each) for each in group.exceptions]}")
    return told


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
    told = called(app, cast, role, examples=2, every=len(ROLES))
    assert told["operations"] > 8


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("role", ROLES)
def test_whatever_is_answered_stands_in_the_document(
    app: Flask, cast: Cast, role: str, sharing: Callable[..., None]
) -> None:
    sharing()
    told = called(app, cast, role, examples=int(os.environ.get("CASES", "40")))
    assert told["operations"] > 40
