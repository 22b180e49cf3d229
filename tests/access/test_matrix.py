"""Every route, method and person of two organisations, against the declared matrix."""

import re
from datetime import date
from uuid import UUID, uuid4

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from coach.accounts.models import Group, GroupClient, Invitation, Role
from coach.check_ins.models import DayTag, TagKind
from coach.csv_import.models import Import
from coach.database.tenancy import act_for, act_for_nobody
from coach.extensions import db
from coach.ids import new_id
from tests.access.matrix import ANYBODY, MATRIX, VISITOR, Rule
from tests.alerts.made import an_alert
from tests.api.matrix import API_MATRIX
from tests.cast import Cast, Somebody
from tests.critic import Critic


def test_every_route_and_method_is_declared(app: Flask) -> None:
    there = {
        (rule.endpoint, method)
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    of_programs = {(f"api.{rule.name}", rule.method) for rule in API_MATRIX}
    assert there == {(rule.endpoint, rule.method) for rule in MATRIX} | of_programs


@pytest.mark.parametrize("person", sorted(ANYBODY))
def test_a_person_gets_exactly_what_the_matrix_says(
    app: Flask, cast: Cast, objects: dict[str, UUID], person: str
) -> None:
    deviations = []
    for rule in MATRIX:
        status = _ask(app, cast, person, rule, objects)
        if status not in _allowed(person, rule):
            deviations.append((rule.endpoint, rule.method, status))
    assert not deviations


@pytest.mark.parametrize("rule", [rule for rule in MATRIX if rule.sees is not None])
def test_a_strangers_object_answers_exactly_as_an_absent_one(
    app: Flask, cast: Cast, objects: dict[str, UUID], rule: Rule
) -> None:
    assert rule.sees is not None
    for person in sorted(rule.role - rule.sees):
        browser = Critic.of(app).sign_in(getattr(cast, person))
        absent = {name: uuid4() for name in objects}
        foreign, missing = (_send(browser, rule, ids) for ids in (objects, absent))
        assert foreign.status_code == missing.status_code == 404
        assert _without_ids(foreign.text) == _without_ids(missing.text)
        assert _named(foreign.headers) == _named(missing.headers)


@pytest.fixture
def objects(app: Flask, cast: Cast) -> dict[str, UUID]:
    """Things that belong to Ann's organisation, named by paths of the matrix."""
    with app.app_context():
        act_for(cast.ann.organisation_id, user_id=None, session=db.session())
        invitation = Invitation(
            id=new_id(),
            organisation_id=cast.ann.organisation_id,
            email="new@example.org",
            name="New",
            role=Role.CLIENT,
            timezone="UTC",
            invited_by=cast.ann.user_id,
            expires_at="2099-01-01T00:00:00+00:00",
        )
        upload = Import(
            id=new_id(),
            organisation_id=cast.bea.organisation_id,
            client_id=cast.bea.client_id,
            file_name="export.zip",
            size=1,
            sha256="0",
            state="done",
        )
        tag = DayTag(
            id=new_id(),
            organisation_id=cast.bea.organisation_id,
            client_id=cast.bea.client_id,
            kind=TagKind.ILL,
            first_date=date(2026, 5, 14),
        )
        group = Group(id=new_id(), organisation_id=cast.bea.organisation_id, name="Sprint")
        db.session.add_all([invitation, upload, tag, group])
        db.session.flush()
        member = {"group_id": group.id, "client_id": cast.bea.client_id}
        db.session.add(GroupClient(organisation_id=cast.bea.organisation_id, **member))
        db.session.commit()
        made = {"invitation": invitation.id, "upload": upload.id, "tag": tag.id, "group": group.id}
        made["alert"] = an_alert(app, cast.ann, cast.bea)
        act_for_nobody()
    assert cast.bea.client_id
    return {**made, "client": cast.bea.client_id}


def _ask(app: Flask, cast: Cast, person: str, rule: Rule, objects: dict[str, UUID]) -> int:
    browser: Critic = Critic.of(app)
    if person != VISITOR:
        who: Somebody = getattr(cast, person)
        browser.sign_in(who)
    return _send(browser, rule, objects).status_code


def _send(browser: Critic, rule: Rule, objects: dict[str, UUID]) -> TestResponse:
    path = rule.path.format(**objects)
    if rule.method == "GET":
        return browser.get(path)
    return browser.post_form(path)


def _allowed(person: str, rule: Rule) -> frozenset[int]:
    if person not in rule.role:
        # A visitor is sent to the sign-in page; another role is refused.
        return frozenset({303}) if person == VISITOR else frozenset({403})
    if rule.sees is not None and person not in rule.sees:
        return frozenset({404})
    return rule.ok


def _without_ids(text: str) -> str:
    """Drop what differs by itself: the request's id and the masked CSRF token."""
    text = re.sub(r"404 / \w+", "", text)
    return re.sub(r'(csrf_token"\s+value=|X-CSRFToken": )"[^"]+"', "", text)


def _named(headers: object) -> list[tuple[str, str]]:
    changing = {"x-request-id", "date", "content-length", "set-cookie"}
    return [(k, v) for k, v in headers if k.lower() not in changing]  # type: ignore[attr-defined]
