"""What holds of every route and method alike: its headers, its CSRF token, its one spelling."""

import re
from collections.abc import Iterator
from uuid import UUID

import pytest
from flask import Flask

from coach.web.security import HEADERS
from tests.access.callers import Caller, allowed
from tests.access.matrix import MATRIX, VISITOR, Rule
from tests.access.test_matrix import Figures
from tests.cast import Cast

# WHOOP signs what it sends and holds no session.
SIGNED = {"whoop_webhooks.receive"}
# The same for everybody, and of nobody; the document may be read by pages of any site.
PUBLIC = {"static", "favicon.show", "api_docs.openapi"}
READ_ANYWHERE = {"api_docs.openapi": {"Cross-Origin-Resource-Policy": "cross-origin"}}
FORMS = [rule for rule in MATRIX if rule.method == "POST" and rule.endpoint not in SIGNED]
PAGES = [rule for rule in MATRIX if rule.method == "GET"]
PEOPLE = ("bea", "olga", VISITOR)


def own_words(rule: Rule) -> dict[str, str]:
    """Name the headers an answer must have; a callback tells its address to nobody at all."""
    callback = rule.endpoint.startswith("whoop.callback")
    silent = {"Referrer-Policy": "no-referrer"} if callback else {}
    return HEADERS | silent | READ_ANYWHERE.get(rule.endpoint, {})


@pytest.mark.parametrize("person", PEOPLE)
def test_every_answer_has_every_header(
    app: Flask, cast: Cast, objects: dict[str, UUID], person: str
) -> None:
    caller, faults = Caller(app, cast, person), []
    for rule in MATRIX:
        answer = caller.call(rule, objects)
        wrong = {
            name for name, value in own_words(rule).items() if answer.headers.get(name) != value
        }
        if rule.endpoint not in PUBLIC and "no-" not in answer.headers.get("Cache-Control", ""):
            wrong.add("Cache-Control")
        if answer.data and not re.search(r"charset=utf-8|application/|image/", answer.content_type):
            wrong.add("Content-Type")
        faults += [(rule.endpoint, rule.method, answer.status_code, wrong)] if wrong else []
    assert faults == []


@pytest.mark.parametrize("person", PEOPLE)
def test_no_form_is_taken_without_the_token_of_its_own_session(
    app: Flask, cast: Cast, objects: dict[str, UUID], record_property: Figures, person: str
) -> None:
    caller, stranger = Caller(app, cast, person), Caller(app, cast, "carl")
    theirs = stranger.browser.token("/account")
    wrong: list[dict[str, str]] = [{}, {"csrf_token": "x"}, {"csrf_token": theirs}]
    taken = [
        (rule.endpoint, data)
        for rule in FORMS
        for data in wrong
        if caller.browser.post(rule.path.format(**objects), data=data).status_code != 400
    ]
    record_property("hostile", {"forged forms": len(FORMS) * 3, "forged forms taken": len(taken)})
    assert taken == []
    assert caller.is_signed_in() is (person != VISITOR)


def spellings(path: str) -> Iterator[str]:
    """Spell a path as some server might still read it."""
    path, _, query = path.partition("?")
    last = path.rpartition("/")[2]
    for spelt in (
        *(f"{path}/", f"/{path}", f"/.{path}", f"/x/..{path}", f"{path};x=1", f"{path}%00"),
        *(path.upper(), path.replace("/", "//"), path.replace(last, f"%2e/{last}") if last else ""),
    ):
        if spelt and spelt != path:
            yield f"{spelt}?{query}"


@pytest.mark.parametrize("person", ["zoe", pytest.param("carla", marks=pytest.mark.slow), VISITOR])
def test_another_spelling_of_an_address_lets_nobody_in(
    app: Flask, cast: Cast, objects: dict[str, UUID], person: str
) -> None:
    caller = Caller(app, cast, person)
    kept_out = [rule for rule in PAGES if 200 not in allowed(person, rule)]
    entered = [
        spelt
        for rule in kept_out
        for spelt in spellings(rule.path.format(**objects))
        if caller.browser.get(spelt).status_code == 200
    ]
    assert entered == []
